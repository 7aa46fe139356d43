"""From an operation's result to the HTTP response a client of its protocol understands.

The result is plain Python values by the names of the model, as `parse` gives them for inputs. A member that is
None is the same as absent, at every depth. A name that the model does not know is our own bug, and asserted.
"""

from collections.abc import Mapping
from typing import Any

from botocore.model import OperationModel

from gatewright.wire.http import HttpResponse
from gatewright.wire.serialize import ec2, json, query, rest_json, rest_xml, rpc_v2_cbor
from gatewright.wire.services import default_protocol

__all__ = ["serialize_response"]

_SERIALIZERS = {
    "rest-json": rest_json.serialize,
    "rest-xml": rest_xml.serialize,
    "json": json.serialize,
    "query": query.serialize,
    "ec2": ec2.serialize,
    "smithy-rpc-v2-cbor": rpc_v2_cbor.serialize,
}


def serialize_response(
    operation: OperationModel,
    result: Mapping[str, Any],
    *,
    status: int | None = None,
    request_id: str,
    protocol: str | None = None,
) -> HttpResponse:
    """The answer to a call that went well.

    The status is the model's unless one is given; the protocol is the service's, unless the call came in another
    (`RoutedOperation.protocol`), which only CloudWatch's and ACM PCA's do.
    """
    protocol = protocol or default_protocol(operation.service_model)
    status = status or operation.http.get("responseCode", 200)
    return _SERIALIZERS[protocol](operation, result, status, request_id)
