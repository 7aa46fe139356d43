"""How the owner of a domain name proves it to ACM: the DNS record to make, or the addresses that get mail.

D: the record is `_x1.name. CNAME _x2.acm-validations.aws.`, the same for `example.com` and `*.example.com`, and the same
whenever the account asks again, so that it is made once and serves renewals too. Names that are validated here in another
way (by the local authority, or over ACME) have the record nevertheless, for those who make it without asking.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from gatewright.model.records import CertificateRequest

_SUFFIX = "acm-validations.aws."
_WILDCARD = "*."


def validation_record(account: str, domain_name: str) -> dict[str, str]:
    """The `ResourceRecord` of a name in an account."""
    base = domain_name.lower().removeprefix(_WILDCARD)
    name, value = (_token(account, part, base) for part in ("name", "value"))
    return {"Name": f"_{name}.{base}.", "Type": "CNAME", "Value": f"_{value}.{_SUFFIX}"}


def render_validations(request: CertificateRequest, status: str) -> list[dict[str, Any]]:
    """`DomainValidationOptions`, in the order of the names; none for a private certificate."""
    return list(_validations(request, status)) if request.validation_method is not None else []


def validation_status(status: str) -> str:
    """M (DomainStatus) of a certificate's status."""
    match status:
        case "PENDING_VALIDATION":
            return "PENDING_VALIDATION"
        case "FAILED" | "VALIDATION_TIMED_OUT":
            return "FAILED"
        case _:
            return "SUCCESS"


def _validations(request: CertificateRequest, status: str) -> Iterator[dict[str, Any]]:
    for name in request.subject_alternative_names:
        validation: dict[str, Any] = {
            "DomainName": name,
            "ValidationDomain": request.validation_domains.get(name, name),
            "ValidationStatus": validation_status(status),
            "ValidationMethod": request.validation_method,
        }
        if request.validation_method == "DNS":
            validation["ResourceRecord"] = validation_record(request.account, name)
        else:
            # R: empty where the service found nobody to write to, as it is here, where no mail is sent.
            validation["ValidationEmails"] = []
        yield validation


def _token(account: str, part: str, base: str) -> str:
    # Guess: 32 hexadecimal digits of what only the service can compute. Here nothing hangs on that.
    return hashlib.sha256(f"acm-validation\0{account}\0{part}\0{base}".encode()).hexdigest()[:32]
