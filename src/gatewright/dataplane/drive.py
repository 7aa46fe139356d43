"""Running the pipeline without a task: a coroutine goes on until it waits, and whoever it waits for resumes it.

The pipeline is written as one `async def`, because a straight line reads best that way. Most of it never waits, and
where it does (for a backend's answer) the one who has the answer knows at once whom to tell. So no asyncio task or
future is made for a request: the first step runs in the caller, the rest in the callback that brought the answer.
The plain version of this shortcut is `asyncio.Task`; what a coroutine can await here is a `Waiter` and nothing else.
"""

from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_PENDING: Any = object()


class Waiter(Generic[T]):
    """Something a driven coroutine can await, once. Whoever owns it calls `resolve` or `fail`, once."""

    __slots__ = ("_error", "_result", "_resume")

    def __init__(self) -> None:
        self._result: Any = _PENDING
        self._error: BaseException | None = None
        self._resume: Callable[[], None] | None = None

    @property
    def done(self) -> bool:
        """True when there is a result or an error."""
        return self._result is not _PENDING or self._error is not None

    def resolve(self, result: T) -> None:
        """The result is there; whoever waits goes on now. Later calls change nothing."""
        if self._result is _PENDING and self._error is None:
            self._result = result
            self._wake()

    def fail(self, error: BaseException) -> None:
        """There will be no result. Later calls change nothing."""
        if not self.done:
            self._error = error
            self._wake()

    def _wake(self) -> None:
        resume, self._resume = self._resume, None
        if resume is not None:
            resume()

    def on_done(self, resume: Callable[[], None]) -> None:
        """Call `resume` when there is a result or an error; at once if there is one."""
        if self.done:
            resume()
        else:
            self._resume = resume

    def __await__(self) -> Generator["Waiter[T]", None, T]:
        if not self.done:
            yield self
        if self._error is not None:
            raise self._error
        result: T = self._result
        return result


def drive(coroutine: Coroutine[Waiter[Any], None, T], done: Callable[[T], None]) -> None:
    """Run `coroutine` to its end, waiting where it waits, and hand its result to `done`.

    The coroutine must not raise: an error has nobody to go to. (The pipeline turns all of them into responses.)
    """
    _Drive(coroutine, done).step()


class _Drive(Generic[T]):
    """A coroutine on its way. An object rather than a closure that names itself: that would be a cycle for each request."""

    __slots__ = ("_coroutine", "_done")

    def __init__(self, coroutine: Coroutine[Waiter[Any], None, T], done: Callable[[T], None]) -> None:
        self._coroutine = coroutine
        self._done = done

    def step(self) -> None:
        """Go on to the next wait, or to the end."""
        try:
            waiter = self._coroutine.send(None)
        except StopIteration as stop:
            self._done(stop.value)
        else:
            waiter.on_done(self.step)
