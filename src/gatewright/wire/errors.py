"""A refusal as the HTTP response a client of its protocol understands.

| protocol | where the code stands | body |
|---|---|---|
| rest-json | header `x-amzn-ErrorType` | `{"message": …}` and the error's own members |
| json | `__type` | the same object |
| query | `<Code>` | `<ErrorResponse><Error><Type/><Code/><Message/>…</Error><RequestId/>` |
| rest-xml | `<Code>` | as query; Amazon S3 has `<Error>` alone |
| ec2 | `<Code>` | `<Response><Errors><Error><Code/><Message/>…</Error></Errors><RequestID/>` |
| smithy-rpc-v2-cbor | `__type` | the object, as CBOR |

A code is looked up in the model by its shape's name or by its `error.code`; the model then gives status, members and
spelling. A code that the model does not know (SerializationException and the like, which belong to the front doors of
all services) is sent as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from botocore.model import OperationModel, ServiceModel, Shape

from gatewright.wire.cbor import encode_cbor
from gatewright.wire.http import HttpResponse
from gatewright.wire.serialize.ec2 import EC2_CONTENT_TYPE
from gatewright.wire.serialize.json import json_content_type
from gatewright.wire.serialize.json_value import json_members, render_json
from gatewright.wire.serialize.query import XML_CONTENT_TYPE
from gatewright.wire.serialize.rest import header_text, location_headers
from gatewright.wire.serialize.rest_xml import request_id_header, rest_xml_namespace
from gatewright.wire.serialize.rpc_v2_cbor import CBOR_HEADERS, cbor_members
from gatewright.wire.serialize.xml_value import add_members, add_text, render_xml
from gatewright.wire.services import default_protocol


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What every protocol says, each in its way."""

    service: ServiceModel
    shape: Shape | None
    code: str
    message: str
    status: int
    request_id: str
    members: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def type_name(self) -> str:
        """The name by which json and cbor clients know the error: the shape's."""
        return self.code if self.shape is None else self.shape.name

    @property
    def wire_code(self) -> str:
        """The code by which query and XML clients know the error: the model's `error.code`, where it has one."""
        return self.code if self.shape is None else self.shape.error_code

    @property
    def party(self) -> str:
        """Who is at fault, in the query protocol's words."""
        return "Sender" if self.status < 500 else "Receiver"

    @property
    def message_member(self) -> str | None:
        """The member of the shape that holds the message: `message`, `Message`, or none."""
        names = () if self.shape is None else self.shape.members
        return next((name for name in names if name.lower() == "message"), None)

    @property
    def all_members(self) -> Mapping[str, Any]:
        """The members, the message among them when the shape has a place for it."""
        return self.members if self.message_member is None else {**self.members, self.message_member: self.message}


def serialize_error(
    service: ServiceModel,
    operation: OperationModel | None,
    code: str,
    message: str,
    *,
    status: int | None,
    request_id: str,
    members: Mapping[str, Any] | None = None,
    protocol: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The answer to a call that is refused.

    `status` None takes the model's, else 400; `operation` is None when the call was refused before it was routed;
    `protocol` as for `serialize_response`.
    """
    shape = _find_shape(service, code)
    named_freely = service.service_name == "s3"
    assert shape or named_freely or not members, f"Our own bug: the unmodelled error {code} was given members."
    status = status or _modelled_status(shape)
    refusal = _Refusal(service, shape, code, message, status, request_id, members or {}, headers or {})
    response = _SERIALIZERS[protocol or default_protocol(service)](refusal)
    added = [(name, header_text(value)) for name, value in refusal.headers.items()]
    if status == 304 or (operation is not None and operation.http.get("method") == "HEAD"):
        # RFC 9110 sections 9.3.2 and 15.4.5: an answer to HEAD, and a 304, have no content; S3 clients go by the status.
        kept = [(name, value) for name, value in response.headers if name != "Content-Type"]
        return HttpResponse(status, [*kept, *added], b"")
    return HttpResponse(status, [*response.headers, *added], response.body)


def _find_shape(service: ServiceModel, code: str) -> Shape | None:
    matching = [shape for shape in service.error_shapes if code in (shape.name, shape.error_code)]
    # A few shapes share an `error.code`; the one that bears the name exactly is meant then.
    return max(matching, key=lambda shape: shape.name == code, default=None)


def _modelled_status(shape: Shape | None) -> int:
    if shape is None:
        return 400
    error = shape.metadata.get("error", {})
    # The json protocol's older models name no status: 400 for the sender's fault, 500 for the service's.
    status: int = error.get("httpStatusCode", 500 if shape.metadata.get("fault") else 400)
    return status


def _rest_json(refusal: _Refusal) -> HttpResponse:
    headers = [("x-amzn-RequestId", refusal.request_id), ("x-amzn-ErrorType", header_text(refusal.type_name))]
    if refusal.shape is not None:
        headers += location_headers(refusal.shape, refusal.members)
    headers.append(("Content-Type", "application/json"))
    return HttpResponse(refusal.status, headers, render_json(_json_body(refusal)))


def _json(refusal: _Refusal) -> HttpResponse:
    headers = [("x-amzn-RequestId", refusal.request_id), *_query_error_header(refusal)]
    headers.append(("Content-Type", json_content_type(refusal.service.metadata)))
    return HttpResponse(refusal.status, headers, render_json({"__type": refusal.type_name, **_json_body(refusal)}))


def _json_body(refusal: _Refusal) -> dict[str, Any]:
    body = {} if refusal.shape is None else json_members(refusal.shape, refusal.all_members)
    return body if refusal.message_member is not None else {"message": refusal.message, **body}


def _cbor(refusal: _Refusal) -> HttpResponse:
    body = {} if refusal.shape is None else cbor_members(refusal.shape, refusal.all_members)
    if refusal.message_member is None:
        body = {"message": refusal.message, **body}
    headers = [("x-amzn-RequestId", refusal.request_id), *_query_error_header(refusal), *CBOR_HEADERS]
    return HttpResponse(refusal.status, headers, encode_cbor({"__type": refusal.type_name, **body}))


def _query_error_header(refusal: _Refusal) -> list[tuple[str, str]]:
    # Smithy's awsQueryCompatible trait: a service that left the query protocol still tells that protocol's code.
    if "awsQueryCompatible" not in refusal.service.metadata:
        return []
    return [("x-amzn-query-error", header_text(f"{refusal.wire_code};{refusal.party}"))]


def _query(refusal: _Refusal) -> HttpResponse:
    headers = [("x-amzn-RequestId", refusal.request_id), ("Content-Type", XML_CONTENT_TYPE)]
    return _error_response(refusal, refusal.service.metadata["xmlNamespace"], headers)


def _rest_xml(refusal: _Refusal) -> HttpResponse:
    headers = [request_id_header(refusal.service, refusal.request_id)]
    if refusal.service.service_name == "s3":
        return _s3(refusal, headers)
    headers.append(("Content-Type", XML_CONTENT_TYPE))
    return _error_response(refusal, rest_xml_namespace(refusal.service), headers)


def _error_response(refusal: _Refusal, namespace: str, headers: list[tuple[str, str]]) -> HttpResponse:
    root = Element("ErrorResponse", {"xmlns": namespace})
    error = SubElement(root, "Error")
    add_text(error, "Type", refusal.party)
    _add_error(error, refusal)
    add_text(root, "RequestId", refusal.request_id)
    return HttpResponse(refusal.status, headers, render_xml(root))


def _s3(refusal: _Refusal, headers: list[tuple[str, str]]) -> HttpResponse:
    # Amazon S3 API reference, "REST error responses": no wrapper, no namespace; elements that hardly any model names.
    root = Element("Error")
    add_text(root, "Code", refusal.wire_code)
    add_text(root, "Message", refusal.message)
    for name, value in refusal.members.items():
        add_text(root, name, str(value))
    add_text(root, "RequestId", refusal.request_id)
    return HttpResponse(refusal.status, [*headers, ("Content-Type", "application/xml")], render_xml(root))


def _ec2(refusal: _Refusal) -> HttpResponse:
    root = Element("Response")
    _add_error(SubElement(SubElement(root, "Errors"), "Error"), refusal)
    add_text(root, "RequestID", refusal.request_id)
    headers = [("x-amzn-RequestId", refusal.request_id), ("Content-Type", EC2_CONTENT_TYPE)]
    return HttpResponse(refusal.status, headers, render_xml(root))


def _add_error(error: Element, refusal: _Refusal) -> None:
    add_text(error, "Code", refusal.wire_code)
    # `Message`, also where the model spells the member `message` as IAM's does: that is what the service sends.
    add_text(error, "Message", refusal.message)
    if refusal.shape is not None:
        add_members(error, refusal.shape, refusal.members)


_SERIALIZERS = {
    "rest-json": _rest_json,
    "json": _json,
    "query": _query,
    "rest-xml": _rest_xml,
    "ec2": _ec2,
    "smithy-rpc-v2-cbor": _cbor,
}
