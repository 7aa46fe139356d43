"""A certificate comes to its request: from the local authority, from a private CA, or from elsewhere.

What this module knows: who issues for which names, and what is stored when somebody has. A renewal is the same again, with
a new key under the same ARN (D: "ACM generates a new public/private key pair"); those that serve the certificate learn of
both by one change.
"""

from dataclasses import replace
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding

from gatewright.controlplane.acm.description import read_certificate
from gatewright.controlplane.acm.holding import Holding
from gatewright.controlplane.acm.local_authority import alternative_names, issue_locally, subject_of
from gatewright.controlplane.acm.places import store_holding
from gatewright.controlplane.acmpca.arn import parse_authority_arn
from gatewright.controlplane.acmpca.issuing import issue_end_entity
from gatewright.controlplane.call import Installation
from gatewright.controlplane.errors import ServiceError
from gatewright.controlplane.private_keys import key_to_pem
from gatewright.core.x509.issuance import SIGNING_ALGORITHMS, family_of, make_signing_request
from gatewright.core.x509.private_key import PrivateKey
from gatewright.model.identifiers import RandomText
from gatewright.model.records import Certificate, CertificateRequest, PrivateCertificateAuthorityPermission
from gatewright.store.port import Reader, Transaction

LOCAL: Final = "LOCAL"
PRIVATE: Final = "PRIVATE"
ACME: Final = "ACME"

# D ("Request a private certificate"): 13 months.
_PRIVATE_VALIDITY: Final = {"Value": 395, "Type": "DAYS"}

# RFC 6761 and 6762, RFC 2606, ICANN's reservation of .internal: names that no public authority signs.
_SPECIAL_USE: Final = frozenset({"localhost", "test", "example", "invalid", "local", "internal", "onion", "arpa"})

_SERVICE_PRINCIPAL: Final = "acm.amazonaws.com"

# M (FailureReason) by the error of the private CA.
_PCA_FAILURES: Final = {
    "InvalidArnException": "PCA_INVALID_ARN",
    "InvalidArgsException": "PCA_INVALID_ARGS",
    "InvalidStateException": "PCA_INVALID_STATE",
    "ResourceNotFoundException": "PCA_RESOURCE_NOT_FOUND",
    "LimitExceededException": "PCA_LIMIT_EXCEEDED",
    "ValidationException": "PCA_INVALID_DURATION",
}


class Issued(NamedTuple):
    """What an issuer gives, in PEM."""

    certificate_pem: str
    chain_pem: str | None


class IssuanceRefused(Exception):
    """The issuer never will; `reason` is the service model's FailureReason."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def select_issuer(installation: Installation, names: tuple[str, ...], authority_arn: str | None) -> str:
    """Who signs a certificate for these names. An ACME directory is asked only if it may sign for all of them."""
    if authority_arn is not None:
        return PRIVATE
    domains = installation.acme_domains
    return ACME if domains is not None and all(_is_for_acme(name, domains) for name in names) else LOCAL


def issue_here(
    transaction: Transaction, request: CertificateRequest, key: PrivateKey, *, now: float, random_text: RandomText
) -> Issued:
    """The certificate from the local authority or the private CA; raises `IssuanceRefused`."""
    names = request.subject_alternative_names
    if request.issuer == LOCAL:
        return Issued(*issue_locally(transaction, names, key, now=now, random_text=random_text))
    assert request.certificate_authority_arn is not None, "a private certificate names its CA"
    parts = parse_authority_arn(request.certificate_authority_arn)
    if parts is None:
        raise IssuanceRefused("PCA_INVALID_ARN", "The ARN is not that of a private CA.")
    account, region, authority_id = parts
    if region != request.region:
        raise IssuanceRefused("PCA_INVALID_ARN", "The private CA is in another Region.")
    if account != request.account:
        raise IssuanceRefused("PCA_ACCESS_DENIED", "The private CA belongs to another account and is not shared.")
    is_renewal = transaction.get(Certificate, request.account, request.region, request.id) is not None
    if is_renewal and not _may_renew(transaction, authority_id, request):
        raise IssuanceRefused("PCA_ACCESS_DENIED", "The private CA has not given acm.amazonaws.com its permission.")
    try:
        certificate_pem, chain_pem = issue_end_entity(
            transaction,
            request.certificate_authority_arn,
            signing_request(names, key),
            _PRIVATE_VALIDITY,
            now=now,
            random_text=random_text,
        )
    except ServiceError as error:
        raise IssuanceRefused(_PCA_FAILURES.get(error.code, "PCA_REQUEST_FAILED"), error.message) from None
    return Issued(certificate_pem, chain_pem or None)


def signing_request(names: tuple[str, ...], key: PrivateKey) -> bytes:
    """The PKCS#10 request for these names, in PEM."""
    algorithm = SIGNING_ALGORITHMS["SHA256WITHRSA" if family_of(key) == "RSA" else "SHA256WITHECDSA"]
    request = make_signing_request(key, algorithm, subject_of(names), (alternative_names(names),))
    return request.public_bytes(Encoding.PEM)


def store_issued(
    transaction: Transaction, request: CertificateRequest, issued: Issued, key: PrivateKey, now: float
) -> Certificate:
    """The request has its certificate, or has it anew; the record that is answered is the certificate's."""
    facts = read_certificate(issued.certificate_pem)
    certificate = Certificate(
        account=request.account,
        region=request.region,
        id=request.id,
        certificate_pem=issued.certificate_pem,
        chain_pem=issued.chain_pem,
        domain_name=request.domain_name,
        subject_alternative_names=request.subject_alternative_names,
        not_before=facts.not_before.timestamp(),
        not_after=facts.not_after.timestamp(),
        created_at=request.created_at,
        type=Holding(None, request).type,
        issued_at=now,
    )
    is_renewal = transaction.get(Certificate, request.account, request.region, request.id) is not None
    request = replace(request, status="ISSUED", failure_reason=None)
    if is_renewal:
        request = replace(request, renewal_status="SUCCESS", renewal_failure_reason=None, renewal_updated_at=now)
    transaction.put_secret(certificate.secret_name, key_to_pem(key))
    store_holding(transaction, Holding(certificate, request))
    return certificate


def store_refused(transaction: Transaction, request: CertificateRequest, reason: str, now: float) -> None:
    """The request has failed; a certificate that it has already stays as it is, and its renewal has failed."""
    certificate = transaction.get(Certificate, request.account, request.region, request.id)
    if certificate is None:
        request = replace(request, status="FAILED", failure_reason=reason)
    else:
        request = replace(request, renewal_status="FAILED", renewal_failure_reason=reason, renewal_updated_at=now)
    store_holding(transaction, Holding(certificate, request))


def _may_renew(reader: Reader, authority_id: str, request: CertificateRequest) -> bool:
    # D (RenewCertificate): "you must first grant the ACM service principal permission to do so".
    permissions = reader.list_under(
        PrivateCertificateAuthorityPermission, request.account, request.region, authority_id, _SERVICE_PRINCIPAL
    )
    return any("IssueCertificate" in permission.actions for permission in permissions)


def _is_for_acme(name: str, domains: tuple[str, ...]) -> bool:
    if not domains:
        return name.rpartition(".")[2] not in _SPECIAL_USE
    return any(name.removeprefix("*.") == domain or name.endswith(f".{domain}") for domain in domains)
