"""Would the domain name's truststore let this client in? (facts 3; seed 003)

The judgement is the data plane's own, `verify_client_chain`, made here on the truststore's object and the certificate
that the user named; a table turns its reasons into the doctor's codes.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from gatewright.core import reasons
from gatewright.core.errors import GatewayError
from gatewright.core.x509.certificate import CertificateError, parse_certificate_pem
from gatewright.core.x509.client_chain import verify_client_chain
from gatewright.core.x509.truststore import Truststore, TruststoreError
from gatewright.doctor.certificates import render_instant
from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.commands import extend_truststore, renew_truststore, replace_truststore
from gatewright.doctor.evidence import Domain, Evidence, TruststoreObject
from gatewright.doctor.finding import Outcome

_SOON: Final = timedelta(days=30)

#: Reasons of `verify_client_chain` that are not simply a path that leads nowhere.
_CODES: Final[Mapping[str, str]] = {
    reasons.CLIENT_CERT_MISSING.code: "MTLS_NO_CERTIFICATE",
    reasons.CLIENT_CERT_EXPIRED.code: "MTLS_EXPIRED",
    reasons.CLIENT_CERT_NOT_YET_VALID.code: "MTLS_EXPIRED",
    reasons.CLIENT_CERT_WEAK_SIGNATURE.code: "MTLS_WEAK_ALGORITHM",
    reasons.CLIENT_CERT_WEAK_KEY.code: "MTLS_WEAK_ALGORITHM",
    reasons.CLIENT_CHAIN_TOO_LONG.code: "MTLS_CHAIN_TOO_LONG",
    reasons.CLIENT_CHAIN_PATH_LENGTH.code: "MTLS_CHAIN_TOO_LONG",
}


def code_of_refusal(reason_code: str) -> str:
    """The doctor's code for a reason with which mutual TLS refuses a client."""
    return _CODES.get(reason_code, "MTLS_UNTRUSTED")


def _is_let_in(evidence: Evidence) -> bool:
    answer = evidence.http
    return answer is not None and answer.status not in (0, 403)


def _mutual_domain(evidence: Evidence) -> Domain | None:
    domain = evidence.domain
    return domain if domain is not None and domain.is_mutual else None


def _no_certificate(evidence: Evidence) -> Found | None:
    domain, question = _mutual_domain(evidence), evidence.question
    if domain is None or question.client_certificate or _is_let_in(evidence):
        return None
    answer = evidence.http.error if evidence.http and evidence.http.error else None
    return Found(
        f"{domain.name} asks for client certificates, and the client showed none.",
        (f"get-domain-name {domain.name}: truststoreUri {domain.truststore_uri}",)
        + ((f"without a certificate: {answer}",) if answer else ()),
        "Let the client show a certificate that the truststore leads to: curl --cert client.pem --key client-key.pem … "
        "(gatewright doctor takes --cert and --key too).",
    )


class _Verdict(NamedTuple):
    """What the truststore's object says of the client: let in (None), or refused for this."""

    refusal: GatewayError | None


def _verify(evidence: Evidence, stored: TruststoreObject | None) -> _Verdict | None:
    """The data plane's own judgement of the client by the object as it is now; None when nothing can be told."""
    question = evidence.question
    if stored is None or not question.client_certificate:
        return None
    try:
        bundle = Truststore.from_pem(stored.pem.encode())
        leaf, *sent = [
            facts.der for pem in question.client_certificate for facts in parse_certificate_pem(pem.encode())
        ]
    except (TruststoreError, CertificateError):
        return None
    try:
        verify_client_chain(leaf, bundle, datetime.fromisoformat(evidence.now), sent=sent)
    except GatewayError as error:
        return _Verdict(error)
    return _Verdict(None)


def _judge(evidence: Evidence) -> tuple[str, GatewayError, TruststoreObject] | None:
    """The code, the gateway's own reason, and the truststore; None when the client is let in or nothing can be told."""
    stored = evidence.truststore
    if _mutual_domain(evidence) is None or _is_let_in(evidence) or stored is None:
        return None
    verdict = _verify(evidence, stored)
    if verdict is None or verdict.refusal is None:
        return None
    error, sent = verdict.refusal, evidence.question.client_certificate[1:]
    if error.reason.code != reasons.CLIENT_CERT_ISSUER_NOT_FOUND.code:
        return code_of_refusal(error.reason.code), error, stored
    # With what the client sent beside it the path would be whole: only the truststore lacks an intermediate.
    whole = _verify(evidence, replace(stored, pem="\n".join((stored.pem, *sent))))
    code = "MTLS_INTERMEDIATE_MISSING" if whole is not None and whole.refusal is None else "MTLS_UNTRUSTED"
    return code, error, stored


def _refused(evidence: Evidence, code: str, file: str | None) -> Found | None:
    judged, domain = _judge(evidence), _mutual_domain(evidence)
    if judged is None or judged[0] != code or domain is None:
        return None
    _, error, stored = judged
    reason = error.reason
    versioned = stored.version is not None or stored.newest_version is not None
    return Found(
        reason.summary.format_map(error.facts),
        (f"truststore {stored.uri}, version {stored.version or 'none'}", f"the gateway's reason: {reason.code}"),
        reason.remedy.format_map(error.facts),
        extend_truststore(domain, file, versioned=versioned) if file else (),
    )


def _untrusted(evidence: Evidence) -> Found | None:
    return _refused(evidence, "MTLS_UNTRUSTED", "issuers.pem")


def _intermediate_missing(evidence: Evidence) -> Found | None:
    return _refused(evidence, "MTLS_INTERMEDIATE_MISSING", "issuers.pem")


def _expired(evidence: Evidence) -> Found | None:
    return _refused(evidence, "MTLS_EXPIRED", None)


def _weak(evidence: Evidence) -> Found | None:
    return _refused(evidence, "MTLS_WEAK_ALGORITHM", None)


def _too_long(evidence: Evidence) -> Found | None:
    return _refused(evidence, "MTLS_CHAIN_TOO_LONG", None)


def _warnings(evidence: Evidence) -> Found | None:
    domain = _mutual_domain(evidence)
    if domain is None or not domain.truststore_warnings:
        return None
    versioned = domain.truststore_version is not None
    return Found(
        f"The truststore of {domain.name} has certificates that are not good; clients that need them are refused.",
        domain.truststore_warnings,
        f"Make truststore.pem of {domain.truststore_uri}, without the certificates that are named or with better ones in their "
        "place, upload it and update the domain name.",
        replace_truststore(domain, "truststore.pem", versioned=versioned),
    )


def _stale(evidence: Evidence) -> Found | None:
    domain, stored = _mutual_domain(evidence), evidence.truststore
    if domain is None or stored is None:
        return None
    if stored.newest_version is None or stored.version is None:
        return _stale_without_versions(evidence, domain, stored)
    if stored.version == stored.newest_version:
        return None
    return Found(
        f"{domain.name} has version {stored.version} of its truststore, and the bucket has a newer one, "
        f"{stored.newest_version}: an upload alone changes nothing.",
        (f"head-object {stored.uri}: VersionId {stored.newest_version}",),
        "Update the domain name to the newest version.",
        (renew_truststore(domain, versioned=True),),
    )


def _stale_without_versions(evidence: Evidence, domain: Domain, stored: TruststoreObject) -> Found | None:
    """Without versions no public API tells which content the domain name took, nor when it did.

    What is left is to compare what the object says of a client with what the gateway did: where they differ, the gateway
    has another content. Without a client certificate to compare by, it cannot be told, and that is what is said.
    """
    verdict, answer = _verify(evidence, stored), evidence.http
    changed = (f"head-object {stored.uri}: no versions, last modified {stored.last_modified or 'unknown'}",)
    remedy = "Let the domain name read the object again; keep versions in the bucket, so that this can be told."
    commands = (renew_truststore(domain, versioned=False),)
    if verdict is None:
        if evidence.question.client_certificate:
            return None  # the object, or what the client shows, cannot be read: others say so
        return Found(
            f"It cannot be told whether {domain.name} has the newest content of its truststore: the bucket keeps no "
            "versions, and no client certificate was named to compare by.",
            changed, "Ask with --cert and --key of a client that should be let in.", (), Outcome.NOTE,
        )  # fmt: skip
    if verdict.refusal is not None and answer is not None and _is_let_in(evidence):
        return Found(
            f"The gateway lets a client in that the object {stored.uri} would refuse: {domain.name} has an older content.",
            (*changed, f"by the object: {verdict.refusal.reason.code}", f"the answer was {answer.status}"),
            remedy, commands,
        )  # fmt: skip
    refused = answer is not None and answer.status == 403 and answer.error_type == "ForbiddenException"
    if verdict.refusal is None and answer is not None and refused and _is_mapped(evidence):
        return Found(
            f"The gateway refuses a client that the object {stored.uri} would let in: {domain.name} has an older content.",
            (*changed, f"the answer was {answer.status} {answer.error_type}"), remedy, commands, Outcome.PROBLEM,
        )  # fmt: skip
    return None


def _is_mapped(evidence: Evidence) -> bool:
    """The path leads to a stage: a 403 Forbidden of the gateway's is then not for want of one (facts 2.1)."""
    api = evidence.api
    return api is not None and api.stage in api.stages


def _entry_expires(evidence: Evidence) -> Found | None:
    domain, stored, now = _mutual_domain(evidence), evidence.truststore, datetime.fromisoformat(evidence.now)
    if domain is None or stored is None:
        return None
    try:
        bundle = Truststore.from_pem(stored.pem.encode())
    except TruststoreError:
        return None
    lasting = {entry.facts.subject for entry in bundle.entries if entry.facts.not_after - now >= _SOON}
    # One that has its successor beside it, under the same name, may run out.
    ending = [
        entry.facts
        for entry in bundle.entries
        if entry.facts.not_after - now < _SOON and entry.facts.subject not in lasting
    ]
    if not ending:
        return None
    lines = tuple(f"{each.subject}: until {render_instant(each.not_after)}" for each in ending)
    return Found(
        f"{len(ending)} of the {len(bundle.entries)} certificates in the truststore of {domain.name} have expired or will "
        "within 30 days; the service does not warn of it.",
        lines,
        "Put their successors into the truststore beside them, upload it, and update the domain name.",
        extend_truststore(domain, "successors.pem", versioned=stored.version is not None),
    )


_VALIDATION: Final = "facts 3.2; seed 003"
MUTUAL_TLS_CHECKS: Final = (
    Check("MTLS_NO_CERTIFICATE", Link.TLS, "The client showed no certificate", "facts 3.3", _no_certificate,
          after=("DOMAIN_NOT_FOUND", "HOST_SNI_MISMATCH")),
    Check("MTLS_INTERMEDIATE_MISSING", Link.DOMAIN, "The truststore lacks an intermediate", _VALIDATION,
          _intermediate_missing),
    Check("MTLS_UNTRUSTED", Link.DOMAIN, "The truststore does not lead to the client's certificate", _VALIDATION,
          _untrusted),
    Check("MTLS_EXPIRED", Link.DOMAIN, "The client's certificate is not valid now", _VALIDATION, _expired),
    Check("MTLS_WEAK_ALGORITHM", Link.DOMAIN, "The client's certificate is too weak", "facts 3.1", _weak),
    Check("MTLS_CHAIN_TOO_LONG", Link.DOMAIN, "The client's chain is too long", _VALIDATION, _too_long),
    Check("TRUSTSTORE_WARNING", Link.DOMAIN, "The truststore has warnings", "facts 3.5", _warnings, Outcome.WARNING),
    Check("TRUSTSTORE_STALE", Link.DOMAIN, "The domain name has an older truststore than the bucket", "facts 3.1",
          _stale, Outcome.WARNING),
    Check("TRUSTSTORE_ENTRY_EXPIRES", Link.DOMAIN, "A certificate in the truststore runs out", "facts 3.5",
          _entry_expires, Outcome.WARNING),
)  # fmt: skip
