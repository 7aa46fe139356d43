"""How long a probe may take, and doing several at once.

The rules this file keeps: every wait has an end. A probe that does not come back in time is left behind (its thread is a
daemon) and its step is unknown; the others' evidence is used.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from gatewright.doctor.evidence import Unknown

T = TypeVar("T")

#: The whole diagnosis: the issue asks for an end within 10 s, which leaves one for starting and telling.
TOTAL_SECONDS: Final = 9.0
#: One step: three times what a slow but living server takes for a DNS answer, a SYN or a handshake (RFC 6298: a lost
#: SYN is sent again after 1 s).
STEP_SECONDS: Final = 2.5


class CannotLook(Exception):
    """A probe's way to say that it could not look; `action` is the IAM action that was missing, where one was."""

    def __init__(self, why: str, action: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.action = action


class Deadline:
    """An instant on the monotonic clock after which nothing is waited for."""

    def __init__(self, seconds: float = TOTAL_SECONDS) -> None:
        self._end = time.monotonic() + seconds

    def left(self, at_most: float = STEP_SECONDS) -> float:
        """Seconds for one step; never quite none, so that it can be used as a timeout."""
        return max(0.01, min(at_most, self._end - time.monotonic()))


def run_together(
    probes: Mapping[str, Callable[[], object]], deadline: Deadline, at_most: float = TOTAL_SECONDS
) -> dict[str, object]:
    """What each probe returned; an `Unknown` of its step for those that failed or did not come back in time."""
    results: dict[str, object] = {}
    threads = []
    for step, probe in probes.items():
        thread = threading.Thread(target=_run, args=(step, probe, results), name=f"probe {step}", daemon=True)
        thread.start()
        threads.append((step, thread))
    end = time.monotonic() + deadline.left(at_most)
    for _, thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    finished = dict(results)  # what comes later is not seen by anybody
    return {step: finished.get(step, Unknown(step, "it did not end in time")) for step, _ in threads}


def _run(step: str, probe: Callable[[], object], results: dict[str, object]) -> None:
    try:
        results[step] = probe()
    except CannotLook as error:
        results[step] = Unknown(step, error.why, error.action)
    except Exception as error:  # noqa: BLE001  a probe's failure is "could not look", told by its step
        results[step] = Unknown(step, f"{type(error).__name__}: {error}".rstrip(". "))
