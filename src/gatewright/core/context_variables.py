"""`$context`: what mappings, gateway responses and access logs may ask about one request (facts 8.3).

The variables are a table from name to a function of the facts; nothing is computed until a name is asked for. Names
that are not in the table, and facts that do not apply, have no value: a mapping then sets nothing, a log prints `-`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring as _quote
from typing import Final

from gatewright.core.connection_facts import describe_client
from gatewright.core.context import RequestContext
from gatewright.core.decimals import decimal


def read_variable(context: RequestContext, name: str) -> str | None:
    """The value of `$context.{name}`, or None."""
    read = find_reader(name)
    return None if read is None else read(context)


def logged_reader(name: str) -> Callable[[RequestContext], str | None] | None:
    """What reads `$context.{name}` for an access log, which tells of a client's certificate only when it was refused.

    Facts 3.4: in mappings and events the variables are there on success. None: there is no such variable.
    """
    read = find_reader(name)
    if read is None or not name.startswith(_CLIENT_CERTIFICATE):
        return read
    return _only_of_refused(read)


def find_reader(name: str) -> Callable[[RequestContext], str | None] | None:
    """What reads `$context.{name}`; None: there is no such variable."""
    read = _VARIABLES.get(name)
    if read is None and name.startswith(_AUTHORIZER):
        return _read_property(name[len(_AUTHORIZER) :])
    return read


def _read_property(name: str) -> Callable[[RequestContext], str | None]:
    """`$context.authorizer.{name}`: what the authorizer's function gave under that name."""

    def read(context: RequestContext) -> str | None:
        return None if context.authorizer is None else context.authorizer.properties.get(name)

    return read


def _only_of_refused(
    read: Callable[[RequestContext], str | None],
) -> Callable[[RequestContext], str | None]:
    def read_refused(context: RequestContext) -> str | None:
        return None if context.client is None or context.client.reason is None else read(context)

    return read_refused


_AUTHORIZER: Final = "authorizer."
_CLIENT_CERTIFICATE: Final = "identity.clientCert."


def _client(context: RequestContext, name: str) -> str | None:
    """Of a certificate that the domain asked for; what a connection brought along for another is not told."""
    return None if context.client is None else describe_client(context.connection).get(name)


def _text(number: int | None) -> str | None:
    return None if number is None else decimal(number)


def _header(context: RequestContext, name: bytes) -> str | None:
    value = context.request.header(name)
    return None if value is None else value.decode("latin-1")


def render_request_time(instant: float) -> str:
    """`$context.requestTime`: `dd/MMM/yyyy:HH:mm:ss +0000`."""
    return _render_second(int(instant))


# (A shortcut: 2 µs less for a logged request; those of a moment ago are asked for.)
@lru_cache(maxsize=64)
def _render_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")


def _quoted(text: str | None) -> str | None:
    """D: "the quoted value". Guess: quoted as JSON does."""
    return None if text is None else _quote(text)


#: Facts 2.6: how the answer of a failed authentication is typed.
_NOT_AUTHENTICATED: Final = frozenset({"MISSING_AUTHENTICATION_TOKEN", "INVALID_SIGNATURE", "EXPIRED_TOKEN"})


def _authenticate_status(context: RequestContext) -> str | None:
    if context.caller is not None:
        return "200"
    return _text(context.status) if context.response_type in _NOT_AUTHENTICATED else None


def _authenticate_error(context: RequestContext) -> str | None:
    return context.error_message if context.response_type in _NOT_AUTHENTICATED else None


def _authorize_status(context: RequestContext) -> str | None:
    if context.response_type == "ACCESS_DENIED":
        return _text(context.status)
    if context.authorizer is not None and context.authorizer.principal_id is not None:
        return "200"
    return None if context.caller is None else "200"


def _authorize_error(context: RequestContext) -> str | None:
    return context.error_message if context.response_type == "ACCESS_DENIED" else None


def _answered_status(context: RequestContext) -> str | None:
    """`integration.status`: what the backend's answer says; of a function the statusCode, not that of Lambda (facts 8.3)."""
    if context.backend_request is None or context.backend_request.function_path is None:
        return _text(context.integration_status)
    return None if context.response_type is not None else _text(context.status)


def _endpoint_request_id(context: RequestContext) -> str | None:
    """What an AWS service, or another gateway, calls the request that we made."""
    if context.backend_answer is None:
        return None
    for lower, _, value in context.backend_answer.headers:
        if lower in _ENDPOINT_REQUEST_IDS:
            return value.decode("latin-1")
    return None


#: D: awsEndpointRequestId comes from either.
_ENDPOINT_REQUEST_IDS: Final = frozenset({b"x-amzn-requestid", b"x-amz-request-id"})


_VARIABLES: Final[Mapping[str, Callable[[RequestContext], str | None]]] = {
    "accountId": lambda c: c.stage.account if c.stage else None,
    "apiId": lambda c: c.stage.api_id if c.stage else None,
    "authenticate.error": _authenticate_error,
    "authenticate.status": _authenticate_status,
    "authorize.error": _authorize_error,
    "authorize.status": _authorize_status,
    "authorizer.error": lambda c: c.authorizer.error if c.authorizer else None,
    "authorizer.integrationLatency": lambda c: _text(c.authorizer.latency_ms) if c.authorizer else None,
    "authorizer.integrationStatus": lambda c: _text(c.authorizer.status) if c.authorizer else None,
    "authorizer.latency": lambda c: _text(c.authorizer.latency_ms) if c.authorizer else None,
    "authorizer.principalId": lambda c: c.authorizer.principal_id if c.authorizer else None,
    "authorizer.requestId": lambda c: c.authorizer.request_id if c.authorizer else None,
    "authorizer.status": lambda c: _text(c.authorizer.status) if c.authorizer else None,
    "awsEndpointRequestId": _endpoint_request_id,
    "cipherSuite": lambda c: c.connection.cipher,
    "customDomain.basePathMatched": lambda c: c.base_path,
    "deploymentId": lambda c: c.stage.deployment_id if c.stage else None,
    "domainName": lambda c: c.host,
    "domainPrefix": lambda c: c.host.partition(".")[0],
    "endpointType": lambda c: c.stage.endpoint_type if c.stage else None,
    "error.message": lambda c: c.error_message,
    "error.messageString": lambda c: _quoted(c.error_message),
    "error.responseType": lambda c: c.response_type,
    "extendedRequestId": lambda c: c.extended_request_id,
    "httpMethod": lambda c: c.http_method,
    "identity.accessKey": lambda c: c.caller.access_key_id if c.caller else None,
    "identity.accountId": lambda c: c.caller.account if c.caller else None,
    "identity.apiKey": lambda c: c.api_key,
    "identity.apiKeyId": lambda c: c.api_key_id,
    "identity.caller": lambda c: c.caller.user_id if c.caller else None,
    "identity.clientCert.clientCertPem": lambda c: _client(c, "clientCertPem"),
    "identity.clientCert.issuerDN": lambda c: _client(c, "issuerDN"),
    "identity.clientCert.serialNumber": lambda c: _client(c, "serialNumber"),
    "identity.clientCert.subjectDN": lambda c: _client(c, "subjectDN"),
    "identity.clientCert.validity.notAfter": lambda c: _client(c, "validity.notAfter"),
    "identity.clientCert.validity.notBefore": lambda c: _client(c, "validity.notBefore"),
    "identity.sourceIp": lambda c: c.connection.peer,
    "identity.user": lambda c: c.caller.user_id if c.caller else None,
    "identity.userAgent": lambda c: _header(c, b"user-agent"),
    "identity.userArn": lambda c: c.caller.arn if c.caller else None,
    "integration.error": lambda c: c.integration_error,
    "integration.integrationStatus": lambda c: _text(c.integration_status),
    "integration.latency": lambda c: _text(c.integration_latency_ms),
    "integration.requestId": _endpoint_request_id,
    # D: a streamed answer would be STREAM; every answer is awaited whole.
    "integration.responseTransferMode": lambda c: None if c.integration_latency_ms is None else "BUFFERED",
    "integration.status": _answered_status,
    "integrationLatency": lambda c: _text(c.integration_latency_ms),
    "integrationStatus": lambda c: _text(c.integration_status),
    "path": lambda c: c.request.path,
    "protocol": lambda c: c.request.protocol,
    "requestId": lambda c: c.request_id,
    "requestTime": lambda c: render_request_time(c.received_at),
    "requestTimeEpoch": lambda c: str(int(c.received_at * 1000)),
    "resourceId": lambda c: c.method.resource_id if c.method else None,
    "resourcePath": lambda c: c.method.resource_path if c.method else None,
    "responseLatency": lambda c: _text(c.response_latency_ms),
    "responseLength": lambda c: _text(c.response_length),
    "stage": lambda c: c.stage.name if c.stage else None,
    "status": lambda c: _text(c.status),
    "tlsVersion": lambda c: c.connection.tls_version,
    "xrayTraceId": lambda c: c.trace_id,
}
