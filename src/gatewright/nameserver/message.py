"""One DNS message in, one out: what the wire asks, and the answer of our zones as bytes.

What this module knows: the header and its codes (RFC 1035 section 4.1), one question a message (RFC 9619), EDNS (RFC
6891), when TC is set (RFC 2181 section 9), and what an authoritative server without recursion, transfers and updates says
to the rest. dnspython reads and writes the format. The rule it keeps: any bytes get an answer or silence, never an
exception; silence is for what is no question, since an answer to an answer could go on for ever.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, TypeAlias

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from gatewright.core.dns.answer import Answer
from gatewright.core.dns.name import Name
from gatewright.core.dns.spelling import to_master_file
from gatewright.core.dns.zone import RecordSet
from gatewright.core.failure import describe_failure

logger = logging.getLogger(__name__)

AnswerQuestion: TypeAlias = Callable[[Name, str], Answer]

#: RFC 1035 section 4.2.1; RFC 9715 for the larger one, which passes the paths of the Internet unfragmented.
PLAIN_UDP_BYTES: Final = 512
MAX_UDP_BYTES: Final = 1232
MAX_TCP_BYTES: Final = 65_535

_HEADER_BYTES: Final = 12
_TYPE_AND_CLASS_BYTES: Final = 4
_MAX_LABEL: Final = 63
#: RFC 1035 section 4.1.1: QR, the opcode, and RD, which is copied into the response.
_QR: Final = 0x8000
_OPCODE: Final = 0x7800
_RD: Final = 0x0100


def respond(wire: bytes, answer: AnswerQuestion, *, max_udp_bytes: int | None = None) -> bytes | None:
    """The response to a message, or None when it deserves none. `max_udp_bytes` is None over TCP."""
    if len(wire) < _HEADER_BYTES or wire[2] & (_QR >> 8):
        return None
    if dns.opcode.from_flags(int.from_bytes(wire[2:4])) != dns.opcode.QUERY:
        return _header_only(wire, dns.rcode.NOTIMP)
    try:
        query = dns.message.from_wire(wire)
    except dns.message.UnknownTSIGKey:
        return _header_only(wire, dns.rcode.NOTAUTH)  # RFC 8945 section 5.2.1: we know no keys
    except (dns.exception.DNSException, ValueError):  # ValueError: text that dnspython cannot make of some octets
        return _header_only(wire, dns.rcode.FORMERR)
    try:
        return _respond_to_query(query, answer, max_udp_bytes)
    except Exception as failure:  # noqa: BLE001  whatever it is, the client is told and the server goes on
        told = describe_failure(failure)
        logger.error("A DNS question could not be answered: %s", told)  # noqa: TRY400  `told` has the traceback
        return _header_only(wire, dns.rcode.SERVFAIL)


def _respond_to_query(query: dns.message.Message, answer: AnswerQuestion, max_udp_bytes: int | None) -> bytes:
    response = dns.message.make_response(query, our_payload=MAX_UDP_BYTES)
    response.flags = dns.flags.QR | (query.flags & dns.flags.RD)
    response.set_rcode(_refusal(query))
    if response.rcode() == dns.rcode.NOERROR:
        asked = query.question[0]
        found = answer(labels_of(asked.name), dns.rdatatype.to_text(asked.rdtype))
        response.set_rcode(dns.rcode.Rcode(found.rcode))
        if found.authoritative:
            response.flags |= dns.flags.AA
        response.answer = list(_rrsets(found.answer))
        response.authority = list(_rrsets(found.authority))
        response.additional = list(_rrsets(found.additional))
    return _fit(response, query, max_udp_bytes)


def _refusal(query: dns.message.Message) -> dns.rcode.Rcode:
    """Why the zones are not asked at all, or NOERROR."""
    if query.edns > 0:
        return dns.rcode.BADVERS  # RFC 6891 section 6.1.3
    if len(query.question) != 1:
        return dns.rcode.FORMERR  # RFC 9619
    asked = query.question[0]
    if asked.rdclass != dns.rdataclass.IN:
        return dns.rcode.REFUSED
    if asked.rdtype in (dns.rdatatype.AXFR, dns.rdatatype.IXFR):
        return dns.rcode.REFUSED
    if asked.rdtype != dns.rdatatype.ANY and dns.rdatatype.is_metatype(asked.rdtype):
        return dns.rcode.FORMERR if asked.rdtype == dns.rdatatype.OPT else dns.rcode.NOTIMP
    return dns.rcode.NOERROR


def _fit(response: dns.message.Message, query: dns.message.Message, max_udp_bytes: int | None) -> bytes:
    if max_udp_bytes is None:
        return response.to_wire(max_size=MAX_TCP_BYTES)
    size = PLAIN_UDP_BYTES if query.edns < 0 else max(PLAIN_UDP_BYTES, min(query.payload, max_udp_bytes))
    try:
        return response.to_wire(max_size=size)
    except dns.exception.TooBig:
        # RFC 2181 section 9: what does not fit whole is asked for again over TCP, so none of it is sent here.
        response.flags |= dns.flags.TC
        response.answer, response.authority, response.additional = [], [], []
        return response.to_wire(max_size=size)


def truncated(wire: bytes) -> bytes | None:
    """A response that says no more than "ask over TCP", no larger than the question; None for what is no question.

    The question is repeated, since a resolver believes no response without it, and read no further than that takes.
    """
    if len(wire) < _HEADER_BYTES or wire[2] & ((_QR | _OPCODE) >> 8) or wire[4:6] != b"\0\1":
        return None
    end = _HEADER_BYTES
    while end < len(wire) and 0 < wire[end] <= _MAX_LABEL:
        end += 1 + wire[end]
    end += 1 + _TYPE_AND_CLASS_BYTES
    if end > len(wire) or wire[end - 1 - _TYPE_AND_CLASS_BYTES]:
        return None
    header = _header_only(wire, dns.rcode.NOERROR, dns.flags.TC)
    return header[:4] + b"\0\1" + header[6:] + wire[_HEADER_BYTES:end]


def _header_only(wire: bytes, rcode: int, flags: int = 0) -> bytes:
    """A response without sections, to a message that is not read further than its header."""
    kept = int.from_bytes(wire[2:4]) & (_OPCODE | _RD)
    return wire[:2] + (_QR | kept | flags | rcode).to_bytes(2) + bytes(8)


def labels_of(name: dns.name.Name) -> Name:
    """A name of the wire as our zones know it."""
    return tuple(label.lower() for label in name.labels[:-1])


def name_of(labels: Name) -> dns.name.Name:
    """A name of our zones as the wire has it."""
    return dns.name.Name((*labels, b""))


def _rrsets(record_sets: Iterable[RecordSet]) -> Iterable[dns.rrset.RRset]:
    return (rrset_of(record_set) for record_set in record_sets)


def rrset_of(record_set: RecordSet) -> dns.rrset.RRset:
    """A record set of our zones as the wire has it."""
    record_type = dns.rdatatype.from_text(record_set.type)
    rrset = dns.rrset.RRset(name_of(record_set.name), dns.rdataclass.IN, record_type)
    rrset.update_ttl(record_set.ttl)
    for value in record_set.values:
        rrset.add(parse_value(record_set.type, value))
    return rrset


@lru_cache(maxsize=4096)  # a third of what an answer takes: values are read as text, and asked for again and again
def parse_value(record_type: str, value: str) -> dns.rdata.Rdata:
    """A value as the wire has it. Names in it are whole, with and without their trailing dot (D)."""
    kind = dns.rdatatype.from_text(record_type)
    return dns.rdata.from_text(dns.rdataclass.IN, kind, to_master_file(value), origin=dns.name.root, relativize=False)
