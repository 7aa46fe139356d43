"""What the client sees when the gateway itself answers: the one place where a `GatewayError` becomes a response.

Facts 2.5 and 2.6. The default body's spelling depends on who speaks (compact at the front door, one space in the
execution engine, a capital `Message` for denials). A customised gateway response replaces status, headers and body;
its templates know simple substitution only, and `x-amzn-ErrorType` is sent all the same.
"""

import json
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from gatewright.core.context import RequestContext
from gatewright.core.errors import GatewayError
from gatewright.core.http.header_treatment import RESPONSE_OURS
from gatewright.core.http.message import Response
from gatewright.core.integration.templates import select_media_type
from gatewright.core.mapping.expression import parse_mapping_expression
from gatewright.core.mapping.values import RequestSource, compile_request_source, encode_header_value
from gatewright.core.reasons import REQUEST_TOO_LARGE
from gatewright.core.responses.gateway_response_types import select_customisation

# A brace behind a name is the variable's only if one stands before it: `{"message":$context.error.messageString}`.
_VARIABLE: Final = re.compile(
    r"\$(?P<opened>\{)?"
    r"(?P<name>(?:context|stageVariables|method\.request\.(?:header|querystring|path))\.[A-Za-z0-9._-]*[A-Za-z0-9_])"
    r"(?(opened)\})"
)

#: REQUEST_TOO_LARGE cannot be customised, and its body is plain text (facts 2.6, recorded).
_TOO_LARGE: Final = b"HTTP content length exceeded 10485760 bytes."


class CustomResponse(NamedTuple):
    """A customised gateway response, compiled; `status` None keeps the default one."""

    status: int | None
    headers: tuple[tuple[bytes, RequestSource], ...]
    templates: Mapping[str, str]


#: By gateway response type; which of them applies, `select_customisation` says.
GatewayResponses = Mapping[str, CustomResponse]


def render_template(template: str, context: RequestContext) -> str:
    """A gateway response template with its variables filled in; an unknown variable leaves nothing."""

    def fill(found: re.Match[str]) -> str:
        name = found["name"]
        if name == "context.error.messageString":
            return json.dumps(context.error_message)
        try:
            return compile_request_source(parse_mapping_expression(name))(context) or ""
        except ValueError:
            return ""

    return _VARIABLE.sub(fill, template)


def render_refusal_response(error: GatewayError, request_id: str, extended_request_id: str) -> Response:
    """The response to bytes that never became a request: nothing to address, nothing to customise."""
    reason = error.reason
    too_large = reason is REQUEST_TOO_LARGE
    return Response(
        reason.status,
        [
            (b"Content-Type", b"text/plain" if too_large else b"application/json"),
            (b"x-amzn-ErrorType", error.error_type.encode()),
            (b"x-amzn-RequestId", request_id.encode()),
            (b"x-amz-apigw-id", extended_request_id.encode()),
        ],
        _TOO_LARGE if too_large else (reason.spelling.value % json.dumps(error.message)).encode(),
    )


def render_gateway_error(error: GatewayError, responses: GatewayResponses, context: RequestContext) -> Response:
    """The response for an error; `context` learns the error's message and type for logs."""
    reason = error.reason
    context.integration_error = error.integration_error
    context.error_message = error.message
    context.error_type = error.error_type
    context.response_type = reason.response_type
    custom = select_customisation(reason.response_type, responses)
    status, body, content_type = reason.status, None, "application/json"
    headers: list[tuple[bytes, bytes]] = []
    if custom is not None:
        if (
            custom.status is not None and custom.status >= 200
        ):  # RFC 9110 section 15.2: after a 1xx an answer would follow
            status = custom.status
        for name, source in custom.headers:
            text = source(context)
            value = None if text is None else encode_header_value(text)
            if value is not None and name.lower() not in RESPONSE_OURS:
                headers.append((name, value))
        media_type = select_media_type(custom.templates, context.request.header(b"accept"))
        if media_type is not None:
            content_type = media_type
            body = render_template(custom.templates[media_type], context)
    if body is None:
        body = reason.spelling.value % json.dumps(error.message)
    if not any(name.lower() == b"content-type" for name, _ in headers):
        headers.insert(0, (b"Content-Type", content_type.encode()))
    headers.append((b"x-amzn-ErrorType", error.error_type.encode()))
    if reason.traced:
        headers.append((b"X-Amzn-Trace-Id", context.trace_id.encode()))
    return Response(status, headers, body.encode("utf-8", "replace"))
