"""Why a caller was not let in (facts 2.4, 2.6, 5.5)."""

from typing import Final

from gatewright.core.reasons.reason import Evidence, Reason, Spelling, configuration, front

SIGNATURE_MISSING: Final = front(
    "SIGNATURE_MISSING",
    "MISSING_AUTHENTICATION_TOKEN",
    "MissingAuthenticationTokenException",
    "Missing Authentication Token",
    summary="{method} {resource} asks for a SigV4 signature and the request has none.",
    remedy="Sign the request for service execute-api, or set the method's authorizationType to NONE and deploy.",
    evidence=Evidence.RECORDED,
    citation="facts 5.5",
)
SIGNATURE_REFUSED: Final = front(
    "SIGNATURE_REFUSED",
    "INVALID_SIGNATURE",
    "InvalidSignatureException",
    "",
    summary="The request's signature was refused: {message}",
    remedy="Sign with service execute-api, the API's region and the Host that this gateway sees.",
    evidence=Evidence.RECORDED,
    citation="facts 5.5",
)
TOKEN_EXPIRED: Final = front(
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
AUTHORIZATION_NOT_SERVED: Final = configuration(
    "AUTHORIZATION_NOT_SERVED",
    "AUTHORIZER_CONFIGURATION_ERROR",
    summary="{method} {resource} is protected by authorization type {authorization_type}, which is not served yet.",
    remedy="Use AWS_IAM, NONE, or CUSTOM with a Lambda authorizer.",
    evidence=Evidence.OURS,
    citation="what cannot be judged is not let through",
    log="Authorizer error",
)


def _unauthorized(code: str, *, summary: str, remedy: str, evidence: Evidence, citation: str) -> Reason:
    """401, as of facts 2.7; all that the execution log says of it is one line (R)."""
    return Reason(
        code,
        "UNAUTHORIZED",
        401,
        "UnauthorizedException",
        "Unauthorized",
        Spelling.COMPACT,
        summary,
        remedy,
        evidence,
        citation,
        "Unauthorized request: {request_id}",
    )


def _authorizer(code: str, *, summary: str, remedy: str, evidence: Evidence, citation: str, log: str) -> Reason:
    """500 with a null message: the authorizer could not be asked, or its answer could not be used."""
    return Reason(
        code,
        "AUTHORIZER_CONFIGURATION_ERROR",
        500,
        "AuthorizerConfigurationException",
        None,
        Spelling.COMPACT,
        summary,
        remedy,
        evidence,
        citation,
        log,
    )


def _denied(code: str, message: str, *, summary: str, remedy: str) -> Reason:
    return Reason(
        code,
        "ACCESS_DENIED",
        403,
        "AccessDeniedException",
        message,
        Spelling.CAPITAL,
        summary,
        remedy,
        Evidence.RECORDED,
        "facts 2.7, 6.5",
    )


AUTHORIZER_IDENTITY_MISSING: Final = _unauthorized(
    "AUTHORIZER_IDENTITY_MISSING",
    summary="The request lacks {source}, which the authorizer {authorizer_id} knows callers by; its function was not asked.",
    remedy="Send it. A REQUEST authorizer whose authorizerResultTtlInSeconds is 0 is asked without it, too.",
    evidence=Evidence.RECORDED,
    citation="facts 2.7",
)
AUTHORIZER_IDENTITY_REFUSED: Final = _unauthorized(
    "AUTHORIZER_IDENTITY_REFUSED",
    summary="{source} is not what the authorizer {authorizer_id} expects of it, {expression}; its function was not asked.",
    remedy="Send a token of that form (Bearer before it, or not?), or change identityValidationExpression and deploy.",
    evidence=Evidence.DOCUMENTED,
    citation="facts 2.7",
)
AUTHORIZER_SAYS_UNAUTHORIZED: Final = _unauthorized(
    "AUTHORIZER_SAYS_UNAUTHORIZED",
    summary="The function {function} of the authorizer {authorizer_id} said Unauthorized.",
    remedy="Send a token that the function accepts; its log says what it found wrong.",
    evidence=Evidence.RECORDED,
    citation="facts 2.7",
)
AUTHORIZER_FAILED: Final = _authorizer(
    "AUTHORIZER_FAILED",
    summary="The function {function} of the authorizer {authorizer_id} could not say who calls: {why}.",
    remedy="{mend}",
    evidence=Evidence.RECORDED,
    citation="facts 2.6, 2.7",
    log="Execution failed due to configuration error: Authorizer error",
)
AUTHORIZER_ANSWER_MALFORMED: Final = _authorizer(
    "AUTHORIZER_ANSWER_MALFORMED",
    summary="What the function {function} of the authorizer {authorizer_id} answered cannot be used: {why}.",
    remedy="Answer with principalId, policyDocument, and, if need be, context (strings, numbers, booleans) and "
    "usageIdentifierKey; nothing else.",
    evidence=Evidence.RECORDED,
    citation="facts 2.7, 8.1",
    log="Execution failed due to configuration error: Invalid JSON in response: {why}",
)
AUTHORIZER_NOT_SERVED: Final = _authorizer(
    "AUTHORIZER_NOT_SERVED",
    summary="The authorizer {authorizer_id} of {method} {resource} cannot be asked: {why}.",
    remedy="Give the method an authorizer that is there and names a Lambda function, and deploy.",
    evidence=Evidence.GUESSED,
    citation="facts 2.7",
    log="Execution failed due to configuration error: Authorizer error",
)
AUTHORIZER_SILENT: Final = _denied(
    "AUTHORIZER_SILENT",
    "User is not authorized to access this resource",
    summary="The policy that the authorizer {authorizer_id} gave {principal} allows nothing that is {method_arn}.",
    remedy="Let the function allow that ARN. Its answer is remembered for other methods, too: allow all that the caller may "
    "call (…/STAGE/*), or set authorizerResultTtlInSeconds to 0.",
)
AUTHORIZER_DENIED: Final = _denied(
    "AUTHORIZER_DENIED",
    "User is not authorized to access this resource with an explicit deny in an identity-based policy",
    summary="The policy that the authorizer {authorizer_id} gave {principal} denies {method_arn}.",
    remedy="A Deny of the policy wins over every Allow: mend the function's answer. One that is remembered is forgotten with "
    "aws apigateway flush-stage-authorizers-cache.",
)
