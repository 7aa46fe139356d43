"""The names of gateways in the DNS, by their spelling alone.

What this module knows (facts 1.7, 2.1): a default endpoint is `{api}.execute-api.{region}.{suffix}`, which is also the
host of every stage URL; a Regional domain name's target is `d-{id}.execute-api.{region}.{suffix}`; a distribution's is
below `cloudfront.net`. The suffix of an installation is its own, `amazonaws.com` with AWS.
"""

import ipaddress
import re
from typing import Final, NamedTuple

_VPC_ENDPOINT: Final = re.compile(
    r"[a-z0-9]{10}-(vpce-[0-9a-z]+)\.execute-api\..+|(vpce-[0-9a-z]+)(?:-[0-9a-z-]+)?\.execute-api\..+\.vpce\..+"
)
#: Ten characters are the service's; stand-ins for it (moto, LocalStack) give an HTTP API eight.
_EXECUTE_API: Final = re.compile(r"(d-)?([a-z0-9]{8,10})(?:-vpce-[0-9a-z]+)?\.execute-api\.([a-z0-9-]+)\.(.+)")


class DefaultEndpoint(NamedTuple):
    """The parts of a default endpoint's name."""

    api_id: str
    region: str
    suffix: str


def parse_default_endpoint(host: str) -> DefaultEndpoint | None:
    """The API whose default endpoint (and whose stage URLs' host) this is, or None."""
    found = _EXECUTE_API.fullmatch(host)
    return DefaultEndpoint(*found.groups()[1:]) if found and not found[1] else None


def parse_vpc_endpoint(host: str) -> str | None:
    """The id of the interface endpoint that the name goes through (facts 14), or None."""
    found = _VPC_ENDPOINT.fullmatch(host)
    return (found[1] or found[2]) if found else None


def is_execute_api(name: str) -> bool:
    """A name that a VPC endpoint with private DNS takes over: every one below `execute-api.{region}`."""
    return _EXECUTE_API.fullmatch(name) is not None


def is_distribution(name: str) -> bool:
    """A name of a CloudFront distribution, whoever's it is."""
    return name.endswith(".cloudfront.net")


def is_gateway_target(name: str) -> bool:
    """A name that DNS records of custom domain names point to, whoever's it is."""
    found = _EXECUTE_API.fullmatch(name)
    return bool(found and found[1]) or is_distribution(name)


def is_default_certificate_name(name: str) -> bool:
    """A name as the default certificate has it: `*.execute-api.{region}.{suffix}`."""
    return name.startswith("*.execute-api.")


def region_of(arn: str) -> str:
    """The region in an ARN; empty when it names none."""
    parts = arn.split(":")
    return parts[3] if len(parts) > 5 else ""


def is_address(text: str) -> bool:
    """An IPv4 or IPv6 address rather than a name."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
