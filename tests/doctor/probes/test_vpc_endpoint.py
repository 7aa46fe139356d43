"""When a VPC's endpoints are asked for, and what is read of them."""

from dataclasses import replace

import pytest

from gatewright.doctor.evidence import Evidence, NameAnswer
from gatewright.doctor.names import parse_vpc_endpoint
from gatewright.doctor.probes.api import NotServed
from gatewright.doctor.probes.configuration import probe_configuration
from gatewright.doctor.probes.deadline import Deadline
from gatewright.doctor.probes.vpc_endpoint import find_vpc_endpoints, leads_into_vpc
from gatewright.doctor.question import parse_question
from gatewright.doctor.vpc_endpoint import VpcEndpoint

TARGET = "d-abcdefghij.execute-api.us-east-1.amazonaws.com"
ASKED = Evidence(parse_question("https://www.example.com/"), "2026-01-01T00:00:00+00:00")


def led(*addresses: str, chain=(TARGET,), host: str = "www.example.com") -> Evidence:
    name = NameAnswer("10.0.0.2:53", "NOERROR", chain, addresses)
    return replace(ASKED, question=parse_question(f"https://{host}/"), name=name)


@pytest.mark.parametrize(
    ("evidence", "leads"),
    [
        (ASKED, False),
        (led("10.0.3.17"), True),
        (led("10.0.3.17", "10.0.4.17"), True),
        (led("198.51.100.7"), False),
        (led("127.0.0.1"), False),
        (led("10.0.3.17", chain=()), False),  # a network of the user's own
        (led("10.0.3.17", chain=(), host="abcdefghij.execute-api.us-east-1.amazonaws.com"), True),
        (led("198.51.100.7", chain=(), host="abcdefghij-vpce-0a1b2c.execute-api.us-east-1.amazonaws.com"), True),
    ],
)
def test_a_name_of_the_gateway_at_a_private_address_leads_into_a_vpc(evidence, leads):
    assert leads is leads_into_vpc(evidence)


@pytest.mark.parametrize(
    ("host", "endpoint"),
    [
        ("abcdefghij-vpce-0a1b2c.execute-api.us-east-1.amazonaws.com", "vpce-0a1b2c"),
        ("vpce-0a1b2c-x1y2z3.execute-api.us-east-1.vpce.amazonaws.com", "vpce-0a1b2c"),
        ("vpce-0a1b2c-x1y2z3-us-east-1a.execute-api.us-east-1.vpce.amazonaws.com", "vpce-0a1b2c"),
        ("abcdefghij.execute-api.us-east-1.amazonaws.com", None),
        ("vpce.example.com", None),
    ],
)
def test_a_name_may_say_the_endpoint(host, endpoint):
    assert endpoint == parse_vpc_endpoint(host)


class Ec2:
    def __init__(self, region: str = "us-east-1") -> None:
        self.region, self.filters = region, None

    def call(self, service, operation, **arguments):
        assert ("ec2", "describe_vpc_endpoints") == (service, operation)
        self.filters = arguments["Filters"]
        return {"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "PrivateDnsEnabled": True,
                                  "PolicyDocument": "{}", "DnsEntries": [{"DnsName": "a"}, {"HostedZoneId": "Z"}]},
                                 {"VpcEndpointId": "vpce-2", "VpcId": "vpc-2"}]}  # fmt: skip


@pytest.mark.parametrize(
    ("region", "service"),
    [
        ("us-east-1", "com.amazonaws.us-east-1.execute-api"),
        ("cn-north-1", "cn.com.amazonaws.cn-north-1.execute-api"),
    ],
)
def test_the_endpoints_of_the_service_in_the_region_are_read(region, service):
    api = Ec2(region)
    assert (VpcEndpoint("vpce-1", "vpc-1", True, "{}", ("a",)), VpcEndpoint("vpce-2", "vpc-2")) == (
        find_vpc_endpoints(api)
    )
    assert [{"Name": "service-name", "Values": [service]}] == api.filters


def test_where_there_is_no_ec2_there_are_no_endpoints():
    class Nothing:
        region = "us-east-1"

        def call(self, *_, **__):
            raise NotServed("it is not served here")

    assert () == find_vpc_endpoints(Nothing())


def test_an_endpoints_own_name_is_asked_for_the_api_that_a_header_names():
    class Asked:
        region = "us-east-1"

        def __init__(self) -> None:
            self.calls = []

        def call(self, *words, **arguments):
            self.calls.append((*words, arguments))

    host = "vpce-0a1b2c-x1y2z3.execute-api.us-east-1.vpce.amazonaws.com"
    api = Asked()
    question = parse_question(f"https://{host}/dev/pets", headers={"x-apigw-api-id": "abcdefghij"})
    found = probe_configuration(api, question, Deadline())
    assert ("apigateway", "get_rest_api", {"restApiId": "abcdefghij"}) == api.calls[0]
    assert "abcdefghij" == found.api.id
    api = Asked()
    probe_configuration(api, parse_question(f"https://{host}/"), Deadline())
    assert [] == api.calls
