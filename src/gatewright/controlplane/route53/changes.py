"""GetChange, and the ids of changes, which tell all that there is to know of one: when it was submitted.

Every change is in force when its call returns, so nothing is kept of it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError
from gatewright.controlplane.route53.zones import bare_id

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TIME_DIGITS: Final = 9  # milliseconds up to the year 5188
_RANDOM_DIGITS: Final = 11


def describe_change(call: Call, comment: str | None = None) -> dict[str, Any]:
    """The ChangeInfo of a change that this call makes."""
    digits = ""
    rest = int(call.now * 1000)
    for _ in range(_TIME_DIGITS):
        rest, digit = divmod(rest, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    change_id = f"C{digits}{call.random_text(_DIGITS, _RANDOM_DIGITS)}"
    return {**_render(change_id, call.now), "Comment": comment}


def get_change(_call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """INSYNC, for whatever can be an id of ours."""
    change_id = bare_id(params["Id"])
    submitted = _submitted_at(change_id)
    if submitted is None:
        raise ServiceError("NoSuchChange", f"A change with the specified change ID does not exist: {change_id}")  # U
    return {"ChangeInfo": _render(change_id, submitted)}


def _submitted_at(change_id: str) -> float | None:
    digits = change_id[1 : 1 + _TIME_DIGITS]
    well_formed = len(change_id) == 1 + _TIME_DIGITS + _RANDOM_DIGITS and change_id[0] == "C"
    if not well_formed or not set(change_id) <= set(_DIGITS):
        return None
    return min(int(digits, 36) / 1000, datetime(9999, 1, 1, tzinfo=UTC).timestamp())


def _render(change_id: str, submitted: float) -> dict[str, Any]:
    return {
        "Id": f"/change/{change_id}",
        "Status": "INSYNC",
        "SubmittedAt": datetime.fromtimestamp(int(submitted * 1000) / 1000, UTC),
    }
