"""Our answers beside those of BIND, which has the same zones, for every name that can be made of their labels.

Two differences are meant: BIND does not follow a CNAME from one of its zones into another (no name here does so; RFC 1034
would have it), and adds addresses to an answer of NS records.
"""

import itertools

import dns.flags
import dns.message
import dns.query
import dns.rdatatype
import pytest

from gatewright.core.dns.answer import answer_question
from gatewright.core.dns.zone import Zones
from gatewright.nameserver.message import respond
from support.named import running_named
from support.zones import ZONES, read_zone

pytestmark = pytest.mark.e2e

LABELS = ["www", "alias", "chain", "dangling", "outside", "intosub", "empty", "deep", "wild", "named", "below",
          "cwild", "dwild", "a", "sub", "host", "ns", "child", "back", "mail", "*", "_acme-challenge", "nowhere", "big"]  # fmt: skip
TYPES = ["A", "AAAA", "CNAME", "TXT", "MX", "NS", "SOA", "DS", "SRV", "CAA"]


@pytest.fixture(scope="module")
def bind(tmp_path_factory):
    with running_named(tmp_path_factory.mktemp("named"), ZONES) as port:
        yield port


@pytest.fixture(scope="module")
def ours():
    zones = Zones(read_zone(name, text) for name, text in ZONES.items())
    return lambda name, record_type: answer_question(zones, name, record_type)


def names():
    yield "example.com"
    yield "a.other.test"
    yield "b.other.test"
    yield "www.example.org"
    for count in (1, 2):
        for labels in itertools.product(LABELS, repeat=count):
            yield ".".join([*labels, "example.com"])
    for rest in ("named.wild", "a.dwild", "sub", "child", "wild"):
        yield f"x.y.{rest}.example.com"


def test_bind_gives_the_same_answers(bind, ours):
    different = {}
    for number, name in enumerate(names()):
        # Every type at the apex and one label below it, one of them, in turn, further down.
        wanted = TYPES if name.count(".") <= 2 else [TYPES[number % len(TYPES)], "A"]
        for record_type in wanted:
            query = dns.message.make_query(name, record_type, flags=0)
            theirs = dns.query.tcp(query, "127.0.0.1", port=bind, timeout=5)
            mine = dns.message.from_wire(respond(query.to_wire(), ours))
            if summary(theirs) != summary(mine):
                different[f"{name} {record_type}"] = (summary(theirs), summary(mine))
    assert not different, "\n".join(f"{k}\n  bind {t}\n  ours {m}" for k, (t, m) in list(different.items())[:12])


def summary(message):
    """What a resolver would act on; in no particular order within a record set."""

    def section(rrsets):
        return {(str(r.name).lower(), dns.rdatatype.to_text(r.rdtype), r.ttl, *sorted(map(str, r))) for r in rrsets}

    return (
        message.rcode(),
        bool(message.flags & dns.flags.AA),
        bool(message.flags & dns.flags.TC),
        # A chain is in order, which a set would not show.
        [(str(r.name).lower(), r.rdtype) for r in message.answer],
        section(message.answer),
        section(message.authority),
        # BIND adds addresses to an answer of NS records; ours are asked for by whoever wants them.
        section(message.additional) if not message.answer else set(),
    )
