"""Name constraints: the names that a CA lets those below it certify.

What this module knows: RFC 5280 section 4.2.1.10 for host names, mail addresses, IP addresses, URIs and directory
names. As OpenSSL does, the subject's `emailAddress` counts as a mail address, and the common name of a leaf without DNS
names counts as one when it looks like one.

The rules this file keeps: a constraint on a kind of name that it does not know refuses every name of that kind; and the
work is bounded, for a client chooses how many names its certificate has.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from gatewright.core.x509.certificate import CertificateFacts
from gatewright.core.x509.name import canonicalize_name, lies_below

#: Names times constraints that are compared for one certificate; OpenSSL stops at 2^20, a handshake should not wait.
MAXIMUM_COMPARISONS: Final = 65_536

# A host name of two labels or more, the last of them not a number: `sensor 7` and `10.0.0.1` are none.
_HOST_NAME: Final = re.compile(r"(?:\*\.)?(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z][A-Za-z0-9-]*")


class ConstraintViolation(NamedTuple):
    """Which of the two lists stands against a name, and why in words."""

    subtree: Literal["permitted", "excluded"]
    why: str


def find_constraint_violation(
    certificate: CertificateFacts, constraints: x509.NameConstraints, *, is_leaf: bool
) -> ConstraintViolation | None:
    """What is not allowed about the certificate's names; None when everything is."""
    permitted, excluded = constraints.permitted_subtrees or (), constraints.excluded_subtrees or ()
    names = list(_names(certificate, is_leaf=is_leaf))
    if len(names) * (len(permitted) + len(excluded)) > MAXIMUM_COMPARISONS:
        return ConstraintViolation("permitted", f"it has {len(names)} names, too many to compare")
    for name in names:
        kind = type(name)
        matches = _MATCHES.get(kind)
        same_kind = [base for base in permitted if type(base) is kind]
        not_allowed = [base for base in excluded if type(base) is kind]
        if not same_kind and not not_allowed:
            continue
        if matches is None:
            return ConstraintViolation(
                "permitted", f"{_render(name)} is a kind of name whose constraints are not known"
            )
        if any(matches(name.value, base.value) for base in not_allowed):
            return ConstraintViolation("excluded", f"{_render(name)} is excluded")
        if same_kind and not any(matches(name.value, base.value) for base in same_kind):
            return ConstraintViolation("permitted", f"{_render(name)} is not among those permitted")
    return None


def _names(certificate: CertificateFacts, *, is_leaf: bool) -> Iterator[x509.GeneralName]:
    subject = certificate.certificate.subject
    if list(subject):
        yield x509.DirectoryName(subject)
    for attribute in subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS):
        # A mail address that is not ASCII cannot be compared, and `_matches_mail` refuses it.
        yield x509.RFC822Name._init_without_validation(str(attribute.value))  # noqa: SLF001 - only to carry the value
    with suppress(x509.ExtensionNotFound):
        yield from certificate.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    if is_leaf and not certificate.dns_names:
        for attribute in subject.get_attributes_for_oid(NameOID.COMMON_NAME):
            if _HOST_NAME.fullmatch(str(attribute.value)):
                yield x509.DNSName(str(attribute.value))


def _matches_host(name: str, base: str) -> bool:
    # A base that begins with a dot, which RFC 5280 knows for URIs only, means the names below; OpenSSL reads it so.
    name, base = name.lower(), base.lower()
    return not base or name == base or name.endswith(base if base.startswith(".") else f".{base}")


def _matches_mail(name: str, base: str) -> bool:
    mailbox, _, host = name.rpartition("@")
    if "@" in base:
        base_mailbox, _, base_host = base.rpartition("@")
        return mailbox == base_mailbox and host.lower() == base_host.lower()
    return host.lower().endswith(base.lower()) if base.startswith(".") else host.lower() == base.lower()


def _matches_uri(name: str, base: str) -> bool:
    try:
        host = urlsplit(name).hostname or ""
    except ValueError:
        return False
    return host.endswith(base.lower()) if base.startswith(".") else host == base.lower()


def _matches_address(address: Any, network: Any) -> bool:
    return address.version == network.version and address in network


def _matches_directory(name: x509.Name, base: x509.Name) -> bool:
    return lies_below(canonicalize_name(name), canonicalize_name(base))


_MATCHES: Final[Mapping[type[x509.GeneralName], Callable[[Any, Any], bool]]] = {
    x509.DNSName: _matches_host,
    x509.RFC822Name: _matches_mail,
    x509.UniformResourceIdentifier: _matches_uri,
    x509.IPAddress: _matches_address,
    x509.DirectoryName: _matches_directory,
}


def _render(name: x509.GeneralName) -> str:
    value = name.value
    return f"the name {value.rfc4514_string() if isinstance(value, x509.Name) else value}"
