"""The execution log of one request: the service's lines, in its order, from what the request's context holds (facts 8.1).

The texts are recorded ones. What this module keeps to:

- INFO writes every line, ERROR those of a failure alone; bodies, and the headers that pass between gateway and backend,
  are written with data trace only (facts 8.1, "exact subset unconfirmed").
- `Authorization`, API keys and what an authorizer knows callers by are masked but for their last six characters, also in the
  events that functions are sent. Guess: a value that is not longer is masked whole.
- Maps are in Java's notation. A line is cut at 1,024 bytes.
- A request that the signature parser refuses has no lines, as was seen; nor one that meets no method (D).

Rendering happens when the request is over, and only for a stage that logs.
"""

import json
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Final, NamedTuple

from gatewright.core.context import AuthorizerFacts, RequestContext
from gatewright.core.context_variables import read_variable
from gatewright.core.errors import GatewayError
from gatewright.core.integration.http import BackendRequest, BackendResponse
from gatewright.core.mapping.values import parse_query
from gatewright.core.reasons import BACKEND_UNREACHABLE, Spelling

_MAX_LINE_BYTES: Final = 1_024
_TRUNCATED: Final = " [TRUNCATED]"
_SHOWN: Final = 6  # characters of a masked value
#: The token is ours: that of the credentials which sign calls of functions. (It was seen unmasked on the real service.)
_MASKED: Final = frozenset({"authorization", "x-amz-security-token", "x-api-key"})
#: What the gateway adds to an answer after the method response.
_NOT_OF_THE_METHOD: Final = frozenset({"x-amzn-requestid", "x-amz-apigw-id"})
#: Guess: framing is not shown; the samples do not have it.
_NOT_OF_THE_ENDPOINT: Final = frozenset({"host", "content-length", "connection"})
_METERED: Final = frozenset({"INVALID_API_KEY", "THROTTLED", "QUOTA_EXCEEDED"})
#: Facts 8.1, "authentication failures raised by the SigV4 parser produce no execution log".
_UNLOGGED: Final = frozenset({"MISSING_AUTHENTICATION_TOKEN", "INVALID_SIGNATURE", "EXPIRED_TOKEN"})


class LogLevel(IntEnum):
    """`logging/loglevel` of a method setting."""

    OFF = 0
    ERROR = 1
    INFO = 2


class MethodLogging(NamedTuple):
    """What is logged of one method."""

    level: LogLevel = LogLevel.OFF
    data_trace: bool = False


NO_LOGGING: Final = MethodLogging()


def render_execution_log(context: RequestContext, logging: MethodLogging, refusal: GatewayError | None) -> list[str]:
    """The lines of a finished request, each begun with its id in parentheses."""
    if logging.level == LogLevel.OFF or (refusal is not None and refusal.reason.response_type in _UNLOGGED):
        return []
    if logging.level == LogLevel.ERROR:
        lines = [] if refusal is None else [describe_refusal(refusal), _completed(context)]
    else:
        lines = [
            f"Extended Request Id: {context.extended_request_id}",
            *_describe_authorizer(context, data_trace=logging.data_trace),
            *_describe_metering(context, refusal),
            *describe_execution(context, refusal, data_trace=logging.data_trace),
            *_describe_invocation(context),
            f"X-ray Tracing ID : {context.trace_id}",
        ]
    return [truncate(f"({context.request_id}) {line}") for line in lines]


def describe_execution(context: RequestContext, refusal: GatewayError | None, *, data_trace: bool) -> list[str]:
    """From "Starting execution" to the status, without prefixes; what a test invocation shows (facts 8.2)."""
    if refusal is not None and refusal.reason.spelling is not Spelling.SPACED:
        # The front door ended it, before the execution engine had it.
        if refusal.reason.response_type == "UNAUTHORIZED":
            return [describe_refusal(refusal)]  # R: nothing else
        return [describe_refusal(refusal), _completed(context)]
    request = context.request
    path = request.path if context.routed_path is None else context.routed_path
    lines = [
        f"Starting execution for request: {context.request_id}",
        f"HTTP Method: {context.http_method}, Resource Path: {path}",
        f"Method request path: {render_map(context.path_parameters.items())}",
        f"Method request query string: {_render_query(context)}",
        f"Method request headers: {render_headers(_request_headers(context), secret=_secret_headers(context))}",
    ]
    if data_trace:
        lines.append(f"Method request body before transformations: {_text(request.body)}")
    call = context.backend_request
    # R: when the endpoint has no address, its lines are left out.
    if call is not None and (refusal is None or refusal.reason is not BACKEND_UNREACHABLE):
        lines += _describe_call(call, context, data_trace=data_trace)
    answer = context.backend_answer
    if answer is not None:
        lines += _describe_answer(answer, context, data_trace=data_trace)
    if refusal is not None:
        return [*lines, describe_refusal(refusal), _completed(context)]
    response = context.response
    if data_trace and response is not None:
        headers = [(_text(name), _text(value)) for name, value in response.headers]
        lines += [
            f"Method response body after transformations: {_text(response.body)}",
            f"Method response headers: {render_headers(headers, _NOT_OF_THE_METHOD)}",
        ]
    return [*lines, "Successfully completed execution", _completed(context)]


def describe_refusal(refusal: GatewayError) -> str:
    """Why the gateway itself answered: the catalogue's literal line; where it has none, what the client was told."""
    reason = refusal.reason
    line = refusal.log_line
    if line is not None:
        return line
    if reason.response_type == "ACCESS_DENIED":
        return "The client is not authorized to perform this operation."  # facts 8.1
    return refusal.message or reason.code


def _describe_authorizer(context: RequestContext, *, data_trace: bool) -> list[str]:
    """The authorizer's lines (R), secrets masked. Guess: of an answer that was remembered, the same without the call."""
    facts = context.authorizer
    if facts is None:
        return []
    lines = [f"Starting authorizer: {facts.authorizer_id} for request: {context.request_id}"]
    values = [(name, mask(value or "")) for name, value in facts.identity]
    # R: of one of type TOKEN the value alone, of others a map.
    if values:
        lines.append(f"Incoming identity: {values[0][1] if facts.is_token else render_map(values)}")
    if facts.call is not None:
        lines += _describe_call(facts.call, context, data_trace=data_trace)
    if data_trace and facts.answer is not None:
        lines.append(f"Authorizer result body before parsing: {_hide(_text(facts.answer.body), context)}")
    if facts.principal_id is not None:
        lines += [
            f"Using valid authorizer policy for principal: {mask(facts.principal_id)}",
            "Successfully completed authorizer execution",
        ]
    return lines


def _describe_metering(context: RequestContext, refusal: GatewayError | None) -> list[str]:
    """The usage plan's lines (facts 4.5), with two spaces where there is no key; none where it was not asked.

    C: the words for a method that requires a key.
    """
    stage, method = context.stage, context.method
    if stage is None or method is None:
        return []
    where = f"{stage.api_id}/{stage.name}"
    key = "" if context.api_key is None else mask(context.api_key)
    does, will = ("does not require", "will not") if context.api_key is None else ("requires", "will")
    required = f"method '{method.http_method} {method.resource_path}' {does} API Key"
    verifying = f"Verifying Usage Plan for request: {context.request_id}. API Key: {key} API Stage: {where}"
    if refusal is not None and refusal.reason.spelling is not Spelling.SPACED:
        return [verifying] if refusal.reason.response_type in _METERED else []
    return [
        verifying,
        f"API Key {key} authorized because {required}. Request {will} contribute to throttle or quota limits",
        f"Usage Plan check succeeded for API Key {key} and API Stage {where}",
    ]


def _describe_call(call: BackendRequest, context: RequestContext, *, data_trace: bool) -> list[str]:
    start, *fields = call.head.decode("latin-1").split("\r\n")
    uri = f"{call.endpoint}{call.function_path or start.split(' ')[1]}"
    lines = [f"Endpoint request URI: {uri}"]
    if data_trace:
        body = _text(call.body) if call.function_path is None else _hide(_text(call.body), context)
        headers = [(name, value) for name, _, value in (field.partition(": ") for field in fields) if name]
        lines += [
            f"Endpoint request headers: {render_headers(headers, _NOT_OF_THE_ENDPOINT, secret=_secret_headers(context))}",
            f"Endpoint request body after transformations: {body}",
        ]
    return [*lines, f"Sending request to {uri}"]


def _describe_invocation(context: RequestContext) -> list[str]:
    """What Lambda calls the invocation; only where the integration was one (R)."""
    call = context.backend_request
    if call is None or call.function_path is None:
        return []
    request_id = read_variable(context, "integration.requestId")
    return [] if request_id is None else [f"AWS Integration Endpoint RequestId : {request_id}"]


def _describe_answer(answer: BackendResponse, context: RequestContext, *, data_trace: bool) -> list[str]:
    latency = context.integration_latency_ms or 0
    lines = [f"Received response. Status: {answer.status}, Integration latency: {latency} ms"]
    if data_trace:
        headers = [(_text(name), _text(value)) for _, name, value in answer.headers]
        lines += [
            f"Endpoint response headers: {render_headers(headers)}",
            f"Endpoint response body before transformations: {_text(answer.body)}",
        ]
    return lines


def _request_headers(context: RequestContext) -> Iterable[tuple[str, str]]:
    """The headers of the method request: the client's, and what the gateway says of the connection."""
    connection = context.connection
    headers = [(_text(name), _text(value)) for _, name, value in context.request.headers]
    if connection.entry not in {"https", "local"}:
        return headers  # a test invocation has no connection
    earlier = context.request.header(b"x-forwarded-for")
    forwarded_for = connection.peer if earlier is None else f"{_text(earlier)}, {connection.peer}"
    ours = {
        "X-Amzn-Trace-Id": context.trace_id,
        "X-Forwarded-For": forwarded_for,
        "X-Forwarded-Port": str(connection.local_port),
        "X-Forwarded-Proto": "https" if connection.entry == "https" else "http",
    }
    taken = {name.lower() for name in ours}
    return [*((name, value) for name, value in headers if name.lower() not in taken), *ours.items()]


def _completed(context: RequestContext) -> str:
    return f"Method completed with status: {context.status}"


def render_map(pairs: Iterable[tuple[str, str]]) -> str:
    """A map as Java writes it: `{k=v, k2=v2}`."""
    return "{" + ", ".join(f"{name}={value}" for name, value in pairs) + "}"


def _secret_headers(context: RequestContext) -> frozenset[str]:
    """Of the request's headers, those that hold secrets: also what its authorizer knows callers by."""
    if context.authorizer is None:
        return _MASKED
    return _MASKED | {name.lower() for name in _identity_names(context.authorizer, "method.request.header.")}


def _identity_names(facts: AuthorizerFacts, prefix: str) -> set[str]:
    return {name[len(prefix) :] for name, _ in facts.identity if name.startswith(prefix)}


def _render_query(context: RequestContext) -> str:
    pairs = dict(parse_query(context.request.query))
    if context.authorizer is not None:
        for name in _identity_names(context.authorizer, "method.request.querystring."):
            if name in pairs:
                pairs[name] = mask(pairs[name])
    return render_map(pairs.items())


def _hide(text: str, context: RequestContext) -> str:
    """JSON text without the request's secrets: those that headers hold, the identity, and the API key."""
    secrets = {context.api_key, *(_header(context, name) for name in _MASKED)}
    if context.authorizer is not None:
        secrets.add(context.authorizer.usage_identifier_key)
        secrets.update(value for name, value in context.authorizer.identity if name.startswith("method.request."))
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        written = json.dumps(secret, ensure_ascii=False)[1:-1]
        text = text.replace(f'"{written}"', f'"{mask(written)}"')
    return text


def _header(context: RequestContext, name: str) -> str | None:
    value = context.request.header(name.encode())
    return None if value is None else value.decode("latin-1")


def render_headers(
    headers: Iterable[tuple[str, str]], left_out: frozenset[str] = frozenset(), *, secret: frozenset[str] = _MASKED
) -> str:
    """Headers as a map, the last of those that repeat, with secrets masked."""
    shown: Mapping[str, str] = {
        name: mask(value) if name.lower() in secret else value
        for name, value in headers
        if name.lower() not in left_out
    }
    return render_map(shown.items())


def mask(secret: str) -> str:
    """All but the last six characters as asterisks, the length kept (facts 8.1)."""
    hidden = len(secret) - _SHOWN
    return "*" * len(secret) if hidden <= 0 else "*" * hidden + secret[hidden:]


def truncate(line: str) -> str:
    """A line of 1,024 bytes at most, and the remark that it was longer (facts 8.1)."""
    if len(line) * 4 <= _MAX_LINE_BYTES:
        return line
    encoded = line.encode("utf-8", "replace")
    if len(encoded) <= _MAX_LINE_BYTES:
        return line
    return encoded[:_MAX_LINE_BYTES].decode("utf-8", "ignore") + _TRUNCATED


def _text(raw: bytes) -> str:
    return raw[: 4 * _MAX_LINE_BYTES].decode("utf-8", "replace")
