"""HTTP and HTTP_PROXY integrations: what is sent to the backend, and what its answer becomes (facts 7.3-7.6).

Both directions are re-serialised here from parsed values: the start line and framing are ours, header values went
through the parser's rules, so nothing reaches the backend that it could read in another way than we did.

HTTP_PROXY passes headers and query on and adds the mapped ones; HTTP sends only what is mapped. Everything that does
not depend on the request is made into bytes when the API is compiled.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from sys import intern
from typing import Final, NamedTuple
from urllib.parse import quote

from gatewright.core.connection_facts import ConnectionFacts
from gatewright.core.context import RequestContext
from gatewright.core.decimals import decimal_bytes
from gatewright.core.errors import GatewayError
from gatewright.core.http.content import Message, Parts
from gatewright.core.http.header_treatment import (
    REQUEST_WITHHELD_HTTP,
    REQUEST_WITHHELD_HTTP_PROXY,
    RESERVED_MAPPED_HEADERS,
    RESPONSE_FATE_HTTP,
    RESPONSE_FATE_HTTP_PROXY,
)
from gatewright.core.http.message import HeaderField, Request, Response
from gatewright.core.http.target import has_dot_segment
from gatewright.core.integration.templates import Templates
from gatewright.core.integration.uri import Endpoint, UriTemplate
from gatewright.core.mapping.values import RequestSource, ResponseSource, encode_header_value, parse_query
from gatewright.core.reasons import (
    METHOD_RESPONSE_MISSING,
    NO_OUTPUT_MAPPING,
    REQUEST_MALFORMED,
    RESERVED_HEADER_MAPPED,
    RESPONSE_NOT_FINAL,
)

_QUERY_SAFE: Final = "-._~!$'()*,:@/?"
_BODYLESS: Final = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
_JSON: Final = (b"Content-Type", b"application/json")

# What is done with a header on its way to an HTTP_PROXY backend, where it is not simply passed on.
_WITHHOLD, _AUTHORIZATION, _FORWARDED_FOR, _SEEN_ACCEPT, _SEEN_USER_AGENT = range(5)
_PLAIN_FATE: Final[Mapping[bytes, int]] = {
    **dict.fromkeys(REQUEST_WITHHELD_HTTP_PROXY, _WITHHOLD),
    # Ours to write: facts 7.3, "headers added towards HTTP backends"; the override is not forwarded (facts 2.2).
    **dict.fromkeys(
        (
            b"x-amzn-apigateway-api-id",
            b"x-amzn-trace-id",
            b"x-forwarded-port",
            b"x-forwarded-proto",
            b"x-http-method-override",
        ),
        _WITHHOLD,
    ),
    b"authorization": _AUTHORIZATION,
    b"x-forwarded-for": _FORWARDED_FOR,
    b"accept": _SEEN_ACCEPT,
    b"user-agent": _SEEN_USER_AGENT,
}


def spell_with_underscores(name: bytes) -> list[bytes]:
    """The name with some or all of its hyphens as underscores."""
    first, *rest = name.split(b"-")
    spellings = [first]
    for word in rest:
        spellings = [spelling + mark + word for spelling in spellings for mark in (b"-", b"_")]
    return spellings[1:]


#: Backends that hand headers on as variables (CGI, WSGI, PHP) read `X_Forwarded_For` as `X-Forwarded-For`. What a client
#: may not say in the one spelling it may not say in the other either.
_REQUEST_FATE: Final[dict[bytes, int]] = {
    **{
        spelling: _WITHHOLD
        for name, fate in _PLAIN_FATE.items()
        if fate in {_WITHHOLD, _FORWARDED_FOR}
        for spelling in spell_with_underscores(name)
    },
    **_PLAIN_FATE,
}


#: The values of Connection that nominate nothing, as clients spell them.
_PLAIN_CONNECTION: Final = frozenset({b"keep-alive", b"Keep-Alive", b"close"})
_NOTHING: Final[frozenset[bytes]] = frozenset()
#: Headers that Connection cannot take away: what the gateway decides by, and itself, which has a fate of its own.
_NEVER_NOMINATED: Final = frozenset({b"", b"authorization", b"connection", b"content-type", b"host", b"x-api-key"})


class BackendRequest(NamedTuple):
    """One call of a backend, framed: `head` ends with the empty line.

    `function_path` is there when it invokes a Lambda function: the target as logs show it.
    """

    endpoint: Endpoint
    method: str
    head: bytes
    content: bytes | Parts
    timeout_in_millis: int
    function_path: str | None = None

    @property
    def body(self) -> bytes:
        """The content in one."""
        return self.content.join() if isinstance(self.content, Parts) else self.content


class BackendResponse(Message):
    """A backend's whole answer, as parsed."""

    __slots__ = ("headers", "status")

    def __init__(self, status: int, headers: Sequence[HeaderField], content: bytes | Parts) -> None:
        super().__init__(content)
        self.status = status
        self.headers = headers

    def __repr__(self) -> str:
        return f"<BackendResponse {self.status}, {len(self.headers)} headers, {self.size} bytes>"


class RequestMappings(NamedTuple):
    """The `requestParameters` of an integration, by location; empty for most.

    `greedy`: the names in the uri whose values may hold slashes.
    """

    headers: tuple[tuple[str, RequestSource], ...] = ()
    query: tuple[tuple[str, RequestSource], ...] = ()
    path: tuple[tuple[str, RequestSource], ...] = ()
    greedy: frozenset[str] = frozenset()


NO_MAPPINGS: Final = RequestMappings()
NO_TEMPLATES: Final = Templates(None)


class ResponseMapping(NamedTuple):
    """One integration response, compiled, with what the method response declares."""

    status: int
    pattern: re.Pattern[str] | None  # None: the default response
    headers: tuple[tuple[bytes, ResponseSource], ...]
    templates: Templates
    declared: bool  # False: the method has no response of that status


@lru_cache(maxsize=1_024)
def _render_request_head(endpoint: Endpoint, api_id: str) -> bytes:
    return f" HTTP/1.1\r\nHost: {endpoint.authority}\r\nx-amzn-apigateway-api-id: {api_id}\r\n".encode()


@lru_cache(maxsize=1_024)
def _render_user_agent(api_id: str) -> bytes:
    return f"User-Agent: AmazonAPIGateway_{api_id}\r\n".encode()


class HttpIntegration:
    """A compiled HTTP or HTTP_PROXY integration in one stage, but for the rest of its uri, which is the method's own.

    So methods that differ in nothing else have one object together, which calls of any find in the processor's cache.
    """

    __slots__ = (
        "api_id",
        "endpoint",
        "http_method",
        "mappings",
        "passthrough",
        "proxy",
        "request_head",
        "request_templates",
        "responses",
        "timeout_in_millis",
        "user_agent",
    )

    def __init__(
        self,
        *,
        api_id: str,
        proxy: bool,
        http_method: str,
        endpoint: Endpoint,
        timeout_in_millis: int,
        mappings: RequestMappings = NO_MAPPINGS,
        request_templates: Templates = NO_TEMPLATES,
        passthrough: str = "WHEN_NO_MATCH",
        responses: Sequence[ResponseMapping] = (),
    ) -> None:
        self.proxy = proxy
        # What many methods have alike is one object: a call of any finds it in the processor's cache.
        self.http_method = intern(http_method)  # "ANY": the client's own
        self.mappings = NO_MAPPINGS if mappings == NO_MAPPINGS else mappings
        self.request_head = _render_request_head(endpoint, api_id)
        self.user_agent = _render_user_agent(api_id)
        self.endpoint = endpoint
        self.timeout_in_millis = timeout_in_millis
        self.api_id = api_id
        self.request_templates = request_templates
        self.passthrough = passthrough
        self.responses = tuple(responses)

    def __repr__(self) -> str:
        return f"<{self.describe('')}>"

    def describe(self, path: str) -> str:
        """In a few words, with this path."""
        return f"{'HTTP_PROXY' if self.proxy else 'HTTP'} {self.http_method} {self.endpoint}{path}"


def is_sigv4(authorization: bytes) -> bool:
    """Whether an Authorization header holds a signature, which is for us and nobody behind us."""
    return authorization.startswith((b"AWS4-HMAC-SHA256", b"AWS4-ECDSA-P256-SHA256"))


def _mapped_headers(
    mappings: RequestMappings, context: RequestContext, withheld: frozenset[bytes]
) -> list[tuple[bytes, bytes, bytes]]:
    """The headers that the integration's mappings set: (lower, name, value)."""
    fields = []
    for name, source in mappings.headers:
        lower = name.lower().encode("latin-1", "replace")
        if lower in RESERVED_MAPPED_HEADERS:
            raise GatewayError(RESERVED_HEADER_MAPPED, header=name)
        text = source(context)
        value = None if text is None else encode_header_value(text)
        if value is None or lower in withheld or (lower == b"authorization" and is_sigv4(value)):
            continue
        fields.append((lower, name.encode("latin-1", "replace"), value))
    return fields


def _render_query(raw: str, mappings: RequestMappings, context: RequestContext) -> str:
    """The backend's query: the raw one (already valid), with mapped parameters in place of those of the same name."""
    mapped = [(name, value) for name, source in mappings.query if (value := source(context)) is not None]
    names = {name for name, _ in mappings.query}  # also of those without a value
    pairs = [pair for pair in parse_query(raw) if pair[0] not in names] + mapped
    return "&".join(f"{_encode_query(name)}={_encode_query(value)}" for name, value in pairs)


def _encode_query(text: str) -> str:
    return quote(text, safe=_QUERY_SAFE, errors="replace")


def _render_target(integration: HttpIntegration, context: RequestContext, query: str) -> bytes:
    method = context.method
    assert method is not None, "its integration is called"
    uri = method.uri
    assert uri is not None, "it is an HTTP integration"
    parameters = context.path_parameters
    if integration.mappings.path:
        mapped = {name: value for name, source in integration.mappings.path if (value := source(context)) is not None}
        parameters = {**parameters, **mapped}
    path = uri.render_path(parameters, integration.mappings.greedy)
    if integration.mappings.path and has_dot_segment(path) and not _has_dot_segment_itself(uri):
        # A path that came so is refused at the front (`core.http.target`); a query or a header is no way around it.
        raise GatewayError(
            REQUEST_MALFORMED, why="a mapped parameter makes a dot segment of the path, which the backend could resolve"
        )
    if integration.mappings.query:
        query = _render_query(query, integration.mappings, context)
    if uri.query:
        own = uri.render_query(parameters)
        query = f"{own}&{query}" if query else own
    return (f"{path}?{query}" if query else path).encode("latin-1")


def _has_dot_segment_itself(uri: UriTemplate) -> bool:
    return has_dot_segment("x".join(uri.parts[::2]))


def _forwarded(connection: ConnectionFacts, earlier: bytes | None) -> bytes:
    """The X-Forwarded headers; those of a connection are made once, unless the client is a proxy itself."""
    if earlier is None and connection.forwarded is not None:
        return connection.forwarded
    peer = connection.peer.encode()
    rendered = b"X-Forwarded-For: %b\r\nX-Forwarded-Port: %d\r\nX-Forwarded-Proto: %b\r\n" % (
        peer if earlier is None else earlier + b", " + peer,
        connection.local_port,
        b"https" if connection.entry == "https" else b"http",
    )
    if earlier is None:
        connection.forwarded = rendered
    return rendered


def _start_line(integration: HttpIntegration, method: str, request: Request, context: RequestContext) -> bytes:
    """Without a query it is the same for the same path, unless mappings say otherwise, and kept where the path is recalled."""
    route = context.route
    if route is None or request.query or integration.mappings.path or integration.mappings.query:
        return b"%b %b" % (method.encode(), _render_target(integration, context, request.query))
    if route.start_line is None:
        route.start_line = _keep_once(b"%b %b" % (method.encode(), _render_target(integration, context, "")))
    return route.start_line


@lru_cache(maxsize=1_024)
def _keep_once(line: bytes) -> bytes:
    """The same object for the same line: 10,000 names of one API call the same."""
    return line


def build_backend_request(
    integration: HttpIntegration, request: Request, context: RequestContext, *, signed: bool
) -> BackendRequest:
    """The call that this request becomes. `signed`: the method uses AWS_IAM, whose Authorization stays with us."""
    method = context.http_method if integration.http_method == "ANY" else integration.http_method
    if integration.proxy:
        return _build_proxy_request(integration, method, request, context, signed=signed)
    return _build_custom_request(integration, method, request, context)


def _build_proxy_request(
    integration: HttpIntegration, method: str, request: Request, context: RequestContext, *, signed: bool
) -> BackendRequest:
    out = [_start_line(integration, method, request, context), integration.request_head]
    mapped: Sequence[HeaderField] = ()
    overridden: frozenset[bytes] = _NOTHING
    if integration.mappings.headers:
        mapped = _mapped_headers(integration.mappings, context, REQUEST_WITHHELD_HTTP_PROXY)
        # Also where a mapping has no value: what the API says of a caller, a caller cannot say in its stead.
        overridden = frozenset(name.lower().encode("latin-1", "replace") for name, _ in integration.mappings.headers)
    connection = request.last.get(b"connection")
    plain = connection is None or (connection in _PLAIN_CONNECTION and not request.repeats)
    nominated = _NOTHING if plain else find_nominated(request.headers)
    accept = user_agent = False
    forwarded_for = None
    for lower, name, value in request.headers:
        if nominated and lower in nominated:
            continue
        if overridden and (lower in overridden or lower.replace(b"_", b"-") in overridden):
            continue
        fate = _REQUEST_FATE.get(lower)
        if fate is not None:
            if fate == _WITHHOLD:
                continue
            if fate == _FORWARDED_FOR:
                forwarded_for = value if forwarded_for is None else forwarded_for + b", " + value
                continue
            if fate == _AUTHORIZATION:
                if signed or is_sigv4(value):
                    continue
            elif fate == _SEEN_ACCEPT:
                accept = True
            else:
                user_agent = True
        out.append(b"%b: %b\r\n" % (name, value))
    if mapped:
        out += [b"%b: %b\r\n" % (name, value) for _, name, value in mapped]
    given = {lower for lower, _, _ in mapped} if mapped else _NOTHING
    if not accept and b"accept" not in given:
        out.append(b"Accept: application/json\r\n")
    if not user_agent and b"user-agent" not in given:
        out.append(integration.user_agent)
    size = request.size
    if size or method not in _BODYLESS:
        out.append(b"Content-Length: %b\r\n" % decimal_bytes(size))
    out.append(_forwarded(context.connection, forwarded_for))
    out.append(b"X-Amzn-Trace-Id: %b\r\n\r\n" % context.trace_id.encode())
    return BackendRequest(integration.endpoint, method, b"".join(out), request.content, integration.timeout_in_millis)


def find_nominated(headers: Sequence[HeaderField]) -> frozenset[bytes]:
    """Headers that a Connection field declares hop by hop (RFC 9110 section 7.6.1): they end here."""
    for lower, _, value in headers:
        if lower == b"connection" and value not in _PLAIN_CONNECTION and value.lower() not in _PLAIN_CONNECTION:
            break
    else:
        return _NOTHING
    values = b",".join(value for lower, _, value in headers if lower == b"connection")
    return frozenset(name.strip().lower() for name in values.split(b",")) - _NEVER_NOMINATED


def _build_custom_request(
    integration: HttpIntegration, method: str, request: Request, context: RequestContext
) -> BackendRequest:
    template = integration.request_templates.select_for_request(request, integration.passthrough)
    body = request.body if template is None else integration.request_templates.render(template, context).encode()
    mapped = _mapped_headers(integration.mappings, context, REQUEST_WITHHELD_HTTP)
    overridden = {lower for lower, _, _ in mapped}
    out = [method.encode(), b" ", _render_target(integration, context, ""), integration.request_head]
    out += [b"%b: %b\r\n" % (name, value) for _, name, value in mapped]
    if b"accept" not in overridden:
        out.append(b"Accept: application/json\r\n")
    if b"user-agent" not in overridden:
        out.append(integration.user_agent)
    if body or method not in _BODYLESS:
        if b"content-type" not in overridden:
            sent = request.header(b"content-type") if template is None else None
            out.append(b"Content-Type: %b\r\n" % (sent or b"application/json"))
        out.append(b"Content-Length: %d\r\n" % len(body))
    out.append(b"X-Amzn-Trace-Id: %b\r\n\r\n" % context.trace_id.encode())
    return BackendRequest(integration.endpoint, method, b"".join(out), body, integration.timeout_in_millis)


def shape_backend_response(integration: HttpIntegration, answer: BackendResponse, context: RequestContext) -> Response:
    """What the client gets of a backend's answer."""
    if integration.proxy:
        return _shape_proxy_response(answer)
    return _shape_custom_response(integration, answer, context)


def _shape_proxy_response(answer: BackendResponse) -> Response:
    headers: list[tuple[bytes, bytes]] = []
    nominated = find_nominated(answer.headers)
    content_type = False
    for lower, name, value in answer.headers:
        fate = RESPONSE_FATE_HTTP_PROXY.get(lower, b"")
        if fate is None or (nominated and lower in nominated):
            continue
        if fate:
            name = fate + name  # noqa: PLW2901  the renamed header takes its place
        elif lower == b"content-type":
            content_type = True
        headers.append((name, value))
    if not content_type:
        # "Every integration response gets a Content-Type" (facts 2.5).
        headers.append(_JSON)
    return Response(answer.status, headers, answer.content)


def select_response(responses: Sequence[ResponseMapping], text: str) -> ResponseMapping | None:
    """The integration response whose pattern matches all of `text`, else the default one (facts 7.6)."""
    default = None
    for response in responses:
        if response.pattern is None:
            default = default or response
        elif response.pattern.fullmatch(text):
            return response
    return default


def _shape_custom_response(integration: HttpIntegration, answer: BackendResponse, context: RequestContext) -> Response:
    chosen = select_response(integration.responses, str(answer.status))
    if chosen is None:
        raise GatewayError(NO_OUTPUT_MAPPING, backend_status=answer.status)
    response = shape_mapped_response(chosen, answer, context)
    # Facts 2.5: the trace header is seen on the success of HTTP, not of HTTP_PROXY and MOCK.
    response.headers.append((b"X-Amzn-Trace-Id", context.trace_id.encode()))
    return response


def shape_mapped_response(chosen: ResponseMapping, answer: BackendResponse, context: RequestContext) -> Response:
    """The answer through one integration response: mapped headers and template, nothing else passes (facts 7.6)."""
    if not chosen.declared:
        raise GatewayError(METHOD_RESPONSE_MISSING, status_code=chosen.status)
    if chosen.status < 200:
        raise GatewayError(RESPONSE_NOT_FINAL, status_code=chosen.status)
    headers: list[tuple[bytes, bytes]] = []
    content_type = None
    for name, source in chosen.headers:
        text = source(context, answer.headers, answer.body)
        value = None if text is None else encode_header_value(text)
        if value is None:
            continue
        lower = name.lower()
        if lower == b"content-type":
            content_type = value
            continue
        fate = RESPONSE_FATE_HTTP.get(lower, b"")
        if fate is not None:
            headers.append((fate + name, value))
    body = answer.body
    media_type = chosen.templates.select_for_response(context.request.header(b"accept"))
    if media_type is not None:
        content_type = content_type or media_type.encode()
        body = chosen.templates.render(media_type, context).encode()
    headers.insert(0, (b"Content-Type", content_type or b"application/json"))
    return Response(chosen.status, headers, body)
