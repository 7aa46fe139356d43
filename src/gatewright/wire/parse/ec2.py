"""Amazon EC2's variant of the query protocol: names are capitalised, and every list is flattened.

A member's field name is its `queryName`, else its `locationName` with a capital, else its own name. An element's name
is never used: `SecurityGroupId.1`, not `SecurityGroupId.item.1`.
"""

from typing import Any

from botocore.model import Shape

from gatewright.wire.http import HttpRequest
from gatewright.wire.operation_router import RoutedOperation
from gatewright.wire.parse.query import FormReader, Node


def parse(routed: RoutedOperation, request: HttpRequest) -> dict[str, Any]:
    """The input of an EC2 call."""
    return _Ec2FormReader().parse(routed, request)


class _Ec2FormReader(FormReader):
    def member_name(self, name: str, member: Shape) -> str:
        serialization = member.serialization
        query_name: str | None = serialization.get("queryName")
        if query_name is not None:
            return query_name
        wire_name: str = serialization.get("name", name)
        return wire_name[0].upper() + wire_name[1:] if "name" in serialization else wire_name

    def list_elements(self, shape: Shape, node: Node) -> Node:
        del shape  # every list is flattened, whatever the model says
        return node
