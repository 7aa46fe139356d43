"""The Redis or Valkey that nodes share their meters through. Valkey is spoken to as Redis is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from gatewright.settings.refusal import refuse

DEFAULT_PREFIX: Final = "gatewright"

#: By what operators write: the scheme that redis-py knows.
_SCHEMES: Final = {"redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss"}
_PORT: Final = 6379
_PLACE = re.compile(
    r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?"
    r"(?:/(?P<database>\d{1,5})?)?(?:\?prefix=(?P<prefix>[A-Za-z0-9._-]{1,64}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """The Redis or Valkey through which several nodes share their meters, and the prefix of their keys there."""

    url: str = field(repr=False)  # it may have a password
    shown: str  # the same for people
    prefix: str


def parse_cache(text: str | None) -> CacheSettings | None:
    """`redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE][?prefix=NAME]`; the password is in no message."""
    if not text:
        return None
    advice = "write redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE][?prefix=NAME], or rediss:// for TLS"
    scheme, _, rest = text.partition("://")
    if scheme not in _SCHEMES:
        refuse("--cache", f"expected a URL of {', '.join(_SCHEMES)}, found {_hide(text)!r}", advice)
    given, _, place = rest.rpartition("@")
    found = _PLACE.fullmatch(place)
    if found is None or not 1 <= int(found["port"] or _PORT) <= 65_535:
        refuse("--cache", f"expected a host, a port and the number of a database, found {_hide(text)!r}", advice)
    from importlib.util import find_spec  # noqa: PLC0415  only who gives the option pays for it

    if find_spec("redis") is None:
        refuse("--cache", "expected the package redis, found it not installed", "install gatewright[cache]")
    known = _SCHEMES[scheme]
    shown = f"{found['host']}:{found['port'] or _PORT}/{found['database'] or 0}"
    return CacheSettings(
        f"{known}://{given}{'@' if given else ''}{shown}", f"{known}://{shown}", found["prefix"] or DEFAULT_PREFIX
    )


def _hide(url: str) -> str:
    """The URL without what it has before an @."""
    scheme, separator, rest = url.partition("://")
    _, at, place = rest.rpartition("@")
    return (
        f"{scheme}{separator}{'…@' if at else ''}{place}" if separator else "…@" * ("@" in url) + url.rpartition("@")[2]
    )
