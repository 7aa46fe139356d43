"""What one worker takes on, and how much of it is taken: connections, calls of backends, memory for bodies, time.

Beyond it the gateway refuses at once rather than queue: what waits too long is worth nothing when its turn comes, and
everything behind it waits as well. Each limit has its share: one backend gets half of the calls, so that the slowest of
them leaves the other half to the rest; requests and answers have memory of their own, so that neither can starve the
other into a deadlock.

What a client has not read of a small answer, up to 64 kB in its transport, is counted when the connections are gone
through, every few seconds. So between two rounds there may be 64 kB more for each of them than `answer_bytes`: 1 GB for
16,384 clients that all stop to read at once, until the next round refuses calls and ends the slowest (`relief`).
"""

from dataclasses import dataclass
from typing import Final

from gatewright.dataplane.lateness import Lateness
from gatewright.dataplane.room import Room

#: Clients of one worker, where nobody says (settings/capacity.py has the reasons).
MAX_CONNECTIONS: Final = 16_384
#: Calls of backends under way: 10,000 requests a second (the account quota, facts 9) at 0.4 s each.
MAX_CALLS: Final = 4_096
#: Memory for bodies that arrive, and again for answers: 25 of the largest at once each.
MAX_BODY_BYTES: Final = 268_435_456
#: Files that are neither a client's nor a backend's: listeners, feed, journal, event loop, name look-ups.
_OTHER_FILES: Final = 64
_MIN_CALLS: Final = 8


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one worker takes on."""

    connections: int = MAX_CONNECTIONS
    calls: int = MAX_CALLS
    calls_per_backend: int = MAX_CALLS // 2
    request_bytes: int = MAX_BODY_BYTES
    answer_bytes: int = MAX_BODY_BYTES


def fit_limits(files: int, connections: int = MAX_CONNECTIONS) -> Limits:
    """The limits of a process that may have so many files open, of which at most `connections` should be clients'.

    A call takes a second file, its backend's connection, and as many idle ones are kept. Room for those comes first: a
    client that cannot be answered should not have been let in.
    """
    spare = max(files - _OTHER_FILES, 4 * _MIN_CALLS)
    calls = min(MAX_CALLS, spare // 4)
    return Limits(min(connections, spare - 2 * calls), calls, calls // 2)


class Capacity:
    """One worker's limits, and what is taken of them."""

    __slots__ = ("answers", "calls", "lateness", "limits", "requests")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.calls = 0  # of backends, under way
        self.lateness = Lateness()
        self.requests = Room(limits.request_bytes)  # bodies that arrive, until their requests are answered
        self.answers = Room(limits.answer_bytes)  # bodies that come from backends, until their clients have taken them

    def __repr__(self) -> str:
        return f"<Capacity {self.calls} of {self.limits.calls} calls, {self.requests!r}, {self.answers!r}>"
