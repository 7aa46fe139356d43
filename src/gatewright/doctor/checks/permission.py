"""Whose policy refused a caller that the gateway knows: the caller's own, the API's, or the want of one of them (facts 6).

What this module knows: the sentences of facts 6.5. Newer ones say which kind of policy refused; of older ones it follows
from the caller (anonymous, of the API's account, of another) and from the resource policy and IAM's simulation, as far as
they could be asked for. An explicit deny of another kind of policy is not told here.
"""

import json
from typing import Final, NamedTuple

from gatewright.doctor.caller import Caller
from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.commands import aws, deploy
from gatewright.doctor.denial import parse_denial
from gatewright.doctor.evidence import Api, Evidence
from gatewright.doctor.resource_policy import (
    ACTION,
    ANONYMOUS,
    account_of,
    find_statements,
    policy_principal,
    with_allow,
    without,
)

#: What newer sentences call the kinds of policy (IAM user guide, access denied error messages).
_IDENTITY_KINDS: Final = ("identity-based policy", "permissions boundary", "session policy", "service control policy")
_MASKED_SHOWN: Final = 4  # digits of a masked account that are left


class Judgement(NamedTuple):
    """A refusal, and the code that follows from it."""

    code: str
    user: str
    resource: str
    said: str


def _said(evidence: Evidence) -> str:
    if evidence.record is not None:
        return "" if "code" in evidence.record else evidence.record.get("message", "")
    answer = evidence.http
    return answer.body if answer is not None and answer.status == 403 else ""


def judge_denial(evidence: Evidence) -> Judgement | None:
    """Whose policy it was; None when the request was not refused so, or it cannot be told."""
    parsed = parse_denial(_said(evidence))
    if parsed is None:
        return None
    code = _code_of(evidence, parsed.user, parsed.resource, parsed.why)
    return Judgement(code, parsed.user, parsed.resource, parsed.said) if code else None


def _code_of(evidence: Evidence, user: str, resource: str, why: str) -> str | None:
    across = _is_of_another_account(evidence.caller, user, resource)
    if "explicit deny" in why:
        return _code_of_deny(evidence, user, resource, why)
    if "no VPC endpoint policy" in why:
        return None
    if "no resource-based policy" in why or user == ANONYMOUS:
        return "CROSS_ACCOUNT_NEEDS_BOTH" if across else "RESOURCE_POLICY_SILENT"
    return "CROSS_ACCOUNT_NEEDS_BOTH" if across else "IDENTITY_POLICY_SILENT"


def _code_of_deny(evidence: Evidence, user: str, resource: str, why: str) -> str | None:
    if "resource-based policy" in why:
        return "RESOURCE_POLICY_DENY"
    if any(kind in why for kind in _IDENTITY_KINDS):
        return "IDENTITY_POLICY_DENY"
    if " in a" in why:
        return None  # another kind of policy
    if user == ANONYMOUS:
        return "RESOURCE_POLICY_DENY"
    api, caller = evidence.api, evidence.caller
    if caller is not None and caller.decision == "explicitDeny":
        return "IDENTITY_POLICY_DENY"
    if api is None:
        return None
    return "RESOURCE_POLICY_DENY" if find_statements(api.policy, "Deny", user, resource) else "IDENTITY_POLICY_DENY"


def _is_of_another_account(caller: Caller | None, user: str, resource: str) -> bool:
    theirs = account_of(user)
    if not theirs:
        return False
    ours = caller.account if caller is not None and caller.account else account_of(resource)
    if "*" in ours or "*" in theirs:
        return ours[-_MASKED_SHOWN:] != theirs[-_MASKED_SHOWN:]
    return ours != theirs


def _told(evidence: Evidence, denial: Judgement) -> tuple[str, ...]:
    caller = evidence.caller
    decided = f"simulate-principal-policy: {caller.decision}" if caller and caller.decision else ""
    if decided and caller and caller.policies:
        decided += f" by {', '.join(caller.policies)}"
    account = f"the APIs that were asked are those of account {caller.account}" if caller and caller.account else ""
    return tuple(each for each in (f"the gateway said: {denial.said}", account, decided) if each)


def _identity_silent(evidence: Evidence) -> Found | None:
    denial = judge_denial(evidence)
    if denial is None or denial.code != "IDENTITY_POLICY_SILENT":
        return None
    return Found(
        f"No policy of {denial.user} allows {ACTION} on {denial.resource}, and the API's resource policy does not either.",
        _told(evidence, denial),
        "Allow it to the caller, by the ARN in the message.",
        _allow_identity(evidence, denial),
    )


def _allow_identity(evidence: Evidence, denial: Judgement) -> tuple[str, ...]:
    parts = denial.resource.split(":", 5)
    if "*" in parts[4] and evidence.caller is not None and evidence.caller.account:
        parts[4] = evidence.caller.account
    document = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ACTION, "Resource": ":".join(parts)}]}
    )
    kind, _, name = policy_principal(denial.user).rpartition(":")[2].partition("/")
    if kind not in ("user", "role"):
        return ()
    name = name.rpartition("/")[2]
    return (aws("iam", f"put-{kind}-policy", f"--{kind}-name", name, "--policy-name", "invoke-api",
                "--policy-document", document),)  # fmt: skip


def _identity_deny(evidence: Evidence) -> Found | None:
    denial = judge_denial(evidence)
    if denial is None or denial.code != "IDENTITY_POLICY_DENY":
        return None
    caller = evidence.caller
    which = f"{', '.join(caller.policies)} denies" if caller and caller.policies else "A policy of the caller denies"
    simulate = aws("iam", "simulate-principal-policy", "--policy-source-arn", policy_principal(denial.user),
                   "--action-names", ACTION, "--resource-arns", denial.resource,
                   "--query", "EvaluationResults[].[EvalDecision,MatchedStatements]")  # fmt: skip
    return Found(
        f"{which} {denial.user} the call explicitly, which no Allow outweighs.",
        _told(evidence, denial),
        "Take the caller, or this API, out of the Deny. The command shows which policy has it; a permissions boundary, a "
        "session's policy or a policy of the organization may have it too.",
        (simulate,),
    )


def _set_policy(api: Api, policy: str) -> tuple[str, ...]:
    patch = json.dumps([{"op": "replace", "path": "/policy", "value": policy}])
    command = aws("apigateway", "update-rest-api", "--rest-api-id", api.id, "--patch-operations", patch)
    return (command, deploy(api.id, api.stage)) if api.stage else (command,)


def _resource_silent(evidence: Evidence) -> Found | None:
    denial, api = judge_denial(evidence), evidence.api
    if denial is None or denial.code != "RESOURCE_POLICY_SILENT":
        return None
    allows = find_statements(api.policy, "Allow", denial.user, denial.resource) if api else ()
    plain = [each for each in allows if not each.conditional]
    if api is not None and plain and api.stage:
        return Found(
            f"The API's resource policy allows the call by now, and the deployment that the stage {api.stage} serves does "
            "not: a policy goes live with a deployment.",
            (*_told(evidence, denial), f"get-rest-api {api.id}: policy has {plain[0].text}"),
            "Deploy the API.",
            (deploy(api.id, api.stage),),
        )
    cause = f"The API's resource policy has no statement that allows {denial.user} {ACTION} on {denial.resource}"
    if allows:
        cause = f"The API's resource policy allows the call to {denial.user} under conditions, which were not met"
    return Found(
        cause + ".",
        (*_told(evidence, denial), *(f"get-rest-api: policy has {each.text}" for each in allows)),
        "Allow the call and deploy; the statement that the command adds has no conditions, add those that you want."
        if api
        else "Allow the call in the API's resource policy, and deploy.",
        _set_policy(api, with_allow(api.policy, denial.user, denial.resource)) if api else (),
    )


def _resource_deny(evidence: Evidence) -> Found | None:
    denial, api = judge_denial(evidence), evidence.api
    if denial is None or denial.code != "RESOURCE_POLICY_DENY":
        return None
    denies = find_statements(api.policy, "Deny", denial.user, denial.resource) if api else ()
    shown = tuple(f"get-rest-api: policy has {each.text}" for each in denies)
    only = denies[0] if len(denies) == 1 and api is not None else None
    return Found(
        f"The API's resource policy denies {denial.user} {ACTION} on {denial.resource} explicitly, which no Allow outweighs"
        + (", if its conditions hold." if only and only.conditional else "."),
        (*_told(evidence, denial), *shown),
        "Take the caller out of the statement, or correct its condition (aws:SourceVpc and aws:SourceVpce are absent on "
        "public traffic, aws:SourceIp on private), and deploy."
        + (" The commands take the whole statement away." if only else ""),
        _set_policy(api, without(api.policy, only.place)) if api is not None and only else (),
    )


def _is_amazon(evidence: Evidence) -> bool:
    """The API is the service's own, by the name that it is reached at."""
    targets = (target for target, _ in evidence.domain.targets) if evidence.domain else ()
    return any(
        name.endswith((".amazonaws.com", ".amazonaws.com.cn", ".cloudfront.net"))
        for name in (evidence.question.http_host, *targets)
    )


def _cross_account(evidence: Evidence) -> Found | None:
    denial, api = judge_denial(evidence), evidence.api
    if denial is None or denial.code != "CROSS_ACCOUNT_NEEDS_BOTH":
        return None
    allows = find_statements(api.policy, "Allow", denial.user, denial.resource) if api else ()
    amazon = _is_amazon(evidence)
    known = "*" not in account_of(denial.user)
    lacks = (
        "the API's resource policy allows it, so it is the caller's own policies that do not, or the policy was not "
    )
    lacks = lacks + "deployed" if allows else "the API's resource policy does not name the caller"
    commands: tuple[str, ...] = ()
    if api is not None and amazon and known and not allows:
        commands = _set_policy(api, with_allow(api.policy, denial.user, denial.resource))
    return Found(
        f"{denial.user} is of another account than the API: both the caller's policies and the API's resource policy have to "
        f"allow {ACTION}, and {lacks}.",
        (*_told(evidence, denial), f"get-rest-api: policy {api.policy or 'none'}" if api else "no policy was read"),
        f"Allow {denial.resource} to the caller in its own account (iam put-user-policy or put-role-policy)"
        + (", and in the API's resource policy; deploy the API. The commands do the latter." if amazon else
           ". A Gatewright has no resource policies yet: call with credentials of the API's own account until then."),
        commands,
    )  # fmt: skip


def _http_api(evidence: Evidence) -> Found | None:
    api, answer, caller = evidence.api, evidence.http, evidence.caller
    if api is None or api.protocol != "HTTP" or answer is None or answer.status != 403 or caller is None:
        return None
    if not caller.caller_account or not caller.account or caller.caller_account == caller.account:
        return None
    return Found(
        f"The caller is of account {caller.caller_account}, and the HTTP API {api.id} of {caller.account}: HTTP APIs have no "
        "resource policy, so nothing can let in another account's caller.",
        (
            f"the gateway answered 403 {answer.body}",
            f"get-api {api.id}: protocolType HTTP",
            f"get-access-key-info: {caller.caller_account}",
        ),
        "Make a role in the API's account that trusts the caller and may execute-api:Invoke, assume it, and sign with the "
        "credentials that come back.",
        (aws("sts", "assume-role", "--role-arn", f"arn:aws:iam::{caller.account}:role/ROLE_NAME",
             "--role-session-name", "caller"),),
    )  # fmt: skip


_SENTENCES: Final = "facts 6.5"
PERMISSION_CHECKS: Final = (
    Check("RESOURCE_POLICY_DENY", Link.AUTHORIZATION, "The API's resource policy denies the call", _SENTENCES,
          _resource_deny),
    Check("IDENTITY_POLICY_DENY", Link.AUTHORIZATION, "A policy of the caller denies the call", _SENTENCES,
          _identity_deny),
    Check("CROSS_ACCOUNT_NEEDS_BOTH", Link.AUTHORIZATION, "A caller of another account needs two Allows", "facts 6.2",
          _cross_account),
    Check("HTTP_API_NEEDS_ASSUME_ROLE", Link.AUTHORIZATION, "Callers of another account must assume a role", "facts 6.3",
          _http_api),
    Check("RESOURCE_POLICY_SILENT", Link.AUTHORIZATION, "The API's resource policy does not allow the call", _SENTENCES,
          _resource_silent),
    Check("IDENTITY_POLICY_SILENT", Link.AUTHORIZATION, "No identity policy allows the call", _SENTENCES,
          _identity_silent),
)  # fmt: skip
