"""Which limit answered 429: the key's quota, the throttle of plan, stage or account, or the backend's own.

What this module knows (facts 2.6, 4.2, 4.5): a quota is told by its error type; a 429 without `x-amzn-ErrorType`, or with
headers of the backend's that were remapped, was the backend's. Of the throttles the answer does not tell which one it was: the execution log does; a limit of nothing refuses
all; where only one applies it is that. Otherwise the one that lets the least through is named, and the finding says that
others may have been it.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from gatewright.doctor.asked import Asked, describe_answer, find_asked, is_gateways_own
from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.commands import aws, replace_operation
from gatewright.doctor.evidence import Evidence
from gatewright.doctor.limits import Throttle

#: What a remedy raises a throttle to: twice what it is, and no less than what a page with its scripts asks for at once.
_LEAST_RATE: Final = 10
_LEAST_BURST: Final = 20
#: The log has the same line for a plan's own throttle and that of one method in it.
_PLAN_CODES: Final = ("THROTTLED_PLAN", "THROTTLED_PLAN_METHOD")


def _quota(evidence: Evidence) -> Found | None:
    answer, limits, asked = evidence.http, evidence.limits, find_asked(evidence)
    if answer is None or answer.status != 429 or answer.error_type != "LimitExceededException" or asked is None:
        return None
    if not is_gateways_own(answer):
        return None
    plan = limits.plan if limits else None
    if limits is None or plan is None or limits.key is None or plan.quota is None:
        return None
    grant = aws("apigateway", "update-usage", "--usage-plan-id", plan.id, "--key-id", limits.key.id,
                "--patch-operations", f"op=replace,path=/remaining,value={plan.quota}")  # fmt: skip
    used = f"get-usage {plan.id} {limits.key.id}: {plan.used} used today, {plan.remaining} left"
    return Found(
        f"The API key {limits.key.id} has used up its quota of {plan.quota} requests a {(plan.period or 'period').lower()} "
        f"under the usage plan {plan.id}.",
        (describe_answer(evidence), *((used,) if plan.used is not None else ())),
        "Grant the key as many again for this period, as the command does; or wait for the next one; or raise the plan's "
        "quota for good (update-usage-plan, /quota/limit).",
        (grant,),
    )


class _Candidate(NamedTuple):
    """A throttle that the request had to pass."""

    code: str
    throttle: Throttle
    where: str


def _candidates(evidence: Evidence) -> list[_Candidate]:
    """Those that apply, in the order in which they are asked (facts 4.2)."""
    limits, asked = evidence.limits, find_asked(evidence)
    if limits is None or asked is None:
        return []
    found = []
    plan = limits.plan
    if plan is not None and limits.key is not None:
        own = plan.method_throttle
        throttle, where = (own, f" for {asked.name}") if own else (plan.throttle, "")
        if throttle is not None:
            found.append(_Candidate("THROTTLED_PLAN", throttle, f"the usage plan {plan.id}{where}"))
    if limits.stage is not None:
        found.append(
            _Candidate("THROTTLED_STAGE", limits.stage, f"the stage {asked.stage}, setting {limits.stage_setting}")
        )
    if limits.account is not None:
        found.append(_Candidate("THROTTLED_ACCOUNT", limits.account, "the account in this Region"))
    return found


class _Speaker(NamedTuple):
    """The throttle that refused, and by what it is told that it was this one."""

    candidate: _Candidate
    told_by: str
    certain: bool


def _find_speaker(evidence: Evidence) -> _Speaker | None:
    answer, candidates = evidence.http, _candidates(evidence)
    if answer is None or answer.status != 429 or answer.error_type != "TooManyRequestsException" or not candidates:
        return None
    if not is_gateways_own(answer):
        return None
    if evidence.logged is not None:
        code = evidence.logged.get("code", "")
        code = "THROTTLED_PLAN" if code in _PLAN_CODES else code
        for each in candidates:
            if each.code == code:
                return _Speaker(each, f"the execution log has: {evidence.logged.get('message', '')}", certain=True)
    for each in candidates:
        if each.throttle.is_shut:
            return _Speaker(each, f"{each.where} lets no request pass: {each.throttle}", certain=True)
    if len(candidates) == 1:
        return _Speaker(candidates[0], f"no other limit is set: {candidates[0].throttle}", certain=True)
    tightest = min(candidates, key=lambda each: each.throttle.rate)
    return _Speaker(tightest, f"{tightest.where} lets the least through: {tightest.throttle}", certain=False)


def _throttled(
    code: str, mend: Callable[[Evidence, Asked, Throttle], tuple[str, tuple[str, ...]]]
) -> Callable[[Evidence], Found | None]:
    def examine(evidence: Evidence) -> Found | None:
        speaker, asked = _find_speaker(evidence), find_asked(evidence)
        if speaker is None or asked is None or speaker.candidate.code != code:
            return None
        others = [each for each in _candidates(evidence) if each.code != code]
        text, commands = mend(evidence, asked, speaker.candidate.throttle)
        if speaker.certain:
            cause = f"{asked.name} is called faster than {speaker.candidate.where} allows."
            doubt: tuple[str, ...] = ()
        else:
            cause = (
                f"{asked.name} is called faster than a limit allows, most likely that of {speaker.candidate.where}: the "
                "answer does not tell which."
            )
            doubt = tuple(f"it may also be {each.where}: {each.throttle}" for each in others)
        return Found(cause, (describe_answer(evidence), speaker.told_by, *doubt), text, commands)

    return examine


_WAIT: Final = "Let the client wait and try again, longer each time; or raise the limit"


def _raised(throttle: Throttle) -> tuple[str, str]:
    return f"{max(2 * throttle.rate, _LEAST_RATE):g}", str(max(2 * throttle.burst, _LEAST_BURST))


def _mend_plan(evidence: Evidence, asked: Asked, throttle: Throttle) -> tuple[str, tuple[str, ...]]:
    plan = evidence.limits.plan if evidence.limits else None
    assert plan is not None, "a candidate of the plan has one"
    rate, burst = _raised(throttle)
    where = "/throttle"
    if plan.method_throttle is not None:
        path = asked.integration.resource_path.replace("/", "~1")
        where = f"/apiStages/{asked.api.id}:{asked.stage}/throttle/{path}/{asked.integration.verb}"
    command = aws("apigateway", "update-usage-plan", "--usage-plan-id", plan.id, "--patch-operations",
                  replace_operation(f"{where}/rateLimit", rate),
                  replace_operation(f"{where}/burstLimit", burst))  # fmt: skip
    return f"{_WAIT} of the usage plan; it acts without a deployment.", (command,)


def _mend_stage(evidence: Evidence, asked: Asked, throttle: Throttle) -> tuple[str, tuple[str, ...]]:
    setting = evidence.limits.stage_setting if evidence.limits else "*/*"
    rate, burst = _raised(throttle)
    command = aws("apigateway", "update-stage", "--rest-api-id", asked.api.id, "--stage-name", asked.stage,
                  "--patch-operations", replace_operation(f"/{setting}/throttling/rateLimit", rate),
                  replace_operation(f"/{setting}/throttling/burstLimit", burst))  # fmt: skip
    return f"{_WAIT} of the stage; it acts without a deployment.", (command,)


def _mend_account(_evidence: Evidence, _asked: Asked, throttle: Throttle) -> tuple[str, tuple[str, ...]]:
    rate, burst = _raised(throttle)
    text = (
        "Give the API that takes the most a throttle of its own on its stage. With AWS ask for more (Service Quotas, API "
        f"Gateway, throttle rate); a Gatewright is started with more: gatewright serve --account-throttle {rate}:{burst}"
    )
    return text, ()


def _backend(evidence: Evidence) -> Found | None:
    answer, integration = evidence.http, evidence.integration
    if answer is None or answer.status != 429 or is_gateways_own(answer) or integration is None:
        return None
    if not answer.headers.get("x-amzn-requestid") or not integration.type.startswith("HTTP"):
        return None
    after = answer.headers.get("retry-after")
    return Found(
        f"The backend {integration.uri} answered 429, and the gateway handed that on; its own limits let the request pass.",
        (f"answered 429 by the backend: {answer.body}",)
        + ((f"Retry-After: {after}",) if after else ()),
        "Raise the backend's limit, or let the stage's throttle keep the load below it (update-stage, "
        "throttling/rateLimit).",
    )  # fmt: skip


_LEVELS: Final = "facts 4.2, 4.5"
THROTTLE_CHECKS: Final = (
    Check("QUOTA_EXCEEDED", Link.THROTTLE, "The API key's quota is used up", "facts 2.6, 4.4", _quota),
    Check("THROTTLED_PLAN", Link.THROTTLE, "The usage plan's throttle was exceeded", _LEVELS,
          _throttled("THROTTLED_PLAN", _mend_plan)),
    Check("THROTTLED_STAGE", Link.THROTTLE, "The stage's throttle was exceeded", _LEVELS,
          _throttled("THROTTLED_STAGE", _mend_stage)),
    Check("THROTTLED_ACCOUNT", Link.THROTTLE, "The account's throttle was exceeded", _LEVELS,
          _throttled("THROTTLED_ACCOUNT", _mend_account)),
    Check("THROTTLED_BACKEND", Link.BACKEND, "The 429 comes from the backend", "facts 2.6, 7.3", _backend),
)  # fmt: skip
