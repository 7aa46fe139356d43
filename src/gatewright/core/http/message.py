"""An HTTP message as the pipeline sees it: already framed, already read in the one way it can be read.

Header names are kept twice, lower-cased for decisions and as sent for forwarding. Both classes are plain slotted
objects rather than frozen dataclasses because two of each are made for every request (DESIGN 7).
"""

from typing import TypeAlias

from gatewright.core.http.content import Message, Parts

#: (lower-case name, name as sent, value), in the order of arrival; value without surrounding whitespace.
HeaderField: TypeAlias = tuple[bytes, bytes, bytes]

#: 10 MB, both ways (facts 7.2).
MAX_PAYLOAD = 10_485_760
#: What says where a message ends. A trailer of such a name comes too late to (RFC 9110 section 6.5.1).
FRAMING_HEADERS = frozenset({b"content-length", b"transfer-encoding"})


class Request(Message):
    """A whole request: the body has arrived, chunks are joined."""

    __slots__ = ("headers", "keep_alive", "last", "method", "path", "protocol", "query")

    def __init__(
        self,
        method: str,
        path: str,
        query: str,
        headers: list[HeaderField],
        content: bytes | Parts,
        *,
        keep_alive: bool = True,
        protocol: str = "HTTP/1.1",
        last: dict[bytes, bytes] | None = None,
    ) -> None:
        super().__init__(content)
        self.method = method
        self.path = path  # percent-encoded ASCII as on the wire, begins with "/"
        self.query = query  # without the "?"
        self.headers = headers
        self.keep_alive = keep_alive
        self.protocol = protocol
        # The last value of each lower-case name; a parser that has made this table hands it in.
        self.last = {lower: value for lower, _, value in headers} if last is None else last

    def header(self, name: bytes) -> bytes | None:
        """The value of the last field with this lower-case name: single-valued access takes the last (facts 7.4)."""
        return self.last.get(name)

    @property
    def repeats(self) -> bool:
        """True when some header comes more than once."""
        return len(self.last) != len(self.headers)

    def __repr__(self) -> str:
        target = self.path + ("?" + self.query if self.query else "")
        return f"Request({self.method} {target}, {len(self.headers)} headers, {self.size} bytes)"


class Response(Message):
    """A whole answer. Framing headers (Content-Length, Connection, Date) are added when it is written."""

    __slots__ = ("headers", "status")

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], content: bytes | Parts) -> None:
        super().__init__(content)
        self.status = status
        self.headers = headers

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.headers)} headers, {self.size} bytes)"
