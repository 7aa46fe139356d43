"""What a refusal calls for: limits after 403 and 429, the caller after a denial, the signer after a mismatch.

Nothing of it is asked for when the request was answered: a healthy diagnosis costs no call more.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from gatewright.core.sigv4.refusal import SignatureRefused
from gatewright.doctor.asked import is_gateways_own
from gatewright.doctor.caller import Caller, Signer
from gatewright.doctor.denial import parse_denial
from gatewright.doctor.evidence import Evidence, Unknown
from gatewright.doctor.limits import Limits
from gatewright.doctor.names import parse_default_endpoint
from gatewright.doctor.probes.api import AwsApi, NotServed
from gatewright.doctor.probes.deadline import CannotLook, Deadline, run_together
from gatewright.doctor.probes.execution_log import find_logged_cause
from gatewright.doctor.probes.limits import probe_limits
from gatewright.doctor.resource_policy import account_of, policy_principal
from gatewright.doctor.signature import Claim, find_difference, find_habit, parse_claim, parse_expected

#: What simulate-principal-policy takes: users and roles, no root and no federated user.
_SIMULATED: Final = (":user/", ":role/")


def look_at_refusal(api: AwsApi, evidence: Evidence, said: str, deadline: Deadline) -> Evidence:
    """The evidence with what its refusal calls for; `said` is what was pasted, for where there is no answer that refuses."""
    answer = evidence.http
    said = answer.body if answer is not None and answer.status in (401, 403) else said
    looks: dict[str, Callable[[], object]] = {}
    if _may_be_metered(evidence):
        looks["limits"] = lambda: probe_limits(api, evidence)
    if parse_denial(said) is not None or _is_http_api(evidence):
        looks["caller"] = lambda: find_caller(api, evidence, said)
    claim, expected = parse_claim(evidence.question), parse_expected(said)
    if claim is not None and expected is not None:
        looks["signer"] = lambda: find_signer(api, evidence, claim, expected)
    results = run_together(looks, deadline) if looks else {}
    for step, result in results.items():
        match result:
            case Unknown():
                evidence = replace(evidence, unknowns=(*evidence.unknowns, replace(result, step=step)))
            case Limits():
                evidence = replace(evidence, limits=result)
            case (Caller() as caller, unknown):
                evidence = replace(evidence, caller=caller)
                if isinstance(unknown, Unknown):
                    evidence = replace(evidence, unknowns=(*evidence.unknowns, unknown))
            case Signer():
                evidence = replace(evidence, signer=result)
    return _look_into_log(api, evidence, deadline)


def _may_be_metered(evidence: Evidence) -> bool:
    """A key was refused, or a throttle or a quota was exceeded."""
    answer, integration, api = evidence.http, evidence.integration, evidence.api
    if answer is None or integration is None or api is None:
        return False
    method = (api.deployed or {}).get(integration.resource_path, {}).get(integration.verb)
    if answer.status == 429:
        return is_gateways_own(answer)
    return (
        answer.status == 403 and answer.error_type == "ForbiddenException" and bool(method and method.api_key_required)
    )


def _is_http_api(evidence: Evidence) -> bool:
    answer, api = evidence.http, evidence.api
    return api is not None and api.protocol == "HTTP" and answer is not None and answer.status == 403


def find_caller(api: AwsApi, evidence: Evidence, said: str) -> tuple[Caller, Unknown | None]:
    """Whose APIs are asked, and what IAM says of the caller that was refused; why it could not be asked for that."""
    account = (api.call("sts", "get_caller_identity") or {}).get("Account")
    parsed = parse_denial(said)
    if parsed is None:
        return Caller(account, _account_of_key(api, evidence)), None
    caller = Caller(account, account_of(parsed.user) or None)
    source = policy_principal(parsed.user)
    if account != caller.caller_account or not any(kind in source for kind in _SIMULATED):
        return caller, None
    whole = parsed.resource.split(":", 5)
    whole[4] = account or whole[4]  # the refusal may mask it
    arguments: dict[str, Any] = {
        "PolicySourceArn": source, "ActionNames": ["execute-api:Invoke"], "ResourceArns": [":".join(whole)],
    }  # fmt: skip
    try:
        answer = api.call("iam", "simulate_principal_policy", **arguments)
    except NotServed:
        return caller, None
    except CannotLook as error:
        return caller, Unknown("caller", error.why, error.action)
    results = (answer or {}).get("EvaluationResults", ())
    if not results:
        return caller, None
    policies = tuple(each.get("SourcePolicyId", "") for each in results[0].get("MatchedStatements", ()))
    return replace(caller, decision=results[0].get("EvalDecision"), policies=policies), None


def _account_of_key(api: AwsApi, evidence: Evidence) -> str | None:
    claim = parse_claim(evidence.question)
    if claim is None:
        return None
    answer = api.call("sts", "get_access_key_info", AccessKeyId=claim.credential.access_key_id)
    return (answer or {}).get("Account")


def find_signer(api: AwsApi, evidence: Evidence, claim: Claim, expected: str) -> Signer | None:
    """What was signed, where the doctor's own credentials have the secret of the request's access key."""
    secret = api.find_secret(claim.credential.access_key_id)
    if secret is None:
        return None
    hosts = [evidence.question.host, *(target for each in evidence.domains or () for target, _ in each.targets)]
    if evidence.api is not None and (suffix := _suffix(evidence)):
        hosts.append(f"{evidence.api.id}.execute-api.{evidence.region}.{suffix}")
    try:
        habit = find_habit(claim, secret, [each for each in hosts if each])
    except SignatureRefused:
        return None
    if habit is None:
        return Signer()
    difference = find_difference(habit.canonical, expected)
    return Signer(habit.name, *difference) if difference else Signer(habit.name)


def _suffix(evidence: Evidence) -> str:
    """What the names of default endpoints end with here."""
    names = [target for each in evidence.domains or () for target, _ in each.targets]
    for name in (evidence.question.host, *(each.removeprefix("d-") for each in names)):
        if found := parse_default_endpoint(name):
            return found.suffix
    return ""


def _look_into_log(api: AwsApi, evidence: Evidence, deadline: Deadline) -> Evidence:
    """Which throttle it was is written in the execution log alone, if the stage keeps one."""
    answer, limits, found = evidence.http, evidence.limits, evidence.api
    if answer is None or answer.error_type != "TooManyRequestsException" or limits is None or found is None:
        return evidence
    request_id, stage = answer.headers.get("x-amzn-requestid"), found.stage
    if limits.logging_level == "OFF" or not request_id or not stage:
        return evidence
    look = {"execution-log": lambda: find_logged_cause(api, found.id, stage, request_id, evidence.now)}
    result = run_together(look, deadline)["execution-log"]
    if isinstance(result, Unknown):
        return replace(evidence, unknowns=(*evidence.unknowns, result))
    return replace(evidence, logged=result) if isinstance(result, dict) else evidence
