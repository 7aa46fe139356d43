"""The catalogue of causes: for each, what the client is told, what the log says, and what mends it.

One entry a cause. The data plane answers with it, the execution log and `gatewright explain` render it, the doctor
names it. Statuses, bodies and `x-amzn-ErrorType` are the service's (facts 2.4–2.6, 7.8); `evidence` says how sure that
is, `citation` where it stands. A retired code stays as a comment and is never reused.

`summary` and `remedy` are templates over the facts that a `GatewayError` carries.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Spelling(Enum):
    """How the service spells an error body (facts 2.5, recorded)."""

    COMPACT = '{"message":%s}'  # the front door: addressing, authorization, metering
    SPACED = '{"message": %s}'  # the execution engine: validation, mapping, integration
    CAPITAL = '{"Message":%s}'  # ACCESS_DENIED


class Evidence(Enum):
    """How we know what the real service answers; the value is said to users."""

    RECORDED = "recorded from Amazon API Gateway"
    DOCUMENTED = "documented by AWS"
    SEEN = "reported by users of Amazon API Gateway"
    GUESSED = "a guess: AWS does not say"
    OURS = "Gatewright's own"


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause. `message` is `$context.error.message`; None is JSON null, as the service sends for authorizers."""

    code: str
    response_type: str
    status: int
    error_type: str
    message: str | None
    spelling: Spelling
    summary: str
    remedy: str
    evidence: Evidence
    citation: str
    log: str | None = None  # the execution log's literal line
    traced: bool = False  # the answer carries X-Amzn-Trace-Id (facts 2.5: seen on validation errors and timeouts)


def _front(
    code: str,
    response_type: str,
    error_type: str,
    message: str,
    *,
    summary: str,
    remedy: str,
    evidence: Evidence,
    citation: str,
) -> Reason:
    return Reason(code, response_type, 403, error_type, message, Spelling.COMPACT, summary, remedy, evidence, citation)


def _configuration(
    code: str, response_type: str, *, summary: str, remedy: str, evidence: Evidence, citation: str, log: str
) -> Reason:
    line = f"Execution failed due to configuration error: {log}"
    return Reason(
        code,
        response_type,
        500,
        "InternalServerErrorException",
        "Internal server error",
        Spelling.SPACED,
        summary,
        remedy,
        evidence,
        citation,
        line,
    )


def _client_certificate(
    code: str, reason: str, *, summary: str, remedy: str, evidence: Evidence = Evidence.GUESSED
) -> Reason:
    """A client certificate that mutual TLS refuses: the handshake is completed, the request is not (facts 3.3)."""
    return Reason(
        code,
        "DEFAULT_4XX",
        403,
        "ForbiddenException",
        "Forbidden",
        Spelling.COMPACT,
        summary,
        remedy,
        evidence,
        "facts 3.2; the log's text is a guess" if evidence is Evidence.GUESSED else "facts 3.2",
        f"Access denied. Reason: {reason}",
    )


# --- addressing (facts 2.1 steps 3-6) -------------------------------------------------------------------------------

HOST_UNKNOWN: Final = _front(
    "HOST_UNKNOWN",
    "DEFAULT_4XX",
    "ForbiddenException",
    "Forbidden",
    summary="No API, default endpoint or custom domain name of this gateway is called {host}.",
    remedy="Send the request to a custom domain name that exists, or to {{api}}.execute-api.{{region}}.{suffix}.",
    evidence=Evidence.RECORDED,
    citation="facts 2.1 step 3",
)
DOMAIN_NOT_FOUND: Final = _front(
    "DOMAIN_NOT_FOUND",
    "DEFAULT_4XX",
    "ForbiddenException",
    "Forbidden",
    summary="{host} is no custom domain name of this gateway.",
    remedy="Create it: aws apigateway create-domain-name --domain-name {host} --regional-certificate-arn …",
    evidence=Evidence.RECORDED,
    citation="facts 2.1 step 3",
)
DEFAULT_ENDPOINT_DISABLED: Final = _front(
    "DEFAULT_ENDPOINT_DISABLED",
    "DEFAULT_4XX",
    "ForbiddenException",
    "Forbidden",
    summary="The default endpoint of API {api_id} is disabled in the deployment that stage {stage} serves.",
    remedy="Use the API's custom domain name, or set disableExecuteApiEndpoint to false and deploy again.",
    evidence=Evidence.SEEN,
    citation="facts 2.1 step 4",
)
HOST_SNI_MISMATCH: Final = _front(
    "HOST_SNI_MISMATCH",
    "DEFAULT_4XX",
    "ForbiddenException",
    "Forbidden",
    summary="The handshake named {server_name} and the request's Host is {host}; the endpoint access mode is STRICT.",
    remedy="Let the client send the same name in both, or set the endpointAccessMode of domain and API to BASIC.",
    evidence=Evidence.GUESSED,
    citation="facts 1.7; the rule is documented, the answer a guess",
)
ENDPOINT_TYPE_MISMATCH: Final = _front(
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
HOST_MUTUAL_TLS: Final = _front(
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
MAPPING_MISSING: Final = _front(
    "MAPPING_MISSING",
    "DEFAULT_4XX",
    "ForbiddenException",
    "Forbidden",
    summary="Custom domain name {domain} has no base path mapping for the path {path}.",
    remedy="aws apigateway create-base-path-mapping --domain-name {domain} --rest-api-id … --base-path … --stage …",
    evidence=Evidence.RECORDED,
    citation="facts 2.1 step 5",
)
STAGE_MISSING: Final = _front(
    "STAGE_MISSING",
    "DEFAULT_4XX",
    "ForbiddenException",
    "Forbidden",
    summary="API {api_id} has no stage called {stage!r}.",
    remedy="aws apigateway create-deployment --rest-api-id {api_id} --stage-name {stage}",
    evidence=Evidence.RECORDED,
    citation="facts 2.1 step 6",
)
METHOD_MISSING: Final = _front(
    "METHOD_MISSING",
    "MISSING_AUTHENTICATION_TOKEN",
    "MissingAuthenticationTokenException",
    "Missing Authentication Token",
    summary="The deployed API {api_id} has nothing for {method} {path}: {why}.",
    remedy="Correct the path or method; if it was added to the API lately, deploy the API again.",
    evidence=Evidence.RECORDED,
    citation="facts 2.4",
)

# --- mutual TLS (facts 3.2) -----------------------------------------------------------------------------------------
# Three of the log's texts were published; the others are a guess. `self signed certificate` is OpenSSL 1.1's text of
# X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, hence that library's texts where AWS has shown none.

CLIENT_CERT_UNREADABLE: Final = _client_certificate(
    "CLIENT_CERT_UNREADABLE",
    "Client cert could not be parsed",
    summary="The client's certificate cannot be read: {why}",
    remedy="Let the client send another certificate; `openssl x509 -in FILE -noout -text` shows what is in it.",
)
CLIENT_CERT_WEAK_SIGNATURE: Final = _client_certificate(
    "CLIENT_CERT_WEAK_SIGNATURE",
    "Client cert using an insecure Signature Algorithm",
    summary="The certificate {subject!r} is signed with {found}; expected is RSA (PKCS #1 v1.5) or ECDSA over SHA-256, "
    "SHA-384 or SHA-512.",
    remedy="Have the certificate issued again with a SHA-256 signature.",
    evidence=Evidence.SEEN,
)
CLIENT_CERT_WEAK_KEY: Final = _client_certificate(
    "CLIENT_CERT_WEAK_KEY",
    "Client cert using an insecure Key",
    summary="The certificate {subject!r} has a key of {found}; expected is RSA of 2048 bits or more, P-256 or P-384.",
    remedy="Make a new key of a supported kind and have a certificate issued for it.",
)
CLIENT_CERT_UNKNOWN_EXTENSION: Final = _client_certificate(
    "CLIENT_CERT_UNKNOWN_EXTENSION",
    "unhandled critical extension",
    summary="The certificate {subject!r} has a critical extension that the gateway does not process: {found}.",
    remedy="Have the certificate issued again without it, or with the extension marked as not critical.",
)
CLIENT_CERT_WRONG_PURPOSE: Final = _client_certificate(
    "CLIENT_CERT_WRONG_PURPOSE",
    "unsupported certificate purpose",
    summary="The certificate {subject!r} is not for TLS clients: {found}.",
    remedy="Have the certificate issued again for clientAuth, with digitalSignature if it has a key usage.",
)
CLIENT_CERT_SELF_SIGNED: Final = _client_certificate(
    "CLIENT_CERT_SELF_SIGNED",
    "self signed certificate",
    summary="The client's certificate {subject!r} is self-signed and is not in the truststore.",
    remedy="Put the certificate itself into the truststore and update the domain name, or use one that a CA issued.",
    evidence=Evidence.SEEN,
)
CLIENT_CERT_ISSUER_NOT_FOUND: Final = _client_certificate(
    "CLIENT_CERT_ISSUER_NOT_FOUND",
    "Could not find issuer for certificate",
    summary="The truststore has no certificate of {issuer!r}, which issued {subject!r}{sent}.",
    remedy="Put the whole chain into the truststore, from the issuing CA to the self-signed root, and update the domain "
    "name; what the client sends does not complete it.",
    evidence=Evidence.SEEN,
)
CLIENT_CERT_SIGNATURE_WRONG: Final = _client_certificate(
    "CLIENT_CERT_SIGNATURE_WRONG",
    "certificate signature failure",
    summary="The signature of {subject!r} was not made with the key of the certificate of {issuer!r} in the truststore.",
    remedy="Compare the issuer's certificate in the truststore with the one that issued this: it has the same name and "
    "another key, or the certificate was altered.",
)
CLIENT_CHAIN_NOT_CA: Final = _client_certificate(
    "CLIENT_CHAIN_NOT_CA",
    "invalid CA certificate",
    summary="The certificate {subject!r} stands as an issuer and is not a CA's: {found}.",
    remedy="Have the issuing CA's certificate made again with basicConstraints CA:TRUE and the key usage keyCertSign.",
)
CLIENT_CHAIN_PATH_LENGTH: Final = _client_certificate(
    "CLIENT_CHAIN_PATH_LENGTH",
    "path length constraint exceeded",
    summary="The CA {subject!r} allows {allowed} CA certificates below it, and the path has {found}.",
    remedy="Let a CA that is nearer to the root issue the client's certificate.",
)
CLIENT_CHAIN_TOO_LONG: Final = _client_certificate(
    "CLIENT_CHAIN_TOO_LONG",
    "certificate chain too long",
    summary="More than four CA certificates stand between the client's certificate {subject!r} and a root.",
    remedy="Let a CA that is nearer to the root issue the client's certificate.",
)
CLIENT_CHAIN_NAME_CONSTRAINTS: Final = _client_certificate(
    "CLIENT_CHAIN_NAME_CONSTRAINTS",
    "{subtree} subtree violation",
    summary="The CA {issuer!r} may not issue for a name of {subject!r}: {found}.",
    remedy="Have the certificate issued for names that the CA's name constraints allow.",
)
CLIENT_CERT_NOT_YET_VALID: Final = _client_certificate(
    "CLIENT_CERT_NOT_YET_VALID",
    "certificate is not yet valid",
    summary="The certificate {subject!r} is not valid before {not_before}.",
    remedy="Wait until then; if that time has passed, set the clock of the gateway or of the CA.",
)
CLIENT_CERT_EXPIRED: Final = _client_certificate(
    "CLIENT_CERT_EXPIRED",
    "certificate has expired",
    summary="The certificate {subject!r} has expired at {not_after}.",
    remedy="Renew it: a client's certificate at the client, a CA's in the truststore.",
)
CLIENT_CERT_REVOKED: Final = _client_certificate(
    "CLIENT_CERT_REVOKED",
    "certificate revoked",
    summary="The CA {issuer!r} has revoked the certificate {subject!r}, serial {serial}, at {revoked_at}.",
    remedy="Have a new certificate issued.",
    evidence=Evidence.OURS,
)
CLIENT_CERT_REVOCATION_UNKNOWN: Final = _client_certificate(
    "CLIENT_CERT_REVOCATION_UNKNOWN",
    "CRL has expired",
    summary="Whether {issuer!r} has revoked {subject!r} cannot be told: {why}.",
    remedy="Put the CA's current CRL beside the truststore, or remove the list if it is not to be asked.",
    evidence=Evidence.OURS,
)
CLIENT_CHAIN_SEARCH_EXHAUSTED: Final = _client_certificate(
    "CLIENT_CHAIN_SEARCH_EXHAUSTED",
    "Could not find issuer for certificate",
    summary="No path from {subject!r} to a root was found among the first {visited} certificates that could be on it.",
    remedy="Remove from the truststore CA certificates of the same name that are no longer used.",
    evidence=Evidence.OURS,
)

CLIENT_CERT_MISSING: Final = _client_certificate(
    "CLIENT_CERT_MISSING",
    "peer did not return a certificate",
    summary="{domain} asks for client certificates, and this connection was made without one, before it did.",
    remedy="Let the client open another connection, with its certificate.",
    evidence=Evidence.OURS,
)
TRUSTSTORE_MISSING: Final = _client_certificate(
    "TRUSTSTORE_MISSING",
    "Could not find issuer for certificate",
    summary="{domain} asks for client certificates and has no truststore, so nobody can be let in.",
    remedy="Set its truststore again: aws apigateway update-domain-name --domain-name {domain} --patch-operations "
    "op=replace,path=/mutualTlsAuthentication/truststoreUri,value=s3://…",
    evidence=Evidence.OURS,
)
TRUSTSTORE_UNREADABLE: Final = _client_certificate(
    "TRUSTSTORE_UNREADABLE",
    "Could not find issuer for certificate",
    summary="The truststore of {domain} cannot be used, so nobody can be let in: {why}",
    remedy="Mend the truststore, or the revocation lists beside it, and update the domain name.",
    evidence=Evidence.OURS,
)

# --- authorization (facts 2.4, 2.6, 5.5) ----------------------------------------------------------------------------

SIGNATURE_MISSING: Final = _front(
    "SIGNATURE_MISSING",
    "MISSING_AUTHENTICATION_TOKEN",
    "MissingAuthenticationTokenException",
    "Missing Authentication Token",
    summary="{method} {resource} asks for a SigV4 signature and the request has none.",
    remedy="Sign the request for service execute-api, or set the method's authorizationType to NONE and deploy.",
    evidence=Evidence.RECORDED,
    citation="facts 5.5",
)
SIGNATURE_REFUSED: Final = _front(
    "SIGNATURE_REFUSED",
    "INVALID_SIGNATURE",
    "InvalidSignatureException",
    "",
    summary="The request's signature was refused: {message}",
    remedy="Sign with service execute-api, the API's region and the Host that this gateway sees.",
    evidence=Evidence.RECORDED,
    citation="facts 5.5",
)
TOKEN_EXPIRED: Final = _front(
    "TOKEN_EXPIRED",
    "EXPIRED_TOKEN",
    "ExpiredTokenException",
    "The security token included in the request is expired",
    summary="The session token of the request has expired.",
    remedy="Get new temporary credentials.",
    evidence=Evidence.RECORDED,
    citation="facts 5.5",
)
CROSS_ACCOUNT_NEEDS_BOTH: Final = Reason(
    "CROSS_ACCOUNT_NEEDS_BOTH",
    "ACCESS_DENIED",
    403,
    "AccessDeniedException",
    None,
    Spelling.CAPITAL,
    summary="{caller} belongs to another account than API {api_id}, which has no resource policy that allows it.",
    remedy="Call with credentials of account {account}.",
    evidence=Evidence.DOCUMENTED,
    citation="facts 6.2",
)
AUTHORIZATION_NOT_SERVED: Final = _configuration(
    "AUTHORIZATION_NOT_SERVED",
    "AUTHORIZER_CONFIGURATION_ERROR",
    summary="{method} {resource} is protected by authorization type {authorization_type}, which is not served yet.",
    remedy="Use AWS_IAM or NONE until authorizers are served.",
    evidence=Evidence.OURS,
    citation="what cannot be judged is not let through",
    log="Authorizer error",
)
# --- metering (facts 4) ---------------------------------------------------------------------------------------------

#: Facts 4.5, of a key without a plan; the same form for the other refusals of keys is a guess.
_NOT_AUTHORIZED: Final = (
    "API Key {api_key} not authorized because method '{method} {resource}' requires API Key and API Key is "
)


def _api_key(code: str, *, summary: str, remedy: str, log: str) -> Reason:
    return Reason(
        code,
        "INVALID_API_KEY",
        403,
        "ForbiddenException",
        "Forbidden",
        Spelling.COMPACT,
        summary,
        remedy,
        Evidence.RECORDED,
        "facts 4.3",
        log,
    )


def _throttled(code: str, *, summary: str, remedy: str, evidence: Evidence, citation: str, log: str) -> Reason:
    return Reason(
        code,
        "THROTTLED",
        429,
        "TooManyRequestsException",
        "Too Many Requests",
        Spelling.COMPACT,
        summary,
        remedy,
        evidence,
        citation,
        log,
    )


_BUCKET: Final = (
    "Its bucket fills with {rate} tokens a second, holds {burst}, and had {tokens} at that instant (level: {level})."
)
_HERE: Final = (
    "RestApi {api_id}, Stage {stage}, Resource {resource_id}, HttpMethod {method}. Limit: {rate} Burst: {burst}"
)

API_KEY_MISSING: Final = _api_key(
    "API_KEY_MISSING",
    summary="{method} {resource} asks for an API key, and the request carries none ({source}).",
    remedy="Send a valid key in x-api-key, or set apiKeyRequired to false and deploy.",
    log="API Key  not authorized because method '{method} {resource}' requires API Key and API Key is missing",
)
API_KEY_UNKNOWN: Final = _api_key(
    "API_KEY_UNKNOWN",
    summary="No API key of account {account} in {region} has the value {api_key} that the request carries.",
    remedy="Send the value of a key that exists: aws apigateway get-api-keys --include-values --region {region}",
    log=_NOT_AUTHORIZED + "not known",
)
API_KEY_DISABLED: Final = _api_key(
    "API_KEY_DISABLED",
    summary="The API key {key_id} of the request is disabled.",
    remedy="Enable it: aws apigateway update-api-key --api-key {key_id} --region {region} --patch-operations "
    "op=replace,path=/enabled,value=true",
    log=_NOT_AUTHORIZED + "disabled",
)
API_KEY_NOT_IN_PLAN: Final = _api_key(
    "API_KEY_NOT_IN_PLAN",
    summary="The API key {key_id} is in no usage plan that has stage {stage} of API {api_id}.",
    remedy="Add the key to a plan of the stage: aws apigateway create-usage-plan-key --usage-plan-id … --key-id {key_id} "
    "--key-type API_KEY --region {region}",
    log=_NOT_AUTHORIZED
    + "not associated with a Usage Plan for API Stage {api_id}/{stage}: No Usage Plan found for key "
    "and API Stage",
)
THROTTLED_PLAN: Final = _throttled(
    "THROTTLED_PLAN",
    summary="The API key {key_id} called faster than usage plan {plan} allows each of its keys. " + _BUCKET,
    remedy="Raise it: aws apigateway update-usage-plan --usage-plan-id {plan} --region {region} --patch-operations "
    "op=replace,path=/throttle/rateLimit,value=… op=replace,path=/throttle/burstLimit,value=…",
    evidence=Evidence.RECORDED,
    citation="facts 4.2, 4.5",
    log="API Key {api_key} exceeded throttle limit for API Stage {api_id}/{stage}: Key throttle limit exceeded for Usage "
    "Plan ID {plan}, " + _HERE,
)
THROTTLED_PLAN_METHOD: Final = _throttled(
    "THROTTLED_PLAN_METHOD",
    summary="The API key {key_id} called {method} {resource} faster than usage plan {plan} allows on that method. "
    + _BUCKET,
    remedy="Raise it: aws apigateway update-usage-plan --usage-plan-id {plan} --region {region} --patch-operations "
    "op=replace,path=/apiStages/{api_id}:{stage}/throttle/{setting}/{method}/rateLimit,value=… "
    "op=replace,path=/apiStages/{api_id}:{stage}/throttle/{setting}/{method}/burstLimit,value=…",
    evidence=Evidence.RECORDED,
    citation="facts 4.2, 4.5",
    log=THROTTLED_PLAN.log or "",
)
THROTTLED_STAGE: Final = _throttled(
    "THROTTLED_STAGE",
    summary="{method} {resource} was called faster than stage {stage} of API {api_id} allows on it. " + _BUCKET,
    remedy="Raise it: aws apigateway update-stage --rest-api-id {api_id} --stage-name {stage} --region {region} "
    "--patch-operations op=replace,path=/{setting}/{method}/throttling/rateLimit,value=… "
    "op=replace,path=/{setting}/{method}/throttling/burstLimit,value=… (or /*/*/throttling/… for all methods)",
    evidence=Evidence.SEEN,
    citation="facts 4.2, 4.5",
    log="Key throttle limit exceeded for " + _HERE,
)
THROTTLED_ACCOUNT: Final = _throttled(
    "THROTTLED_ACCOUNT",
    summary="All APIs of account {account} in {region} together were called faster than an account may be. " + _BUCKET,
    remedy="Start the gateway with a higher limit: gatewright serve --account-throttle RATE:BURST",
    evidence=Evidence.DOCUMENTED,
    citation="facts 4.1, 4.2; the log's text is a guess",
    log="Account throttle limit exceeded for " + _HERE,
)
THROTTLED_REGION: Final = _throttled(
    "THROTTLED_REGION",
    summary="All APIs of all accounts in {region} together were called faster than ten accounts may be. " + _BUCKET,
    remedy="Start the gateway with a higher limit, of which a region has ten times: gatewright serve --account-throttle "
    "RATE:BURST",
    evidence=Evidence.DOCUMENTED,
    citation="facts 4.2; the limit is ours, the log's text a guess",
    log="Region throttle limit exceeded for " + _HERE,
)
QUOTA_EXCEEDED: Final = Reason(
    "QUOTA_EXCEEDED",
    "QUOTA_EXCEEDED",
    429,
    "LimitExceededException",
    "Limit Exceeded",
    Spelling.COMPACT,
    summary="The API key {key_id} has used its quota of {limit} requests a {period} under usage plan {plan}; the next period "
    "begins in {retry_in} s.",
    remedy="Grant it more for this period: aws apigateway update-usage --usage-plan-id {plan} --key-id {key_id} --region "
    "{region} --patch-operations op=replace,path=/remaining,value=… or for good: aws apigateway update-usage-plan "
    "--usage-plan-id {plan} --region {region} --patch-operations op=replace,path=/quota/limit,value=…",
    evidence=Evidence.RECORDED,
    citation="facts 4.2, 4.5",
    log="API Key {api_key} exceeded quota limit for API Stage {api_id}/{stage}: Key quota exhausted for Usage Plan ID {plan}. "
    "Limit: {limit} Period: {period}",
)

# --- the request itself ---------------------------------------------------------------------------------------------

REQUEST_TOO_LARGE: Final = Reason(
    "REQUEST_TOO_LARGE",
    "REQUEST_TOO_LARGE",
    413,
    "RequestTooLongException",
    "Request Too Long",
    Spelling.COMPACT,
    summary="The request's body is larger than 10 MB (10,485,760 bytes).",
    remedy="Send less at once, or upload through an object store.",
    evidence=Evidence.RECORDED,
    citation="facts 2.6; the error type is a guess",
)
REQUEST_HEADERS_TOO_LARGE: Final = Reason(
    "REQUEST_HEADERS_TOO_LARGE",
    "DEFAULT_4XX",
    431,
    "RequestHeaderFieldsTooLargeException",
    "Request Header Fields Too Large",
    Spelling.COMPACT,
    summary="The request's header block is larger than 10,240 bytes.",
    remedy="Send fewer or shorter headers; cookies are the usual cause.",
    evidence=Evidence.GUESSED,
    citation="facts 2.2",
)
URI_TOO_LONG: Final = Reason(
    "URI_TOO_LONG",
    "DEFAULT_4XX",
    414,
    "RequestUriTooLongException",
    "Request URI too long",
    Spelling.COMPACT,
    summary="The request's target is longer than 10,240 bytes, or its method's ARN than the 1,600 of signed requests.",
    remedy="Move long parameters into the body.",
    evidence=Evidence.DOCUMENTED,
    citation="facts 9; the text, facts 2.2",
)
REQUEST_MALFORMED: Final = Reason(
    "REQUEST_MALFORMED",
    "DEFAULT_4XX",
    400,
    "BadRequestException",
    "Bad Request",
    Spelling.COMPACT,
    summary="The request is not valid HTTP: {why}.",
    remedy="Mend the client; the gateway forwards only what can be read in one way.",
    evidence=Evidence.GUESSED,
    citation="facts 2.2",
)
EXPECTATION_UNKNOWN: Final = Reason(
    "EXPECTATION_UNKNOWN",
    "DEFAULT_4XX",
    417,
    "ExpectationFailedException",
    "Expectation Failed",
    Spelling.COMPACT,
    summary="The request expects {expected}, which HTTP/1.1 does not know.",
    remedy="Send Expect: 100-continue, or none.",
    evidence=Evidence.GUESSED,
    citation="RFC 9110 section 10.1.1",
)
PARAMETERS_MISSING: Final = Reason(
    "PARAMETERS_MISSING",
    "BAD_REQUEST_PARAMETERS",
    400,
    "BadRequestException",
    "",
    Spelling.SPACED,
    summary="Required parameters are missing or blank: {names}.",
    remedy="Send them, or make them optional and deploy.",
    evidence=Evidence.RECORDED,
    citation="facts 2.6",
    traced=True,
)
UNSUPPORTED_MEDIA_TYPE: Final = Reason(
    "UNSUPPORTED_MEDIA_TYPE",
    "UNSUPPORTED_MEDIA_TYPE",
    415,
    "BadRequestException",
    "Unsupported Media Type",
    Spelling.SPACED,
    summary="No request template matches {content_type}, and passthroughBehavior is {behavior}.",
    remedy="Send a content type that has a template, or set passthroughBehavior to WHEN_NO_MATCH.",
    evidence=Evidence.RECORDED,
    citation="facts 7.5",
)

# --- integrations (facts 7.8) ---------------------------------------------------------------------------------------

BACKEND_UNREACHABLE: Final = _configuration(
    "BACKEND_UNREACHABLE",
    "API_CONFIGURATION_ERROR",
    summary="The backend {endpoint} could not be reached: {why}.",
    remedy="Check that the name resolves and that something listens there.",
    evidence=Evidence.RECORDED,
    citation="facts 7.8",
    log="Invalid endpoint address",
)
BACKEND_UNTRUSTED_ROOT: Final = _configuration(
    "BACKEND_UNTRUSTED_ROOT",
    "DEFAULT_5XX",
    summary="The certificate of {endpoint} does not lead to a trusted root: {why}.",
    remedy="Use a publicly trusted certificate with its full chain, or start the gateway with --upstream-ca FILE.",
    evidence=Evidence.RECORDED,
    citation="facts 7.8",
    log="PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: "
    "unable to find valid certification path to requested target",
)
BACKEND_CERT_EXPIRED: Final = _configuration(
    "BACKEND_CERT_EXPIRED",
    "DEFAULT_5XX",
    summary="The certificate of {endpoint} is outside its validity: {why}.",
    remedy="Renew the backend's certificate.",
    evidence=Evidence.DOCUMENTED,
    citation="facts 7.8",
    log="PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed",
)
BACKEND_NAME_MISMATCH: Final = _configuration(
    "BACKEND_NAME_MISMATCH",
    "DEFAULT_5XX",
    summary="The certificate of {endpoint} is for another name: {why}.",
    remedy="Use the certificate's name in the integration's uri, or a certificate for that name.",
    evidence=Evidence.RECORDED,
    citation="facts 7.8",
    log="Host name '{host}' does not match the certificate subject provided by the peer ({subject})",
)
BACKEND_TLS_FAILED: Final = _configuration(
    "BACKEND_TLS_FAILED",
    "DEFAULT_5XX",
    summary="The TLS handshake with {endpoint} failed: {why}.",
    remedy="Check that the backend speaks TLS 1.2 or newer on that port.",
    evidence=Evidence.SEEN,
    citation="facts 7.8",
    log="General SSLEngine problem",
)
BACKEND_CONNECTION_LOST: Final = Reason(
    "BACKEND_CONNECTION_LOST",
    "INTEGRATION_FAILURE",
    504,
    "InternalServerErrorException",
    "Network error communicating with endpoint",
    Spelling.SPACED,
    summary="The backend {endpoint} closed the connection in the middle of the call: {why}.",
    remedy="Look at the backend's log; it ended the connection before its answer was whole.",
    evidence=Evidence.RECORDED,
    citation="facts 7.8",
    log="Execution failed due to a network error communicating with endpoint: Connection is closed",
)
BACKEND_TIMEOUT: Final = Reason(
    "BACKEND_TIMEOUT",
    "INTEGRATION_TIMEOUT",
    504,
    "InternalServerErrorException",
    "Endpoint request timed out",
    Spelling.SPACED,
    summary="The backend {endpoint} did not answer within {timeout_in_millis} ms.",
    remedy="Make the backend faster, or raise the integration's timeoutInMillis (at most 29000).",
    evidence=Evidence.RECORDED,
    citation="facts 7.8",
    log="Execution failed due to a timeout error",
    traced=True,
)
BACKEND_ANSWER_MALFORMED: Final = Reason(
    "BACKEND_ANSWER_MALFORMED",
    "INTEGRATION_FAILURE",
    504,
    "InternalServerErrorException",
    "Network error communicating with endpoint",
    Spelling.SPACED,
    summary="The answer of {endpoint} is not valid HTTP: {why}.",
    remedy="Mend the backend; an answer that can be read in two ways is not passed on.",
    evidence=Evidence.OURS,
    citation="Gatewright",
    log="Execution failed due to a network error communicating with endpoint: Connection is closed",
)
BACKEND_ANSWER_TOO_LARGE: Final = _configuration(
    "BACKEND_ANSWER_TOO_LARGE",
    "API_CONFIGURATION_ERROR",
    summary="The answer of {endpoint} is larger than 10 MB (10,485,760 bytes).",
    remedy="Send less at once, or hand out links to an object store.",
    evidence=Evidence.GUESSED,
    citation="facts 7.2; the limit is documented, the answer a guess",
    log="Response payload exceeds the maximum allowed size",
)
RESERVED_HEADER_MAPPED: Final = _configuration(
    "RESERVED_HEADER_MAPPED",
    "API_CONFIGURATION_ERROR",
    summary="The integration maps the reserved header {header}.",
    remedy="Remove integration.request.header.{header} from the integration's request parameters and deploy.",
    evidence=Evidence.RECORDED,
    citation="facts 7.3",
    log="{header} header already present",
)
MOCK_WITHOUT_STATUS: Final = _configuration(
    "MOCK_WITHOUT_STATUS",
    "API_CONFIGURATION_ERROR",
    summary="The mock integration's request template gives no integer statusCode.",
    remedy='Give it a request template for the request\'s content type, such as {{"statusCode": 200}}.',
    evidence=Evidence.RECORDED,
    citation="facts 7.1",
    log="Unable to parse statusCode. It should be an integer that is defined in the request template.",
)
NO_OUTPUT_MAPPING: Final = _configuration(
    "NO_OUTPUT_MAPPING",
    "API_CONFIGURATION_ERROR",
    summary="No integration response matches status {backend_status} and there is no default one.",
    remedy="Add an integration response without a selectionPattern, or one that matches, and deploy.",
    evidence=Evidence.RECORDED,
    citation="facts 7.6",
    log="No match for output mapping and no default output mapping configured. "
    "Endpoint Response Status Code: {backend_status}",
)
METHOD_RESPONSE_MISSING: Final = _configuration(
    "METHOD_RESPONSE_MISSING",
    "API_CONFIGURATION_ERROR",
    summary="The integration response maps to status {status_code}, which the method does not declare.",
    remedy="aws apigateway put-method-response … --status-code {status_code}, and deploy.",
    evidence=Evidence.SEEN,
    citation="facts 7.6",
    log="Output mapping refers to an invalid method response: {status_code}",
)
RESPONSE_NOT_FINAL: Final = _configuration(
    "RESPONSE_NOT_FINAL",
    "API_CONFIGURATION_ERROR",
    summary="The integration response maps to status {status_code}, and after a 1xx the client would wait for the answer.",
    remedy="Map to a status from 200 to 599, and deploy.",
    evidence=Evidence.GUESSED,
    citation="RFC 9110 section 15.2",
    log="Output mapping refers to an invalid method response: {status_code}",
)
INTEGRATION_NOT_SERVED: Final = _configuration(
    "INTEGRATION_NOT_SERVED",
    "API_CONFIGURATION_ERROR",
    summary="{method} {resource} needs what this release does not serve: {what}.",
    remedy="Use HTTP, HTTP_PROXY or MOCK with literal templates; docs/divergences.md lists what is served.",
    evidence=Evidence.OURS,
    citation="Gatewright",
    log="{what} is not served by this gateway",
)
GATEWAY_OVERLOADED: Final = Reason(
    "GATEWAY_OVERLOADED",
    "DEFAULT_5XX",
    503,
    "ServiceUnavailableException",
    "Service Unavailable",
    Spelling.SPACED,
    summary="The gateway has as much to do as it takes on: {what}.",
    remedy="Try again a little later; if it lasts, look for slow backends, or give the gateway more workers.",
    evidence=Evidence.GUESSED,
    citation="Gatewright; the service has no such limit of its own to tell of",
    log="Execution failed because the gateway is overloaded",
)
BACKEND_SATURATED: Final = Reason(
    "BACKEND_SATURATED",
    "DEFAULT_5XX",
    503,
    "ServiceUnavailableException",
    "Service Unavailable",
    Spelling.SPACED,
    summary="{calls} calls of the backend {endpoint} are under way in one worker, and that is all it may have: a slow "
    "backend must not take the gateway from the others.",
    remedy="Make the backend faster, or lower the integration's timeoutInMillis so that slow calls end sooner.",
    evidence=Evidence.OURS,
    citation="Gatewright",
    log="Execution failed because too many calls of the endpoint are under way",
)
INTERNAL_FAULT: Final = Reason(
    "INTERNAL_FAULT",
    "DEFAULT_5XX",
    500,
    "InternalServerErrorException",
    "Internal server error",
    Spelling.SPACED,
    summary="The gateway itself failed: {why}. This is a bug of Gatewright.",
    remedy="Report it with the request id and the worker's log.",
    evidence=Evidence.OURS,
    citation="Gatewright",
    log="There was an internal error while executing your request",
)

#: Every cause by its code.
CATALOGUE: Final[Mapping[str, Reason]] = {
    reason.code: reason for reason in tuple(globals().values()) if isinstance(reason, Reason)
}
