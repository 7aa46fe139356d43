"""What our zones answer to a question: the algorithm of RFC 1034 section 4.3.2, as RFC 4592 and others mended it.

What this module knows, beside that algorithm: empty non-terminals and wildcards (RFC 4592), negative answers (RFC 2308),
the status of a chain of aliases (RFC 6604), a small answer to ANY (RFC 8482), where DS records are asked for (RFC 4035
section 3.1.4.1), and Route 53's alias records, which are followed here and never shown.

What it keeps to: nobody is asked elsewhere (no recursion), and names outside of our zones are refused. Answers are as
small as they may be: authority and additional data only where the answer does not work without.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from gatewright.core.dns.name import WILDCARD, Name, is_within, parse_name
from gatewright.core.dns.zone import RecordSet, Zone, Zones

#: A chain of CNAME records, or of aliases, is followed so far. BIND goes 11 (max-query-restarts), Unbound 11.
MAX_CHAIN: Final = 11


class Rcode(IntEnum):
    """The outcome of a question (RFC 1035 section 4.1.1), as far as zone data decides it."""

    NOERROR = 0
    SERVFAIL = 2
    NXDOMAIN = 3
    REFUSED = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes into the three sections of a response, and its header."""

    rcode: Rcode
    authoritative: bool = True
    answer: tuple[RecordSet, ...] = ()
    authority: tuple[RecordSet, ...] = ()
    additional: tuple[RecordSet, ...] = ()


def answer_question(zones: Zones, name: Name, record_type: str) -> Answer:
    """The answer to a question of class IN. The steps are those of RFC 1034 section 4.3.2."""
    return _answer(zones, name, record_type, MAX_CHAIN)


def _answer(zones: Zones, name: Name, record_type: str, patience: int) -> Answer:
    # 1. is about recursion, which we do not offer.
    chain: list[RecordSet] = []
    seen: set[Name] = set()
    while True:
        # 2. The zone that is the nearest ancestor of the name.
        zone = zones.nearest(name, record_type)
        if zone is None:
            # A chain that leaves our zones is the client's to follow.
            return Answer(Rcode.NOERROR, answer=tuple(chain)) if chain else Answer(Rcode.REFUSED, authoritative=False)
        outcome = _look_up(zones, zone, name, record_type, patience)
        if isinstance(outcome, Answer):
            # RFC 6604 section 3: the code is that of the end of the chain; RFC 1035: AA is about the first name.
            return replace(
                outcome, answer=(*chain, *outcome.answer), authoritative=outcome.authoritative or bool(chain)
            )
        # 3a. An alias: once more with the name that it gives.
        chain.append(outcome)
        seen.add(name)
        name = parse_name(outcome.values[0])
        if name in seen or len(chain) > patience:
            return Answer(Rcode.NOERROR, answer=tuple(chain))


def _look_up(zones: Zones, zone: Zone, name: Name, record_type: str, patience: int) -> Answer | RecordSet:
    """3. What one zone says of a name: the end of the search, or a CNAME record set to go on with."""
    cut = _find_cut(zone, name, record_type)
    if cut is not None:
        return _refer(zone, cut)  # 3b.
    if zone.exists(name):
        return _match(zones, zone, name, name, record_type, patience)  # 3a.
    # 3c. RFC 4592 section 3.3.1: the wildcard under the closest encloser, which is the nearest ancestor that exists.
    encloser = next(name[start:] for start in range(1, len(name) + 1) if zone.exists(name[start:]))
    source = (WILDCARD, *encloser)
    if zone.exists(source):
        return _match(zones, zone, source, name, record_type, patience)
    return Answer(Rcode.NXDOMAIN, authority=_negative(zone))


def _find_cut(zone: Zone, name: Name, record_type: str) -> Name | None:
    """The topmost delegation on the way from the apex to the name."""
    for length in range(len(zone.apex) + 1, len(name) + 1):
        ancestor = name[len(name) - length :]
        if not zone.exists(ancestor):
            return None
        if "NS" in zone.node(ancestor):
            # RFC 4035 section 3.1.4.1: the parent answers for a delegation's own DS.
            return None if record_type == "DS" and ancestor == name else ancestor
    return None


def _refer(zone: Zone, cut: Name) -> Answer:
    delegation = zone.node(cut)["NS"]
    # RFC 9471: addresses without which the servers cannot be found, those of names under the delegation itself.
    glue = tuple(
        record_set
        for server in map(parse_name, delegation.values)
        if is_within(server, cut)
        for record_type in ("A", "AAAA")
        if (record_set := zone.node(server).get(record_type)) is not None and record_set.alias is None
    )
    return Answer(Rcode.NOERROR, authoritative=False, authority=(delegation,), additional=glue)


def _match(zones: Zones, zone: Zone, source: Name, name: Name, record_type: str, patience: int) -> Answer | RecordSet:
    """What the node `source` gives to a question about `name`: itself, or a wildcard that it is made from."""
    node = zone.node(source)
    if "CNAME" in node and record_type not in ("CNAME", "ANY"):
        return replace(node["CNAME"], name=name)
    # RFC 8482 section 4.1: of all that there is, one record set.
    wanted = sorted(node) if record_type == "ANY" else [record_type]
    found = next((found for each in wanted for found in _follow(zones, node.get(each), name, patience)), None)
    if found is None:
        return Answer(Rcode.NOERROR, authority=_negative(zone))
    return Answer(Rcode.NOERROR, answer=(found,))


def _follow(zones: Zones, record_set: RecordSet | None, name: Name, patience: int) -> Iterator[RecordSet]:
    """The record set as it is answered for the name; an alias is what its target has now, if anything."""
    if record_set is None:
        return
    if record_set.alias is None:
        yield replace(record_set, name=name)
    elif patience:
        for target in _answer(zones, record_set.alias, record_set.type, patience - 1).answer:
            if target.type == record_set.type:
                yield replace(target, name=name)


def _negative(zone: Zone) -> tuple[RecordSet, ...]:
    """The SOA record that tells how long to remember that there is nothing (RFC 2308 section 3)."""
    soa = zone.node(zone.apex).get("SOA")
    if soa is None:
        return ()
    return (replace(soa, ttl=min(soa.ttl, int(soa.values[0].split()[-1]))),)
