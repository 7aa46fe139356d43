"""The ACME directory that signs public certificates, with all that belongs to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gatewright.settings.names import is_domain_name
from gatewright.settings.refusal import refuse
from gatewright.settings.roots import parse_roots

_HTTPS_URL = re.compile(r"https://[^\s/?#@]+(/[^\s#]*)?", re.ASCII)
_MAIL = re.compile(r"[^\s@,]+@[^\s@,]+", re.ASCII)

#: What is said of an ACME directory beside its URL.
_DETAILS: Final = ("acme_contact", "acme_terms", "acme_ca", "acme_domains")


@dataclass(frozen=True, slots=True)
class AcmeSettings:
    """The ACME directory (RFC 8555) that signs certificates for `domains`; for none named, all but special-use names."""

    directory: str
    contact: str | None = None
    ca: Path | None = None
    domains: tuple[str, ...] = ()


def parse_acme(options: Mapping[str, str | None]) -> AcmeSettings | None:
    """The ACME directory with all that belongs to it; None without `--acme-directory`."""
    directory = options.get("acme_directory")
    if not directory:
        lonely = next((name for name in _DETAILS if options.get(name)), None)
        if lonely:
            option = f"--{lonely.replace('_', '-')}"
            refuse(option, "expected --acme-directory beside it, found none", "give the directory's URL too")
        return None
    # RFC 8555 section 6.1: ACME is spoken over HTTPS.
    if not _HTTPS_URL.fullmatch(directory):
        refuse(
            "--acme-directory",
            f"expected an https URL, found {directory!r}",
            "Let's Encrypt's is https://acme-v02.api.letsencrypt.org/directory",
        )
    # RFC 8555 section 7.3: to register is to agree, and only the operator can.
    if (options.get("acme_terms") or "").lower() != "agreed":
        refuse(
            "--acme-terms",
            f"expected agreed, since {directory} asks its accounts to agree to its terms of service, found "
            f"{options.get('acme_terms')!r}",
            "read them and give --acme-terms agreed",
        )
    from importlib.util import find_spec  # noqa: PLC0415  only who gives the option pays for it

    if find_spec("acme") is None:
        refuse("--acme-directory", "expected the package acme, found it not installed", "install gatewright[acme]")
    contact = options.get("acme_contact")
    if contact and not _MAIL.fullmatch(contact):
        refuse("--acme-contact", f"expected a mail address, found {contact!r}", "give one that somebody reads")
    domains = tuple(part.strip().lower() for part in (options.get("acme_domains") or "").split(",") if part.strip())
    for domain in domains:
        if not is_domain_name(domain):
            refuse(
                "--acme-domains",
                f"expected domain names with commas between, such as example.com,example.net, found {domain!r}",
                "each stands for itself and all names below it",
            )
    return AcmeSettings(directory, contact or None, parse_roots("--acme-ca", options.get("acme_ca")), domains)
