"""Requests and their contexts as the pipeline makes them, for tests that need no sockets."""

from gatewright.core.connection_facts import ConnectionFacts
from gatewright.core.context import MethodFacts, RequestContext, RouteFacts, StageFacts
from gatewright.core.http.message import Request


def make_connection(**changes: object) -> ConnectionFacts:
    """The facts of an HTTPS connection, with these changes."""
    facts = {
        "entry": "https",
        "peer": "203.0.113.7",
        "peer_port": 50_000,
        "server_name": "www.example.com",
        "tls_version": "TLSv1.3",
        "cipher": "TLS_AES_128_GCM_SHA256",
    }
    return ConnectionFacts(**facts | changes)


HTTPS = make_connection()
REQUEST_ID = "9d2c1f0e-3a4b-4c5d-8e6f-708192a3b4c5"
EXTENDED_ID = "KtF82HGdliAFjxw="
TRACE_ID = "Root=1-6b00fb4b-d89e28031f9e0a8f7686d712"


def make_request(
    method: str = "GET",
    target: str = "/",
    headers: dict[str, str] | list[tuple[str, str]] | None = None,
    body: bytes = b"",
) -> Request:
    """A request as the parser gives it."""
    path, _, query = target.partition("?")
    pairs = headers.items() if isinstance(headers, dict) else headers or []
    fields = [(name.lower().encode(), name.encode(), value.encode("latin-1")) for name, value in pairs]
    return Request(method, path, query, fields, body)


def make_stage(**facts: object) -> StageFacts:
    """The facts of a stage."""
    given = {"account": "000000000000", "api_id": "abcdefghij", "name": "dev", "deployment_id": "dep001"}
    return StageFacts(**given | facts)


def make_method(path: str = "/pets", integration: str = "<MOCK>") -> MethodFacts:
    """The facts of a method."""
    return MethodFacts("r1", path, integration)


#: What a context tells of its route, by its own names.
_ROUTE_FACTS = {"base_path": "base_path", "domain_name": "domain_name", "method": "method", "routed_path": "path"}


def make_context(
    request: Request | None = None, connection: ConnectionFacts = HTTPS, **facts: object
) -> RequestContext:
    """The context of a request that reached its method; `facts` are set on it, or on its route."""
    context = RequestContext(
        request or make_request(), connection, "www.example.com", 1_795_225_000.25, REQUEST_ID, EXTENDED_ID, TRACE_ID
    )
    of_route = {_ROUTE_FACTS[name]: facts.pop(name) for name in list(facts) if name in _ROUTE_FACTS}
    if of_route:
        context.route = RouteFacts(facts.get("stage") or make_stage(), "/")
        for name, value in of_route.items():
            setattr(context.route, name, value)
    for name, value in facts.items():
        setattr(context, name, value)
    return context
