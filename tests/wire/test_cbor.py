"""CBOR as far as Smithy uses it. The specimens are those of RFC 8949, appendix A."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.wire.cbor import CborError, decode_cbor, encode_cbor

# RFC 8949 appendix A: what is written the same way by every encoder.
BOTH_WAYS = [
    (0, "00"),
    (23, "17"),
    (24, "1818"),
    (1000, "1903e8"),
    (1000000, "1a000f4240"),
    (18446744073709551615, "1bffffffffffffffff"),
    (-1, "20"),
    (-1000, "3903e7"),
    (1.1, "fb3ff199999999999a"),
    (False, "f4"),
    (True, "f5"),
    (None, "f6"),
    (b"\x01\x02\x03\x04", "4401020304"),
    ("", "60"),
    ("\u00fc", "62c3bc"),
    ([], "80"),
    ([1, [2, 3]], "8201820203"),
    ({}, "a0"),
    ({"a": 1, "b": [2, 3]}, "a26161016162820203"),
]
ONLY_READ = [
    (0.0, "f90000"),
    (100000.0, "fa47c35000"),
    (float("inf"), "f97c00"),
    (None, "f7"),
    (datetime(2013, 3, 21, 20, 4, tzinfo=UTC), "c11a514b67b0"),
    (datetime(2013, 3, 21, 20, 4, 0, 500000, tzinfo=UTC), "c1fb41d452d9ec200000"),
    (b"\x01\x02\x03\x04\x05", "5f42010243030405ff"),
    ("streaming", "7f657374726561646d696e67ff"),
    ([1, [2, 3], [4, 5]], "9f018202039f0405ffff"),
    ({"a": 1, "b": [2, 3]}, "bf61610161629f0203ffff"),
]


@pytest.mark.parametrize(("value", "encoded"), BOTH_WAYS)
def test_the_specimens_of_the_rfc_are_written(value, encoded):
    assert encoded == encode_cbor(value).hex()


@pytest.mark.parametrize(("value", "encoded"), BOTH_WAYS + ONLY_READ)
def test_the_specimens_of_the_rfc_are_read(value, encoded):
    assert value == decode_cbor(bytes.fromhex(encoded))


@pytest.mark.parametrize(
    ("encoded", "message"),
    [
        ("", "the data ends before"),
        ("0000", "ends at byte 1, but 2 bytes were sent"),
        ("1c", "unknown form 28"),
        ("62c3", "the data ends before"),
        ("61ff", "is not UTF-8"),
        ("a10101", "keys are text strings"),
        ("9b7fffffffffffffff00", "claims 9223372036854775807 items"),
        ("bb7fffffffffffffff00", "claims 9223372036854775807 items"),
        ("5b7fffffffffffffff00", "the data ends before"),
        ("5f6161ff", "is not a part of the CBOR string"),
        ("f8ff", "simple value 24"),
        ("c249010000000000000000", "tag 2"),
        ("c16161", "tag 1"),
        ("c1f5", "tag 1"),
        ("c1fb7ff0000000000000", "out of range"),
        ("81" * 101 + "00", "nested deeper than 100"),
        ("9f00", "the data ends before"),
    ],
)
def test_what_the_protocol_leaves_out_is_refused(encoded, message):
    with pytest.raises(CborError, match=message):
        decode_cbor(bytes.fromhex(encoded))


@given(st.binary())
def test_any_bytes_are_a_value_or_the_one_error(data):
    with suppress(CborError):
        decode_cbor(data)


documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.floats(allow_nan=False) | st.binary() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(documents)
def test_what_is_written_is_read_back(document):
    assert document == decode_cbor(encode_cbor(document))


def test_a_type_or_number_that_cbor_has_not_is_our_own_bug():
    with pytest.raises(AssertionError, match="a set was given"):
        encode_cbor({"a": {1}})
    with pytest.raises(AssertionError, match="does not fit"):
        encode_cbor(2**64)
