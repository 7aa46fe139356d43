"""Whatever value is accepted can be answered, and whatever batch is sent is made or refused."""

import dns.message
import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatewright.controlplane.route53.values import find_problem
from gatewright.core.dns.answer import answer_question
from gatewright.core.dns.name import parse_name
from gatewright.core.dns.zone import RecordSet, Zone, Zones
from gatewright.nameserver.message import respond
from support.control import ControlHarness
from support.record_sets import change, plain

TYPES = ["A", "AAAA", "TXT", "SPF", "CNAME", "NS", "PTR", "MX", "SRV", "CAA", "NAPTR", "DS", "TLSA", "SSHFP", "SVCB", "HTTPS", "SOA"]  # fmt: skip
GOOD = {
    "A": ["192.0.2.1"],
    "AAAA": ["2001:db8::1", "::ffff:192.0.2.1"],
    "TXT": ['"a" "b"', r'"\052\"\\"', '""', '"a"\t"b"', '"ü"'],
    "SPF": ['"v=spf1 -all"'],
    "CNAME": ["www.example.com", "www.example.com.", r"\052.example.com"],
    "NS": ["ns.example.com"],
    "PTR": ["www.example.com."],
    "MX": ["10 mail.example.com"],
    "SRV": ["1 2 3 www.example.com"],
    "CAA": ['0 issue "ca.example"', '128 iodef "mailto:a@b.example"'],
    "NAPTR": ['100 50 "u" "sip+E2U" "!^.*$!sip:a@b.example!" .'],
    "DS": ["1 13 2 " + "00" * 32],
    "TLSA": ["3 1 1 " + "ab" * 32],
    "SSHFP": ["4 2 " + "ab" * 32],
    "HTTPS": ["1 . alpn=h2 port=8443"],
    "SVCB": ["1 svc.example.com alpn=h2"],
    "SOA": ["ns.example.com. hostmaster.example.com. 1 2 3 4 5"],
}
BAD = {
    "A": ["", "1.2.3", "1.2.3.4 ", "::1", "1.2.3.4.5"],
    "AAAA": ["1.2.3.4", "::g", "fe80::1%eth0"],
    "TXT": ["", "a", '"a', '"a" b', '"a\nb"', '"' + "x" * 256 + '"', r'"\999"', '"' + r"\101" * 256 + '"'],
    "CNAME": ["", "a b", "a..b", "x" * 64],
    "MX": ["mail", "10", "70000 mail", "10 a..b"],
    "CAA": ["0 issue", "256 issue x"],
    "SRV": ["1 2 www"],
    "SOA": ["ns. hostmaster. 1 2 3 4"],
}


def answered(record_type, value):
    """The rcode with which the value is answered on the wire."""
    apex = parse_name("z")
    zones = Zones([Zone(apex, [RecordSet(apex, record_type, 60, (value,))])])
    response = respond(dns.message.make_query("z", record_type).to_wire(), lambda n, t: answer_question(zones, n, t))
    message = dns.message.from_wire(response)
    return message.rcode().name, len(message.answer)


@pytest.mark.parametrize(("record_type", "value"), [(t, v) for t, values in GOOD.items() for v in values])
def test_a_good_value_is_accepted_and_answered(record_type, value):
    assert None is find_problem(record_type, value)
    assert ("NOERROR", 1) == answered(record_type, value)


@pytest.mark.parametrize(("record_type", "value"), [(t, v) for t, values in BAD.items() for v in values])
def test_a_bad_value_is_refused(record_type, value):
    assert "FATAL problem: " in find_problem(record_type, value)


TEXT = st.one_of(
    st.text(max_size=30),
    st.sampled_from([value for values in (*GOOD.values(), *BAD.values()) for value in values]),
    st.lists(st.sampled_from(["1", "0", '"', "\\", "a", ".", " ", "\\052", "\\400", "\\9", "::", "\t", "ü", "("])).map("".join),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(TYPES), TEXT)
def test_what_is_accepted_can_be_answered(record_type, value):
    if find_problem(record_type, value) is None:
        assert ("NOERROR", 1) == answered(record_type, value)


NAMES = st.one_of(
    st.sampled_from(["example.com", "www.example.com", "*.example.com", "a.b.example.com", "example.org", "..", ""]),
    st.text(max_size=8).map(lambda text: text + ".example.com"),
)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["CREATE", "UPSERT", "DELETE"]),
        st.builds(plain, NAMES, st.sampled_from(TYPES), TEXT),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(CHANGES)
def test_any_batch_is_made_or_refused_and_the_count_is_right(changes):
    client = ControlHarness().client("route53")
    zone = client.create_hosted_zone(Name="example.com", CallerReference="one")["HostedZone"]["Id"]
    try:
        change(client, zone, *changes)
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400  # noqa: PT017  any refusal will do
    sets = client.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert len(sets) == client.get_hosted_zone(Id=zone)["HostedZone"]["ResourceRecordSetCount"]
    assert len(sets) == len({(each["Name"], each["Type"]) for each in sets})
