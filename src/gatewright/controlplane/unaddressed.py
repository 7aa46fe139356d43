"""The answer to a request that is for none of the served services; there is no model to say how errors look.

So the form follows the client: a form post comes from a query-protocol client, which reads XML; everybody else reads
JSON, with the error's name where the JSON protocols have it.
"""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

from gatewright.wire.form import FORM_CONTENT_TYPE
from gatewright.wire.http import HttpRequest, HttpResponse
from gatewright.wire.services import SERVED


def refuse_unaddressed(request: HttpRequest, signing_name: str | None, request_id: str) -> HttpResponse:
    """An error for the client that says which services there are."""
    if signing_name is None:
        # R: what AWS's front ends say when neither target nor action leads anywhere.
        code, status = "AccessDeniedException", 403
        message = "Unable to determine service/operation name to be authorized"
    else:
        code, status = "UnknownOperationException", 404
        message = f"Gatewright does not serve the service {signing_name!r}. It serves {', '.join(sorted(SERVED))}."
    message = message.encode("ascii", "backslashreplace").decode("ascii")
    if request.headers.get("content-type", "").startswith(FORM_CONTENT_TYPE):
        document = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        return _respond(status, code, "text/xml", document, request_id)
    document = json.dumps({"__type": code, "message": message})
    return _respond(status, code, "application/json", document, request_id)


def _respond(status: int, code: str, content_type: str, document: str, request_id: str) -> HttpResponse:
    headers = [("x-amzn-RequestId", request_id), ("x-amzn-ErrorType", code), ("Content-Type", content_type)]
    return HttpResponse(status, headers, document.encode())
