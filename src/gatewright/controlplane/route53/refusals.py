"""What Route 53 says when it refuses: literal messages, R where users reported them, U where nobody has."""

from collections.abc import Sequence

from gatewright.controlplane.errors import ServiceError
from gatewright.core.dns.name import Name, NameRefused, parse_name, spell_name

#: R, with its two spaces.
ZONE_NOT_EMPTY = "The specified hosted zone contains non-required resource record sets  and so cannot be deleted."
#: R
ALREADY_CREATED = "A hosted zone has already been created with the specified caller reference."


def invalid_input(message: str) -> ServiceError:
    """InvalidInput, 400."""
    return ServiceError("InvalidInput", message)


def invalid_change_batch(messages: Sequence[str]) -> ServiceError:
    """InvalidChangeBatch, 400; R: all that is wrong, in brackets."""
    return ServiceError("InvalidChangeBatch", f"[{', '.join(messages)}]")


def fatal_problem(rule: str, text: str) -> str:
    """R: how the service quotes a name or value that breaks a rule."""
    return f"FATAL problem: {rule} encountered with '{text}'"


#: The service's names of the rules that a domain name may break (R the first two, U the others).
_NAME_PROBLEMS = {
    "Value contains unsupported characters": "UnsupportedCharacter",
    "Domain label is empty": "DomainLabelEmpty",
    "Domain label is too long": "DomainLabelTooLong",
    "Domain name is too long": "DomainNameTooLong",
}


def read_name(text: str) -> Name:
    """The labels of a name, or `NameRefused` with the problem in the service's words."""
    if not text:
        raise NameRefused(fatal_problem("DomainNameEmpty (Domain name is empty)", ""))  # R
    try:
        return parse_name(text)
    except NameRefused as refused:
        problem = fatal_problem(f"{_NAME_PROBLEMS[str(refused)]} ({refused})", text)
        raise NameRefused(problem) from None


def canonical_name(text: str) -> str:
    """The name in the service's own spelling; InvalidDomainName when it is none."""
    try:
        return spell_name(read_name(text))
    except NameRefused as refused:
        raise ServiceError("InvalidDomainName", str(refused)) from None
