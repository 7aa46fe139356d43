"""Does a certificate cover a name?

What this module knows: a presented wildcard is a whole left-most label and stands for exactly one (RFC 9525
section 6.3; partial wildcards such as `w*.example.com`, which RFC 6125 let pass, do not count). A custom domain name
that is a wildcard itself is covered by the same wildcard only.

Facts 1.7 have it that "subject or SAN must cover the name". NOTE: the common name is asked only when the certificate
has no DNS name at all (RFC 6125 section 6.4.4), since a client that finds DNS names looks at nothing else; a
certificate that AWS might take for its common name beside other DNS names would fail in every client.
"""

from collections.abc import Iterable
from typing import NamedTuple

from gatewright.core.x509.certificate import CertificateFacts


class Coverage(NamedTuple):
    """Which presented name covers the domain name (None: none does), out of which."""

    domain_name: str
    covered_by: str | None
    presented: tuple[str, ...]

    def explain(self) -> str:
        """The sentence for the log and the doctor."""
        if self.covered_by is not None:
            return f"The certificate's name {self.covered_by} covers {self.domain_name}."
        names = ", ".join(self.presented) or "no DNS name at all"
        return f"The certificate does not cover {self.domain_name}; it has {names}."


def evaluate_coverage(certificate: CertificateFacts, domain_name: str) -> Coverage:
    """Whether the certificate covers a canonical domain name, which may be a wildcard."""
    presented = certificate.domain_names
    return Coverage(domain_name, find_covering_name(presented, domain_name), presented)


def find_covering_name(presented: Iterable[str], domain_name: str) -> str | None:
    """The first presented name that covers the domain name, as it is presented."""
    return next((name for name in presented if _matches(name.lower().removesuffix("."), domain_name)), None)


def _matches(presented: str, domain_name: str) -> bool:
    if presented == domain_name:
        return True
    if not presented.startswith("*."):
        return False
    label, dot, rest = domain_name.partition(".")
    # A wildcard domain name asks for more names than any other wildcard (or label) stands for.
    return bool(dot) and label not in ("", "*") and presented[2:] == rest and "*" not in rest
