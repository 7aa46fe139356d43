"""The gateway response types of a REST API, and what becomes of one when its owner has customised some.

The table is the service's (facts 2.6): what the gateway answers with when it answers itself. The rules of inheritance
are recorded (`test_gateway_response_put`):

- A type that its owner put has what was put; each member left out (status, parameters, templates) is the type's own
  default, not that of its class.
- A type that was not put takes whatever its class type, `DEFAULT_4XX` or `DEFAULT_5XX`, was given; a class type
  without a status leaves each type its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

T = TypeVar("T")

#: What every type answers with until it is customised (facts 2.6, R). Not VTL: plain substitution of variables.
DEFAULT_TEMPLATES: Final[Mapping[str, str]] = {"application/json": '{"message":$context.error.messageString}'}

DEFAULT_4XX: Final = "DEFAULT_4XX"
DEFAULT_5XX: Final = "DEFAULT_5XX"


@dataclass(frozen=True, slots=True)
class GatewayResponseType:
    """One type as the service ships it.

    `status` is None for the two class types only. `message` is `$context.error.message`; None where it differs from
    cause to cause (the causes are in `gatewright.core.reasons`) or is JSON null.
    """

    name: str
    status: int | None
    message: str | None
    error_type: str | None

    @property
    def class_type(self) -> str | None:
        """`DEFAULT_4XX` or `DEFAULT_5XX`, from which this type inherits; None for these two."""
        if self.status is None:
            return None
        return DEFAULT_4XX if self.status < 500 else DEFAULT_5XX


#: Facts 2.6, in the order of `GetGatewayResponses`. Status: D; message and error type: as marked there.
GATEWAY_RESPONSE_TYPES: Final[Mapping[str, GatewayResponseType]] = {
    each.name: each
    for each in (
        GatewayResponseType("ACCESS_DENIED", 403, None, "AccessDeniedException"),
        GatewayResponseType("API_CONFIGURATION_ERROR", 500, "Internal server error", "InternalServerErrorException"),
        GatewayResponseType("AUTHORIZER_CONFIGURATION_ERROR", 500, None, "AuthorizerConfigurationException"),
        GatewayResponseType("AUTHORIZER_FAILURE", 500, None, "AuthorizerFailureException"),
        GatewayResponseType("BAD_REQUEST_BODY", 400, "Invalid request body", "BadRequestException"),
        GatewayResponseType("BAD_REQUEST_PARAMETERS", 400, None, "BadRequestException"),
        GatewayResponseType(DEFAULT_4XX, None, None, None),
        GatewayResponseType(DEFAULT_5XX, None, None, None),
        GatewayResponseType(
            "EXPIRED_TOKEN", 403, "The security token included in the request is expired", "ExpiredTokenException"
        ),
        GatewayResponseType(
            "INTEGRATION_FAILURE", 504, "Network error communicating with endpoint", "InternalServerErrorException"
        ),
        GatewayResponseType("INTEGRATION_TIMEOUT", 504, "Endpoint request timed out", "InternalServerErrorException"),
        GatewayResponseType("INVALID_API_KEY", 403, "Forbidden", "ForbiddenException"),
        GatewayResponseType("INVALID_SIGNATURE", 403, None, "InvalidSignatureException"),
        GatewayResponseType(
            "MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token", "MissingAuthenticationTokenException"
        ),
        GatewayResponseType("QUOTA_EXCEEDED", 429, "Limit Exceeded", "LimitExceededException"),
        GatewayResponseType("REQUEST_TOO_LARGE", 413, "Request Too Long", "RequestTooLongException"),
        GatewayResponseType("RESOURCE_NOT_FOUND", 404, "Not Found", "NotFoundException"),
        GatewayResponseType("THROTTLED", 429, "Too Many Requests", "TooManyRequestsException"),
        GatewayResponseType("UNAUTHORIZED", 401, "Unauthorized", "UnauthorizedException"),
        GatewayResponseType("UNSUPPORTED_MEDIA_TYPE", 415, "Unsupported Media Type", "BadRequestException"),
        GatewayResponseType("WAF_FILTERED", 403, "Forbidden", "ForbiddenException"),
    )
}


class Customisation(Protocol):
    """What an owner put for one type; empty and absent members were left out."""

    @property
    def status_code(self) -> str | None:
        """Decimal text, or None."""

    @property
    def response_parameters(self) -> Mapping[str, str]:
        """`gatewayresponse.header.…` → a mapping expression."""

    @property
    def response_templates(self) -> Mapping[str, str]:
        """Content type → template."""


@dataclass(frozen=True, slots=True)
class EffectiveGatewayResponse:
    """What a type answers with, all things considered. `default` is true for a type that its owner did not put."""

    status_code: str | None
    response_parameters: Mapping[str, str] = field(default_factory=dict)
    response_templates: Mapping[str, str] = field(default_factory=lambda: DEFAULT_TEMPLATES)
    default: bool = True


def select_customisation(name: str, customised: Mapping[str, T]) -> T | None:
    """What the owner put that applies to the type called `name`: for the type itself, else for its class."""
    own = customised.get(name)
    return own if own is not None else customised.get(GATEWAY_RESPONSE_TYPES[name].class_type or "")


def select_gateway_response(name: str, customised: Mapping[str, Customisation]) -> EffectiveGatewayResponse:
    """What the type called `name` answers with; `customised` holds what the owner put, by type name."""
    shipped = GATEWAY_RESPONSE_TYPES[name]
    given = select_customisation(name, customised)
    status = None if shipped.status is None else str(shipped.status)
    if given is None:
        return EffectiveGatewayResponse(status)
    return EffectiveGatewayResponse(
        given.status_code or status,
        given.response_parameters,
        given.response_templates or DEFAULT_TEMPLATES,
        default=name not in customised,
    )
