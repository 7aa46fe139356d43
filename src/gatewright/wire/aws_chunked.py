r"""The content coding `aws-chunked`: a body in chunks, each with its signature, and checksums that follow it as trailers.

    6;chunk-signature=ad80c730…\r\n          without ";chunk-signature=…" where the payload is not signed
    hello!\r\n
    0;chunk-signature=b6c6ea8a…\r\n
    x-amz-checksum-crc32c:sOO8/Q==\r\n
    x-amz-trailer-signature:d81f82fc…\r\n
    \r\n

Source: S3 API reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks",
with and without trailing headers. It looks like the chunked transfer coding and is none: it is in the body that the client
sends with a Content-Length. This module takes it apart; whether the signatures hold is `gatewright.core.sigv4.streaming`'s.

Where clients differ (seen): the last line of a body without trailers may be missing its empty line, a trailer's line may end
in a line feed alone.
"""

import re
from typing import NamedTuple

_HEAD = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;chunk-signature=([0-9A-Fa-f]{64}))?", re.ASCII)

#: A chunk's head has a size and a signature; a line that goes on past this is none.
_LONGEST_HEAD = 256

_TRAILER_SIGNATURE = "x-amz-trailer-signature"


class ChunksMalformed(ValueError):
    """The body is not in this coding; the message says where."""


class ChunksIncomplete(ChunksMalformed):
    """The body ends before its last chunk does."""


class Chunk(NamedTuple):
    """One chunk; `signature` is None where none was sent."""

    content: bytes
    signature: str | None


class ChunkedBody(NamedTuple):
    """A body taken apart. The last chunk is the empty one; trailers in order of arrival, names in lower case."""

    chunks: tuple[Chunk, ...]
    trailers: tuple[tuple[str, str], ...]
    trailer_signature: str | None

    @property
    def content(self) -> bytes:
        """What was sent in chunks."""
        return b"".join([chunk.content for chunk in self.chunks])


def parse_aws_chunked(body: bytes) -> ChunkedBody:
    """The chunks and trailers of a body; raises ChunksMalformed, and ChunksIncomplete when there is too little of it."""
    chunks: list[Chunk] = []
    position = 0
    while not chunks or chunks[-1].content:
        end = body.find(b"\r\n", position, position + _LONGEST_HEAD)
        if end < 0:
            if len(body) - position < _LONGEST_HEAD:
                raise ChunksIncomplete(f"Chunk {len(chunks) + 1} was expected, but the body ends in its head.")
            raise ChunksMalformed(f"The head of chunk {len(chunks) + 1} has no end.")
        head = _HEAD.fullmatch(body, position, end)
        if head is None:
            raise ChunksMalformed(f"The head of chunk {len(chunks) + 1} is not a size in hexadecimal and a signature.")
        size, signature = int(head[1], 16), head[2]
        start = end + 2
        position = start + size
        if position > len(body):
            raise ChunksIncomplete(f"Chunk {len(chunks) + 1} has {size} bytes, of which {len(body) - start} came.")
        if size:
            if body[position : position + 2] != b"\r\n":
                raise ChunksMalformed(f"Chunk {len(chunks) + 1} does not end after its {size} bytes.")
            position += 2
        chunks.append(Chunk(body[start : start + size], None if signature is None else signature.decode().lower()))
    trailers = _parse_trailers(body[position:])
    signed = [value for name, value in trailers if name == _TRAILER_SIGNATURE]
    others = tuple((name, value) for name, value in trailers if name != _TRAILER_SIGNATURE)
    return ChunkedBody(tuple(chunks), others, signed[-1].lower() if signed else None)


def _parse_trailers(rest: bytes) -> list[tuple[str, str]]:
    trailers = []
    lines = rest.replace(b"\r\n", b"\n").split(b"\n")
    while lines and not lines[-1]:
        lines.pop()
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name.strip():
            raise ChunksMalformed("What follows the last chunk is not a list of trailing headers.")
        trailers.append((name.strip().decode("latin-1").lower(), value.strip().decode("latin-1")))
    return trailers
