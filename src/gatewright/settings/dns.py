"""The built-in DNS: where it listens, what it says of us, and the server that is told of its changes."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from gatewright.settings.address import Address, parse_address
from gatewright.settings.refusal import refuse

DEFAULT_DNS: Final = "127.0.0.1:8053"

#: RFC 8945 section 6: those that are to be implemented and are not deprecated.
TSIG_ALGORITHMS: Final = ("hmac-sha256", "hmac-sha384", "hmac-sha512")
_TSIG_KEY = re.compile(r'\bkey\s+"?(?P<name>[A-Za-z0-9._-]+)"?\s*\{(?P<body>[^}]*)\}', re.ASCII)
_TSIG_PART = re.compile(r'\b(algorithm|secret)\s+"?([^\s";]+)"?\s*;', re.ASCII)


@dataclass(frozen=True, slots=True)
class TsigKey:
    """A key that is shared with a DNS server, by which it knows that updates are ours (RFC 8945)."""

    name: str
    algorithm: str
    secret: str = field(repr=False)  # base64


def parse_dns(text: str) -> Address | None:
    """`HOST:PORT`, or None for `off`."""
    if text.strip().lower() == "off":
        return None
    if ":" not in text:
        refuse("--dns", f"expected off, or HOST:PORT such as {DEFAULT_DNS}, found {text!r}", "give one of them")
    return parse_address("--dns", text)


def parse_advertise(text: str | None, https: Address) -> tuple[str, ...]:
    """The IP addresses that the DNS gives for our own names; unless said, the one that the HTTPS listener has.

    Who listens everywhere, or at a name, is reached on loopback from this machine, and from others as we are told.
    """
    if not text:
        try:
            listening = ip_address(https.host)
        except ValueError:
            return ("127.0.0.1",)
        loopback = "127.0.0.1" if listening.version == 4 else "::1"
        return (loopback if listening.is_unspecified else str(listening),)
    try:
        return tuple(str(ip_address(each.strip())) for each in text.split(","))
    except ValueError:
        refuse(
            "--advertise",
            f"expected IP addresses with commas between, found {text!r}",
            "give the addresses at which clients reach the HTTPS listener",
        )


def parse_dns_update(text: str | None) -> Address | None:
    """The DNS server that is told of changes, `HOST:PORT`; None when nobody is."""
    if not text:
        return None
    address = parse_address("--dns-update", text)
    if not address.port:
        refuse("--dns-update", f"expected the port of a DNS server, found {text!r}", "53 is usual")
    return address


def parse_dns_update_key(text: str | None, server: Address | None) -> TsigKey | None:
    """The key in a file as BIND's `tsig-keygen` and Knot's `keymgr` write it; its secret is in no message."""
    if not text:
        return None
    if server is None:
        refuse("--dns-update-key", "expected --dns-update beside it, found it unset", "name the DNS server too")
    path = Path(text).expanduser().absolute()
    try:
        content = path.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not ASCII text"
        refuse("--dns-update-key", f"expected a file with a key, but {path} cannot be read: {why}", "check it")
    found = _TSIG_KEY.search(content)
    parts = {} if found is None else dict(_TSIG_PART.findall(found["body"]))
    try:
        base64.b64decode(parts.get("secret", "-"), validate=True)
    except ValueError:
        parts = {}
    if found is None or parts.get("algorithm") not in TSIG_ALGORITHMS:
        refuse(
            "--dns-update-key",
            f"expected in {path}: key NAME {{ algorithm {'|'.join(TSIG_ALGORITHMS)}; secret BASE64; }}; found something else",
            "tsig-keygen writes such files",
        )
    return TsigKey(found["name"], parts["algorithm"], parts["secret"])
