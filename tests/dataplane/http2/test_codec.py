"""The quick decoder and encoder agree with hpack's plain ones."""

import tracemalloc

import pytest
from hpack import Decoder, Encoder, HPACKError, OversizedHeaderListError
from hypothesis import example, given
from hypothesis import strategies as st

from gatewright.dataplane.http2.codec import MAX_HEADER_LIST, RequestDecoder, ResponseEncoder, _decode_remembered

FIELD = st.tuples(
    st.one_of(st.sampled_from([b":method", b":path", b"cookie", b"x-a", b"x-b"]), st.binary(min_size=1, max_size=8)),
    st.one_of(st.sampled_from([b"GET", b"/", b"", b"1" * 200]), st.binary(max_size=12)),
    st.booleans(),
)


def outcome(decoder: Decoder, block: bytes) -> object:
    try:
        return [tuple(field) for field in decoder.decode(block, raw=True)]
    except HPACKError as error:
        return "too large" if isinstance(error, OversizedHeaderListError) else "no header block"


def count_size_updates(block: bytes) -> int:
    """How many a block begins with (RFC 7541 section 6.3)."""
    count = at = 0
    while at < len(block) and block[at] & 0xE0 == 0x20:
        if block[at] & 0x1F == 0x1F:
            at += 1
            while at < len(block) and block[at] & 0x80:
                at += 1
        at += 1
        count += 1
    return count


@given(blocks=st.lists(st.tuples(st.lists(FIELD, max_size=5), st.booleans()), max_size=4))
def test_what_a_client_encodes_is_decoded_as_hpack_does(blocks):
    client, quick, plain = Encoder(), RequestDecoder(), Decoder()
    for fields, huffman in blocks:
        block = client.encode(fields, huffman=huffman)
        assert [field[:2] for field in fields] == outcome(quick, block) == outcome(plain, block)


@given(blocks=st.lists(st.binary(max_size=40), max_size=4))
@example(blocks=[b"\x20\x20\x82"])  # two sizes
@example(blocks=[b"\x20\x3f\xe1\x1f\x20"])  # three
@example(blocks=[b"\x80"])  # index 0
@example(blocks=[b"\xff\xff\xff\xff\xff\xff\x01"])  # an integer without end
@example(blocks=[b"\x3f\xe1\x1f\x82"])  # the table's size, as announced
@example(blocks=[b"\x3f\xe2\x1f\x82"])  # larger than announced
@example(blocks=[b"\x82\x20"])  # a size after a field
@example(blocks=[b"\x40\x01a\x05bc"])  # a string that ends early
@example(blocks=[b"\x40\x81\xff\x01a"])  # no Huffman code
@example(blocks=[b"\x40\x01a\x01b\xbe", b"\xbe\x20"])
@example(blocks=[b"\x40\x01a\x01b", b"\x20\xbe"])  # an entry that was evicted
@example(blocks=[b"\x10\x01a\x01b", b"\x0f\x2f\x01c", b"\x1f\x80\x01\x01c"])
def test_any_bytes_have_the_outcome_that_hpack_gives(blocks):
    quick, plain = RequestDecoder(), Decoder(MAX_HEADER_LIST)
    for block in blocks:
        expected = outcome(plain, block)
        if count_size_updates(block) > 2:
            expected = "no header block"  # the one thing that hpack takes and we do not
        assert expected == outcome(quick, block)
        if isinstance(expected, str):
            break  # the connection is over
        assert plain.header_table.dynamic_entries == quick.header_table.dynamic_entries


def test_a_table_that_we_made_smaller_must_be_made_smaller_by_the_client():
    for decoder in (RequestDecoder(), Decoder()):
        decoder.max_allowed_table_size = 100
        assert "no header block" == outcome(decoder, b"\x82")
        assert [(b":method", b"GET")] == outcome(decoder, b"\x3f\x45\x82")


def test_what_a_client_marks_as_never_indexed_is_not_remembered():
    """RFC 7541 section 7.1.3."""
    block = Encoder().encode([(b"authorization-of-this-test", b"secret", True)])
    before = _decode_remembered.cache_info()
    assert [(b"authorization-of-this-test", b"secret")] == outcome(RequestDecoder(), block)
    assert before == _decode_remembered.cache_info()


def test_a_small_block_that_grows_without_bound_is_refused():
    entry = Encoder().encode([(b"x", b"1" * 4_000)])
    assert "too large" == outcome(RequestDecoder(), entry + b"\xbe" * 20)


#: Names as backends write them; none of those that are not sent.
NAME = st.one_of(
    st.sampled_from([b"Content-Type", b"x-amzn-RequestId", b"x" * 300]),
    st.from_regex(rb"[A-Za-z-]{1,8}x", fullmatch=True),
)
ANSWER = st.tuples(
    st.integers(min_value=100, max_value=999),
    st.lists(
        st.tuples(NAME, st.one_of(st.just(b"y" * 300), st.from_regex(rb"[!-~]{0,20}", fullmatch=True))), max_size=5
    ),
    st.one_of(st.none(), st.integers(min_value=0, max_value=10**8)),
    st.one_of(st.none(), st.just(b"Sat, 21 Nov 2026 02:00:00 GMT")),
)


@given(answers=st.lists(ANSWER, max_size=4))
@example(answers=[(200, [(b"x" * 300, b"y" * 300)], 0, None), (599, [], None, None), (404, [(b"A", b"")], 1, b"now")])
def test_what_we_encode_any_client_decodes(answers):
    ours, client = ResponseEncoder(), Decoder()
    for status, headers, length, date in answers:
        expected = [(b":status", b"%d" % status), *((name.lower(), value) for name, value in headers)]
        if length is not None:
            expected.append((b"content-length", b"%d" % length))
        if date is not None:
            expected.append((b"date", date))
        assert expected == outcome(client, ours.encode_head(status, headers, length=length, date=date))


def test_a_client_may_shrink_the_table_at_any_time():
    """RFC 9113 section 4.3.1: after a reduction a block must begin with the new size, unless ours is smaller already."""
    ours, client = ResponseEncoder(), Decoder()
    assert [(b":status", b"200")] == outcome(client, ours.encode_head(200, length=None, date=None))
    client.max_allowed_table_size = ours.header_table_size = 0
    assert [(b":status", b"200"), (b"date", b"x")] == outcome(client, ours.encode_head(200, length=None, date=b"x"))


def test_a_block_has_two_table_size_updates_at_most():
    """RFC 7541 section 4.2. hpack takes any number, so 64 kB of them would cost a tenth of a second."""
    assert [(b":method", b"GET")] == outcome(RequestDecoder(), b"\x20\x3f\xe1\x1f\x82")
    assert "no header block" == outcome(RequestDecoder(), b"\x20\x20\x3f\xe1\x1f\x82")


@pytest.mark.parametrize(
    ("changes", "block"),
    [
        (0, b"\x82\x86\x84"),
        (0, b"\x00\x01a\x01b"),
        (0, b"\x10\x01a\x01b"),
        (1, b"\x40\x01a\x01b"),
        (2, b"\x40\x01a\x01b\x41\x01a"),
        (1, b"\x20\x82"),
    ],
)
def test_changes_of_the_table_are_counted(changes, block):
    decoder = RequestDecoder()
    decoder.decode(block)
    assert changes == decoder.changes


#: RFC 7541 section 5.2 on Huffman strings: at most seven bits of padding, all ones, and no EOS in them.
@pytest.mark.parametrize(
    ("name", "block"),
    [
        (b"a", b"\x00\x81\x1f\x01b"),
        (None, b"\x00\x82\x1f\xff\x01b"),  # eleven bits of padding
        (None, b"\x00\x81\x18\x01b"),  # zeros
        (None, b"\x00\x84\xff\xff\xff\xff\x01b"),  # EOS
    ],
)
def test_a_huffman_string_is_padded_as_it_must_be(name, block):
    assert ("no header block" if name is None else [(name, b"b")]) == outcome(RequestDecoder(), block)


def test_long_names_of_a_backends_headers_are_sent_and_not_kept():
    encoder = ResponseEncoder()
    encoder.encode_head(200, length=None, date=None)
    tracemalloc.start()
    for number in range(100):
        name = b"x-%d-" % number + b"y" * 20_000
        block = encoder.encode_head(200, [(name, b"1")], length=None, date=None)
        assert name in block
    del name, block
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 50_000
