"""Host names: one spelling for what people type, and a sentence for what is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.domains import hostname
from gatewright.core.domains.hostname import parse_domain_name, parse_host, parse_hostname, split_host_port, wildcard_of


def sentence(parse, text):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is compared by the callers
        parse(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("www.example.com", "www.example.com"),
        ("WWW.Example.COM.", "www.example.com"),
        ("localhost", "localhost"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example.", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        # Non-transitional: the German sharp s is a letter of its own.
        ("straße.example", "xn--strae-oqa.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        # An A-label that today's IDNA would not make is a DNS name all the same.
        ("xn--ls8h.la", "xn--ls8h.la"),
        ("r3---sn-a.example", "r3---sn-a.example"),
        ("3com.example", "3com.example"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
    ],
)
def test_a_host_name_has_one_canonical_form(typed, canonical):
    assert canonical == parse_hostname(typed)
    assert canonical == parse_hostname(canonical)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "A host name cannot be empty."),
        (".", "A host name cannot be empty."),
        ("a..b", "'a..b' has an empty label: two dots stand together, or one stands first."),
        (".a", "'.a' has an empty label: two dots stand together, or one stands first."),
        ("-a.b", "The label '-a' in '-a.b' is not made of letters, digits and inner hyphens only."),
        ("a_b.c", "The label 'a_b' in 'a_b.c' is not made of letters, digits and inner hyphens only."),
        ("a\n", "The label 'a\\n' in 'a\\n' is not made of letters, digits and inner hyphens only."),
        ("*.a", "The label '*' in '*.a' is not made of letters, digits and inner hyphens only."),
        ("127.0.0.1", "'127.0.0.1' is an IP address or ends like one; a host name is expected."),
    ],
)
def test_what_is_no_host_name_is_refused_with_the_rule_it_breaks(typed, said):
    assert said == sentence(parse_hostname, typed)


def test_labels_and_names_have_their_lengths():
    assert "has 64 characters, and a label has at most 63." in sentence(parse_hostname, "a" * 64 + ".example")
    longest = ".".join(["a" * 49] * 5) + ".abc"
    assert longest == parse_hostname(longest)
    assert "has 254 characters, and a host name has at most 253." in sentence(parse_hostname, longest + "d")


@pytest.mark.parametrize("typed", ["💩.example", "\u200d.example", "ü" * 70 + ".example"])
def test_a_name_without_a_form_in_the_dns_is_refused(typed):
    assert sentence(parse_hostname, typed).startswith(f"{typed!r} has no form in the DNS: ")


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("api.Example.com", "api.example.com"),
        ("*.Example.com", "*.example.com"),
        ("*.bücher.example", "*.xn--bcher-kva.example"),
    ],
)
def test_a_domain_name_may_begin_with_a_wildcard(typed, canonical):
    assert canonical == parse_domain_name(typed)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("a.*.com", "'a.*.com' has a wildcard that is not its whole left-most label; only '*.' at the start can be."),
        ("*.*.com", "'*.*.com' has a wildcard that is not its whole left-most label; only '*.' at the start can be."),
        ("w*.a.com", "'w*.a.com' has a wildcard that is not its whole left-most label; only '*.' at the start can be."),
        ("*", "'*' has a wildcard that is not its whole left-most label; only '*.' at the start can be."),
        ("com", "'com' has a single label; a domain name has at least two."),
        ("*.com", "'*.com' has a single label after its wildcard; a domain name has at least two."),
        ("*.", "A host name cannot be empty."),
    ],
)
def test_what_is_no_domain_name_is_refused_with_the_rule_it_breaks(typed, said):
    assert said == sentence(parse_domain_name, typed)


def test_a_wildcard_counts_towards_the_length():
    longest = ".".join(["a" * 49] * 5) + ".abc"
    assert "has 255 characters" in sentence(parse_domain_name, f"*.{longest}")


@pytest.mark.parametrize(
    ("name", "wildcard"),
    [("www.example.com", "*.example.com"), ("a.b", "*.b"), ("localhost", None), ("a.", None), ("", None)],
)
def test_the_wildcard_of_a_name_stands_for_its_first_label(name, wildcard):
    assert wildcard == wildcard_of(name)


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("www.example.com", ("www.example.com", None)),
        (b"WWW.Example.com.", ("www.example.com", None)),
        (b"www.example.com:8443", ("www.example.com", 8443)),
        (b"www.example.com.:443", ("www.example.com", 443)),
        (b"www.example.com:", ("www.example.com", None)),
        (b"a:00443", ("a", 443)),
        (b"127.0.0.1:80", ("127.0.0.1", 80)),
        (b"[::1]", ("::1", None)),
        (b"[2001:DB8:0::1]:443", ("2001:db8::1", 443)),
        (b"under_score.example", ("under_score.example", None)),
    ],
)
def test_a_host_header_is_a_host_and_perhaps_a_port(value, parts):
    assert parts == split_host_port(value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"", "'' is not a host with an optional port."),
        (b":443", "':443' is not a host with an optional port."),
        (b"a b", "'a b' is not a host with an optional port."),
        (b"user@a", "'user@a' is not a host with an optional port."),
        (b"a/b", "'a/b' is not a host with an optional port."),
        (b"a:b", "'a:b' is not a host with an optional port."),
        (b"a:-1", "'a:-1' is not a host with an optional port."),
        (b"a\n", "'a\\n' is not a host with an optional port."),
        (b"::1", "'::1' is not a host with an optional port."),
        ("bücher.example", "'bücher.example' is not a host with an optional port."),
        ("a:٣", "'a:٣' is not a host with an optional port."),
        (b"b\xfccher.example", "'bücher.example' is not a host with an optional port."),
        (b".", "'.' names no host."),
        (b"a:65536", "The port in 'a:65536' is greater than 65535."),
        (b"a:999999", "The port in 'a:999999' is greater than 65535."),
        (b"[1:2]", "'[1:2]' has no IPv6 address between its brackets."),
    ],
)
def test_what_is_no_host_header_is_refused(value, said):
    assert said == sentence(split_host_port, value)


@pytest.mark.parametrize(
    ("value", "host"),
    [
        (b"API.example.com.:443", "api.example.com"),
        (b"[0:0::1]:443", "::1"),
        (b"", ""),
        (b"user@a", ""),
        (b"a" * 253 + b".:65535", "a" * 253),
        (b"a" * 254 + b".:65535", ""),
    ],
)
def test_the_host_of_a_header_is_canonical_and_no_longer_than_a_name(value, host):
    assert host == parse_host(value)


def test_what_is_kept_of_hosts_is_bounded_whatever_clients_send():
    for number in range(hostname._MAX_HOSTS + 100):
        assert f"a{number}.test" == parse_host(b"A%d.test:443" % number)
        assert "" == parse_host(b"%d@" % number + b"a" * 400)
    assert len(hostname._hosts) <= hostname._MAX_HOSTS
    assert max(map(len, hostname._hosts)) <= hostname._MAX_HOST_PORT_LENGTH


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=20))
def test_any_text_is_a_canonical_name_or_a_sentence(text):
    for parse in (parse_hostname, parse_domain_name):
        try:
            name = parse(text)
        except ValueError:
            assert sentence(parse, text).endswith(".")
        else:
            assert name == parse(name)
            assert name.isascii()
            assert name == name.lower()
