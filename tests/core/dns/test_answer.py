"""Answers, one rule and its specimen each; `tests/nameserver/test_against_bind.py` has the many."""

import pytest

from gatewright.core.dns.answer import MAX_CHAIN, Rcode, answer_question
from gatewright.core.dns.name import parse_name, spell_name
from gatewright.core.dns.zone import RecordSet, Zone, Zones
from support.zones import ZONES, read_zone


@pytest.fixture(scope="module")
def zones():
    return Zones(read_zone(name, text) for name, text in ZONES.items())


def ask(zones, name, record_type):
    answer = answer_question(zones, parse_name(name), record_type)
    shown = [(spell_name(each.name), each.type, *each.values) for each in answer.answer]
    return answer.rcode.name, answer.authoritative, shown, [each.type for each in answer.authority]


@pytest.mark.parametrize(
    ("name", "record_type", "expected"),
    [
        ("mail.example.com", "A", ("NOERROR", True, [("mail.example.com.", "A", "192.0.2.4")], [])),
        # NODATA and NXDOMAIN differ in the code alone; an empty non-terminal exists (RFC 4592 section 2.2.2).
        ("mail.example.com", "AAAA", ("NOERROR", True, [], ["SOA"])),
        ("nowhere.example.com", "A", ("NXDOMAIN", True, [], ["SOA"])),
        ("empty.example.com", "A", ("NOERROR", True, [], ["SOA"])),
        # A wildcard covers what does not exist, at any depth, and not what does (RFC 4592 section 2.2.1).
        ("a.b.wild.example.com", "A", ("NOERROR", True, [("a.b.wild.example.com.", "A", "192.0.2.6")], [])),
        ("named.wild.example.com", "A", ("NOERROR", True, [], ["SOA"])),
        ("x.named.wild.example.com", "A", ("NXDOMAIN", True, [], ["SOA"])),
        ("a.wild.example.com", "AAAA", ("NOERROR", True, [], ["SOA"])),
        # The status of a chain is that of its end (RFC 6604 section 3).
        ("dangling.example.com", "A", ("NXDOMAIN", True, [("dangling.example.com.", "CNAME", "nowhere.example.com.")], ["SOA"])),
        ("outside.example.com", "A", ("NOERROR", True, [("outside.example.com.", "CNAME", "www.example.org.")], [])),
        ("outside.example.com", "CNAME", ("NOERROR", True, [("outside.example.com.", "CNAME", "www.example.org.")], [])),
        # Delegations are told by who has them; their DS is the parent's (RFC 4035 section 3.1.4.1).
        ("host.sub.example.com", "A", ("NOERROR", False, [], ["NS"])),
        ("child.example.com", "DS", ("NOERROR", True, [], ["SOA"])),
        ("www.example.org", "A", ("REFUSED", False, [], [])),
        # RFC 8482 section 4.1.
        ("www.example.com", "ANY", ("NOERROR", True, [("www.example.com.", "A", "192.0.2.2", "192.0.2.3")], [])),
    ],
)  # fmt: skip
def test_a_question_has_its_answer(zones, name, record_type, expected):
    assert expected == ask(zones, name, record_type)


def test_a_delegation_comes_with_the_addresses_under_it(zones):
    answer = answer_question(zones, parse_name("x.sub.example.com"), "A")
    assert ["192.0.2.9", "2001:db8::9"] == [value for each in answer.additional for value in each.values]


def test_a_negative_answer_lasts_as_long_as_the_smaller_of_the_soas_numbers(zones):
    assert 900 == answer_question(zones, parse_name("nowhere.example.com"), "A").authority[0].ttl
    assert 30 == answer_question(zones, parse_name("nowhere.other.test"), "A").authority[0].ttl


def a(name, address):
    return RecordSet(parse_name(name), "A", 300, (address,))


def alias(name, target, record_type="A"):
    return RecordSet(parse_name(name), record_type, 0, (), parse_name(target))


def cname(name, target):
    return RecordSet(parse_name(name), "CNAME", 300, (target,))


def zones_of(*record_sets, apex="example.com"):
    soa = RecordSet(parse_name(apex), "SOA", 900, ("ns. hostmaster. 1 2 3 4 60",))
    return Zones([Zone(parse_name(apex), [soa, *record_sets])])


def test_a_cname_is_followed_into_another_zone_of_ours():
    zones = zones_of(cname("www.example.com", "a.other.test"))
    zones.put(Zone(parse_name("other.test"), [a("a.other.test", "192.0.2.1")]))
    assert ["CNAME", "A"] == [record_type for _, record_type, *_ in ask(zones, "www.example.com", "A")[2]]


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_ring_of_cnames_ends_where_it_began(length):
    ring = [cname(f"n{i}.example.com", f"n{(i + 1) % length}.example.com") for i in range(length)]
    rcode, _, shown, _ = ask(zones_of(*ring), "n0.example.com", "A")
    assert ("NOERROR", length) == (rcode, len(shown))


def test_an_endless_chain_is_followed_so_far():
    zones = zones_of(
        cname("*.example.com", "x.example.com"),
        *[cname(f"n{i}.example.com", f"n{i + 1}.example.com") for i in range(50)],
    )
    assert MAX_CHAIN + 1 == len(ask(zones, "n0.example.com", "A")[2])  # fmt: skip


def test_an_alias_is_what_its_target_has_now():
    zones = zones_of(alias("example.com", "www.example.com"), a("www.example.com", "192.0.2.1"))
    assert ("NOERROR", True, [("example.com.", "A", "192.0.2.1")], []) == ask(zones, "example.com", "A")
    assert 300 == answer_question(zones, parse_name("example.com"), "A").answer[0].ttl
    zones.get(parse_name("example.com")).put(a("www.example.com", "192.0.2.2"))
    assert [("example.com.", "A", "192.0.2.2")] == ask(zones, "example.com", "A")[2]


def test_an_alias_through_a_cname_shows_the_end_alone():
    zones = zones_of(
        alias("example.com", "www.example.com"),
        cname("www.example.com", "a.example.com"),
        a("a.example.com", "192.0.2.1"),
    )
    assert [("example.com.", "A", "192.0.2.1")] == ask(zones, "example.com", "A")[2]


@pytest.mark.parametrize("target", ["nowhere.example.com", "www.example.org", "example.com"])
def test_an_alias_to_nothing_is_no_data(target):
    assert ("NOERROR", True, [], ["SOA"]) == ask(zones_of(alias("example.com", target)), "example.com", "A")


def test_a_wildcard_alias_is_answered_under_the_name_that_was_asked():
    zones = zones_of(alias("*.example.com", "example.com"), a("example.com", "192.0.2.1"))
    assert [("x.y.example.com.", "A", "192.0.2.1")] == ask(zones, "x.y.example.com", "A")[2]


def test_any_skips_an_alias_to_nothing():
    zones = zones_of(
        alias("www.example.com", "nowhere.example.com"), RecordSet(parse_name("www.example.com"), "TXT", 1, ('"x"',))
    )
    assert [("www.example.com.", "TXT", '"x"')] == ask(zones, "www.example.com", "ANY")[2]  # fmt: skip


def test_a_zone_without_soa_has_nothing_to_say_of_what_is_not_there():
    assert Rcode.NXDOMAIN == answer_question(Zones([Zone((b"z",), [a("z", "192.0.2.1")])]), (b"x", b"z"), "A").rcode
    assert () == answer_question(Zones([Zone((b"z",), [a("z", "192.0.2.1")])]), (b"x", b"z"), "A").authority
