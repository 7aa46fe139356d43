"""Messages: what is asked on the wire, what is answered, and what is not."""

import dns.edns
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.tsig
import dns.update
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatewright.core.dns.answer import answer_question
from gatewright.core.dns.zone import Zones
from gatewright.nameserver.message import MAX_UDP_BYTES, parse_value, respond, truncated
from support.zones import ZONES, read_zone

ZONE_DATA = Zones(read_zone(name, text) for name, text in ZONES.items())


def answer(name, record_type):
    return answer_question(ZONE_DATA, name, record_type)


def ask(query, udp=True):
    wire = respond(query.to_wire(), answer, max_udp_bytes=MAX_UDP_BYTES if udp else None)
    response = dns.message.from_wire(wire)
    assert query.id == response.id
    assert response.flags & dns.flags.QR
    assert not response.flags & dns.flags.RA
    return response, len(wire)


def test_an_answer_repeats_the_question_and_the_wish_for_recursion():
    query = dns.message.make_query("WwW.eXaMpLe.CoM", "A")
    response, _ = ask(query)
    assert str(query.question[0]) == str(response.question[0])
    assert {"192.0.2.2", "192.0.2.3"} == {str(each) for each in response.answer[0]}
    assert dns.flags.QR | dns.flags.AA | dns.flags.RD == response.flags
    assert -1 == response.edns


@pytest.mark.parametrize(("payload", "largest"), [(None, 512), (0, 512), (600, 600), (1232, 1232), (4096, 1232)])
def test_what_does_not_fit_a_datagram_is_left_to_tcp(payload, largest):
    edns = {} if payload is None else {"use_edns": 0, "payload": payload}
    response, size = ask(dns.message.make_query("big.example.com", "TXT", **edns))
    assert response.flags & dns.flags.TC
    assert [] == response.answer
    assert size <= largest
    response, size = ask(dns.message.make_query("big.example.com", "TXT", **edns), udp=False)
    assert not response.flags & dns.flags.TC
    assert 8 * 250 == len(b"".join(response.answer[0][0].strings))
    assert size > 1232


def test_a_client_with_edns_gets_edns_and_one_of_the_future_badvers():
    query = dns.message.make_query("www.example.com", "A", use_edns=0)
    assert (0, 1232) == (ask(query)[0].edns, ask(query)[0].payload)
    query.use_edns(1)
    assert dns.rcode.BADVERS == ask(query)[0].rcode()


@pytest.mark.parametrize(
    ("question", "rcode"),
    [
        ({"rdtype": "AXFR"}, dns.rcode.REFUSED),
        ({"rdtype": "IXFR"}, dns.rcode.REFUSED),
        ({"rdtype": "TXT", "rdclass": "CH", "qname": "version.bind"}, dns.rcode.REFUSED),
        ({"rdtype": "OPT"}, dns.rcode.FORMERR),
        ({"rdtype": "TSIG"}, dns.rcode.NOTIMP),
        ({"qname": "www.example.org"}, dns.rcode.REFUSED),
        ({"qname": "."}, dns.rcode.REFUSED),
        ({"rdtype": "TYPE65280"}, dns.rcode.NOERROR),
    ],
)
def test_what_is_not_served_has_its_code(question, rcode):
    response, _ = ask(dns.message.make_query(**{"qname": "www.example.com", "rdtype": "A", **question}))
    assert rcode == response.rcode()


def test_updates_notifies_and_other_opcodes_are_not_implemented():
    update = dns.update.UpdateMessage("example.com")
    update.add("www", 1, "A", "192.0.2.66")
    assert dns.rcode.NOTIMP == ask(update)[0].rcode()
    for opcode in set(range(16)) - {0}:
        wire = b"\x12\x34" + bytes([opcode << 3, 0]) + bytes(8)
        assert b"\x12\x34" + bytes([0x80 | opcode << 3, 4]) + bytes(8) == respond(wire, answer)


def test_a_signed_question_is_refused_since_we_know_no_keys():
    query = dns.message.make_query("www.example.com", "A")
    query.use_tsig(dns.tsig.Key("k", "c2VjcmV0"))
    wire = respond(query.to_wire(), answer)
    assert dns.rcode.NOTAUTH == wire[3] & 15


@pytest.mark.parametrize("count", [0, 2])
def test_there_is_one_question_a_message(count):
    query = dns.message.make_query("www.example.com", "A")
    query.question = query.question * count
    assert dns.rcode.FORMERR == ask(query)[0].rcode()


@pytest.mark.parametrize(
    "wire",
    [b"", b"\0" * 11, dns.message.make_response(dns.message.make_query(".", "A")).to_wire()],
    ids=["nothing", "less than a header", "an answer"],
)
def test_what_is_no_question_gets_silence(wire):
    assert None is respond(wire, answer)
    assert None is truncated(wire)


def test_a_failure_of_ours_is_servfail(caplog):
    def fails(name, record_type):
        raise RuntimeError("a bug")

    wire = respond(dns.message.make_query("www.example.com", "A").to_wire(), fails)
    assert dns.rcode.SERVFAIL == wire[3] & 15
    assert "a bug" in caplog.text


QUERY = dns.message.make_query("www.example.com", "A", use_edns=0).to_wire()


@st.composite
def damaged_queries(draw):
    wire = bytearray(QUERY)
    for _ in range(draw(st.integers(0, 4))):
        wire[draw(st.integers(0, len(wire) - 1))] = draw(st.integers(0, 255))
    return bytes(wire[: draw(st.integers(0, len(wire)))])


def test_a_truncated_answer_is_no_larger_than_the_question():
    query = dns.message.make_query("www.example.com", "A")
    query.use_edns(0)
    wire = truncated(query.to_wire())
    assert len(wire) < len(query.to_wire())
    response = dns.message.from_wire(wire)
    assert query.is_response(response)
    assert response.flags & dns.flags.TC
    assert ([], [], []) == (response.answer, response.authority, response.additional)


@given(st.one_of(st.binary(max_size=80), damaged_queries(), st.binary(max_size=60).map(lambda tail: QUERY[:12] + tail)))
def test_any_bytes_get_a_truncated_answer_that_is_no_larger_or_silence(wire):
    response = truncated(wire)
    assert response is None or (len(response) <= len(wire) and wire[:2] == response[:2])


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=80), damaged_queries(), st.binary(max_size=60).map(lambda tail: QUERY[:12] + tail)))
@example(QUERY[:12] + b"\xc0\x0c\x00\x01\x00\x01")  # a pointer to itself
def test_any_bytes_get_an_answer_that_can_be_read_or_silence(wire):
    for max_udp_bytes in (MAX_UDP_BYTES, None):
        response = respond(wire, answer, max_udp_bytes=max_udp_bytes)
        if response is None:
            assert len(wire) < 12 or wire[2] & 0x80
            continue
        assert wire[:2] == response[:2]
        assert dns.message.from_wire(response).rcode() != dns.rcode.SERVFAIL


def test_names_in_values_are_whole_with_and_without_their_dot():
    assert parse_value("CNAME", "www.example.com") == parse_value("CNAME", "www.example.com.")
    assert parse_value("MX", "10 mail.example.com") == parse_value("MX", "10 mail.example.com.")
