"""A refusal before the pipeline: to bytes that are no request, or to one that came over the wrong connection."""

from gatewright.core.connection_facts import ConnectionFacts
from gatewright.core.context import RequestContext
from gatewright.core.domains.hostname import parse_host
from gatewright.core.errors import GatewayError
from gatewright.core.http.message import Request, Response
from gatewright.core.responses.gateway_response import render_refusal_response
from gatewright.dataplane.world import World


def answer_refusal(refusal: GatewayError, request: Request, facts: ConnectionFacts, world: World) -> Response:
    """The gateway's own answer; the record has what is known of the request. No API was found that could customise it."""
    received_at = world.now()
    host = parse_host(request.header(b"host") or b"")
    context = RequestContext(request, facts, host, received_at, *world.request_ids(received_at))
    response = render_refusal_response(refusal, context.request_id, context.extended_request_id)
    context.status = response.status
    context.response_length = response.size
    world.record(context, refusal=refusal, latency_ms=0)
    return response
