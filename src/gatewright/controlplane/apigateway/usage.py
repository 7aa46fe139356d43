"""GetUsage and UpdateUsage: what the keys of a plan have used, day by day, and more of it for one key (facts 4.4).

The counts are not records: they are read from a `UsageBook`, and these operations are there where a book is.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from gatewright.controlplane.apigateway.creation_order import page_by_age
from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.apigateway.usage_plan_keys import require_usage_plan_key
from gatewright.controlplane.apigateway.usage_plans import require_usage_plan
from gatewright.controlplane.call import Call, Operation
from gatewright.controlplane.errors import bad_request
from gatewright.controlplane.usage import UsageBook
from gatewright.model.patch_tables.usage import TABLE, Extension
from gatewright.model.records import UsagePlan, UsagePlanKey

#: D: "at most 90 days back".
DAYS_BACK: Final = 90
#: What is left without a quota. Guess: D says that it is unbounded, and M that it is a long.
_UNBOUNDED: Final = 2**63 - 1
_EPOCH: Final = date(1970, 1, 1).toordinal()


def usage_operations(book: UsageBook) -> Mapping[str, Operation]:
    """The operations that this book answers, by name."""

    def get_usage(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the plan's keys, or one of them, used on each day from the first to the last."""
        plan = require_usage_plan(call, params["usagePlanId"])
        first, last = _parse_date(params["startDate"]), _parse_date(params["endDate"])
        _check_dates(first, last, call.now)
        if params.get("keyId"):
            page, position = [require_usage_plan_key(call, plan, params["keyId"])], None
        else:
            page, position = page_by_age(call, UsagePlanKey, params, plan.id, newest_first=True)
        return _render(book, plan, [each.id for each in page], first, last) | {"position": position}

    def update_usage(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """The key has as many requests left in the current period as the patch says; the next one is as ever."""
        plan = require_usage_plan(call, params["usagePlanId"])
        key_id = require_usage_plan_key(call, plan, params["keyId"]).id
        extension = patched(Extension(), params, TABLE)
        if extension.remaining is not None:
            if plan.quota is None:
                raise bad_request(f"Usage Plan {plan.id} has no quota")  # guess: the sentence
            book.set_remaining(plan, key_id, extension.remaining, call.now)
        today = datetime.fromtimestamp(call.now, UTC).date()
        # Guess: the days that are shown. M says only that the answer is a Usage.
        return _render(book, plan, [key_id], today, today)

    return {"GetUsage": get_usage, "UpdateUsage": update_usage}


def _render(book: UsageBook, plan: UsagePlan, key_ids: list[str], first: date, last: date) -> dict[str, Any]:
    days = range(first.toordinal() - _EPOCH, last.toordinal() - _EPOCH + 1)
    return {
        "usagePlanId": plan.id,
        "startDate": first.isoformat(),
        "endDate": last.isoformat(),
        "items": {
            key_id: [
                [used, _UNBOUNDED if remaining is None else remaining]
                for used, remaining in book.read(plan, key_id, days)
            ]
            for key_id in key_ids
        },
    }


def _parse_date(text: str) -> date:
    try:
        parsed = date.fromisoformat(text)
    except ValueError:
        parsed = None
    if parsed is None or parsed.isoformat() != text:
        raise bad_request(
            f"Invalid date specified: {text}. Dates must be of the form yyyy-MM-dd"
        )  # guess: the sentence
    return parsed


def _check_dates(first: date, last: date, now: float) -> None:
    """D for the rules, guesses for the sentences."""
    if last < first:
        raise bad_request("Invalid date range specified. The start date must not be after the end date")
    today = datetime.fromtimestamp(now, UTC).date()
    if (today - first).days > DAYS_BACK:
        raise bad_request(f"Invalid start date specified. Usage is available for the last {DAYS_BACK} days")
    if last > today:
        raise bad_request("Invalid end date specified. It must not be in the future")
