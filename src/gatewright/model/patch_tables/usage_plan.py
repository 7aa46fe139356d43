"""What UpdateUsagePlan may change (facts 1.6, 4.4), and which limits a usage plan may have at all.

A plan's limit on a method has a path whose last parts name the method: `/apiStages/{api}:{stage}/throttle/~1pets/GET/…`.
Clients write it in other ways too (Terraform sends `throttle//pets/GET/…`); all that lies between is the resource's path.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isfinite
from typing import Any, Final

from gatewright.model.patch import (
    PatchOperation,
    PatchRefused,
    PatchRule,
    PatchTable,
    RefusalStyle,
    Setter,
    parse_pointer,
)
from gatewright.model.patch_setters import MAXIMUM_INTEGER, clear, read_integer, read_number, set_optional_text
from gatewright.model.records import ApiStage, QuotaSettings, ThrottleSettings, UsagePlan

#: M: the enum QuotaPeriodType.
QUOTA_PERIODS: Final = ("DAY", "WEEK", "MONTH")
# R
INVALID_API_STAGE: Final = "Invalid API Stage specified"
#: Facts 4.4
_MAXIMUM_METHODS: Final = 20
_METHOD_KEY: Final = re.compile(r"/.*/(?:GET|PUT|POST|DELETE|PATCH|OPTIONS|HEAD|ANY)")

# --- values -----------------------------------------------------------------------------------------------------------


def check_usage_plan(plan: UsagePlan) -> None:
    """Refuses limits that no plan may have. D for the rules, guesses for the sentences."""
    if not plan.name.strip():
        raise PatchRefused("Usage Plan name must be non-empty")
    if plan.quota is not None:
        _check_quota(plan.quota)
    if plan.throttle is not None:
        _check_throttle(plan.throttle)
    for stage in plan.api_stages:
        if len(stage.throttle) > _MAXIMUM_METHODS:
            raise PatchRefused(
                f"Usage Plan can have throttling limits for at most {_MAXIMUM_METHODS} methods of API Stage "
                f"{stage.api_id}:{stage.stage}"
            )
        for key, throttle in stage.throttle.items():
            if not _METHOD_KEY.fullmatch(key):
                raise PatchRefused(
                    f"Invalid method specified for throttling: {key}. Expected <resourcePath>/<httpMethod>"
                )
            _check_throttle(throttle)


def _check_quota(quota: QuotaSettings) -> None:
    if quota.period not in QUOTA_PERIODS:
        raise PatchRefused(f"Invalid Usage Plan quota period. Must be one of: [{', '.join(QUOTA_PERIODS)}]")
    if quota.limit < 1:
        raise PatchRefused("Usage Plan quota limit must be greater than 0")
    if quota.limit > MAXIMUM_INTEGER:
        raise PatchRefused(f"Usage Plan quota limit must be at most {MAXIMUM_INTEGER}")
    if not 0 <= quota.offset < quota.limit:
        raise PatchRefused("Usage Plan quota offset must be at least 0 and less than the limit")


def _check_throttle(throttle: ThrottleSettings) -> None:
    if throttle.rate_limit < 0 or throttle.burst_limit < 0:
        raise PatchRefused("Usage Plan throttle limits must be at least 0")
    if not isfinite(throttle.rate_limit) or throttle.burst_limit > MAXIMUM_INTEGER:
        raise PatchRefused(f"Usage Plan throttle limits must be numbers, and the burst limit at most {MAXIMUM_INTEGER}")


def _read_rate(text: str | None) -> float:
    rate = read_number(text)
    if rate is None or rate < 0:
        raise PatchRefused(f"Invalid value specified for throttle rate limit: {text}")
    return rate


def _read_burst(text: str | None) -> int:
    return _read_natural(text, "throttle burst limit")


def _read_natural(text: str | None, name: str) -> int:
    number = read_integer(text)
    if number is None or number < 0:
        raise PatchRefused(f"Invalid value specified for {name}: {text}")
    return number


# --- the plan's own limits --------------------------------------------------------------------------------------------


def _set_throttle(attribute: str, read: Callable[[str | None], float]) -> Setter[UsagePlan]:
    """The first of the two makes the throttle; the other is 0 until it is said."""

    def setter(plan: UsagePlan, operation: PatchOperation, _names: Mapping[str, str]) -> UsagePlan:
        changed: Any = {attribute: read(operation.value)}
        return replace(plan, throttle=replace(plan.throttle or ThrottleSettings(), **changed))

    return setter


#: A quota of which some members are not said yet; `check_usage_plan` refuses one that has stayed so.
_NO_QUOTA: Final = QuotaSettings(0, "")


def _set_quota(attribute: str) -> Setter[UsagePlan]:
    def setter(plan: UsagePlan, operation: PatchOperation, _names: Mapping[str, str]) -> UsagePlan:
        changed: Any = {
            attribute: (operation.value or "")
            if attribute == "period"
            else _read_natural(operation.value, f"quota {attribute}")
        }
        return replace(plan, quota=replace(plan.quota or _NO_QUOTA, **changed))

    return setter


# --- stages -----------------------------------------------------------------------------------------------------------


def _parse_stage(text: str | None) -> tuple[str, str]:
    """`{API id}:{stage name}`."""
    api_id, colon, stage = (text or "").partition(":")
    if not (api_id and colon and stage):
        raise PatchRefused(INVALID_API_STAGE)
    return api_id, stage


def _find_stage(plan: UsagePlan, text: str | None) -> ApiStage:
    place = _parse_stage(text)
    for each in plan.api_stages:
        if (each.api_id, each.stage) == place:
            return each
    raise PatchRefused(INVALID_API_STAGE)  # R (published by a user of boto3): also of a removal


def _add_stage(plan: UsagePlan, operation: PatchOperation, _names: Mapping[str, str]) -> UsagePlan:
    """That there is such a stage is for the caller to see; one that the plan has already stays as it is."""
    place = _parse_stage(operation.value)
    if any((each.api_id, each.stage) == place for each in plan.api_stages):
        return plan
    return replace(plan, api_stages=(*plan.api_stages, ApiStage(*place)))


def _remove_stage(plan: UsagePlan, operation: PatchOperation, _names: Mapping[str, str]) -> UsagePlan:
    removed = _find_stage(plan, operation.value)
    return replace(plan, api_stages=tuple(each for each in plan.api_stages if each is not removed))


def _with_throttle(plan: UsagePlan, stage: ApiStage, throttle: Mapping[str, ThrottleSettings]) -> UsagePlan:
    changed = replace(stage, throttle=throttle)
    return replace(plan, api_stages=tuple(changed if each is stage else each for each in plan.api_stages))


def _set_method(attribute: str, read: Callable[[str | None], float]) -> Setter[UsagePlan]:
    def setter(plan: UsagePlan, operation: PatchOperation, names: Mapping[str, str]) -> UsagePlan:
        stage = _find_stage(plan, names["stage"])
        key = f"{names['path']}/{names['method']}"
        changed: Any = {attribute: read(operation.value)}
        throttle = replace(stage.throttle.get(key) or ThrottleSettings(), **changed)
        return _with_throttle(plan, stage, {**stage.throttle, key: throttle})

    return setter


def _remove_method(plan: UsagePlan, _operation: PatchOperation, names: Mapping[str, str]) -> UsagePlan:
    stage = _find_stage(plan, names["stage"])
    key = f"{names['path']}/{names['method']}"
    return _with_throttle(plan, stage, {each: it for each, it in stage.throttle.items() if each != key})


def _set_methods(plan: UsagePlan, operation: PatchOperation, names: Mapping[str, str]) -> UsagePlan:
    """Guess: the value is what CreateUsagePlan takes, `{"/pets/GET": {"rateLimit": 1, "burstLimit": 2}}`."""
    stage = _find_stage(plan, names["stage"])
    try:
        given = json.loads(operation.value or "")
        throttle = {
            str(key): ThrottleSettings(float(each.get("rateLimit") or 0), int(each.get("burstLimit") or 0))
            for key, each in given.items()
        }
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise PatchRefused(f"Invalid value specified for throttle: {operation.value}") from None
    return _with_throttle(plan, stage, throttle)


def _remove_methods(plan: UsagePlan, _operation: PatchOperation, names: Mapping[str, str]) -> UsagePlan:
    return _with_throttle(plan, _find_stage(plan, names["stage"]), {})


# --- the table --------------------------------------------------------------------------------------------------------

_SHOWN_THROTTLE: Final = "/apiStages/<apidId:stageName>/throttle"  # R: the spelling is the service's
_SHOWN_METHOD: Final = f"{_SHOWN_THROTTLE}/<resourcePath>/<httpMethod>"


def _settable(path: str, setter: Setter[UsagePlan], shown: str | None = None) -> PatchRule[UsagePlan]:
    return PatchRule(path, add=setter, replace=setter, shown=shown)


class _UsagePlanTable(PatchTable[UsagePlan]):
    """The rules, once a path that names a method has the form that they expect."""

    def find(self, operation: PatchOperation) -> tuple[Setter[UsagePlan], Mapping[str, str]]:
        """The setter for an operation; raises `PatchRefused`."""
        segments = parse_pointer(operation.path) or ()
        behind = 1 if operation.op == "remove" else 2  # segments behind the resource's path: the method, and the limit
        if segments[:1] == ("apiStages",) and segments[2:3] == ("throttle",) and len(segments) > 3 + behind:
            path = "/" + "/".join(segments[3:-behind]).removeprefix("/")
            path = path.replace("~", "~0").replace("/", "~1")
            pointer = "/".join(("", *segments[:3], path, *segments[-behind:]))
            try:
                return super().find(replace(operation, path=pointer))
            except PatchRefused:
                pass  # said again, of the path as it was sent
        return super().find(operation)


TABLE: Final[PatchTable[UsagePlan]] = _UsagePlanTable(
    (
        # R for those that can be removed, in this order; a guess for where the others come in.
        PatchRule("/apiStages", add=_add_stage, remove=_remove_stage),
        PatchRule("/name", replace=lambda plan, operation, _names: replace(plan, name=operation.value or "")),
        PatchRule("/description", replace=set_optional_text("description")),
        _settable("/quota/limit", _set_quota("limit")),
        _settable("/quota/offset", _set_quota("offset")),
        _settable("/quota/period", _set_quota("period")),
        PatchRule("/quota", remove=clear("quota")),
        _settable("/throttle/rateLimit", _set_throttle("rate_limit", _read_rate)),
        _settable("/throttle/burstLimit", _set_throttle("burst_limit", _read_burst)),
        PatchRule("/throttle", remove=clear("throttle")),
        PatchRule(
            "/productCode",
            add=set_optional_text("product_code"),
            replace=set_optional_text("product_code"),
            remove=clear("product_code"),
        ),
        _settable(
            "/apiStages/{stage}/throttle/{path}/{method}/rateLimit",
            _set_method("rate_limit", _read_rate),
            f"{_SHOWN_METHOD}/rateLimit",
        ),
        _settable(
            "/apiStages/{stage}/throttle/{path}/{method}/burstLimit",
            _set_method("burst_limit", _read_burst),
            f"{_SHOWN_METHOD}/burstLimit",
        ),
        PatchRule("/apiStages/{stage}/throttle/{path}/{method}", remove=_remove_method, shown=_SHOWN_METHOD),
        PatchRule(
            "/apiStages/{stage}/throttle",
            add=_set_methods,
            replace=_set_methods,
            remove=_remove_methods,
            shown=_SHOWN_THROTTLE,
        ),
    ),
    style=RefusalStyle.LISTING,
)
