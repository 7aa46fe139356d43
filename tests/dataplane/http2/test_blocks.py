"""A block that is recalled was read as it would be read again."""

import pytest
from h2.errors import ErrorCodes
from hpack import Encoder
from hypothesis import given
from hypothesis import strategies as st

from gatewright.dataplane.http2.blocks import HeaderBlocks
from gatewright.dataplane.http2.codec import RequestDecoder
from gatewright.dataplane.http2.frames import ConnectionRefused
from gatewright.dataplane.http2.head import RequestHead, parse_head
from support.http2 import GET


def read(blocks: HeaderBlocks, block: bytes) -> tuple[RequestHead, bool]:
    """(the head, whether it was recalled)."""
    head = blocks.recall(block)
    if head is not None:
        return head, True
    changes = blocks.changes
    head = parse_head(blocks.read(block))
    blocks.remember(block, head, changes)
    return head, False


def test_the_third_of_equal_requests_is_recalled():
    """The first fills the table, the second is made of references."""
    client, blocks = Encoder(), HeaderBlocks(RequestDecoder())
    seen = [read(blocks, client.encode([*GET, (b"x", b"1")])) for _ in range(4)]
    assert [False, False, True, True] == [recalled for _, recalled in seen]
    assert 1 == len({repr(head) for head, _ in seen})


def test_when_the_table_changes_nothing_is_recalled():
    client, blocks = Encoder(), HeaderBlocks(RequestDecoder())
    apart = [(name, value, True) for name, value in GET]  # not in the table
    for _ in range(2):
        read(blocks, client.encode([*apart, (b"x", b"1")]))
    before = client.encode([*apart, (b"x", b"1")])
    assert read(blocks, before)[1]
    read(blocks, client.encode([*apart, (b"x", b"2")]))
    head, recalled = read(blocks, before)  # the same bytes; what they refer to is another field now
    assert not recalled
    assert b"2" == head.last[b"x"]


def test_long_blocks_are_not_remembered():
    blocks = HeaderBlocks(RequestDecoder())
    block = Encoder().encode([*[(name, value, True) for name, value in GET], (b"x", b"~" * 300, True)])
    assert [False, False] == [read(blocks, block)[1] for _ in range(2)]


@pytest.mark.parametrize(
    ("fields", "recalled"),
    [
        ([*GET, *[(b"x", b"1")] * 31], True),
        ([*GET, *[(b"x", b"1")] * 32], False),  # beside the host
        ([*GET, (b"cookie", b"a" * 2_000), (b"cookie", b"a" * 2_000)], True),
        ([*GET, (b"cookie", b"a" * 2_000), (b"cookie", b"a" * 2_000), (b"cookie", b"a" * 2_000)], False),
        ([*GET[:3], (b":path", b"/" * 256 + b"?" + b"x" * 256)], True),
        ([*GET[:3], (b":path", b"/" * 256 + b"?" + b"x" * 257)], False),
    ],
)
def test_a_short_block_that_stands_for_a_large_head_is_not_remembered(fields, recalled):
    client, blocks = Encoder(), HeaderBlocks(RequestDecoder())
    assert [False, False, recalled] == [read(blocks, client.encode(fields))[1] for _ in range(3)]


#: Never indexed, so that the same block can come again at any time; or indexed, which changes the table.
REQUESTS = st.lists(
    st.tuples(st.sampled_from([b"x", b"y", b"accept"]), st.sampled_from([b"1", b"2"]), st.booleans()), max_size=3
)


@given(st.lists(st.tuples(REQUESTS, st.booleans()), max_size=12))
def test_recall_agrees_with_the_plain_version(requests):
    client, blocks, plain = Encoder(), HeaderBlocks(RequestDecoder()), RequestDecoder()
    for extra, resize in requests:
        if resize:
            client.header_table_size = 100 if client.header_table_size == 4_096 else 4_096
        block = client.encode([*GET, *extra])
        head, _ = read(blocks, block)
        assert parse_head(plain.decode(block)) == head


@pytest.mark.parametrize(
    ("code", "block"),
    [
        (ErrorCodes.COMPRESSION_ERROR, b"\x80"),
        (ErrorCodes.ENHANCE_YOUR_CALM, Encoder().encode([(b"x", b"1" * 4_000)]) + b"\xbe" * 20),
    ],
)
def test_a_block_that_is_none_ends_the_connection(code, block):
    with pytest.raises(ConnectionRefused) as refusal:
        HeaderBlocks(RequestDecoder()).read(block)
    assert code is refusal.value.code
