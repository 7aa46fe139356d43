"""The control listener as an ASGI application: HTTP in, `dispatch` or one of our own pages, HTTP out.

| path | is |
|---|---|
| `/_gatewright/health`, `/_gatewright/ca.pem`, `/_gatewright/metrics` | our own pages, for anybody who reaches the listener |
| `/console/…` | the web console's place |
| `/_aws/execute-api/{api}/{stage}/…`, `/restapis/{api}/{stage}/_user_request_/…` | invocations as emulators have them, from loopback only |
| everything else | a call of an AWS service |

Rules:
- Paths are taken raw from the request line. A signature covers the bytes that came, and so do API paths.
- Header names are folded to lower case, a repeated field is joined with commas in order of arrival (as SigV4 signs it),
  and bytes that are no UTF-8 come through as surrogate escapes. Invocations get the fields as they came.
- Of a body no more than the limit is kept in memory (`gatewright.controlplane.limits`), and of a large one little before
  the signature of its head holds. What comes after is read and dropped for a while, since a client that is still
  sending would not hear the refusal.
- `Expect: 100-continue` is the server's business: it answers when the body is first read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Protocol, TypeAlias

from gatewright.controlplane.addressee import find_addressee
from gatewright.controlplane.app import Context, dispatch
from gatewright.controlplane.authenticate import claimed_signing_name, read_claim
from gatewright.controlplane.limits import MIB, UNPROVEN_LIMIT, body_limit
from gatewright.controlplane.metrics import CONTENT_TYPE as METRICS_CONTENT_TYPE
from gatewright.core.connection_facts import ConnectionFacts
from gatewright.wire.http import HttpRequest
from gatewright.wire.services import select_service

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

Fields: TypeAlias = Sequence[tuple[bytes, bytes]]

# Facts 7.2: a request to an API carries at most 10 MB.
_INVOCATION_LIMIT = 10 * MIB

# Past the limit so much is still read, so that the refusal is heard; nginx reads on for 30 seconds ("lingering_time").
_LINGER_BYTES = 16 * MIB

# A body is handed to the server in pieces of this size; nearly every answer is one.
_PIECE_BYTES = MIB

_INVOCATION_PATHS = (
    re.compile(r"/_aws/execute-api/(?P<api>[^/]+)(?P<path>/[^/]+(?:/.*)?)", re.DOTALL),
    re.compile(r"/restapis/(?P<api>[^/]+)(?P<stage>/[^/]+)/_user_request_(?P<rest>(?:/.*)?)", re.DOTALL),
)


class ClientGone(Exception):
    """The client closed the connection before its request was complete; nobody is there to answer."""


class Invoke(Protocol):
    """Carries a request to an API through the data plane's pipeline; never raises."""

    async def __call__(
        self,
        connection: ConnectionFacts,
        api_id: str,
        method: str,
        raw_path: str,
        raw_query: str,
        headers: Fields,
        body: bytes,
    ) -> tuple[int, Fields, bytes]:
        """`raw_path` begins with the stage, as at the API's default endpoint."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the content of our own pages comes from."""

    health: Callable[[], Mapping[str, Any]]  # "status" is "ok" when everything is
    ca_pem: Callable[[], bytes]
    metrics: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class _Page:
    status: int
    content_type: str
    content: bytes


def make_application(context: Context, pages: Pages, invoke: Invoke) -> Application:
    """The ASGI application that answers on the control listener."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            try:
                await _answer(scope, receive, send)
            except ClientGone:
                return
        else:
            # WebSocket APIs are served by the HTTPS listener.
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = _text(scope.get("raw_path") or scope["path"].encode())
        if path == "/console" or path.startswith(("/_gatewright/", "/console/")):
            page = _render_page(scope["method"], path, pages)
            await _respond(send, page.status, [(b"content-type", page.content_type.encode())], page.content)
        elif (invocation := match_invocation(path)) is not None:
            if not _is_loopback(scope):
                page = _problem(403, "Invocations over plain HTTP are taken from this machine only.")
                await _respond(send, page.status, [(b"content-type", page.content_type.encode())], page.content)
                return
            await _carry(scope, receive, send, invocation)
        else:
            await _call(scope, receive, send, path)

    async def _carry(scope: Scope, receive: Receive, send: Send, invocation: tuple[str, str]) -> None:
        api_id, raw_path = invocation
        body = await read_body(receive, _INVOCATION_LIMIT)
        peer, peer_port = scope.get("client") or ("127.0.0.1", 0)
        _, local_port = scope.get("server") or ("", 0)
        status, fields, content = await invoke(
            ConnectionFacts("local", peer, peer_port, local_port=local_port or 0),
            api_id,
            scope["method"],
            raw_path,
            _text(scope["query_string"]),
            scope["headers"],
            body,
        )
        await _respond(send, status, fields, content)

    async def _call(scope: Scope, receive: Receive, send: Send, path: str) -> None:
        head = HttpRequest(scope["method"], path, _text(scope["query_string"]), fold_fields(scope["headers"]), b"")
        body = await read_body(receive, _limit_for(head, context))
        response = await dispatch(HttpRequest(head.method, head.path, head.query, head.headers, body), context)
        fields = [(name.encode("latin-1"), value.encode("utf-8", "replace")) for name, value in response.headers]
        await _respond(send, response.status, fields, response.body, method=scope["method"])

    return application


def _limit_for(head: HttpRequest, context: Context) -> int:
    """How much is read of the body of a call."""
    claim = read_claim(head)
    signing_name = claimed_signing_name(claim)
    limit = body_limit(select_service(head, signing_name))
    if limit <= UNPROVEN_LIMIT:
        return limit
    addressee = find_addressee(head, signing_name)
    is_known = addressee is not None and context.admission.recognizes(claim, head, addressee, context.now())
    return limit if is_known else UNPROVEN_LIMIT


def match_invocation(path: str) -> tuple[str, str] | None:
    """The API id and the path at its default endpoint (`/{stage}/…`), when a raw path is an invocation.

    `/restapis/{api}/…` is API Gateway's own path too; there the segment `_user_request_` decides, which no operation has.
    """
    for pattern in _INVOCATION_PATHS:
        if (found := pattern.fullmatch(path)) is not None:
            parts = found.groupdict()
            return parts["api"], parts.get("path") or parts["stage"] + (parts["rest"] or "/")
    return None


async def read_body(receive: Receive, limit: int) -> bytes:
    """The request's body, cut after `limit` + 1 bytes: whoever judges its length sees that it is too long."""
    chunks: list[bytes] = []
    size = 0
    more = True
    while more and size <= limit + _LINGER_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        if size <= limit:
            chunks.append(chunk[: limit + 1 - size])
        size += len(chunk)
    return b"".join(chunks)


def _render_page(method: str, path: str, pages: Pages) -> _Page:
    if method not in ("GET", "HEAD"):
        return _problem(405, f"{path} can be read with GET only.")
    match path:
        case "/_gatewright/health":
            health = pages.health()
            return _Page(200 if health["status"] == "ok" else 503, "application/json", json.dumps(health).encode())
        case "/_gatewright/ca.pem":
            return _Page(200, "application/x-pem-file", pages.ca_pem())
        case "/_gatewright/metrics":
            return _Page(200, METRICS_CONTENT_TYPE, pages.metrics())
    if path.startswith("/_gatewright/"):
        return _problem(404, "There are /_gatewright/health, /_gatewright/ca.pem and /_gatewright/metrics.")
    return _problem(404, "The web console is not part of this installation.")


def _problem(status: int, message: str) -> _Page:
    return _Page(status, "application/json", json.dumps({"message": message}).encode())


def _is_loopback(scope: Scope) -> bool:
    # No address is a Unix socket's, which only this machine can reach.
    client = scope.get("client")
    if client is None:
        return True
    peer = ip_address(client[0])
    # A listener on [::] sees IPv4 peers as ::ffff:127.0.0.1 (RFC 4291 section 2.5.5.2).
    return (getattr(peer, "ipv4_mapped", None) or peer).is_loopback


def fold_fields(fields: Fields) -> dict[str, str]:
    """The header fields by lower-case name, as text; values of a repeated name joined with commas."""
    folded: dict[str, str] = {}
    for raw_name, raw_value in fields:
        name, value = _text(raw_name).lower(), _text(raw_value)
        folded[name] = f"{folded[name]},{value}" if name in folded else value
    return folded


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


async def _respond(send: Send, status: int, fields: Fields, content: bytes, *, method: str = "") -> None:
    headers = [(name, value) for name, value in fields if name.lower() != b"content-length"]
    told = [(name, value) for name, value in fields if name.lower() == b"content-length"]
    # RFC 9110 section 8.6: a 204 has no Content-Length; the one of an answer to HEAD is that of the content left out.
    if method == "HEAD" and told:
        headers += told
    elif status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(content)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    # Each piece waits until the one before it is on its way, so that the server keeps no second copy of an object.
    for start in range(0, max(1, len(content)), _PIECE_BYTES):
        end = start + _PIECE_BYTES
        await send({"type": "http.response.body", "body": content[start:end], "more_body": end < len(content)})


async def _live(receive: Receive, send: Send) -> None:
    """Nothing is opened or closed here; the process that serves the application owns its parts."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
