"""botocore as the other end of the wire: its client's requests as we receive them, our answers as its client reads them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import HeadersDict, create_request_object, prepare_request_dict
from botocore.model import OperationModel, Shape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from gatewright.wire.http import HttpRequest, HttpResponse


def client_request(operation: OperationModel, params: Mapping[str, Any], protocol: str) -> HttpRequest:
    """The request that botocore's client sends for the parameters."""
    serializer = create_serializer(protocol, include_validation=False)
    request_dict = serializer.serialize_to_request(params, operation)
    # Endpoint rules put S3's bucket and others' prefixes into the host; we are one endpoint (DESIGN 1).
    request_dict.pop("host_prefix", None)
    prepare_request_dict(request_dict, "http://127.0.0.1:4566", {"signing": {}}, "oracle")
    prepared = create_request_object(request_dict).prepare()
    url = urlsplit(prepared.url)
    headers = {name.lower(): _text(value) for name, value in prepared.headers.items()}
    # The HTTP library's, unless the operation has a member of this name: then it is the parameter's.
    if "ContentLength" not in params:
        headers.pop("content-length", None)
    body = prepared.body or b""
    return HttpRequest(
        prepared.method, url.path, url.query, headers, body if isinstance(body, bytes) else body.encode()
    )


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def client_reading(response: HttpResponse, shape: Shape | None, protocol: str) -> dict[str, Any]:
    """What botocore's client makes of an answer, with `ResponseMetadata` as it is."""
    parsed: dict[str, Any] = create_parser(protocol).parse(
        {"status_code": response.status, "headers": HeadersDict(response.headers), "body": response.body}, shape
    )
    return parsed
