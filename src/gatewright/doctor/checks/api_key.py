"""Why an API key was refused: none was sent, none is known of that value, it is disabled, or no plan joins it to the stage.

What this module knows (facts 4.3): all of these are 403 Forbidden to the client, so the configuration has to tell them
apart; the API says whether keys come in the header or from its authorizers.
"""

from typing import Final

from gatewright.doctor.asked import Asked, describe_answer, find_asked
from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.commands import aws
from gatewright.doctor.evidence import Evidence
from gatewright.doctor.limits import Limits, PlanLimits, PresentedKey


def _key_refused(evidence: Evidence) -> Asked | None:
    """The method, when it asks for a key and the answer is what a refused key gets (facts 4.3)."""
    asked, answer = find_asked(evidence), evidence.http
    if asked is None or answer is None or answer.status != 403 or answer.error_type != "ForbiddenException":
        return None
    return asked if asked.method is not None and asked.method.api_key_required else None


def _stage_plans(limits: Limits | None) -> list[PlanLimits]:
    return [each for each in (limits.plans if limits else None) or () if each.has_stage]


def _key_missing(evidence: Evidence) -> Found | None:
    asked = _key_refused(evidence)
    if asked is None:
        return None
    if asked.api.key_source == "AUTHORIZER":
        return Found(
            f"{asked.name} asks for an API key, and the API takes it from its authorizer, not from the header x-api-key.",
            (describe_answer(evidence), f"get-rest-api {asked.api.id}: apiKeySource AUTHORIZER"),
            "Let the authorizer return the key as usageIdentifierKey; or let the API take it from the header, and deploy.",
            (
                aws("apigateway", "update-rest-api", "--rest-api-id", asked.api.id, "--patch-operations",
                    "op=replace,path=/apiKeySource,value=HEADER"),
                aws("apigateway", "create-deployment", "--rest-api-id", asked.api.id, "--stage-name", asked.stage),
            ),
        )  # fmt: skip
    if evidence.question.header("x-api-key"):
        return None
    plans = _stage_plans(evidence.limits)
    seen = (f"get-usage-plans: the stage {asked.stage} is in {', '.join(each.id for each in plans) or 'none'}",)
    return Found(
        f"{asked.name} asks for an API key, and the request has no header x-api-key.",
        (describe_answer(evidence), *(seen if evidence.limits else ())),
        "Send a key of a usage plan that has this stage: -H 'x-api-key: …'. The command shows the plan's keys with their values."
        if plans
        else "Send a key of a usage plan that has this stage: -H 'x-api-key: …'.",
        tuple(
            aws("apigateway", "get-usage-plan-keys", "--usage-plan-id", plan.id, "--query", "items[].[id,name,value]")
            for plan in plans[:1]
        ),
    )


def _presented(evidence: Evidence) -> tuple[Asked, Limits, PresentedKey] | None:
    asked, limits = _key_refused(evidence), evidence.limits
    if asked is None or limits is None or limits.key is None:
        return None
    return asked, limits, limits.key


def _key_unknown(evidence: Evidence) -> Found | None:
    presented = _presented(evidence)
    if presented is None or presented[2].found:
        return None
    return Found(
        f"The account has no API key with the value that the request carries, in {evidence.region}.",
        (describe_answer(evidence), "get-api-keys: none has that value"),
        "Send the value of a key that exists; a key has a name and an id beside its value, and is of one Region. The "
        "command lists them.",
        (aws("apigateway", "get-api-keys", "--include-values", "--query", "items[].[id,name,enabled,value]"),),
    )


def _key_disabled(evidence: Evidence) -> Found | None:
    presented = _presented(evidence)
    if presented is None or not presented[2].found or presented[2].enabled:
        return None
    key = presented[2]
    return Found(
        f"The API key {key.id} of the request is disabled.",
        (describe_answer(evidence), f"get-api-keys: {key.id} enabled false"),
        "Enable it.",
        (aws("apigateway", "update-api-key", "--api-key", key.id, "--patch-operations",
             "op=replace,path=/enabled,value=true"),),
    )  # fmt: skip


def _key_not_in_plan(evidence: Evidence) -> Found | None:
    presented = _presented(evidence)
    if presented is None:
        return None
    asked, limits, key = presented
    if not key.found or not key.enabled or limits.plans is None or limits.plan is not None:
        return None
    has_key = [each for each in limits.plans if each.has_key]
    seen = (
        f"get-usage-plans --key-id {key.id}: {', '.join(each.id for each in has_key) or 'none'}",
        f"get-usage-plans: the stage is in {', '.join(each.id for each in _stage_plans(limits)) or 'none'}",
    )
    text, commands = _join(asked, limits, key)
    return Found(
        f"The API key {key.id} is in no usage plan that has the stage {asked.stage} of the API {asked.api.id}.",
        (describe_answer(evidence), *seen),
        text,
        commands,
    )


def _join(asked: Asked, limits: Limits, key: PresentedKey) -> tuple[str, tuple[str, ...]]:
    """Key and stage come into one plan: that of the stage before that of the key, a new one where there is neither."""
    add_key = ("apigateway", "create-usage-plan-key", "--key-id", key.id, "--key-type", "API_KEY", "--usage-plan-id")
    of_stage = _stage_plans(limits)
    of_key = [each for each in limits.plans or () if each.has_key]
    if of_stage:
        return f"Add the key to the stage's plan {of_stage[0].id}.", (aws(*add_key, of_stage[0].id),)
    if of_key:
        command = aws("apigateway", "update-usage-plan", "--usage-plan-id", of_key[0].id, "--patch-operations",
                      f"op=add,path=/apiStages,value={asked.api.id}:{asked.stage}")  # fmt: skip
        return f"Add the stage to the key's plan {of_key[0].id}.", (command,)
    plan = aws("apigateway", "create-usage-plan", "--name", f"{asked.api.id}-{asked.stage}", "--api-stages",
               f"apiId={asked.api.id},stage={asked.stage}", "--query", "id", "--output", "text")  # fmt: skip
    return "Make a usage plan with the stage, and add the key to it.", (f"PLAN=$({plan})", aws(*add_key) + ' "$PLAN"')


_SOURCE: Final = "facts 4.3"
API_KEY_CHECKS: Final = (
    Check("API_KEY_MISSING", Link.THROTTLE, "The request has no API key", _SOURCE, _key_missing),
    Check("API_KEY_UNKNOWN", Link.THROTTLE, "There is no such API key", _SOURCE, _key_unknown),
    Check("API_KEY_DISABLED", Link.THROTTLE, "The API key is disabled", _SOURCE, _key_disabled),
    Check("API_KEY_NOT_IN_PLAN", Link.THROTTLE, "The API key is in no usage plan of this stage", _SOURCE,
          _key_not_in_plan),
)  # fmt: skip
