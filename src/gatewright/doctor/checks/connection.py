"""Does anything listen where the name leads, and does it speak TLS with the client?"""

from typing import Final

from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.evidence import Evidence


def _refused(evidence: Evidence) -> Found | None:
    tcp = evidence.tcp
    if tcp is None or tcp.connected:
        return None
    return Found(
        f"Nothing accepts connections at {tcp.address}: {tcp.error}.",
        (f"connect {tcp.address}: {tcp.error}",),
        "See that the gateway runs and listens there; a URL may name another port, --address another place.",
    )


def _handshake(evidence: Evidence) -> Found | None:
    tls = evidence.tls
    if tls is None or tls.error is None:
        return None
    policy = evidence.domain.security_policy if evidence.domain else None
    return Found(
        f"The TLS handshake failed: {tls.error}.",
        (f"server name {tls.server_name}: {tls.error}",) + ((f"security policy {policy}",) if policy else ()),
        "See that client and domain name share a TLS version and cipher suite; the security policy decides the gateway's.",
    )


CONNECTION_CHECKS: Final = (
    Check("CONNECTION_REFUSED", Link.TCP, "Nothing listens there", "RFC 9293", _refused,
          after=("DOMAIN_NOT_FOUND", "DNS_POINTS_TO_ADDRESS", "DNS_POINTS_TO_OTHER_TARGET", "DNS_POINTS_TO_STAGE_URL",
                 "DNS_NOT_PROPAGATED", "CERT_SHADOWED_BY_FQDN", "PRIVATE_DNS_BLOCKS_CUSTOM_DOMAIN",
                 "CLOUDFRONT_NOT_DEPLOYED")),
    Check("TLS_HANDSHAKE_FAILED", Link.TLS, "The TLS handshake failed", "facts 1.7", _handshake,
          after=("DOMAIN_NOT_FOUND", "MTLS_NO_CERTIFICATE", "DNS_POINTS_TO_ADDRESS", "DNS_POINTS_TO_OTHER_TARGET",
                 "DNS_NOT_PROPAGATED")),
)  # fmt: skip
