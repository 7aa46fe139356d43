"""Why a request met no method: host, endpoint, mapping, stage, route (facts 2.1, steps 3 to 6)."""

from typing import Final

from gatewright.core.reasons.reason import Evidence, Reason, Spelling, front

HOST_UNKNOWN: Final = front(
    "HOST_UNKNOWN",
    "DEFAULT_4XX",
    "ForbiddenException",
    "Forbidden",
    summary="No API, default endpoint or custom domain name of this gateway is called {host}.",
    remedy="Send the request to a custom domain name that exists, or to {{api}}.execute-api.{{region}}.{suffix}.",
    evidence=Evidence.RECORDED,
    citation="facts 2.1 step 3",
)
DOMAIN_NOT_FOUND: Final = front(
    "DOMAIN_NOT_FOUND",
    "DEFAULT_4XX",
    "ForbiddenException",
    "Forbidden",
    summary="{host} is no custom domain name of this gateway.",
    remedy="Create it: aws apigateway create-domain-name --domain-name {host} --regional-certificate-arn …",
    evidence=Evidence.RECORDED,
    citation="facts 2.1 step 3",
)
DEFAULT_ENDPOINT_DISABLED: Final = front(
    "DEFAULT_ENDPOINT_DISABLED",
    "DEFAULT_4XX",
    "ForbiddenException",
    "Forbidden",
    summary="The default endpoint of API {api_id} is disabled in the deployment that stage {stage} serves.",
    remedy="Use the API's custom domain name, or set disableExecuteApiEndpoint to false and deploy again.",
    evidence=Evidence.SEEN,
    citation="facts 2.1 step 4",
)
HOST_SNI_MISMATCH: Final = front(
    "HOST_SNI_MISMATCH",
    "DEFAULT_4XX",
    "ForbiddenException",
    "Forbidden",
    summary="The handshake named {server_name} and the request's Host is {host}; the endpoint access mode is STRICT.",
    remedy="Let the client send the same name in both, or set the endpointAccessMode of domain and API to BASIC.",
    evidence=Evidence.GUESSED,
    citation="facts 1.7; the rule is documented, the answer a guess",
)
ENDPOINT_TYPE_MISMATCH: Final = front(
    "ENDPOINT_TYPE_MISMATCH",
    "DEFAULT_4XX",
    "ForbiddenException",
    "Forbidden",
    summary="{host} is an endpoint of type {entered} and API {api_id}, whose access mode is STRICT, one of type {wanted}.",
    remedy="Map the API to a domain name of its own endpoint type, or set its endpointAccessMode to BASIC and deploy it.",
    evidence=Evidence.GUESSED,
    citation="facts 1.7; the rule is documented, the answer a guess",
)
AUTHORITY_MISDIRECTED: Final = Reason(
    "AUTHORITY_MISDIRECTED",
    "DEFAULT_4XX",
    421,
    "MisdirectedRequestException",
    "Misdirected Request",
    Spelling.COMPACT,
    summary="The request's :authority is {host}, which is neither the server name of the connection's handshake "
    "({server_name}) nor a name of its certificate.",
    remedy="Let the client open another connection, with {host} as server name.",
    evidence=Evidence.GUESSED,
    citation="RFC 9110 section 15.5.20; the body and the error type are guesses",
)
AUTHORITY_MUTUAL_TLS: Final = Reason(
    "AUTHORITY_MUTUAL_TLS",
    "DEFAULT_4XX",
    421,
    "MisdirectedRequestException",
    "Misdirected Request",
    Spelling.COMPACT,
    summary="The request's :authority is {host}, of another domain than the server name of the connection's handshake "
    "({server_name}), and one of the two asks for client certificates.",
    remedy="Let the client open another connection, with {host} as server name.",
    evidence=Evidence.GUESSED,
    citation="RFC 9110 section 15.5.20; the body and the error type are guesses",
)
HOST_MUTUAL_TLS: Final = front(
    "HOST_MUTUAL_TLS",
    "DEFAULT_4XX",
    "ForbiddenException",
    "Forbidden",
    summary="The handshake named {server_name} and the request's Host is {host}, which is of another domain, and one of "
    "the two asks for client certificates.",
    remedy="Let the client send {host} as server name (SNI) too.",
    evidence=Evidence.GUESSED,
    citation="facts 2.1 step 2: the check belongs to the domain of the handshake",
)
MAPPING_MISSING: Final = front(
    "MAPPING_MISSING",
    "DEFAULT_4XX",
    "ForbiddenException",
    "Forbidden",
    summary="Custom domain name {domain} has no base path mapping for the path {path}.",
    remedy="aws apigateway create-base-path-mapping --domain-name {domain} --rest-api-id … --base-path … --stage …",
    evidence=Evidence.RECORDED,
    citation="facts 2.1 step 5",
)
STAGE_MISSING: Final = front(
    "STAGE_MISSING",
    "DEFAULT_4XX",
    "ForbiddenException",
    "Forbidden",
    summary="API {api_id} has no stage called {stage!r}.",
    remedy="aws apigateway create-deployment --rest-api-id {api_id} --stage-name {stage}",
    evidence=Evidence.RECORDED,
    citation="facts 2.1 step 6",
)
METHOD_MISSING: Final = front(
    "METHOD_MISSING",
    "MISSING_AUTHENTICATION_TOKEN",
    "MissingAuthenticationTokenException",
    "Missing Authentication Token",
    summary="The deployed API {api_id} has nothing for {method} {path}: {why}.",
    remedy="Correct the path or method; if it was added to the API lately, deploy the API again.",
    evidence=Evidence.RECORDED,
    citation="facts 2.4",
)
