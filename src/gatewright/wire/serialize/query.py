"""The query protocol's answer: `<XResponse><XResult>…</XResult><ResponseMetadata><RequestId>`, in the service's namespace."""

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from botocore.model import OperationModel

from gatewright.wire.http import HttpResponse
from gatewright.wire.serialize.xml_value import add_members, add_text, render_xml

XML_CONTENT_TYPE = "text/xml"


def serialize(operation: OperationModel, result: Mapping[str, Any], status: int, request_id: str) -> HttpResponse:
    """The answer to a query call; an operation without output has the request id alone."""
    root = Element(f"{operation.name}Response", {"xmlns": operation.metadata["xmlNamespace"]})
    shape = operation.output_shape
    if shape is None:
        assert not result, f"Our own bug: {operation.name} has no output, but was given {sorted(result)}."
    else:
        add_members(SubElement(root, shape.serialization["resultWrapper"]), shape, result)
    add_text(SubElement(root, "ResponseMetadata"), "RequestId", request_id)
    headers = [("x-amzn-RequestId", request_id), ("Content-Type", XML_CONTENT_TYPE)]
    return HttpResponse(status, headers, render_xml(root))
