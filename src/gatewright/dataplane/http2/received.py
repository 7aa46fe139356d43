"""What a session of HTTP/2 gives its caller: whole requests, and requests that the gateway answers itself."""

from typing import NamedTuple, TypeAlias

from gatewright.core.errors import GatewayError
from gatewright.core.http.message import Request


class ReceivedRequest(NamedTuple):
    """A whole request; the caller owes it one `respond`."""

    stream_id: int
    request: Request
    authority: bytes


class ReceivedRefusal(NamedTuple):
    """A request that the gateway answers itself; the caller owes it one `respond`. `request` is what was read of it."""

    stream_id: int
    refusal: GatewayError
    request: Request


Received: TypeAlias = ReceivedRequest | ReceivedRefusal
