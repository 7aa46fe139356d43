"""CLOUDFRONT_OLD_TLS: the distribution speaks to its origin as API Gateway does not (facts 12, 1.7)."""

from typing import Final

from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.checks.cloudfront.refused import describe_route, origin_at, refused_route
from gatewright.doctor.commands import patch_distribution
from gatewright.doctor.evidence import Evidence, OriginSide

#: What API Gateway's side speaks at least (facts 1.7, security policies); CloudFront names TLS versions so.
_MODERN: Final = frozenset({"TLSv1.2", "TLSv1.3"})


def _old_tls(evidence: Evidence) -> Found | None:
    refused, side = refused_route(evidence, 502, 504), evidence.origin
    if refused is None or side is None:
        return None
    front, route, answer = refused
    origin = route.origin
    if origin.protocol_policy is None:
        return None
    if origin.protocol_policy == "http-only":
        why = "speaks HTTP without TLS to it, and API Gateway has no port 80"
    elif not _MODERN & set(origin.tls_versions) and not _takes_old(side):
        why = f"offers it {', '.join(origin.tls_versions) or 'no version'} at most, and it wants TLS 1.2"
    else:
        return None
    return Found(
        f"The distribution {front.id} cannot speak with its origin {origin.domain}: it {why}.",
        (
            *describe_route(front, route, answer),
            f"protocol {origin.protocol_policy}, versions {', '.join(origin.tls_versions)}",
        ),
        "Let the distribution speak HTTPS only to its origin, with TLSv1.2.",
        patch_distribution(
            front.id,
            f'{origin_at(origin)}.CustomOriginConfig |= (.OriginProtocolPolicy = "https-only" | .OriginSslProtocols = '
            '{"Quantity": 1, "Items": ["TLSv1.2"]})',
        ),
    )


def _takes_old(side: OriginSide) -> bool:
    """A domain name of the older policy, which takes TLS 1.0 (facts 1.7)."""
    return side.domain is not None and side.domain.security_policy == "TLS_1_0"


CLOUDFRONT_OLD_TLS: Final = Check(
    "CLOUDFRONT_OLD_TLS", Link.DOMAIN, "The distribution and its origin agree on no TLS version", "facts 12", _old_tls
)
