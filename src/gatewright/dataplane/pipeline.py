"""The request's path, one straight line (DESIGN 4, facts 2.1). `invoke` is the product; the steps are its lines.

Each step takes what earlier ones returned. A refusal is a `GatewayError` and is rendered in one place, at the end.
"""

import logging
import re
from math import ceil

from gatewright.core.connection_facts import ConnectionFacts
from gatewright.core.context import RequestContext
from gatewright.core.domains.hostname import parse_host
from gatewright.core.errors import GatewayError
from gatewright.core.http.message import Request, Response
from gatewright.core.integration.http import (
    BackendRequest,
    BackendResponse,
    HttpIntegration,
    build_backend_request,
    shape_backend_response,
)
from gatewright.core.integration.lambda_proxy import LambdaIntegration, build_function_request, shape_function_answer
from gatewright.core.integration.mock import MockIntegration, answer_mock
from gatewright.core.mapping.values import parse_query
from gatewright.core.reasons import (
    ENDPOINT_TYPE_MISMATCH,
    HOST_SNI_MISMATCH,
    INTEGRATION_NOT_SERVED,
    INTERNAL_FAULT,
    PARAMETERS_MISSING,
)
from gatewright.core.responses.gateway_response import render_gateway_error
from gatewright.core.routing.resource_tree import ResourceMatch
from gatewright.dataplane.admission import admit
from gatewright.dataplane.authorization import authorize, refuse_unrouted
from gatewright.dataplane.authorizers import settle
from gatewright.dataplane.ports import Ports
from gatewright.model.compiled_method import CompiledMethod, PlacedMethod
from gatewright.model.snapshot import Route, Snapshot

_LOG = logging.getLogger(__name__)

#: Facts 2.2: reserved at the root of every name, for health checks. The body is a guess.
_HEALTH_PATHS = frozenset({"/ping", "/sping"})
_HEALTHY = b"healthy"

_UUID = re.compile(rb"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
#: Bounds of what `recall` remembers: more than the 10,000 domains or resources that are to cost what one costs (a request
#: that is remembered in vain costs 10 µs more than one that is recalled); a kilobyte each, 16 MB a worker at most.
_MAX_RECALLED = 16_384
_MAX_RECALLED_PATH = 256
#: X-Ray's trace header: the root, and what callers before this one added. 256 is a guess that only bounds it.
_TRACE = re.compile(rb"Root=1-[0-9a-f]{8}-[0-9a-f]{24}(?:;[A-Za-z0-9=:;._-]{0,256})?")


async def invoke(request: Request, connection: ConnectionFacts, ports: Ports) -> Response:
    """The answer to one request. Never raises."""
    received_at = ports.now()
    context = begin(request, connection, received_at, ports.request_ids(received_at))
    snapshot = ports.snapshot
    route: Route | None = None
    refusal: GatewayError | None = None
    try:
        admit(context, snapshot, ports)
        if request.path in _HEALTH_PATHS:
            response = Response(200, [(b"Content-Type", b"text/plain")], _HEALTHY)
        else:
            route = recall(context, snapshot)
            if route is None:
                route = locate(context, snapshot)
                find_method(route, context, snapshot)
                remember(route, context, snapshot)
            method = route.compiled
            assert method is not None, "a route that is remembered or was just completed has one"
            inquiry = authorize(method, route, context, snapshot, ports)
            metered_at = received_at
            if inquiry is not None:
                await settle(inquiry, context, ports)
                metered_at = ports.now()
            doubt = ports.metering.meter(method, route, context, snapshot, metered_at)
            if doubt is not None:
                await doubt
            validate(method, context)
            call = prepare(method, context, ports)
            if isinstance(call, Response):
                response = call
            else:
                context.backend_request = call
                began = ports.now()
                try:
                    answer = await ports.backends.call(call)
                finally:
                    context.integration_latency_ms = int((ports.now() - began) * 1000)
                response = shape(method, answer, context)
    except GatewayError as error:
        refusal = error
        response = refuse(error, route, context)
        if ports.tells_retry:
            tell_retry(error, response)
    except Exception as error:  # noqa: BLE001  a bug of ours costs one request, not the connection or the worker
        _LOG.exception("The request %s met a bug", context.request_id)
        refusal = GatewayError(INTERNAL_FAULT, why=type(error).__name__)
        response = render_gateway_error(refusal, {}, context)
    respond(response, context)
    context.response_latency_ms = int((ports.now() - received_at) * 1000)
    ports.record(context, refusal=refusal, latency_ms=context.response_latency_ms)
    return response


def begin(
    request: Request, connection: ConnectionFacts, received_at: float, ids: tuple[str, str, str]
) -> RequestContext:
    """The facts of a request as it arrives. A client may name its request and the trace it belongs to (facts 2.5, 7.3)."""
    request_id, extended_request_id, trace_id = ids
    named = request.last.get(b"x-amzn-requestid")
    if named is not None and _UUID.fullmatch(named):
        request_id = named.decode()
    traced = request.last.get(b"x-amzn-trace-id")
    if traced is not None and _TRACE.fullmatch(traced):
        trace_id = traced.decode()
    named_host = request.last.get(b"host")
    host = "" if named_host is None else parse_host(named_host)
    return RequestContext(request, connection, host, received_at, request_id, extended_request_id, trace_id)


def recall(context: RequestContext, snapshot: Snapshot) -> Route | None:
    """What `locate` and `find_method` found for the same host, method and path in this snapshot, if it is remembered.

    (A shortcut: 0.5 µs in place of 3. Those two are the plain version, and decide whenever this does not.)
    """
    request = context.request
    known = snapshot.recalled.get(f"{request.method} {context.host}{request.path}")
    if known is None or b"x-http-method-override" in request.last:
        return None
    context.route = known
    context.stage = known.stage
    context.path_parameters = known.path_parameters
    return known


def remember(route: Route, context: RequestContext, snapshot: Snapshot) -> None:
    """Let `recall` find this, unless it depends on more than host, method and path or would cost much memory."""
    request = context.request
    if _is_strict(route) or len(request.path) > _MAX_RECALLED_PATH or context.http_method != request.method:
        return
    recalled = snapshot.recalled
    if len(recalled) >= _MAX_RECALLED:
        recalled.clear()  # cheaper than to know which are old; the busy ones are back at once
    # (One text and not a tuple of three: neither a method nor a host has a slash in it, and there is less to be fetched.)
    recalled[f"{request.method} {context.host}{request.path}"] = route


def locate(context: RequestContext, snapshot: Snapshot) -> Route:
    """Host, mapping, API and stage (facts 2.1, steps 3 to 6)."""
    route = snapshot.locate(context.host, context.request.path)
    context.route = route
    context.stage = route.stage
    if _is_strict(route):
        verify_entrance(route, context)
    return route


def _is_strict(route: Route) -> bool:
    domain = route.domain
    return route.entry.api.strict or (domain is not None and domain.record.endpoint_access_mode == "STRICT")


def verify_entrance(route: Route, context: RequestContext) -> None:
    """Facts 1.7, STRICT: handshake and Host name the same, and an API is entered through an endpoint of its own type.

    The plain entry on loopback has neither a handshake nor a type.
    """
    connection = context.connection
    if connection.entry != "https":
        return
    if connection.server_name != context.host:
        raise GatewayError(HOST_SNI_MISMATCH, host=context.host, server_name=connection.server_name or "no server")
    api = route.entry.api
    if route.domain is not None and api.strict:
        entered = route.domain.record.endpoint_configuration.types
        if not set(entered).intersection(api.endpoint_types):
            raise GatewayError(
                ENDPOINT_TYPE_MISMATCH,
                host=context.host,
                entered=" and ".join(entered),
                api_id=api.api_id,
                wanted=" and ".join(api.endpoint_types),
            )


def find_method(route: Route, context: RequestContext, snapshot: Snapshot) -> None:
    """Resource and method (facts 2.3)."""
    request = context.request
    override = request.header(b"x-http-method-override")
    if override is not None:
        context.http_method = override.decode("latin-1").upper()
    match = route.entry.api.resources.match(context.http_method, route.path)
    if not isinstance(match, ResourceMatch):
        refuse_unrouted(route, context, snapshot, match.explain())
    placed: PlacedMethod = match.method
    route.compiled, route.method = placed.find()
    route.path_parameters = context.path_parameters = match.path_parameters


def validate(method: CompiledMethod, context: RequestContext) -> None:
    """Required parameters are there and not blank (facts 2.6, 10.5)."""
    if not method.required_parameters:
        return
    missing = [name for location, name in method.required_parameters if not _has_parameter(context, location, name)]
    if missing:
        names = ", ".join(missing)
        raise GatewayError(PARAMETERS_MISSING, message=f"Missing required request parameters: [{names}]", names=names)


def _has_parameter(context: RequestContext, location: str, name: str) -> bool:
    match location:
        case "header":
            value = context.request.header(name.lower().encode("latin-1", "replace"))
            return bool(value and value.strip())
        case "path":
            return bool(context.path_parameters.get(name, "").strip())
        case _:
            return any(key == name and value.strip() for key, value in parse_query(context.request.query))


def prepare(method: CompiledMethod, context: RequestContext, ports: Ports) -> BackendRequest | Response:
    """The call of the backend behind the method; or the answer, where the gateway itself stands behind it (facts 7)."""
    integration = method.integration
    if isinstance(integration, HttpIntegration):
        signed = method.authorization_type == "AWS_IAM"
        return build_backend_request(integration, context.request, context, signed=signed)
    if isinstance(integration, MockIntegration):
        return answer_mock(integration, context.request, context)
    if isinstance(integration, LambdaIntegration):
        signed = method.authorization_type == "AWS_IAM"
        return build_function_request(integration, context, ports.invoke_api, signed=signed)
    met = context.method
    assert met is not None, "it was found before"
    raise GatewayError(
        INTEGRATION_NOT_SERVED, method=met.http_method, resource=met.resource_path, what=integration.what
    )


def shape(method: CompiledMethod, answer: BackendResponse, context: RequestContext) -> Response:
    """What the client gets of the backend's answer."""
    integration = method.integration
    context.integration_status = answer.status
    context.backend_answer = answer
    if isinstance(integration, LambdaIntegration):
        return shape_function_answer(integration, answer, context)
    assert isinstance(integration, HttpIntegration)  # `prepare` made the call for one of the two
    return shape_backend_response(integration, answer, context)


def refuse(refusal: GatewayError, route: Route | None, context: RequestContext) -> Response:
    """The gateway's own answer, as the API customises it. What cannot be rendered so is rendered as if it were not."""
    if route is not None:
        try:
            return render_gateway_error(refusal, route.entry.api.gateway_responses, context)
        except Exception:  # noqa: BLE001  the client still learns the reason; we learn of the bug
            _LOG.exception("A gateway response of API %s could not be rendered", route.stage.api_id)
    return render_gateway_error(refusal, {}, context)


def tell_retry(refusal: GatewayError, response: Response) -> None:
    """Ours, where it is asked for: in how many seconds a 429 of a meter may be tried again (RFC 9110 section 10.2.3)."""
    retry_in = refusal.facts.get("retry_in")
    if retry_in is not None:
        response.headers.append((b"Retry-After", b"%d" % max(1, ceil(float(retry_in)))))


def respond(response: Response, context: RequestContext) -> None:
    """The headers that every answer carries (facts 2.5)."""
    response.headers.append((b"x-amzn-RequestId", context.request_id.encode()))
    response.headers.append((b"x-amz-apigw-id", context.extended_request_id.encode()))
    context.response = response
    context.status = response.status
    context.response_length = response.size
