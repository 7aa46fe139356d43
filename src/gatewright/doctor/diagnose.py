"""Question → plan → probes → evidence: what is looked at, in which order, and what at the same time.

The plan: the configuration and the network are asked at once. What each of them calls for comes after: where the domain
name's own targets lead, a distribution or a VPC endpoint in front of it, the hosted zone when the name does not lead there,
a second connection when the name led nowhere, the backend when the integration failed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from gatewright.doctor.checks.backend import integration_failed
from gatewright.doctor.checks.dns import judge_dns
from gatewright.doctor.denial import parse_called, parse_denial
from gatewright.doctor.evidence import Api, Backend, Evidence, NameAnswer, TcpAttempt, Unknown, Zone
from gatewright.doctor.names import is_address
from gatewright.doctor.probes.api import AwsApi
from gatewright.doctor.probes.configuration import Configuration, find_api, find_zone, probe_configuration
from gatewright.doctor.probes.connection import ClientFiles, Request, Seen, Trust, probe_connection
from gatewright.doctor.probes.deadline import CannotLook, Deadline, run_together
from gatewright.doctor.probes.front import leads_to_front, look_at_front
from gatewright.doctor.probes.name import Server, probe_name
from gatewright.doctor.probes.refusal import look_at_refusal
from gatewright.doctor.probes.vpc_endpoint import find_vpc_endpoints, leads_into_vpc
from gatewright.doctor.question import Kind, Question

HTTPS_PORT: Final = 443
#: How long the answer to the request is waited for: what is left of ten seconds when everything before it was quick.
_ANSWER_SECONDS: Final = 7.0

Progress = Callable[[str, str], None]


def _tell_nobody(_step: str, _text: str) -> None:
    """Where nobody watches."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the doctor stands: which APIs, resolver, roots and client files it asks with."""

    now: datetime
    api: AwsApi | None
    trust: Trust
    servers: tuple[Server, ...] | None = None  # None: this machine's resolvers
    own_resolvers_too: bool = False  # where `servers` does not answer for a name
    place: tuple[str, int] | None = None  # connect there, whatever the DNS says
    https_port: int = HTTPS_PORT
    client: ClientFiles | None = None
    body: bytes = b""
    progress: Progress = _tell_nobody


def gather(question: Question, around: Surroundings) -> Evidence:
    """The evidence for the question."""
    region = around.api.region if around.api else ""
    evidence = Evidence(question, around.now.isoformat(), region)
    if question.kind == Kind.ERROR:
        return _look_at_pasted(evidence, around)
    if question.kind != Kind.HOST:
        return evidence
    deadline = Deadline()
    results = run_together(
        {
            "domain": lambda: _configuration(question, around, deadline),
            "network": lambda: _network(question, around, deadline),
        },
        deadline,
    )
    unknowns = [result for result in results.values() if isinstance(result, Unknown)]
    configuration, network = results["domain"], results["network"]
    name, seen = network if isinstance(network, tuple) else (None, Seen())
    if isinstance(name, Unknown):
        unknowns.append(name)
        name = None
    if isinstance(configuration, Configuration):
        unknowns += configuration.unknowns
        evidence = replace(
            evidence,
            domains=configuration.domains,
            certificate=configuration.certificate,
            mappings=configuration.mappings,
            api=configuration.api,
            integration=configuration.integration,
            truststore=configuration.truststore,
        )
    evidence = replace(evidence, name=name, tcp=seen.tcp, tls=seen.tls, http=seen.http)
    unknowns += [seen.unknown] if seen.unknown else []
    evidence, more = _follow_up(evidence, around, deadline)
    if around.api is not None:
        evidence = look_at_refusal(around.api, evidence, question.error, deadline)
    return replace(evidence, unknowns=(*unknowns, *evidence.unknowns, *more))


def _look_at_pasted(evidence: Evidence, around: Surroundings) -> Evidence:
    """What a pasted refusal names itself: the API of the ARN that was called, and who called."""
    said, api = evidence.question.error, around.api
    if api is None or not said:
        return evidence
    deadline = Deadline()
    denial = parse_denial(said)
    if denial is not None and (called := parse_called(denial.resource)) is not None:
        found = run_together({"api": lambda: find_api(api, called.api_id, called.stage, called.path)}, deadline)["api"]
        if isinstance(found, Unknown):
            evidence = replace(evidence, unknowns=(found,))
        elif isinstance(found, Api):
            evidence = replace(evidence, api=found)
    return look_at_refusal(api, evidence, said, deadline)


def _configuration(question: Question, around: Surroundings, deadline: Deadline) -> Configuration:
    if around.api is None:
        raise CannotLook("there are no AWS APIs to ask")
    found = probe_configuration(around.api, question, deadline)
    if found.domains:
        around.progress("domain", f"{found.domains[0].name} {found.domains[0].status}")
    if found.api:
        around.progress("api", f"{found.api.id}, stage {found.api.stage}")
    return found


def _network(question: Question, around: Surroundings, deadline: Deadline) -> tuple[NameAnswer | Unknown | None, Seen]:
    name: NameAnswer | Unknown | None = None
    addresses: tuple[str, ...] = (question.host,) if is_address(question.host) else ()
    if not addresses:
        name = _resolve(question.host, around, deadline)
        if isinstance(name, NameAnswer):
            addresses = name.addresses
            around.progress("dns", " → ".join((question.host, *name.canonical_names, *addresses[:1])))
    port = question.port or around.https_port
    place = around.place or ((addresses[0], port) if addresses else None)
    return name, _connect(question, around, place, deadline) if place else Seen()


def _resolve(host: str, around: Surroundings, deadline: Deadline) -> NameAnswer | Unknown:
    answer = probe_name(host, around.servers, deadline)
    if isinstance(answer, Unknown) and around.own_resolvers_too and "REFUSED" in answer.why:
        return probe_name(host, None, deadline)
    return answer


def _connect(question: Question, around: Surroundings, place: tuple[str, int], deadline: Deadline) -> Seen:
    server_name = None if is_address(question.host) else question.host
    port = question.port or around.https_port
    shown = f"[{question.host}]" if ":" in question.host else question.host
    headers = {"Host": shown if port == HTTPS_PORT else f"{shown}:{port}"}
    headers |= {"User-Agent": "gatewright-doctor", "Accept": "*/*", "Connection": "close"}
    given = {name.lower() for name in question.headers}
    headers = {name: value for name, value in headers.items() if name.lower() not in given} | dict(question.headers)
    if around.body:
        headers["Content-Length"] = str(len(around.body))
    target = question.path + (f"?{question.query}" if question.query else "")
    seen = probe_connection(
        place, server_name, around.trust, deadline,
        client=around.client, request=Request(question.method, target, headers, around.body),
        answer_seconds=_ANSWER_SECONDS,
    )  # fmt: skip
    if seen.tls:
        around.progress("tls", seen.tls.error or f"{seen.tls.version}, {len(seen.tls.chain)} certificates")
    if seen.http:
        around.progress("http", seen.http.error or f"{question.method} {target}: {seen.http.status}")
    return seen


def _follow_up(evidence: Evidence, around: Surroundings, deadline: Deadline) -> tuple[Evidence, list[Unknown]]:
    """What the first look calls for."""
    unknowns: list[Unknown] = []
    evidence = _look_before_the_gateway(evidence, around, deadline)
    if evidence.domain is not None and evidence.name is not None:
        targets: dict[str, tuple[str, ...]] = {}
        for target, _ in evidence.domain.targets:
            answer = _resolve(target, around, deadline)
            targets[target] = answer.addresses if isinstance(answer, NameAnswer) else ()
        evidence = replace(evidence, target_addresses=targets)
    looks: dict[str, Callable[[], object]] = {}
    if _wants_zone(evidence) and around.api is not None:
        api, host = around.api, evidence.question.host
        looks["zone"] = lambda: find_zone(api, host)
    second = _second_place(evidence, around)
    if second is not None:
        place = second
        looks["tls"] = lambda: _connect(evidence.question, around, place, deadline)
    integration = evidence.integration
    if integration is not None and integration_failed(evidence) and integration.type.startswith("HTTP"):
        uri = integration.uri
        looks["backend"] = lambda: _probe_backend(uri, around, deadline)
    results = run_together(looks, deadline) if looks else {}
    for step, result in results.items():
        match result:
            case Unknown():
                unknowns.append(replace(result, step=step))
            case Zone():
                evidence = replace(evidence, zone=result)
            case Seen():
                nowhere = evidence.tcp
                evidence = replace(evidence, led_nowhere=nowhere, tcp=result.tcp, tls=result.tls, http=result.http)
            case (Backend() as backend, unknown):
                evidence = replace(evidence, backend=backend)
                if isinstance(unknown, Unknown):
                    unknowns.append(unknown)
    return evidence, unknowns


def _look_before_the_gateway(evidence: Evidence, around: Surroundings, deadline: Deadline) -> Evidence:
    """What stands between client and gateway: a distribution, or a VPC's endpoint."""
    if around.api is None:
        return evidence
    api = around.api
    if leads_to_front(evidence):
        found = run_together({"front": lambda: look_at_front(api, evidence, deadline)}, deadline)["front"]
        if isinstance(found, Unknown):
            return replace(evidence, unknowns=(*evidence.unknowns, found))
        assert isinstance(found, Evidence), "that is what the probe returns"
        around.progress(
            "front", f"distribution {found.front.id} {found.front.status}" if found.front else "none of ours"
        )
        return found
    if leads_into_vpc(evidence):
        endpoints = run_together({"vpc-endpoint": lambda: find_vpc_endpoints(api)}, deadline)["vpc-endpoint"]
        if isinstance(endpoints, Unknown):
            return replace(evidence, unknowns=(*evidence.unknowns, endpoints))
        assert isinstance(endpoints, tuple), "that is what the probe returns"
        around.progress("endpoint", ", ".join(each.id for each in endpoints) or "none of ours")
        return replace(evidence, vpc_endpoints=endpoints)
    return evidence


def _wants_zone(evidence: Evidence) -> bool:
    """The name does not lead to the target by itself: only the zone's record tells an alias from an address."""
    name = evidence.name
    if name is None or evidence.domain is None or evidence.front is not None:
        return False
    targets = {target for target, _ in evidence.domain.targets}
    return judge_dns(evidence) is not None or not targets & set(name.canonical_names)


def _second_place(evidence: Evidence, around: Surroundings) -> tuple[str, int] | None:
    """Where the name ought to lead, when it leads nowhere: what else is wrong is seen there."""
    if around.place is not None or evidence.name is None or (evidence.tcp is not None and evidence.tcp.connected):
        return None
    addresses = next(iter(evidence.target_addresses.values()), ())
    return (addresses[0], evidence.question.port or around.https_port) if addresses else None


def _probe_backend(uri: str, around: Surroundings, deadline: Deadline) -> tuple[Backend, Unknown | None]:
    """The integration's endpoint, asked with this machine's resolver; no request is sent to it."""
    parts = urlsplit(uri)
    host, port = parts.hostname or "", parts.port or (HTTPS_PORT if parts.scheme == "https" else 80)
    backend = Backend(uri, host, port, (host,) if is_address(host) else ())
    if not backend.addresses:
        answer = probe_name(host, None, deadline, "backend")
        if isinstance(answer, Unknown):
            return backend, answer
        backend = replace(backend, addresses=answer.addresses)
    if not backend.addresses:
        return backend, None
    server_name = None if is_address(host) else host
    secure = parts.scheme == "https"
    seen = Seen()
    for address in backend.addresses:
        seen = probe_connection((address, port), server_name, around.trust, deadline, plain=not secure)
        if seen.tcp is not None and seen.tcp.connected:
            break
    unknown = replace(seen.unknown, step="backend") if seen.unknown else None
    tcp = seen.tcp or TcpAttempt(f"{host}:{port}", connected=False, error="no answer")
    return replace(backend, tcp=tcp, tls=seen.tls), unknown
