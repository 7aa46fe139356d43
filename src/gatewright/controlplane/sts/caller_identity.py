"""The caller's own identity, which needs no permission to ask for (facts 5.6)."""

from collections.abc import Mapping
from typing import Any

from gatewright.controlplane.call import Call


def get_caller_identity(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG001  it has no parameters
    """Account, ARN and unique id of whoever signed."""
    return {"UserId": call.principal.user_id, "Account": call.principal.account, "Arn": call.principal.arn}
