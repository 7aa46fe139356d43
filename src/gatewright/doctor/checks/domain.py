"""The domain name's own state, and whether handshake and Host name the same (facts 1.7; seed 003, status messages)."""

from typing import Final

from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.commands import aws, patch_domain, reimport
from gatewright.doctor.evidence import Evidence
from gatewright.doctor.finding import Outcome
from gatewright.doctor.names import is_gateway_target, parse_default_endpoint


def _not_found(evidence: Evidence) -> Found | None:
    host = evidence.question.http_host
    if evidence.domains != () or parse_default_endpoint(host) or is_gateway_target(host):
        return None
    if evidence.front is not None or any(unknown.step == "front" for unknown in evidence.unknowns):
        return None  # the name is the distribution's, or may be
    arn = evidence.certificate.arn if evidence.certificate else "CERTIFICATE_ARN"
    return Found(
        f"There is no custom domain name {host} in {evidence.region}, nor a wildcard that covers it.",
        (f"apigateway get-domain-name {host}: NotFoundException",),
        f"Create the domain name with a certificate that covers {host}, map an API to it, and let the DNS lead to it.",
        (
            aws("apigateway", "create-domain-name", "--domain-name", host, "--regional-certificate-arn", arn,
                "--endpoint-configuration", "types=REGIONAL"),
        ),
    )  # fmt: skip


def _status(evidence: Evidence, status: str, cause: str, remedy: str, *commands: str) -> Found | None:
    domain = evidence.domain
    if domain is None or domain.status != status:
        return None
    return Found(
        cause.format(name=domain.name),
        (f"get-domain-name {domain.name}: {domain.status} {domain.status_message}".rstrip(),),
        remedy,
        commands,
    )


def _reimport_pending(evidence: Evidence) -> Found | None:
    arn = evidence.domain.certificate_arn if evidence.domain else None
    return _status(
        evidence, "PENDING_CERTIFICATE_REIMPORT",
        "The certificate that was re-imported for {name} was not accepted: its names do not cover the domain name, or the "
        "ownership verification certificate does not cover them.",
        "Import a certificate again whose names cover the domain name and are covered by the ownership certificate.",
        *([reimport(arn)] if arn else []),
    )  # fmt: skip


def _ownership_pending(evidence: Evidence) -> Found | None:
    domain = evidence.domain
    if domain is None:
        return None
    set_it = patch_domain(domain.name, "/ownershipVerificationCertificateArn", "CERTIFICATE_ARN")
    return _status(
        evidence, "PENDING_OWNERSHIP_VERIFICATION",
        "The ownership verification certificate of {name} is not valid any more, and every other update is locked.",
        "Request a certificate for the name from ACM, have it validated (the commands wait for that), and set it as the "
        "ownership certificate.",
        "CERTIFICATE_ARN=$("
        + aws("acm", "request-certificate", "--domain-name", domain.name, "--validation-method", "DNS",
              "--query", "CertificateArn", "--output", "text")
        + ")",
        aws("acm", "wait", "certificate-validated", "--certificate-arn", "CERTIFICATE_ARN").replace(
            "CERTIFICATE_ARN", '"$CERTIFICATE_ARN"'
        ),
        set_it.replace("value=CERTIFICATE_ARN", 'value="$CERTIFICATE_ARN"'),
    )  # fmt: skip


def _updating(evidence: Evidence) -> Found | None:
    name = evidence.domain.name if evidence.domain else ""
    return _status(
        evidence, "UPDATING",
        "The domain name {name} is being updated; until that is done it may answer as before, and cannot be changed.",
        "Wait for the status AVAILABLE; a security policy takes some 15 minutes, an edge distribution some 40.",
        aws("apigateway", "get-domain-name", "--domain-name", name, "--query", "domainNameStatus"),
    )  # fmt: skip


def _host_and_server_name(evidence: Evidence) -> Found | None:
    question, domain, api, answer = evidence.question, evidence.domain, evidence.api, evidence.http
    if question.http_host == question.host or (answer is not None and answer.status not in (0, 403, 421)):
        return None
    strict_domain = domain is not None and domain.access_mode == "STRICT"
    strict_api = api is not None and api.access_mode == "STRICT"
    mutual = domain is not None and domain.is_mutual
    if not (strict_domain or strict_api or mutual):
        return None
    why = "asks for client certificates" if mutual else "has the endpoint access mode STRICT"
    commands: list[str] = []
    if not mutual and strict_domain and domain is not None:
        commands.append(patch_domain(domain.name, "/endpointAccessMode", "BASIC"))
    if not mutual and strict_api and api is not None:
        commands.append(aws("apigateway", "update-rest-api", "--rest-api-id", api.id, "--patch-operations",
                            "op=replace,path=/endpointAccessMode,value=BASIC"))  # fmt: skip
    return Found(
        f"The handshake names {question.host} and the request's Host is {question.http_host}, which {why}: both have to be "
        "the same.",
        (f"server name {question.host}, Host {question.http_host}",)
        + ((f"answer {answer.status} {answer.error_type}",) if answer else ()),
        "Let the client send the same name in both"
        + (", or set the endpoint access mode to BASIC." if commands else "."),
        tuple(commands),
    )


_SEED: Final = "seed 003, troubleshooting domain name status messages"
DOMAIN_CHECKS: Final = (
    Check("DOMAIN_NOT_FOUND", Link.DOMAIN, "There is no such custom domain name", "facts 2.1 step 3", _not_found),
    Check("DOMAIN_PENDING_CERTIFICATE_REIMPORT", Link.DOMAIN, "The re-imported certificate was not accepted", _SEED,
          _reimport_pending),
    Check("DOMAIN_PENDING_OWNERSHIP_VERIFICATION", Link.DOMAIN, "The proof of ownership has run out", _SEED,
          _ownership_pending),
    Check("DOMAIN_UPDATING", Link.DOMAIN, "The domain name is being updated", "facts 1.7", _updating, Outcome.WARNING),
    Check("HOST_SNI_MISMATCH", Link.DOMAIN, "Handshake and Host name different names", "facts 1.7",
          _host_and_server_name),
)  # fmt: skip
