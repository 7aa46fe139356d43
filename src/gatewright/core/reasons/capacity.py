"""Why the gateway itself took a request no further."""

from typing import Final

from gatewright.core.reasons.reason import Evidence, Reason, Spelling

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
