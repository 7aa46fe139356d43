"""What is asked of the proxies: one row, one scenario."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from bench.backend import SIZES, SMALL_BYTES
from bench.proxies.site import BASE_PATH


class Shape(Enum):
    """How the load comes."""

    FULL_SPEED = "kept-alive connections, as fast as they go"
    UNLIKE = "the same, each request and each answer with a header of its own"
    FIXED_RATE = "kept-alive connections at a fixed rate"
    MANY_STREAMS = "streams of one connection of HTTP/2, as fast as they go"
    RESUMED = "a new connection with a resumed session for each request, as fast as they go"
    NEW_CONNECTIONS = "a new connection with a full handshake for each request, at a fixed rate"


@dataclass(frozen=True)
class Scenario:
    """A request that is repeated, and how."""

    name: str
    title: str
    shape: Shape
    path: str
    answer_bytes: int
    body_bytes: int = 0


def _make(name: str, title: str, shape: Shape, path: str, answer_bytes: int, body_bytes: int = 0) -> Scenario:
    return Scenario(name, title, shape, f"/{BASE_PATH}{path}", answer_bytes, body_bytes)


_10K: Final = SIZES["10k"]
_1M: Final = SIZES["1m"]

_ALL: Final = (
    _make("small", "GET, 100-byte JSON, literal resource", Shape.FULL_SPEED, "/small", SMALL_BYTES),
    _make("unlike", "GET, 100-byte JSON, no two requests or answers alike", Shape.UNLIKE, "/unlike", SMALL_BYTES),
    _make("greedy", "GET, 10 KB through /{proxy+}", Shape.FULL_SPEED, "/files/10k", _10K),
    _make("post-10k", "POST, 10 KB both ways", Shape.FULL_SPEED, "/echo/10k", _10K, _10K),
    _make("get-1m", "GET, 1 MB", Shape.FULL_SPEED, "/files/1m", _1M),
    _make("post-1m", "POST, 1 MB both ways", Shape.FULL_SPEED, "/echo/1m", _1M, _1M),
    _make("h2", "GET, 100-byte JSON, over HTTP/2", Shape.MANY_STREAMS, "/small", SMALL_BYTES),
    _make("rate", "GET, 100-byte JSON, fixed rate", Shape.FIXED_RATE, "/small", SMALL_BYTES),
    _make("resume", "a resumed TLS 1.3 session and one GET", Shape.RESUMED, "/small", SMALL_BYTES),
    _make("connect", "a full TLS 1.3 handshake and one GET", Shape.NEW_CONNECTIONS, "/small", SMALL_BYTES),
)

#: By name, in the order in which they run.
SCENARIOS: Final = {scenario.name: scenario for scenario in _ALL}
