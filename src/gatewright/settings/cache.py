"""The Redis or Valkey that nodes share their meters through. Valkey is spoken to as Redis is.

URLs are those of redis-py, as far as they make sense here: `rediss://` is TLS, `unix://` a socket of this machine, and
`ssl_ca_certs`, `ssl_certfile` and `ssl_keyfile` are parameters. A server's certificate is always verified, with the
authorities that the machine trusts and those in the file of `ssl_ca_certs`.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from gatewright.settings.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_PREFIX: Final = "gatewright"

#: By what operators write: the scheme that redis-py knows.
_SCHEMES: Final = {
    "redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss", "unix": "unix"
}  # fmt: skip
_PORT: Final = 6379
_HOST: Final = re.compile(
    r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?"
    r"(?:/(?P<database>\d{1,5})?)?",
    re.ASCII,
)
_PREFIX: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_DATABASE: Final = re.compile(r"\d{1,5}", re.ASCII)
_TLS_FILES: Final = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
#: The parameters that a URL of the scheme may have.
_PARAMETERS: Final = {"redis": ("prefix",), "rediss": ("prefix", *_TLS_FILES), "unix": ("prefix", "db")}
_ADVICE: Final = (
    "write redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE][?prefix=NAME], rediss:// for TLS with &ssl_ca_certs=FILE for an "
    "authority of your own, or unix://[USER:PASSWORD@]/PATH[?db=DATABASE]; in a password, characters such as /, ? and @ as %XX"
)


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """The Redis or Valkey through which several nodes share their meters, and the prefix of their keys there."""

    url: str = field(repr=False)  # it may have a password
    shown: str  # the same for people
    prefix: str


def parse_cache(text: str | None) -> CacheSettings | None:
    """A URL as in the advice above. Neither the user nor the password is in any message."""
    if not text:
        return None
    scheme, _, rest = text.partition("://")
    if scheme not in _SCHEMES:
        refuse("--cache", f"expected a URL of {', '.join(_SCHEMES)}, found {_hide(text)!r}", _ADVICE)
    known = _SCHEMES[scheme]
    # RFC 3986 section 3.2: user and password end at the last @ before the first slash or question mark.
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    given, at, _ = authority.rpartition("@")
    place, _, query = rest[len(given) + len(at) :].partition("?")
    parameters = _parse_parameters(known, query)
    if known == "unix":
        if not place.startswith("/") or len(place) == 1:
            refuse("--cache", f"expected the absolute path of a socket, found {_hide(text)!r}", _ADVICE)
        shown = f"unix://{place}?db={int(parameters.pop('db', '0'))}"
    else:
        found = _HOST.fullmatch(place)
        if found is None or not 1 <= int(found["port"] or _PORT) <= 65_535:
            refuse("--cache", f"expected a host, a port and the number of a database, found {_hide(text)!r}", _ADVICE)
        shown = f"{known}://{found['host']}:{found['port'] or _PORT}/{int(found['database'] or 0)}"
    from importlib.util import find_spec  # noqa: PLC0415  only who gives the option pays for it

    if find_spec("redis") is None:
        refuse("--cache", "expected the package redis, found it not installed", "install gatewright[cache]")
    prefix = parameters.pop("prefix", DEFAULT_PREFIX)
    _verify_tls_files(parameters)
    with_user = shown.replace("://", f"://{_quote_user(given)}@", 1) if at else shown
    return CacheSettings(f"{with_user}?{urlencode(parameters)}" if parameters else with_user, shown, prefix)


def _parse_parameters(scheme: str, query: str) -> dict[str, str]:
    allowed = _PARAMETERS[scheme]
    parameters: dict[str, str] = {}

    def show(found: str) -> str:
        # Before an @ it may all be of a password that has a question mark.
        return "…" if "@" in query else found

    for name, value in parse_qsl(query, keep_blank_values=True):
        # What is not known may be a password, as redis-py would take it.
        if name not in allowed or name in parameters:
            given = show(f"{name}=…")
            refuse("--cache", f"expected of {scheme}:// once each {' and '.join(allowed)}, found ?{given}", _ADVICE)
        parameters[name] = value
    prefix, database = parameters.get("prefix"), parameters.get("db")
    if prefix is not None and not _PREFIX.fullmatch(prefix):
        refuse("--cache", f"expected a prefix of letters, digits and ._- up to 64, found {show(prefix)!r}", _ADVICE)
    if database is not None and not _DATABASE.fullmatch(database):
        refuse("--cache", f"expected the number of a database, found ?db={show(database)}", _ADVICE)
    for name in set(_TLS_FILES).intersection(parameters):
        parameters[name] = str(Path(parameters[name]).absolute())
    return parameters


def _verify_tls_files(parameters: Mapping[str, str]) -> None:
    """What OpenSSL says of the files is said at once, and not when a connection is made."""
    authorities, certificate, key = (parameters.get(name) for name in _TLS_FILES)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if authorities is not None:
        try:
            context.load_verify_locations(authorities)
        except OSError as error:
            wrong = error.strerror or str(error)
            refuse(
                "--cache",
                f"expected certificates in PEM in {authorities}, found {wrong}",
                "name the file of your authority",
            )
    if key is not None and certificate is None:
        refuse("--cache", "expected ssl_certfile beside ssl_keyfile, found the key alone", "name both")
    if certificate is not None:
        try:
            context.load_cert_chain(certificate, key, password=_no_password)
        except (OSError, ValueError) as error:
            wrong = getattr(error, "strerror", None) or str(error)
            problem = f"expected a certificate in PEM in {certificate} and its key in {key or 'it'}, found {wrong}"
            refuse(
                "--cache",
                problem,
                "name the certificate that this gateway shows to the server, and a key without a password",
            )


def _no_password() -> str:
    raise ValueError("a key that has a password")


def _quote_user(given: str) -> str:
    """User and password so that no character of theirs is taken for another part of the URL."""
    user, colon, password = given.partition(":")
    return f"{quote(unquote(user), safe='')}{colon}{quote(unquote(password), safe='')}"


def _hide(url: str) -> str:
    """The URL without what it has before an @ or after a question mark."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "", url
    _, at, place = rest.rpartition("@")
    place, question, _ = place.partition("?")
    return f"{scheme}{separator}{'…@' if at else ''}{place}{'?…' if question else ''}"
