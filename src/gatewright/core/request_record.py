"""What is kept of a request when it is over: one line of JSON, which is its access log entry and its explanation.

The line holds facts (names after `$context`, facts 8.3) and, for a request that the gateway itself refused, the
reason's code with the facts it was found with. Sentences are made only when somebody reads them: `explain` turns a
line back into the decisions the request met, in their order.

Rendering is a fixed template rather than a JSON encoder, because one is made for every request (some 1 µs against 6),
and what many requests share is rendered once and kept with its facts. `json.loads` of the line is the test's oracle.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring_ascii as _quote
from sys import intern
from typing import Any, Final, NamedTuple

from gatewright.core.connection_facts import ConnectionFacts
from gatewright.core.context import AuthorizerFacts, RequestContext, StageFacts
from gatewright.core.context_variables import render_request_time
from gatewright.core.decimals import decimal
from gatewright.core.domains.selection import SelectionReason
from gatewright.core.errors import GatewayError
from gatewright.core.logs.execution_log import mask
from gatewright.core.reasons import CATALOGUE

_NO_STAGE: Final = '"apiId":null,"stage":null,"deploymentId":null,'
_MAX_KEPT_AGENT: Final = 256
_TOO_MANY: Final = 429


def _optional(text: str | None) -> str:
    return "null" if text is None else _quote(text)


def _render_connection(connection: ConnectionFacts) -> str:
    return (
        f'"entry":"{connection.entry}","sourceIp":"{connection.peer}","serverName":{_optional(connection.server_name)},'
        f'"binding":{_optional(connection.binding)},"bindingReason":{_optional(connection.binding_reason)},'
        f'"tlsVersion":{_optional(connection.tls_version)},"cipherSuite":{_optional(connection.cipher)},'
        f"{_render_client(connection)}"
    )


def _render_client(connection: ConnectionFacts) -> str:
    """The certificate that the client showed, where it was asked for one."""
    if not connection.client_chain:
        return ""
    subject = None if connection.verdict is None else connection.verdict.subject
    return (
        f'"clientCert":{{"subject":{_optional(subject)},"sha256":"{sha256(connection.client_chain[0]).hexdigest()}"}},'
    )


def _render_stage(stage: StageFacts) -> str:
    return f'"apiId":{_quote(stage.api_id)},"stage":{_quote(stage.name)},"deploymentId":{_quote(stage.deployment_id)},'


def _render_authorizer(authorizer: AuthorizerFacts) -> str:
    """Who was asked about the caller, and who that is; the name of a principal may tell of a person."""
    principal = None if authorizer.principal_id is None else mask(authorizer.principal_id)
    latency = "null" if authorizer.call is None else str(authorizer.latency_ms)
    return (
        f'"authorizer":{{"id":{_quote(authorizer.authorizer_id)},"principalId":{_optional(principal)},'
        f'"latency":{latency}}},'
    )


def _render_place(context: RequestContext) -> str:
    """Where the request was addressed to: the same for all paths."""
    return (
        f'"host":{_quote(context.host)},"httpMethod":{_quote(context.http_method)},'
        f'"domainName":{_optional(context.domain_name)},"basePathMatched":{_optional(context.base_path)},'
    )


def _render_path(context: RequestContext) -> str:
    """The path, and what it met: the same for all hosts that have it."""
    method = context.method
    resource_path, integration = (None, None) if method is None else (method.resource_path, method.integration)
    return (
        f'"path":{_quote(context.request.path)},"resourcePath":{_optional(resource_path)},'
        f'"integration":{_optional(integration)},'
    )


def _render_agent(agent: bytes) -> str:
    return _render_short_agent(agent) if len(agent) <= _MAX_KEPT_AGENT else _quote(agent.decode("latin-1"))


# Clients send few different ones. A byte may take six to tell: 2 MB at most.
@lru_cache(maxsize=1_024)
def _render_short_agent(agent: bytes) -> str:
    return _quote(agent.decode("latin-1"))


def render_record(context: RequestContext, *, refusal: GatewayError | None, latency_ms: int) -> str:
    """The line of a finished request; `context` knows status and length by now."""
    connection, stage, route = context.connection, context.stage, context.route
    if connection.record is None:
        connection.record = _render_connection(connection)
    if stage is not None and stage.record is None:
        stage.record = _render_stage(stage)
    if route is None:
        place, path = _render_place(context), _render_path(context)
    else:
        if route.place_record is None or route.path_record is None:
            route.place_record, route.path_record = intern(_render_place(context)), intern(_render_path(context))
        place, path = route.place_record, route.path_record
    status, latency = context.integration_status, context.integration_latency_ms
    agent = context.request.last.get(b"user-agent")
    return (
        f'{{"requestId":"{context.request_id}","extendedRequestId":"{context.extended_request_id}",'
        f'"requestTimeEpoch":{int(context.received_at * 1000)},"protocol":"{context.request.protocol}",'
        f"{connection.record}{_NO_STAGE if stage is None else stage.record}{place}{path}"
        f"{'' if context.authorizer is None else _render_authorizer(context.authorizer)}"
        f'"integrationStatus":{"null" if status is None else decimal(status)},'
        f'"integrationLatency":{"null" if latency is None else decimal(latency)},'
        f'"status":{decimal(context.status or 0)},"responseLength":{decimal(context.response_length or 0)},'
        f'"responseLatency":{decimal(latency_ms)},'
        f'"userAgent":{"null" if agent is None else _render_agent(agent)},'
        f'"reason":{"null" if refusal is None else render_refusal(refusal)}}}\n'
    )


def render_refusal(refusal: GatewayError) -> str:
    """A refusal as JSON: its code, what the client was told, and its facts as texts."""
    facts = {name: str(value) for name, value in refusal.facts.items()}
    return json.dumps({"code": refusal.reason.code, "message": refusal.message, "facts": facts}, separators=(",", ":"))


class Named(NamedTuple):
    """What the doctor calls the refusal, and what it says that mends it."""

    code: str
    remedy: str


def explain(record: Mapping[str, Any], named: Named | None = None) -> list[str]:
    """The decisions that a request met, one line each, in their order, and what mends the one that ended it.

    One reason of the catalogue may be several codes of the doctor's, who reads the message too: `named` goes before it.
    """
    refusal = record.get("reason")
    lines = [
        f"Request {record['requestId']} of {render_request_time(record['requestTimeEpoch'] / 1000)}",
        f"  {record['httpMethod']} {record['path']} for {record['host'] or 'no host'} from {record['sourceIp']}",
        "",
        *_decisions(record),
    ]
    if refusal:
        reason = CATALOGUE.get(refusal["code"])
        facts = _Facts({**record, **refusal["facts"], "message": refusal["message"]})
        lines.append(f"refused      {refusal['code']}")
        if reason is not None:
            code, remedy = named or (refusal["code"], reason.remedy.format_map(facts))
            lines += [
                f"             {reason.summary.format_map(facts)}",
                *([f"             log: {reason.log.format_map(facts)}"] if reason.log else []),
                *([f"  doctor     calls it {code}"] if code != refusal["code"] else []),
                f"  to mend    {remedy}",
                f"  known as   {reason.evidence.value}",
                f"  more       gatewright kb {code}",
            ]
    lines.append(
        f"answered     {record['status']}, {record['responseLength']} bytes, after {record['responseLatency']} ms"
    )
    return lines


class _Facts(dict[str, Any]):
    """Facts for a sentence; one that was not recorded shows as its name in angle brackets."""

    def __missing__(self, key: str) -> str:
        return f"<{key}>"


def _decisions(record: Mapping[str, Any]) -> list[str]:
    lines = []
    if record["entry"] == "https":
        reason = SelectionReason.__members__.get(record["bindingReason"] or "")
        if reason is not None:
            text = reason.value.format(server_name=record["serverName"], matched=record["binding"])
            lines.append(f"certificate  {text}")
        lines.append(f"handshake    {record['tlsVersion']}, {record['cipherSuite']}")
        if client := record.get("clientCert"):
            who = "a certificate" if client["subject"] is None else f"the certificate {client['subject']!r}"
            lines.append(f"client       It showed {who} (SHA-256 {client['sha256']}).")
    else:
        lines.append("entry        The request came through the control listener's plain entry, on loopback.")
    if record["domainName"] is not None and record["apiId"] is not None:
        base_path = record["basePathMatched"] or "(none)"
        lines.append(
            f"address      Custom domain name {record['domainName']}, base path {base_path}: "
            f"API {record['apiId']}, stage {record['stage']}"
        )
    elif record["apiId"] is not None:
        lines.append(f"address      Default endpoint: API {record['apiId']}, stage {record['stage']}")
    if record["resourcePath"] is not None:
        lines.append(
            f"route        {record['httpMethod']} {record['resourcePath']}, deployment {record['deploymentId']}"
        )
    if authorizer := record.get("authorizer"):
        asked = "was remembered" if authorizer["latency"] is None else f"answered after {authorizer['latency']} ms"
        who = "" if authorizer["principalId"] is None else f": principal {authorizer['principalId']}"
        lines.append(f"authorizer   {authorizer['id']} {asked}{who}")
    status, latency = record["integrationStatus"], record["integrationLatency"]
    # A request that was refused before anything was called never met the method's integration.
    if record["integration"] is not None and (latency is not None or not record.get("reason")):
        outcome = "" if status is None else f": status {status} after {latency} ms"
        # A function ran: the status above is that of Lambda, the function's own is what the client got.
        if outcome and record["integration"].startswith("<AWS_PROXY ") and not record.get("reason"):
            outcome = f": status {status} of Lambda and {record['status']} of the function after {latency} ms"
        elif status == _TOO_MANY and not record.get("reason"):
            outcome += "; it is the backend that wants fewer requests, no limit of the gateway's was met"
        lines.append(f"integration  {record['integration']}{outcome}")
    return lines
