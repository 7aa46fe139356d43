"""The event of payload format 1.0: what a Lambda function is told of a request (facts 7.6, recorded 2024-07).

REST APIs send it without `version`. What was seen on the real service, and is kept here:

- `path` and path parameters stand as they came, percent-encoded; query parameters are decoded. `path` leaves the stage out
  and has the base path; `requestContext.path` has the stage, too, where the default endpoint was called.
- A header keeps the client's spelling, but for `Authorization` and `User-Agent`; single-valued, the last one counts.
- An empty collection, and an absent body, is null.

What the header table drops towards Lambda (facts 7.3) is not in the event, nor can a client say what the gateway says of it
(`X-Forwarded-For`, also as `X_Forwarded_For`, which adapters to CGI and WSGI would take for it).
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Final

from gatewright.core.connection_facts import describe_client
from gatewright.core.context import RequestContext
from gatewright.core.context_variables import render_request_time
from gatewright.core.http.header_treatment import REQUEST_WITHHELD_LAMBDA
from gatewright.core.http.message import Request
from gatewright.core.integration.http import find_nominated, is_sigv4, spell_with_underscores
from gatewright.core.integration.templates import media_type_of
from gatewright.core.mapping.values import parse_query
from gatewright.core.x509.client_certificate import nest_variables

#: Said by us, or of the connection between the client and us; the override is not forwarded (facts 2.2).
_OURS: Final = (
    b"x-amzn-trace-id",
    b"x-forwarded-for",
    b"x-forwarded-port",
    b"x-forwarded-proto",
    b"x-http-method-override",
)
_WITHHELD: Final[frozenset[bytes]] = frozenset(
    spelling
    for name in (*(REQUEST_WITHHELD_LAMBDA - {b"host"}), *_OURS)
    for spelling in (name, *spell_with_underscores(name))
)
#: R: however the client spells them.
_RESPELT: Final[Mapping[bytes, str]] = {b"authorization": "Authorization", b"user-agent": "User-Agent"}


def make_proxy_event(
    context: RequestContext,
    *,
    binary_media_types: Sequence[str],
    signed: bool,
    more_headers: Sequence[tuple[str, str | None]] = (),
    more_query: Sequence[tuple[str, str | None]] = (),
) -> dict[str, Any]:
    """The event of a request. `signed`: the method uses AWS_IAM, whose Authorization stays with us.

    `more_headers` and `more_query` are what the integration maps, in place of what the client sent under the same names.
    """
    request = context.request
    event = describe_request(context, signed=signed, more_headers=more_headers, more_query=more_query)
    binary = bool(request.body) and is_binary(media_type_of(request.header(b"content-type")), binary_media_types)
    if not request.body:
        event["body"] = None
    elif binary:
        event["body"] = base64.b64encode(request.body).decode()
    else:
        event["body"] = request.body.decode("utf-8", "replace")
    event["isBase64Encoded"] = binary
    return event


def describe_request(
    context: RequestContext,
    *,
    signed: bool,
    more_headers: Sequence[tuple[str, str | None]] = (),
    more_query: Sequence[tuple[str, str | None]] = (),
) -> dict[str, Any]:
    """The event without the request's body; an authorizer is told no more (facts 2.7)."""
    headers = collect_values(_headers(context, signed=signed), more_headers, ignoring_case=True)
    query = collect_values(parse_query(context.request.query), more_query)
    method = context.method
    return {
        "resource": None if method is None else method.resource_path,
        "path": _path(context),
        "httpMethod": context.http_method,
        "headers": last_values(headers),
        "multiValueHeaders": headers or None,
        "queryStringParameters": last_values(query),
        "multiValueQueryStringParameters": query or None,
        "pathParameters": raw_path_parameters(context) or None,
        "stageVariables": dict(context.stage_variables) or None,
        "requestContext": describe_request_context(context),
    }


def describe_request_context(context: RequestContext) -> dict[str, Any]:
    """`requestContext`: the request's facts, and who makes it."""
    stage, method = context.stage, context.method
    told: dict[str, Any] = {
        "resourceId": None if method is None else method.resource_id,
        "resourcePath": None if method is None else method.resource_path,
        "httpMethod": context.http_method,
        "extendedRequestId": context.extended_request_id,
        "requestTime": render_request_time(context.received_at),
        "path": context.request.path,
        "accountId": None if stage is None else stage.account,
        "protocol": "HTTP/1.1",  # facts 2.2: whatever the client speaks
        "stage": None if stage is None else stage.name,
        "domainPrefix": context.host.partition(".")[0],
        "requestTimeEpoch": int(context.received_at * 1000),
        "requestId": context.request_id,
        "identity": _identity(context),
        "domainName": context.host,
        "deploymentId": None if stage is None else stage.deployment_id,
        "apiId": None if stage is None else stage.api_id,
    }
    if context.authorizer is not None:
        told["authorizer"] = context.authorizer.as_event()
    return told


def _identity(context: RequestContext) -> dict[str, Any]:
    caller, agent = context.caller, context.request.header(b"user-agent")
    identity: dict[str, Any] = {
        "cognitoIdentityPoolId": None,
        "accountId": None if caller is None else caller.account,
        "cognitoIdentityId": None,
        "caller": None if caller is None else caller.user_id,
        "sourceIp": context.connection.peer,
        "principalOrgId": None,
        "accessKey": None if caller is None else caller.access_key_id,
        "cognitoAuthenticationType": None,
        "cognitoAuthenticationProvider": None,
        "userArn": None if caller is None else caller.arn,
        "userAgent": None if agent is None else agent.decode("latin-1"),
        "user": None if caller is None else caller.user_id,
    }
    if context.api_key is not None:
        identity["apiKey"] = context.api_key
    if context.api_key_id is not None:
        identity["apiKeyId"] = context.api_key_id
    # Of a certificate that the domain asked for; what a connection brought along for another is not told.
    certificate = None if context.client is None else describe_client(context.connection)
    if certificate:
        identity["clientCert"] = nest_variables(certificate)
    return identity


def _path(context: RequestContext) -> str:
    """The path without the stage and with the base path (R)."""
    path = context.request.path if context.routed_path is None else context.routed_path
    return f"/{context.base_path}{path}" if context.base_path else path


def raw_path_parameters(context: RequestContext) -> dict[str, str]:
    """The path parameters as they stood in the path (R: `test%2Balias` stays so)."""
    if not context.path_parameters or context.method is None or context.routed_path is None:
        return dict(context.path_parameters)
    found = {}
    segments = context.routed_path[1:].split("/")
    for index, part in enumerate(context.method.resource_path[1:].split("/")):
        if part.startswith("{"):
            greedy = part.endswith("+}")
            value = "/".join(segments[index:]).removesuffix("/") if greedy else segments[index]
            found[part[1:-2] if greedy else part[1:-1]] = value
    return found


def _headers(context: RequestContext, *, signed: bool) -> list[tuple[str, str]]:
    """The client's headers that pass, and those of the gateway."""
    request, connection = context.request, context.connection
    nominated = find_nominated(request.headers)
    fields = []
    for lower, name, value in request.headers:
        if lower in _WITHHELD or lower in nominated:
            continue
        if lower == b"authorization" and (signed or is_sigv4(value)):
            continue
        fields.append((_RESPELT.get(lower) or name.decode("latin-1"), value.decode("latin-1")))
    forwarded_for = ", ".join([*_earlier_addresses(request), connection.peer])
    return [
        *fields,
        ("X-Amzn-Trace-Id", context.trace_id),
        ("X-Forwarded-For", forwarded_for),
        ("X-Forwarded-Port", str(connection.local_port)),
        ("X-Forwarded-Proto", "https" if connection.entry == "https" else "http"),
    ]


def _earlier_addresses(request: Request) -> list[str]:
    return [value.decode("latin-1") for lower, _, value in request.headers if lower == b"x-forwarded-for"]


def collect_values(
    sent: Sequence[tuple[str, str]], mapped: Sequence[tuple[str, str | None]] = (), *, ignoring_case: bool = False
) -> dict[str, list[str]]:
    """Values by name, in order; what is mapped takes the place of what was sent under that name, also when it is nothing.

    With `ignoring_case` names that differ in case are one, spelt as the first of them.
    """

    def key(name: str) -> str:
        return name.lower() if ignoring_case else name

    replaced = {key(name) for name, _ in mapped}
    spelt: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    for name, value in [*(pair for pair in sent if key(pair[0]) not in replaced), *mapped]:
        if value is None:
            continue
        values.setdefault(spelt.setdefault(key(name), name), []).append(value)
    return values


def last_values(values: Mapping[str, list[str]]) -> dict[str, str] | None:
    """Each name with its last value; None for none."""
    return {name: each[-1] for name, each in values.items()} or None


def is_binary(media_type: str, binary_media_types: Sequence[str]) -> bool:
    """Whether an API takes bodies of a media type for binary: `*/*` names all, `image/*` those of one kind (facts 7.5)."""
    kind = media_type.partition("/")[0]
    return any(each.lower() in {media_type, f"{kind}/*", "*/*"} for each in binary_media_types)
