"""The one error that ends a request early: a cause from the catalogue and the facts it was found with."""

from collections.abc import Mapping
from typing import Any

from gatewright.core.reasons import Reason


class GatewayError(Exception):
    """The gateway answers instead of the backend. Rendered in one place, `core.responses.gateway_response`.

    `message` and `error_type` replace the catalogue's where the service words them by the request (facts 5.5).
    """

    def __init__(
        self, reason: Reason, *, message: str | None = None, error_type: str | None = None, **facts: Any
    ) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.facts: Mapping[str, Any] = facts
        self.message = reason.message if message is None else message
        self.error_type = reason.error_type if error_type is None else error_type

    @property
    def log_line(self) -> str | None:
        """What the execution log says of it, where the catalogue has literal words for that."""
        log = self.reason.log
        return None if log is None else log.format_map(_Facts({"message": self.message or "", **self.facts}))

    @property
    def integration_error(self) -> str | None:
        """`$context.integration.error`, where it is the integration that failed: that line whole (R, facts 2.6)."""
        log, response_type = self.reason.log, self.reason.response_type
        if log is None or not log.startswith("Execution failed") or response_type.startswith("AUTHORIZER_"):
            return None
        return self.log_line

    def __repr__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"GatewayError({self.reason.code}{', ' if facts else ''}{facts})"


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return f"<{key}>"
