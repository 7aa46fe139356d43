"""Host names: the one spelling that all tables are keyed by, and the shapes that names come in.

What this module knows: the preferred name syntax (RFC 1034 section 3.5, RFC 1123 section 2.1), lengths (RFC 1035
section 2.3.4), the way from what people type to A-labels (RFC 5891 with the mapping of UTS 46, by the library `idna`),
the wildcard names of custom domains (facts 1.7), and the Host header's `uri-host [":" port]` (RFC 9110 section 7.2,
RFC 3986 section 3.2).

The rule this file keeps: the canonical form is lower case, A-labels, no trailing dot. Names that are ASCII already are
checked as DNS names only and not decoded again: an A-label that today's IDNA would not make (an emoji's) exists in the
DNS and in certificates, and only has to compare equal.
"""

import re
from ipaddress import AddressValueError, IPv6Address
from typing import Final, NamedTuple

import idna

# RFC 1035 section 2.3.4 counts 255 octets on the wire, which is 253 characters as text.
_MAX_NAME_LENGTH = 253
_MAX_LABEL_LENGTH = 63
# A name's, a trailing dot's and a port's.
_MAX_HOST_PORT_LENGTH = _MAX_NAME_LENGTH + 1 + len(":65535")

# Clients send few different values of Host; more than a worker's busy domains, of which there may be 10,000, need not be kept.
# One table for all who ask: the parser has just brought the entry into the processor's cache when the pipeline wants it.
_MAX_HOSTS: Final = 16_384
_hosts: Final[dict[bytes, str]] = {}

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")

# RFC 3986 section 3.2.2: IP-literal (without IPvFuture, which was never used) or reg-name; IPv4 addresses are in the
# latter's alphabet. The port may be empty.
_HOST_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9\-._~!$&'()*+,;=%]+))(?::([0-9]*))?")


class HostPort(NamedTuple):
    """A Host header's value: the host in lower case without trailing dot or brackets, the port if there is one."""

    host: str
    port: int | None


def parse_hostname(text: str) -> str:
    """The canonical form of a host name that a user typed; raises ValueError with the rule that it breaks."""
    name = text.removesuffix(".")
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True, std3_rules=True).decode("ascii").removesuffix(".")
        except UnicodeError as error:  # idna.IDNAError is one
            raise ValueError(f"{text!r} has no form in the DNS: {error}.") from None
    name = name.lower()
    if not name:
        raise ValueError("A host name cannot be empty.")
    if len(name) > _MAX_NAME_LENGTH:
        raise ValueError(f"{text!r} has {len(name)} characters, and a host name has at most {_MAX_NAME_LENGTH}.")
    labels = name.split(".")
    for label in labels:
        if not label:
            raise ValueError(f"{text!r} has an empty label: two dots stand together, or one stands first.")
        if len(label) > _MAX_LABEL_LENGTH:
            raise ValueError(
                f"The label {label!r} in {text!r} has {len(label)} characters, and a label has at most "
                f"{_MAX_LABEL_LENGTH}."
            )
        if not _LABEL.fullmatch(label):
            raise ValueError(f"The label {label!r} in {text!r} is not made of letters, digits and inner hyphens only.")
    # The topmost label of a name is never all digits (RFC 3696 section 2); such a "name" is an IPv4 address.
    if labels[-1].isdigit():
        raise ValueError(f"{text!r} is an IP address or ends like one; a host name is expected.")
    return name


def parse_domain_name(text: str) -> str:
    """The canonical form of a custom domain name: a host name of two labels or more, or `*.` before such a name."""
    wildcard = text.startswith("*.")
    rest = text[2:] if wildcard else text
    if "*" in rest:
        raise ValueError(
            f"{text!r} has a wildcard that is not its whole left-most label; only '*.' at the start can be."
        )
    name = parse_hostname(rest)
    if "." not in name:
        raise ValueError(
            f"{text!r} has a single label{' after its wildcard' * wildcard}; a domain name has at least two."
        )
    # A wildcard's asterisk counts as the label that it stands for.
    if wildcard and len(name) + 2 > _MAX_NAME_LENGTH:
        raise ValueError(f"{text!r} has {len(name) + 2} characters, and a host name has at most {_MAX_NAME_LENGTH}.")
    return f"*.{name}" if wildcard else name


def wildcard_of(hostname: str) -> str | None:
    """The wildcard name that covers a canonical host name: its first label replaced; None when it has only one."""
    _, dot, rest = hostname.partition(".")
    return f"*.{rest}" if dot and rest else None


def split_host_port(value: bytes | str) -> HostPort:
    """The parts of a Host header's value; raises ValueError when it is none."""
    # Bytes beyond ASCII become characters that the pattern refuses.
    text = value if isinstance(value, str) else value.decode("latin-1")
    parts = _HOST_PORT.fullmatch(text)
    if parts is None:
        raise ValueError(f"{text!r} is not a host with an optional port.")
    address, name, digits = parts.groups()
    port = int(digits) if digits and len(digits) <= 5 else None
    if digits and (port is None or port > 65_535):
        raise ValueError(f"The port in {text!r} is greater than 65535.")
    if name is not None:
        host = name.lower().removesuffix(".")
        if not host:
            raise ValueError(f"{text!r} names no host.")
        return HostPort(host, port)
    try:
        return HostPort(IPv6Address(address).compressed, port)
    except AddressValueError:
        raise ValueError(f"{text!r} has no IPv6 address between its brackets.") from None


def parse_host(value: bytes) -> str:
    """The canonical host of a Host header or an authority; empty when it is not a host with an optional port.

    Also when it is longer than any name: what is kept by host, here and elsewhere, is bounded in its number.
    """
    host = _hosts.get(value)
    if host is None:
        if len(value) > _MAX_HOST_PORT_LENGTH:
            return ""
        host = _read_host(value)
        if len(_hosts) >= _MAX_HOSTS:
            _hosts.clear()  # (to know which is the oldest would cost each look-up three lines of memory that are in no cache)
        _hosts[value] = host
    return host


def _read_host(value: bytes) -> str:
    try:
        return split_host_port(value).host
    except ValueError:
        return ""
