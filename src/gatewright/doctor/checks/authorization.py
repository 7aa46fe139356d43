"""What the gateway said of the caller: no signature, a wrong one, an old one.

What this module knows: the texts of facts 5.5, which the answer itself carries, so that no permission is needed to read
them; of a request id, the refusal that the gateway recorded carries the same texts.
"""

import re
from typing import Final

from gatewright.core.reasons import CATALOGUE
from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.checks.mutual_tls import code_of_refusal
from gatewright.doctor.evidence import Evidence
from gatewright.doctor.signature import AS_CAPTURED, explain_difference, find_difference, parse_claim, parse_expected

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
    "SIGNATURE_SKEW": "The signature's time is too far off",
    "SIGNATURE_SCOPE": "The signature is for another service, region or day",
}


def _mismatch(evidence: Evidence) -> Found | None:
    """The first line that client and gateway have not in common, and what usually makes it differ."""
    text = _said(evidence)
    if code_of_text(text) != "SIGNATURE_MISMATCH":
        return None
    told = "the gateway said: The request signature we calculated does not match the signature you provided."
    claim, expected, signer = parse_claim(evidence.question), parse_expected(text), evidence.signer
    if claim is None or expected is None:
        return Found(
            "The signature was made over another request than the one that arrived.",
            (told,),
            "Ask again with --request FILE, the request as the client sent it: then it is compared line by line with what "
            "the gateway expected. The usual causes are a proxy that changes Host or path, a header that is signed and "
            "then altered, and a wrong secret.",
        )
    if signer is not None and signer.fits not in (None, AS_CAPTURED):
        return Found(
            f"The client signed another request than it sent: {signer.fits}.",
            (
                told,
                *_both(signer.line, signer.signed, signer.expected),
                "found with the secret of the request's access key",
            ),
            f"Correct how the client signs its {signer.line}, or let a known signer do it, for instance curl --aws-sigv4 "
            "aws:amz:REGION:execute-api --user ACCESS_KEY_ID:SECRET.",
        )
    difference = find_difference(claim.render(), expected)
    if difference is not None:
        return Found(
            f"The request that was sent and the one that arrived differ, first in the line of the {difference.line}. "
            + explain_difference(difference),
            (told, *_both(*difference)),
            "Sign what arrives, or let it arrive as it was signed.",
        )
    if signer is not None:
        cause = (
            "The request arrived as it was sent, and its signature is none that the secret of its access key gives in any "
            "known way: it was made with another secret, or is broken."
        )
    else:
        cause = (
            "The request arrived as it was sent: the client signed something else than it sent, or has another secret than "
            "that of its access key."
        )
    return Found(
        cause,
        (told, "every line of the canonical request is the same for client and gateway"),
        "Check the secret access key (aws sts get-caller-identity with the same credentials), and that nothing is changed "
        "after signing.",
    )


def _both(line: str, client: str, gateway: str) -> tuple[str, str]:
    return f"client:  {line}: {client}", f"gateway: {line}: {gateway}"


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
    Check("SIGNATURE_MISMATCH", Link.AUTHORIZATION, "The signature does not match the request", "facts 5.1, 5.5", _mismatch),
    _told("SIGNATURE_SKEW", "The time in the signature is more than five minutes from the gateway's.",
          "Set the client's clock."),
    _told("SIGNATURE_SCOPE", "The credential's scope names another service, region or day than this endpoint's.",
          "Sign for service execute-api, the API's region and today's date."),
)  # fmt: skip

RECORDED_REFUSAL: Final = _recorded
