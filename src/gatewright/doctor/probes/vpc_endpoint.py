"""The account's interface endpoints for execute-api, asked for when a name leads into a VPC (facts 14)."""

from gatewright.doctor.evidence import Evidence
from gatewright.doctor.names import is_execute_api, parse_vpc_endpoint
from gatewright.doctor.probes.api import AwsApi, NotServed
from gatewright.doctor.vpc_endpoint import VpcEndpoint, is_private_address


def leads_into_vpc(evidence: Evidence) -> bool:
    """Whether the request went through an interface endpoint: by its name, or by private DNS."""
    if parse_vpc_endpoint(evidence.question.host) is not None:
        return True
    name = evidence.name
    if name is None or not name.addresses or not all(map(is_private_address, name.addresses)):
        return False
    return any(is_execute_api(each) for each in (evidence.question.host, *name.canonical_names))


def find_vpc_endpoints(api: AwsApi) -> tuple[VpcEndpoint, ...]:
    """Those for execute-api; none where there is no EC2."""
    # The China regions' services have a prefix of their own.
    service = ("cn." if api.region.startswith("cn-") else "") + f"com.amazonaws.{api.region}.execute-api"
    try:
        answer = api.call("ec2", "describe_vpc_endpoints", Filters=[{"Name": "service-name", "Values": [service]}])
    except NotServed:
        return ()
    return tuple(
        VpcEndpoint(
            each["VpcEndpointId"],
            each["VpcId"],
            bool(each.get("PrivateDnsEnabled")),
            each.get("PolicyDocument", ""),
            tuple(entry["DnsName"] for entry in each.get("DnsEntries", ()) if "DnsName" in entry),
        )
        for each in (answer or {}).get("VpcEndpoints", ())
    )
