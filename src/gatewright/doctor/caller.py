"""Who called and was refused: whose account that is, what IAM's simulation says, and how the caller signed.

The rule this file keeps: a secret is used by the probe that makes this evidence, and is no part of it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """What STS and IAM tell of the caller that the answer names, or whose access key the request has."""

    account: str | None = None  # whose APIs were asked, which is the account of the API that was found there
    caller_account: str | None = None
    decision: str | None = None  # SimulatePrincipalPolicy's: allowed, explicitDeny, implicitDeny
    policies: tuple[str, ...] = ()  # those whose statements decided


@dataclass(frozen=True, slots=True)
class Signer:
    """What the secret of the request's access key, which the doctor's own credentials hold, says of the signature."""

    fits: str | None = None  # what was signed: "as captured", or a habit of signers; None: nothing that is known
    line: str = ""  # which line of the canonical request differs from the gateway's
    signed: str = ""  # that line as the client signed it
    expected: str = ""  # and as the gateway has it
