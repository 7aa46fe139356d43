"""What meters the call that was refused, asked of the API: key, usage plans, stage and account (facts 4).

What this module knows: a key is found by its value only in the listing of all keys with their values; a key is in one
plan at most for a stage; the setting of one method goes before that of all (`*/*`). The value is compared and forgotten.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from gatewright.doctor.evidence import Api, Evidence, Integration
from gatewright.doctor.limits import Limits, PlanLimits, PresentedKey, Throttle
from gatewright.doctor.probes.api import AwsApi
from gatewright.doctor.probes.configuration import pages

#: The most that a page of keys or plans has (facts 1.1).
_PAGE: Final = 500


def probe_limits(api: AwsApi, evidence: Evidence) -> Limits | None:
    """The limits of the method that was asked for; None where it is not known which that is."""
    found, integration = evidence.api, evidence.integration
    if found is None or integration is None or found.stage not in found.stages or not found.stage:
        return None
    method = (found.deployed or {}).get(integration.resource_path, {}).get(integration.verb)
    key, plans = None, None
    if method is None or method.api_key_required:
        value = evidence.question.header("x-api-key") if found.key_source != "AUTHORIZER" else None
        key = find_key(api, value) if value else None
        plans = tuple(find_plans(api, evidence, found, integration, key))
    stage = api.call("apigateway", "get_stage", restApiId=found.id, stageName=found.stage) or {}
    setting, values = _select_setting(stage.get("methodSettings", {}), integration)
    account = (api.call("apigateway", "get_account") or {}).get("throttleSettings")
    return Limits(
        key,
        plans,
        _read_throttle(values, "throttlingRateLimit", "throttlingBurstLimit"),
        setting,
        values.get("loggingLevel", "OFF"),
        _read_throttle(account),
    )


def find_key(api: AwsApi, value: str) -> PresentedKey:
    """What the account knows of a key of that value."""
    for page in pages(api, "apigateway", "get_api_keys", "position", "position", includeValues=True, limit=_PAGE):
        for each in page.get("items", ()):
            if each.get("value") == value:
                return PresentedKey(found=True, id=each["id"], enabled=bool(each.get("enabled")))
    return PresentedKey(found=False)


def find_plans(
    api: AwsApi, evidence: Evidence, found: Api, integration: Integration, key: PresentedKey | None
) -> Iterable[PlanLimits]:
    """The plans that have the stage or the key."""
    of_key: set[str] = set()
    if key is not None and key.found:
        answers = pages(api, "apigateway", "get_usage_plans", "position", "position", keyId=key.id, limit=_PAGE)
        of_key = {each["id"] for page in answers for each in page.get("items", ())}
    method = f"{integration.resource_path}/{integration.verb}"
    for page in pages(api, "apigateway", "get_usage_plans", "position", "position", limit=_PAGE):
        for each in page.get("items", ()):
            stages = {(stage["apiId"], stage["stage"]): stage for stage in each.get("apiStages", ())}
            stage = stages.get((found.id, found.stage or ""))
            has_key = each["id"] in of_key
            if stage is None and not has_key:
                continue
            used, remaining = None, None
            if stage is not None and has_key and key is not None and each.get("quota"):
                used, remaining = _usage(api, each["id"], key.id, evidence.now)
            yield PlanLimits(
                each["id"],
                each.get("name", ""),
                has_key,
                stage is not None,
                _read_throttle(each.get("throttle")),
                _read_throttle((stage or {}).get("throttle", {}).get(method)),
                (each.get("quota") or {}).get("limit"),
                (each.get("quota") or {}).get("period"),
                used,
                remaining,
            )


def _usage(api: AwsApi, plan_id: str, key_id: str, now: str) -> tuple[int | None, int | None]:
    today = datetime.fromisoformat(now).date().isoformat()
    answer = api.call("apigateway", "get_usage", usagePlanId=plan_id, keyId=key_id, startDate=today, endDate=today)
    days = (answer or {}).get("items", {}).get(key_id)
    return (days[-1][0], days[-1][1]) if days else (None, None)


def _select_setting(settings: Mapping[str, Any], integration: Integration) -> tuple[str, Mapping[str, Any]]:
    """The method's own setting before that of all methods; its key is spelt in more than one way (facts 1.5)."""
    path, verb = integration.resource_path, integration.verb
    escaped = path.replace("/", "~1")
    for key in (f"{escaped}/{verb}", f"{path}/{verb}", f"{path.lstrip('/')}/{verb}", "*/*"):
        if key in settings:
            return (key if key == "*/*" else f"{escaped}/{verb}"), settings[key]
    return "*/*", {}


def _read_throttle(
    answer: Mapping[str, Any] | None, rate: str = "rateLimit", burst: str = "burstLimit"
) -> Throttle | None:
    if not answer or answer.get(rate) is None or answer.get(burst) is None:
        return None
    return Throttle(float(answer[rate]), int(answer[burst]))
