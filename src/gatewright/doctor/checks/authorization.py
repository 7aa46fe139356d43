"""What the gateway said of the caller: no signature, a wrong one, an old one; an API key that is missing.

What this module knows: the texts of facts 5.5, which the answer itself carries, so that no permission is needed to read
them; of a request id, the refusal that the gateway recorded carries the same texts.
"""

import re
from typing import Final

from gatewright.core.reasons import CATALOGUE
from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.checks.mutual_tls import code_of_refusal
from gatewright.doctor.evidence import Evidence

#: Facts 5.5, in this order: the pattern, the code.
_TEXTS: Final = (
    (re.compile(r"security token included in the request is (invalid|expired)"), "TOKEN_INVALID"),
    (re.compile(r"Signature (expired|not yet current)"), "SIGNATURE_SKEW"),
    (re.compile(r"Credential should be scoped|Date in Credential scope"), "SIGNATURE_SCOPE"),
    (re.compile(r"signature we calculated does not match"), "SIGNATURE_MISMATCH"),
    (re.compile(r"Authorization header requires|Invalid key=value pair|not a valid key=value"), "SIGNATURE_MISSING"),
)
_SIGNED_METHODS: Final = "AWS_IAM"


def code_of_text(text: str) -> str | None:
    """The code for what the service says of a signature."""
    return next((code for pattern, code in _TEXTS if pattern.search(text)), None)


def _said(evidence: Evidence) -> str:
    """What the gateway said in refusing the request, by its answer or by its record."""
    if evidence.record is not None:
        return evidence.record.get("message", "")
    answer = evidence.http
    return answer.body if answer is not None and answer.status in (401, 403) and answer.error_type else ""


def _wants_signature(evidence: Evidence) -> bool:
    api = evidence.api
    if api is None or api.deployed is None:
        return False
    integration = evidence.integration
    if integration is None:
        return False
    method = api.deployed.get(integration.resource_path, {}).get(integration.verb)
    return method is not None and method.authorization == _SIGNED_METHODS


def _missing(evidence: Evidence) -> Found | None:
    recorded = evidence.record is not None and evidence.record.get("code") == "SIGNATURE_MISSING"
    text = _said(evidence)
    asked = _wants_signature(evidence) and "Missing Authentication Token" in text
    malformed = code_of_text(text) == "SIGNATURE_MISSING" and (
        evidence.record is not None or _wants_signature(evidence)
    )
    if not (recorded or asked or malformed):
        return None
    return Found(
        "The method asks for a SigV4 signature, and the request carries "
        + ("an Authorization header that is none." if malformed else "none."),
        (f"the gateway said: {text}",),
        "Sign the request for the service execute-api, for instance with: curl --aws-sigv4 "
        "aws:amz:REGION:execute-api --user ACCESS_KEY_ID:SECRET …; or set the method's authorization to NONE and deploy.",
    )


def _told(code: str, cause: str, remedy: str) -> Check:
    def examine(evidence: Evidence) -> Found | None:
        text = _said(evidence)
        if code_of_text(text) != code:
            return None
        return Found(cause, (f"the gateway said: {text}",), remedy)

    return Check(code, Link.AUTHORIZATION, _TITLES[code], "facts 5.5", examine)


_TITLES: Final = {
    "TOKEN_INVALID": "The credentials are not known, or have expired",
    "SIGNATURE_MISMATCH": "The signature does not match the request",
    "SIGNATURE_SKEW": "The signature's time is too far off",
    "SIGNATURE_SCOPE": "The signature is for another service, region or day",
}


def _key_missing(evidence: Evidence) -> Found | None:
    api, integration, answer = evidence.api, evidence.integration, evidence.http
    if api is None or api.deployed is None or integration is None or answer is None or answer.status != 403:
        return None
    method = api.deployed.get(integration.resource_path, {}).get(integration.verb)
    if method is None or not method.api_key_required or evidence.question.header("x-api-key"):
        return None
    return Found(
        f"{integration.verb} {integration.resource_path} asks for an API key, and the request has no x-api-key header.",
        (f"the gateway answered {answer.status} {answer.body}",),
        "Send a key of a usage plan that has this stage, in the header x-api-key.",
    )


def _recorded(evidence: Evidence) -> Found | None:
    """What a request id's record says when no check of this list has a code for it."""
    record = evidence.record
    if record is None or "code" not in record or record["code"] == "SIGNATURE_MISSING":
        return None
    if code_of_text(record.get("message", "")) is not None:
        return None
    reason = CATALOGUE.get(record["code"])
    if reason is None:
        return Found(f"The gateway refused the request: {record['code']}.", (f"recorded: {record.get('message', '')}",))
    facts = _Facts(record)
    code = record["code"]
    known = code_of_refusal(code) if code.startswith("CLIENT_") else code
    return Found(
        reason.summary.format_map(facts),
        (f"recorded reason: {code}" + (f", which is {known}" if known != code else ""),
         f"answered {reason.status} {record.get('message', '')}"),
        reason.remedy.format_map(facts),
    )  # fmt: skip


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"<{key}>"


AUTHORIZATION_CHECKS: Final = (
    Check("SIGNATURE_MISSING", Link.AUTHORIZATION, "The request is not signed", "facts 5.5", _missing),
    _told("TOKEN_INVALID", "The gateway does not know the access key, or the session token has expired.",
          "Use credentials of an account that the API's gateway knows; get new temporary ones if they are."),
    _told("SIGNATURE_MISMATCH", "The signature was made over another request than the one that arrived.",
          "Compare the canonical request that the answer shows with the client's, line by line; the usual causes are a "
          "proxy that changed Host or path, a header that was signed and then altered, and a wrong secret."),
    _told("SIGNATURE_SKEW", "The time in the signature is more than five minutes from the gateway's.",
          "Set the client's clock."),
    _told("SIGNATURE_SCOPE", "The credential's scope names another service, region or day than this endpoint's.",
          "Sign for service execute-api, the API's region and today's date."),
    Check("API_KEY_MISSING", Link.THROTTLE, "The request has no API key", "facts 4.3", _key_missing),
)  # fmt: skip

RECORDED_REFUSAL: Final = _recorded
