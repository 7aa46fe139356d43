"""One connection to Redis or Valkey, over which scripts are run: several in one round trip, each in one step there.

What it keeps to:

- Nothing waits longer than `PATIENCE`, neither for a connection nor for an answer, and nothing is tried twice by itself:
  the scripts add to what is there.
- A server that has forgotten a script (SCRIPT FLUSH, a restart) gets its text once more: EVALSHA first, then EVAL.
- Whatever is wrong is one error with one sentence (`cache/failure.py`), and no sentence has the password.

All keys of an installation have its prefix in braces, so that in a cluster they would be on one node.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Final, NamedTuple

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry

from gatewright.cache.failure import explain_failure

#: A server in the same building answers within a millisecond. Longer than this it is taken for one that is away, and
#: meters go on without it.
PATIENCE: Final = 0.2


class CacheAway(Exception):
    """The server cannot be used now; the text says why and what to do, for the log.

    `passes`: a server that is away may come back by itself; otherwise somebody has to do something.
    """

    def __init__(self, text: str, *, passes: bool = True) -> None:
        super().__init__(text)
        self.passes = passes


@dataclass(frozen=True, slots=True)
class CachePlace:
    """Where the server is, and the prefix of our keys there. `url` may have a password."""

    url: str = field(repr=False)
    shown: str
    prefix: str


class Script(NamedTuple):
    """The text of a Lua script, and the name that Redis has for it."""

    text: str
    digest: str

    @classmethod
    def load(cls, name: str) -> Script:
        """The script of that name, of those beside this module."""
        text = resources.files(__package__).joinpath("scripts", f"{name}.lua").read_text(encoding="utf-8")
        return cls(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


class ScriptCall(NamedTuple):
    """A script with its keys (without prefix) and arguments."""

    script: Script
    keys: Sequence[str]
    arguments: Sequence[str | int | float]


class CacheConnection:
    """Made without talking to anybody; connects when it is used, and again after a failure."""

    def __init__(self, place: CachePlace, patience: float = PATIENCE) -> None:
        self.place = place
        self._client = Redis.from_url(
            place.url,
            decode_responses=True,
            protocol=2,
            socket_timeout=patience,
            socket_connect_timeout=patience,
            retry=Retry(NoBackoff(), 0),
            client_name="gatewright",
        )
        self._has_answered = False  # since it was last connected
        self._prefix = f"gatewright:{{{place.prefix}}}:"

    def run(self, calls: Sequence[ScriptCall]) -> list[Any]:
        """What each of them gave. Raises `CacheAway`; what has been done then is not known."""
        try:
            answers = self._send(calls, by_name=True)
            forgotten = [index for index, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
            if forgotten:
                again = self._send([calls[index] for index in forgotten], by_name=False)
                for index, answer in zip(forgotten, again, strict=True):
                    answers[index] = answer
        except (RedisError, OSError) as error:
            self._client.connection_pool.disconnect()
            raise self._explain(error) from None
        self._has_answered = True
        for answer in answers:
            if isinstance(answer, Exception):
                raise self._explain(answer)
        return answers

    def read_hashes(self, names: Sequence[str]) -> list[dict[str, str]]:
        """The fields of each. Raises `CacheAway`."""
        try:
            with self._client.pipeline(transaction=False) as pipeline:
                for name in names:
                    pipeline.hgetall(self._prefix + name)
                return pipeline.execute()
        except (RedisError, OSError) as error:
            self._client.connection_pool.disconnect()
            raise self._explain(error) from None

    def close(self) -> None:
        """The connection ends."""
        self._client.close()

    def _send(self, calls: Sequence[ScriptCall], *, by_name: bool) -> list[Any]:
        with self._client.pipeline(transaction=False) as pipeline:
            for script, keys, arguments in calls:
                named = [self._prefix + key for key in keys]
                if by_name:
                    pipeline.evalsha(script.digest, len(named), *named, *arguments)
                else:
                    pipeline.eval(script.text, len(named), *named, *arguments)
            return pipeline.execute(raise_on_error=False)

    def _explain(self, error: Exception) -> CacheAway:
        options = self._client.get_connection_kwargs()
        is_tls = self.place.url.startswith("rediss://")
        failure = explain_failure(error, options, is_tls=is_tls, has_answered=self._has_answered)
        self._has_answered = False
        return CacheAway(f"{self.place.shown}: {failure}", passes=failure.passes)
