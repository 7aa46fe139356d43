"""Header blocks to requests' heads, with recall of those that a connection repeats.

A shortcut for speed: whoever calls an API again and again over one connection sends blocks that are all references to the tables, byte
for byte the same. While the dynamic table has not changed they mean the same, so they are decoded and read once: 7 µs a
request. The plain version is `read` alone.
"""

from typing import Final

from h2.errors import ErrorCodes
from hpack import HPACKError, OversizedHeaderListError

from gatewright.dataplane.http2.codec import Fields, RequestDecoder
from gatewright.dataplane.http2.frames import ConnectionRefused
from gatewright.dataplane.http2.head import RequestHead

#: Blocks that are remembered for a connection, and how long one may be. 256 bytes of references can stand for 256 fields, each
#: of which costs us 80 bytes, and for a path or cookies that are joined, which are copies. So what the head is has limits
#: too, which those of an API's clients seldom reach: 16 such heads are some 130 kB.
_MAX_BLOCKS: Final = 16
_MAX_SIZE: Final = 256
_MAX_HEADERS: Final = 32
_MAX_HEAD: Final = 4_096
_MAX_TARGET: Final = 512


class HeaderBlocks:
    """The client's blocks, which must all come by here, in order (RFC 9113 section 4.3)."""

    __slots__ = ("_decoder", "_heads", "_state")

    def __init__(self, decoder: RequestDecoder) -> None:
        self._decoder = decoder
        self._heads: dict[bytes, RequestHead] = {}
        self._state = 0  # the decoder's `changes` for which they hold

    def recall(self, block: bytes) -> RequestHead | None:
        """What the block was read as before, if it changes nothing and nothing has changed."""
        return self._heads.get(block) if self._state == self._decoder.changes else None

    def read(self, block: bytes) -> Fields:
        """Its fields; `ConnectionRefused` when it has none, since then the table's state is lost."""
        try:
            return self._decoder.decode(block)
        except OversizedHeaderListError as error:
            raise ConnectionRefused(ErrorCodes.ENHANCE_YOUR_CALM, str(error)) from error
        except HPACKError as error:
            raise ConnectionRefused(ErrorCodes.COMPRESSION_ERROR, str(error) or type(error).__name__) from error

    def remember(self, block: bytes, head: RequestHead, changes: int) -> None:
        """The block, before which the decoder had seen so many changes, is a request with this head."""
        decoder = self._decoder
        if changes != decoder.changes or len(block) > _MAX_SIZE or _is_large(head):
            return
        if self._state != changes or len(self._heads) >= _MAX_BLOCKS:
            self._heads.clear()
            self._state = changes
        self._heads[block] = head

    @property
    def changes(self) -> int:
        """How often the dynamic table has changed."""
        return self._decoder.changes


def _is_large(head: RequestHead) -> bool:
    return len(head.headers) > _MAX_HEADERS or head.size > _MAX_HEAD or len(head.path) + len(head.query) > _MAX_TARGET
