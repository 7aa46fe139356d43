"""The ARNs of private CAs and of what they issued."""

import re
from typing import NamedTuple

# M (CreateCertificateAuthority, IssueCertificate): the forms of the two ARNs.
_AUTHORITY = re.compile(r"arn:[^:]+:acm-pca:(?P<region>[^:]*):(?P<account>[0-9]*):certificate-authority/(?P<id>[^/]+)")
_CERTIFICATE = re.compile(r"(?P<authority>[^/]+/[^/]+)/certificate/(?P<serial>[0-9a-f]{32})")


class AuthorityArn(NamedTuple):
    """The parts by which a private CA is found."""

    account: str
    region: str
    id: str


def parse_authority_arn(arn: str) -> AuthorityArn | None:
    """The parts of a private CA's ARN; None for any other."""
    match = _AUTHORITY.fullmatch(arn)
    return AuthorityArn(match["account"], match["region"], match["id"]) if match else None


def parse_certificate_arn(arn: str) -> tuple[str, str] | None:
    """The authority's ARN and the serial out of a certificate's ARN; None for any other."""
    match = _CERTIFICATE.fullmatch(arn)
    return (match["authority"], match["serial"]) if match and parse_authority_arn(match["authority"]) else None
