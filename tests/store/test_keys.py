import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.store.keys import KeyUnstorable, decode_key, encode_key, end_of_prefix

SEGMENT = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]), max_size=3)
KEY = st.lists(SEGMENT, max_size=3).map(tuple)


@given(KEY)
def test_a_key_comes_back_from_its_text(key):
    assert key == decode_key(encode_key(key))


@given(KEY, KEY)
def test_texts_sort_as_keys_do_also_as_utf_8(a, b):
    assert (a < b) == (encode_key(a) < encode_key(b))
    assert (a < b) == (encode_key(a).encode() < encode_key(b).encode())


@given(st.lists(SEGMENT, min_size=1, max_size=2).map(tuple), KEY)
def test_the_range_of_a_prefix_holds_just_the_keys_under_it(prefix, key):
    text = encode_key(prefix)
    assert (key[: len(prefix)] == prefix) == (text <= encode_key(key) < end_of_prefix(text))


@pytest.mark.parametrize("segment", ["a\x1fb", "\x00", "a\n", "\ud800"])
def test_a_segment_that_would_blur_the_borders_is_refused(segment):
    with pytest.raises(KeyUnstorable, match="control character"):
        encode_key(("a", segment))
