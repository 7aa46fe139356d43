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
    remedy="Use AWS_IAM or NONE until authorizers are served.",
    evidence=Evidence.OURS,
    citation="what cannot be judged is not let through",
    log="Authorizer error",
)
