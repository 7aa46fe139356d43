"""The one error type that an operation raises; `gatewright.controlplane.app` turns it into the service's answer."""

from collections.abc import Mapping
from typing import Any


class ServiceError(Exception):
    """An error that the client is told: its code as the service's model names it, and a literal message.

    `status` is needed only for codes that the model does not know; `members` are further members of the modelled
    exception (botocore's names), such as `retryAfterSeconds`, or elements of any S3 error; `headers` go out beside it.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int | None = None,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members or {}
        self.headers = headers or {}


def bad_request(message: str) -> ServiceError:
    """BadRequestException, 400."""
    return ServiceError("BadRequestException", message)


def not_found(message: str) -> ServiceError:
    """NotFoundException, 404."""
    return ServiceError("NotFoundException", message)


def conflict(message: str) -> ServiceError:
    """ConflictException, 409."""
    return ServiceError("ConflictException", message)


def limit_exceeded(message: str) -> ServiceError:
    """LimitExceededException, 429 (facts 1.4)."""
    return ServiceError("LimitExceededException", message)
