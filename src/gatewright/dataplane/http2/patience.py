"""How much a client may make us do for nothing: one budget for all the floods that HTTP/2 allows.

Rapid reset (CVE-2023-44487) and resets that we are made to send (CVE-2025-8671), SETTINGS and PING floods, empty DATA
frames, WINDOW_UPDATEs and PRIORITY frames without end (CVE-2019-9511 to 9518) have in common that they cost the client a
few bytes and move nothing. So each frame that moves nothing spends from one budget; time and answers that the client took
give back. Pure: the instant is handed in.
"""

from typing import Final

from h2.errors import ErrorCodes

from gatewright.dataplane.http2.frames import ConnectionRefused

#: A well-behaved client's worst minute: a page that opens 128 streams with their settings, priorities and window updates.
CAPACITY: Final = 1_000.0
#: Given back each second: keep-alive PINGs and window updates of an idle or slow connection need one or two.
PER_SECOND: Final = 50.0
#: A frame that moves nothing: PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty DATA, an extension's frame.
IDLE_FRAME: Final = 1.0
#: A stream that ended before its answer, by the client or because of it. Its header block was decoded and perhaps its
#: request begun. A browser that leaves a page resets the 128 streams it can have open, once: 640 of the 1,000.
STREAM_WASTED: Final = 5.0
#: An answer that was sent whole pays for the window updates, PINGs and priorities that came with its request.
ANSWER_SENT: Final = 8.0
#: Body bytes that pay for one WINDOW_UPDATE. Clients send two for each frame of 16 kB at most; windows opened byte by
#: byte earn next to nothing.
BYTES_PER_FRAME: Final = 2_048


class Patience:
    """A budget that is spent by nuisances."""

    __slots__ = ("_at", "_left")

    def __init__(self) -> None:
        self._left = CAPACITY
        self._at: float | None = None

    def pass_time(self, now: float) -> None:
        """Time has passed; a clock that jumps back gives nothing."""
        if self._at is not None and now > self._at:
            self.earn((now - self._at) * PER_SECOND)
        self._at = now

    def earn(self, amount: float) -> None:
        """The client took something."""
        self._left = min(CAPACITY, self._left + amount)

    def spend(self, amount: float) -> None:
        """The client made us do something for nothing: bear with it, or raise to end the connection."""
        self._left -= amount
        if self._left < 0:
            raise ConnectionRefused(ErrorCodes.ENHANCE_YOUR_CALM, "Too many frames came that move nothing.")
