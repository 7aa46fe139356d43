"""Names: Route 53's spelling in and out, and the limits of RFC 1035."""

import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.core.dns.name import NameRefused, is_within, parse_name, spell_name

LABELS = st.binary(min_size=1, max_size=63).map(bytes.lower)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("www.example.com", (b"www", b"example", b"com")),
        ("WWW.Example.COM.", (b"www", b"example", b"com")),
        ("*.example.com", (b"*", b"example", b"com")),
        (r"\052.example.com.", (b"*", b"example", b"com")),
        (r"a\056b.com", (b"a.b", b"com")),
        (".", ()),
    ],
)
def test_a_name_is_read(text, name):
    assert name == parse_name(text)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a..com", "Domain label is empty"),
        ("a b.com", "Value contains unsupported characters"),
        (r"a\9.com", "Value contains unsupported characters"),
        ("ü.com", "Value contains unsupported characters"),
        ("a" * 64 + ".com", "Domain label is too long"),
        (".".join(["a" * 63] * 4), "Domain name is too long"),
    ],
)
def test_what_is_no_name_is_refused_with_its_rule(text, rule):
    with pytest.raises(NameRefused) as refused:
        parse_name(text)
    assert rule == str(refused.value)


@given(st.lists(LABELS, max_size=3))
def test_whatever_is_spelt_is_read_as_the_same(labels):
    assert tuple(labels) == parse_name(spell_name(tuple(labels)))


@given(st.lists(LABELS, max_size=8))
def test_a_name_that_dnspython_takes_is_taken(labels):
    try:
        dns.name.Name([*labels, b""])
    except dns.exception.DNSException:
        with pytest.raises(NameRefused):
            parse_name(spell_name(tuple(labels)))
    else:
        assert tuple(labels) == parse_name(spell_name(tuple(labels)))


def test_a_name_is_within_itself_and_its_ancestors():
    name = parse_name("a.b.c")
    assert [True, True, True, False] == [is_within(name, parse_name(each)) for each in ("a.b.c", "b.c", ".", "d.c")]
