"""IssueCertificate and GetCertificate: what a private CA puts its name to.

The line is `certify`: may the CA issue at all, may it with this template, what does the certificate say, until when. ACM
comes in by `issue_end_entity`. Extensions are collected in the order of the User Guide's "Template order of operations"
(D): the template's own win, then the API's, then the CSR's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from gatewright.controlplane.acmpca import refusals
from gatewright.controlplane.acmpca.api_extensions import parse_extensions
from gatewright.controlplane.acmpca.arn import parse_authority_arn, parse_certificate_arn
from gatewright.controlplane.acmpca.authorities import current_status, find_authority, is_gone, load_issuer
from gatewright.controlplane.acmpca.crl import distribution_points
from gatewright.controlplane.acmpca.idempotency import once
from gatewright.controlplane.acmpca.refusals import (
    authority_not_found,
    certificate_not_found,
    family_differs,
    invalid_args,
    invalid_arn,
    invalid_state,
    malformed_csr,
    unknown_template,
    unsupported_algorithm,
    validation_error,
    without_issued,
)
from gatewright.controlplane.acmpca.signing_request import SigningRequest, parse_signing_request
from gatewright.controlplane.acmpca.subject import make_name, parse_subject
from gatewright.controlplane.acmpca.templates import DEFAULT_TEMPLATE, Template, find_template
from gatewright.controlplane.acmpca.validity import Period, parse_period
from gatewright.controlplane.call import Call
from gatewright.core.x509.issuance import SIGNING_ALGORITHMS, Extension, SigningAlgorithm, family_of
from gatewright.core.x509.issuance import issue_certificate as sign_certificate
from gatewright.model.identifiers import HEX, RandomText
from gatewright.model.records import PrivateCertificate, PrivateCertificateAuthority
from gatewright.store.port import Transaction

# M (UsageMode): "Short-lived certificate validity is limited to seven days".
_SHORT_LIVED = timedelta(days=7)

# D ("CSRPassthrough"): the CSR's extensions are copied, but for those that are the issuer's to say.
_ISSUERS_OWN = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
    }
)


@dataclass(frozen=True, slots=True)
class Commission:
    """What a CA is asked to issue."""

    request: SigningRequest
    template: Template
    period: Period
    algorithm: str
    api_subject: x509.Name | None = None
    api_extensions: tuple[Extension, ...] = field(default=())


def issue_certificate(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The certificate is issued at once; GetCertificate has it under the ARN that is answered."""
    authority = find_authority(call, params["CertificateAuthorityArn"])
    commission = _parse_commission(params, call.now)

    def make() -> str:
        return certify(call.transaction, authority, commission, now=call.now, random_text=call.random_text).arn

    return {"CertificateArn": once(call, params, f"acm-pca/{authority.id}", make)}


def get_certificate(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The certificate in PEM, and the chain up to the root; a root's own has none."""
    authority = find_authority(call, params["CertificateAuthorityArn"], deleted=True)
    if authority.status == "DELETED":
        raise without_issued(authority.arn)
    parts = parse_certificate_arn(params["CertificateArn"])
    if parts is None:
        raise invalid_arn(params["CertificateArn"], "certificate of a certificate authority")
    arn, serial = parts
    if arn != authority.arn:
        raise certificate_not_found(params["CertificateArn"])
    issued = call.transaction.get(PrivateCertificate, authority.account, authority.region, authority.id, serial)
    if issued is None:
        raise certificate_not_found(params["CertificateArn"])
    return {"Certificate": issued.certificate_pem, "CertificateChain": issued.chain_pem}


def issue_end_entity(
    transaction: Transaction,
    ca_arn: str,
    csr: bytes,
    validity: Mapping[str, Any],
    template: str = DEFAULT_TEMPLATE,
    *,
    now: float,
    random_text: RandomText,
) -> tuple[str, str]:
    """A certificate and its chain in PEM, for other services: `validity` as in IssueCertificate, the CA's own algorithm.

    Raises the errors of IssueCertificate. Whose CA it is and whether the caller may use it is the caller's to judge.
    """
    parts = parse_authority_arn(ca_arn)
    if parts is None:
        raise invalid_arn(ca_arn, "certificate authority")
    authority = transaction.get(PrivateCertificateAuthority, *parts)
    if authority is None or is_gone(authority, now):
        raise authority_not_found(ca_arn)
    commission = Commission(
        request=parse_signing_request(csr),
        template=_find_template(template),
        period=parse_period(validity, None, now),
        algorithm=authority.signing_algorithm,
    )
    issued = certify(transaction, authority, commission, now=now, random_text=random_text)
    return issued.certificate_pem, issued.chain_pem or ""


def certify(
    transaction: Transaction,
    authority: PrivateCertificateAuthority,
    commission: Commission,
    *,
    now: float,
    random_text: RandomText,
) -> PrivateCertificate:
    """Issues and stores the certificate; raises the service's error when the CA cannot or must not."""
    template, period = commission.template, commission.period
    _check_state(authority, template, now)
    issuer = load_issuer(transaction, authority)
    algorithm = _select_algorithm(commission.algorithm, authority, family_of(issuer.key))
    if template.is_root:
        _check_root(authority, commission.request.is_for(issuer.key))
    else:
        _check_limits(authority, template, period)
    _check_usage_mode(authority, template, period, now)
    subject = commission.api_subject or commission.request.subject
    serial = _make_serial(random_text)
    certificate = sign_certificate(
        issuer,
        algorithm,
        subject=subject,
        public_key=commission.request.public_key,
        serial=int(serial, 16),
        not_before=period.not_before,
        not_after=period.not_after,
        extensions=_collect_extensions(authority, commission, has_subject=bool(list(subject))),
    )
    issued = PrivateCertificate(
        account=authority.account,
        region=authority.region,
        authority_id=authority.id,
        serial=serial,
        certificate_pem=certificate.public_bytes(Encoding.PEM).decode("ascii"),
        chain_pem=None if template.is_root else f"{authority.certificate_pem}{authority.chain_pem or ''}",
        issued_at=now,
        not_after=period.not_after.timestamp(),
    )
    transaction.put(issued)
    return issued


def _parse_commission(params: Mapping[str, Any], now: float) -> Commission:
    template = _find_template(params.get("TemplateArn", DEFAULT_TEMPLATE))
    # M: without a template that takes from the API, "this parameter is ignored".
    passed = params.get("ApiPassthrough") or {} if template.from_api else {}
    subject = passed.get("Subject")
    return Commission(
        request=parse_signing_request(params["Csr"]),
        template=template,
        period=parse_period(params["Validity"], params.get("ValidityNotBefore"), now),
        algorithm=params["SigningAlgorithm"],
        api_subject=make_name(parse_subject(subject)) if subject else None,
        api_extensions=parse_extensions(passed.get("Extensions") or {}),
    )


def _find_template(arn: str) -> Template:
    template = find_template(arn)
    if template is None:
        raise unknown_template(arn)
    return template


def _check_state(authority: PrivateCertificateAuthority, template: Template, now: float) -> None:
    # D: a CA that waits for its certificate can make but its own, and only a root can do that.
    permitted = ("ACTIVE", "PENDING_CERTIFICATE") if template.is_root else ("ACTIVE",)
    if current_status(authority, now) not in permitted:
        raise invalid_state(refusals.NOT_FOR_ISSUING)


def _select_algorithm(name: str, authority: PrivateCertificateAuthority, family: str) -> SigningAlgorithm:
    algorithm = SIGNING_ALGORITHMS.get(name)
    if algorithm is None:
        raise unsupported_algorithm(name)
    if algorithm.family != family:
        raise family_differs(name, authority.key_algorithm)
    return algorithm


def _check_root(authority: PrivateCertificateAuthority, is_own: bool) -> None:
    if authority.type != "ROOT":
        raise invalid_args(refusals.ROOT_TEMPLATE_OF_SUBORDINATE)
    if not is_own:
        raise invalid_args(refusals.ROOT_TEMPLATE_OF_ANOTHER)


def _check_limits(authority: PrivateCertificateAuthority, template: Template, period: Period) -> None:
    assert authority.certificate_pem is not None, "an active CA has its certificate"
    certificate = x509.load_pem_x509_certificate(authority.certificate_pem.encode())
    # M (Validity): it "must not exceed the limit set on its parents in the CA hierarchy".
    if period.not_after > certificate.not_valid_after_utc:
        raise validation_error(refusals.BEYOND_AUTHORITY)
    limit = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length
    too_deep = limit is not None and (template.path_length is None or template.path_length >= limit)
    if template.is_ca and too_deep:
        raise validation_error(refusals.DEPTH)


def _check_usage_mode(authority: PrivateCertificateAuthority, template: Template, period: Period, now: float) -> None:
    ends = datetime.fromtimestamp(now, UTC) + _SHORT_LIVED
    if authority.usage_mode == "SHORT_LIVED_CERTIFICATE" and not template.is_root and period.not_after > ends:
        raise validation_error(refusals.SHORT_LIVED)


def _collect_extensions(
    authority: PrivateCertificateAuthority, commission: Commission, *, has_subject: bool
) -> Sequence[Extension]:
    collected: dict[x509.ObjectIdentifier, Extension] = {}
    for extension in _offered(authority, commission):
        collected.setdefault(extension.value.oid, extension)
    names = collected.get(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    if not has_subject:
        if names is None:
            raise malformed_csr(refusals.CSR_WITHOUT_NAME)
        # RFC 5280 section 4.1.2.6: with an empty subject the alternative names are critical.
        collected[names.value.oid] = names._replace(critical=True)
    return list(collected.values())


def _offered(authority: PrivateCertificateAuthority, commission: Commission) -> Iterator[Extension]:
    template = commission.template
    yield from template.extensions()
    if not template.is_root:
        yield from distribution_points(authority)
    for extension in commission.api_extensions:
        if extension.value.oid not in _ISSUERS_OWN:
            yield extension
    for extension in commission.request.extensions:
        oid = extension.value.oid
        # D: every template passes the alternative names of the CSR.
        if oid == ExtensionOID.SUBJECT_ALTERNATIVE_NAME or (template.from_csr and oid not in _ISSUERS_OWN):
            yield extension


def _make_serial(random_text: RandomText) -> str:
    """Sixteen bytes, the highest bit clear and the first digit set, so that the number is positive and as long."""
    return random_text("1234567", 1) + random_text(HEX, 31)
