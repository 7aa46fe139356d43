"""An address to listen on or to connect to, `HOST:PORT`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from gatewright.settings.refusal import refuse

DEFAULT_CONTROL: Final = "127.0.0.1:4566"
DEFAULT_HTTPS: Final = "127.0.0.1:8443"

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen. Port 0 means any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """True when only this machine can connect."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host.lower() == "localhost"


def parse_address(option: str, text: str) -> Address:
    """`HOST:PORT`, with an IPv6 address in brackets."""
    host, colon, port = text.strip().rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    if not colon or not host or not (_is_ipv6(host) if bracketed else _HOST.fullmatch(host)):
        refuse(option, f"expected HOST:PORT such as 127.0.0.1:4566 or [::1]:4566, found {text!r}", "give both parts")
    if not (port.isascii() and port.isdecimal() and int(port) <= 65_535):
        refuse(option, f"expected a port from 0 to 65535 after the colon, found {port!r}", "give 0 for any free port")
    return Address(host, int(port))


def refuse_beyond_loopback(option: str, address: Address) -> None:
    """Raises unless only this machine can connect: `--auth lenient` lets in whoever does."""
    if not address.is_loopback:
        refuse(
            option,
            f"expected a loopback address with --auth lenient, which accepts anybody, found {address}",
            "listen on 127.0.0.1, or leave --auth out to verify every signature",
        )


def _is_ipv6(host: str) -> bool:
    try:
        return ip_address(host).version == 6
    except ValueError:
        return False
