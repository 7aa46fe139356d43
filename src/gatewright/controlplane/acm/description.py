"""What ACM tells of an X.509 certificate, where its words are not those of `gatewright.core.x509.certificate`.

Subjects are written in the order of their encoding and without spaces; an issuer is shown by its organization (R:
DescribeCertificate of an imported certificate, 2024-02). A certificate without a Key Usage extension is usable for
`ANY`, one without Extended Key Usage has `NONE` (R: ListCertificates of an imported P-256 certificate, 2025-02).
"""

from cryptography import x509
from cryptography.x509.oid import NameOID

from gatewright.core.x509.certificate import CertificateFacts, parse_certificate_pem

#: The names that stand for an absent extension.
NO_KEY_USAGE = "ANY"
NO_EXTENDED_KEY_USAGE = "NONE"


def read_certificate(certificate_pem: str) -> CertificateFacts:
    """The facts of a stored certificate."""
    (facts,) = parse_certificate_pem(certificate_pem.encode("ascii"))
    return facts


def filter_key_type(key_algorithm: str) -> str:
    """How filters spell what answers spell `RSA-2048` (M: `RSA_2048`)."""
    return key_algorithm.replace("-", "_")


def shown_key_usages(facts: CertificateFacts) -> tuple[str, ...]:
    """The names of the key usages."""
    return facts.key_usages or (NO_KEY_USAGE,)


def shown_extended_key_usages(facts: CertificateFacts) -> tuple[tuple[str, str | None], ...]:
    """Name and object identifier of each purpose; the absence of the extension has no identifier."""
    return tuple((usage.name, usage.oid) for usage in facts.extended_key_usages) or ((NO_EXTENDED_KEY_USAGE, None),)


def shown_subject(facts: CertificateFacts) -> str:
    """R: `C=AU,ST=Some-State,O=LocalStack Org,CN=localhost`."""
    return ",".join(part.rfc4514_string() for part in facts.certificate.subject.rdns)


def shown_issuer(facts: CertificateFacts) -> str:
    """R: the issuer's organization (`Amazon`, `LocalStack Org`). Guess: else its common name, else all of it."""
    issuer = facts.certificate.issuer
    return _first(issuer, NameOID.ORGANIZATION_NAME) or _first(issuer, NameOID.COMMON_NAME) or facts.issuer


def _first(name: x509.Name, kind: x509.ObjectIdentifier) -> str | None:
    return next((str(attribute.value) for attribute in name.get_attributes_for_oid(kind)), None)
