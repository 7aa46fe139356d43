"""Amazon EC2's answer: as in `query`, without the result element, and with `requestId` among the members."""

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from botocore.model import OperationModel

from gatewright.wire.http import HttpResponse
from gatewright.wire.serialize.xml_value import add_members, add_text, render_xml

EC2_CONTENT_TYPE = "text/xml;charset=UTF-8"


def serialize(operation: OperationModel, result: Mapping[str, Any], status: int, request_id: str) -> HttpResponse:
    """The answer to an EC2 call; an operation without output says `<return>true</return>`, as AWS does."""
    # The service writes its namespace with a slash at the end, where the model has none (EC2 API reference, examples).
    root = Element(f"{operation.name}Response", {"xmlns": operation.metadata["xmlNamespace"] + "/"})
    add_text(root, "requestId", request_id)
    shape = operation.output_shape
    if shape is None:
        assert not result, f"Our own bug: {operation.name} has no output, but was given {sorted(result)}."
        add_text(root, "return", "true")
    else:
        add_members(root, shape, result)
    headers = [("x-amzn-RequestId", request_id), ("Content-Type", EC2_CONTENT_TYPE)]
    return HttpResponse(status, headers, render_xml(root))
