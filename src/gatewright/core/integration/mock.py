"""MOCK integrations: the gateway itself answers with the status that the request template names (facts 7.1).

The template, or the request's body where no template applies, must be a JSON object with an integer `statusCode`. The
service reads it leniently, as many examples write `{statusCode: 200}`; so do we.
"""

import json
import re
from collections.abc import Sequence
from typing import Final

from gatewright.core.context import RequestContext
from gatewright.core.errors import GatewayError
from gatewright.core.http.message import Request, Response
from gatewright.core.integration.http import (
    BackendResponse,
    ResponseMapping,
    select_response,
    shape_mapped_response,
)
from gatewright.core.integration.templates import Templates
from gatewright.core.reasons import MOCK_WITHOUT_STATUS, NO_OUTPUT_MAPPING

_LENIENT: Final = re.compile(r"""\{\s*["']?statusCode["']?\s*:\s*["']?(\d{3})["']?\s*[,}]""")


def parse_mock_status(text: str) -> int | None:
    """The status that a rendered request template asks for; None when it names none between 100 and 599."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        found = _LENIENT.match(text.strip())
        status: object = int(found[1]) if found else None
    else:
        status = document.get("statusCode") if isinstance(document, dict) else None
    if isinstance(status, str) and len(status) == 3 and status.isdecimal():
        status = int(status)
    if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
        return None
    return status


class MockIntegration:
    """A compiled MOCK integration in one stage, of one method or of all that are alike."""

    __slots__ = ("passthrough", "request_templates", "responses")

    def __init__(self, request_templates: Templates, passthrough: str, responses: Sequence[ResponseMapping]) -> None:
        self.request_templates = request_templates
        self.passthrough = passthrough
        self.responses = tuple(responses)

    def __repr__(self) -> str:
        return f"<MOCK with {len(self.responses)} responses>"


def answer_mock(integration: MockIntegration, request: Request, context: RequestContext) -> Response:
    """The answer of a MOCK integration. Its body is the response template's, or empty."""
    media_type = integration.request_templates.select_for_request(request, integration.passthrough)
    if media_type is None:
        text = request.body.decode("utf-8", "replace")
    else:
        text = integration.request_templates.render(media_type, context)
    status = parse_mock_status(text)
    if status is None:
        raise GatewayError(MOCK_WITHOUT_STATUS)
    chosen = select_response(integration.responses, str(status))
    if chosen is None:
        raise GatewayError(NO_OUTPUT_MAPPING, backend_status=status)
    return shape_mapped_response(chosen, BackendResponse(status, (), b""), context)
