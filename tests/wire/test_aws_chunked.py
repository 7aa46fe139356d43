"""Bodies in the coding aws-chunked, taken apart: what botocore writes, AWS's example, and what is none."""

import io

import pytest
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.wire.aws_chunked import Chunk, ChunksIncomplete, ChunksMalformed, parse_aws_chunked

SIGNATURE = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"
TRAILER_SIGNATURE = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"


@given(st.binary(max_size=300), st.integers(1, 64))
@settings(max_examples=60, deadline=None)
def test_what_botocore_writes_is_read(content, size):
    written = AwsChunkedWrapper(io.BytesIO(content), Crc32Checksum, "x-amz-checksum-crc32", chunk_size=size).read()
    body = parse_aws_chunked(written)
    assert content == body.content
    assert all(0 < len(chunk.content) <= size for chunk in body.chunks[:-1])
    checksum = Crc32Checksum()
    checksum.update(content)
    assert (("x-amz-checksum-crc32", checksum.b64digest()),) == body.trailers
    assert body.trailer_signature is None


def test_signatures_stand_with_their_chunks_and_the_trailers_apart():
    body = parse_aws_chunked(
        f"5;chunk-signature={SIGNATURE}\r\nhello\r\n0;chunk-signature={SIGNATURE.upper()}\r\n"
        f"X-Amz-Checksum-CRC32C:sOO8/Q==\r\nx-amz-trailer-signature:{TRAILER_SIGNATURE}\r\n\r\n".encode()
    )
    assert (Chunk(b"hello", SIGNATURE), Chunk(b"", SIGNATURE)) == body.chunks
    assert (("x-amz-checksum-crc32c", "sOO8/Q=="),) == body.trailers
    assert TRAILER_SIGNATURE == body.trailer_signature


@pytest.mark.parametrize(
    ("end", "trailers"),
    [
        (b"", ()),
        (b"\r\n", ()),
        (b"a:1\r\n\r\n", (("a", "1"),)),
        (b"a:1\r\n", (("a", "1"),)),
        (b"a:1\n\r\n\r\n", (("a", "1"),)),
        (b"a: 1 \r\nb:\r\n\r\n", (("a", "1"), ("b", ""))),
        (b"a:1:2\r\n\r\n", (("a", "1:2"),)),
    ],
)
def test_clients_end_a_body_in_several_ways(end, trailers):
    body = parse_aws_chunked(b"1\r\nx\r\n0\r\n" + end)
    assert (b"x", trailers) == (body.content, body.trailers)


def test_a_chunk_may_hold_what_looks_like_its_end():
    content = b"\r\n0\r\n\r\n"
    assert content == parse_aws_chunked(b"7\r\n" + content + b"\r\n0\r\n\r\n").content


@pytest.mark.parametrize(
    "body",
    [
        b"hello\r\n0\r\n\r\n",  # no size
        b"\r\n",
        b"-1\r\nx\r\n0\r\n\r\n",
        b"0x1\r\nx\r\n0\r\n\r\n",
        b"+1\r\nx\r\n0\r\n\r\n",
        b"1 \r\nx\r\n0\r\n\r\n",
        b"1_0\r\n",
        b"111111111\r\n",  # a size past all bounds
        b"1;chunk-signature=short\r\nx\r\n0\r\n\r\n",
        b"1;other=1\r\nx\r\n0\r\n\r\n",
        b"1\r\nxy\r\n0\r\n\r\n",  # more than its size
        b"1\nx\n0\n\n" + bytes(300),  # no line ends
        b"1" * 300,
        b"0\r\nno colon\r\n\r\n",
        b"0\r\n:1\r\n\r\n",
        b"0\r\na:1\r\n\r\nb\r\n",
    ],
)
def test_what_is_not_in_this_coding(body):
    with pytest.raises(ChunksMalformed):
        parse_aws_chunked(body)


def test_every_beginning_of_a_body_is_incomplete():
    whole = f"3;chunk-signature={SIGNATURE}\r\nabc\r\n0;chunk-signature={SIGNATURE}\r\n".encode()
    assert b"abc" == parse_aws_chunked(whole).content
    for length in range(len(whole)):
        # The line end behind a chunk may be missing, which is as incomplete as it is malformed.
        with pytest.raises(ChunksMalformed) as raised:
            parse_aws_chunked(whole[:length])
        after_content = whole.index(b"abc") + 3
        assert isinstance(raised.value, ChunksIncomplete) or length - after_content in (0, 1), length


@given(st.binary(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_bytes_are_anything_but_a_body_or_malformed(body):
    try:
        parsed = parse_aws_chunked(body)
    except ChunksMalformed:
        return
    assert b"" == parsed.chunks[-1].content
    assert all(chunk.content for chunk in parsed.chunks[:-1])
