"""Why the integration failed: the backend's chain, name, validity and reach, as they are seen from here (facts 7.7, 7.8).

The rule this file keeps: the gateway's own answer comes first. A backend is only blamed when the request was answered as
the gateway answers a failed integration, since the gateway may trust roots or reach places that this machine does not.
"""

from datetime import datetime
from typing import Final

from gatewright.doctor.certificates import (
    EXPIRED,
    NOT_YET_VALID,
    covers,
    describe,
    find_time_fault,
    find_trust_fault,
    read_chain,
    render_instant,
)
from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.commands import aws, deploy
from gatewright.doctor.evidence import Backend, Evidence


def integration_failed(evidence: Evidence) -> bool:
    """The gateway answered as it does when an integration fails (facts 2.6, 7.8)."""
    answer = evidence.http
    return answer is not None and answer.status in (500, 504) and answer.error_type == "InternalServerErrorException"


def _failing(evidence: Evidence) -> Backend | None:
    backend = evidence.backend
    return backend if backend is not None and integration_failed(evidence) and not _timed_out(evidence) else None


def _timed_out(evidence: Evidence) -> bool:
    answer = evidence.http
    return answer is not None and answer.status == 504 and "timed out" in answer.body


def _answer(evidence: Evidence) -> str:
    answer = evidence.http
    return f"the gateway answered {answer.status} {answer.body}" if answer else ""


def _timeout(evidence: Evidence) -> Found | None:
    integration, api = evidence.integration, evidence.api
    if not _timed_out(evidence) or integration is None or api is None:
        return None
    change = aws("apigateway", "update-integration", "--rest-api-id", api.id, "--resource-id", integration.resource_id,
                 "--http-method", integration.verb, "--patch-operations",
                 "op=replace,path=/timeoutInMillis,value=29000")  # fmt: skip
    return Found(
        f"The backend {integration.uri} did not answer within {integration.timeout_in_millis} ms.",
        (_answer(evidence), f"get-integration: timeoutInMillis {integration.timeout_in_millis}"),
        "Make the backend faster, or give the integration more time (at most 29000 ms) and deploy the API.",
        (change, deploy(api.id, api.stage)) if api.stage else (change,),
    )


def _unreachable(evidence: Evidence) -> Found | None:
    backend = _failing(evidence)
    if backend is None:
        return None
    if not backend.addresses:
        why = f"{backend.host} is not in the DNS"
    elif backend.tcp is not None and not backend.tcp.connected:
        why = f"{backend.tcp.address}: {backend.tcp.error}"
    else:
        return None
    return Found(
        f"The backend {backend.url} cannot be reached: {why}.",
        (_answer(evidence), f"from here: {why}"),
        "Start the backend, or correct the integration's uri and deploy the API.",
    )


def _trust(evidence: Evidence, kind: str, cause: str, remedy: str) -> Found | None:
    backend = _failing(evidence)
    chain = read_chain(backend.tls) if backend else ()
    fault = find_trust_fault(backend.tls, chain) if backend and backend.tls else None
    if backend is None or fault is None or fault.kind != kind:
        return None
    return Found(
        cause.format(host=backend.host, missing=fault.missing), (_answer(evidence), *map(describe, chain)), remedy
    )


_OR_SKIP: Final = (
    " With a Gatewright, roots of your own are trusted by `gatewright serve --upstream-ca FILE`; with AWS, "
    "tlsConfig.insecureSkipVerification lifts this one check."
)


def _self_signed(evidence: Evidence) -> Found | None:
    return _trust(evidence, "SELF_SIGNED", "The backend {host} shows a self-signed certificate.",
                  "Give the backend a certificate of a publicly trusted authority." + _OR_SKIP)  # fmt: skip


def _untrusted_root(evidence: Evidence) -> Found | None:
    return _trust(evidence, "UNTRUSTED_ROOT", "The backend's certificate leads to {missing}, which is not trusted.",
                  "Give the backend a certificate of a publicly trusted authority." + _OR_SKIP)  # fmt: skip


def _chain_incomplete(evidence: Evidence) -> Found | None:
    return _trust(evidence, "INCOMPLETE",
                  "The backend {host} does not send the certificate of {missing}, which issued the last one that it "
                  "does send, and which is no trusted root.",
                  "Let the backend send its whole chain (fullchain.pem)." + _OR_SKIP)  # fmt: skip


def _expired(evidence: Evidence) -> Found | None:
    backend = _failing(evidence)
    chain = read_chain(backend.tls) if backend else ()
    if backend is None or backend.tls is None:
        return None
    guilty = find_time_fault(backend.tls, chain, EXPIRED) or find_time_fault(backend.tls, chain, NOT_YET_VALID)
    if guilty is None:
        return None
    over = datetime.fromisoformat(evidence.now) > guilty.not_after
    when = f"has expired at {render_instant(guilty.not_after)}" if over else (
        f"is not valid before {render_instant(guilty.not_before)}")  # fmt: skip
    return Found(
        f"The certificate {guilty.subject} of the backend {backend.host} {when}.",
        (_answer(evidence), f"now {evidence.now}", describe(guilty)),
        "Renew the backend's certificate.",
    )


def _name_mismatch(evidence: Evidence) -> Found | None:
    backend, api, integration = _failing(evidence), evidence.api, evidence.integration
    chain = read_chain(backend.tls) if backend else ()
    if backend is None or not chain or covers(chain[0], backend.host):
        return None
    commands: tuple[str, ...] = ()
    names = [name for name in chain[0].domain_names if not name.startswith("*.")]
    if names and api is not None and integration is not None and api.stage:
        uri = integration.uri.replace(backend.host, names[0], 1)
        commands = (
            aws("apigateway", "update-integration", "--rest-api-id", api.id, "--resource-id", integration.resource_id,
                "--http-method", integration.verb, "--patch-operations", f"op=replace,path=/uri,value={uri}"),
            deploy(api.id, api.stage),
        )  # fmt: skip
    return Found(
        f"The backend's certificate is for {', '.join(chain[0].domain_names) or 'no name'}, and the integration calls "
        f"{backend.host}.",
        (_answer(evidence), describe(chain[0])),
        "Let the integration's uri have the certificate's name, or give the backend a certificate for its own.",
        commands,
    )


_LOG_TEXTS: Final = "facts 7.7, 7.8"
BACKEND_CHECKS: Final = (
    Check("BACKEND_UNREACHABLE", Link.BACKEND, "The backend cannot be reached", _LOG_TEXTS, _unreachable),
    Check("BACKEND_TIMEOUT", Link.BACKEND, "The backend is too slow", _LOG_TEXTS, _timeout),
    Check("BACKEND_SELF_SIGNED", Link.BACKEND, "The backend's certificate is self-signed", _LOG_TEXTS, _self_signed),
    Check("BACKEND_CHAIN_INCOMPLETE", Link.BACKEND, "The backend does not send its whole chain", _LOG_TEXTS,
          _chain_incomplete),
    Check("BACKEND_UNTRUSTED_ROOT", Link.BACKEND, "The backend's root is not trusted", _LOG_TEXTS, _untrusted_root),
    Check("BACKEND_CERT_EXPIRED", Link.BACKEND, "The backend's certificate is not valid now", _LOG_TEXTS, _expired),
    Check("BACKEND_NAME_MISMATCH", Link.BACKEND, "The backend's certificate is for another name", _LOG_TEXTS,
          _name_mismatch, after=("BACKEND_CERT_EXPIRED",)),
)  # fmt: skip
