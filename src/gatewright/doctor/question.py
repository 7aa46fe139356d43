"""What the user asks about: a URL, a host name, a domain name known to the API, a request id or a pasted error.

The rule this file keeps: a target becomes a `Question` once, here; afterwards nobody looks at its text again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from gatewright.core.domains.hostname import parse_hostname, split_host_port
from gatewright.doctor.names import is_address


class QuestionError(ValueError):
    """The target, or an option beside it, is nothing that can be asked about."""


class Kind(StrEnum):
    """What the target turned out to be."""

    HOST = "host"  # a URL, or a host name with or without a port
    REQUEST_ID = "request-id"
    ERROR = "error"  # a text that names no host


@dataclass(frozen=True, slots=True)
class Question:
    """The request that is asked about, as the user's client would send it."""

    target: str
    kind: str = Kind.HOST
    host: str = ""  # the name that is resolved and that the handshake names
    port: int | None = None  # None: that of the installation, or 443
    path: str = "/"
    query: str = ""
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    client_certificate: tuple[str, ...] = ()  # PEM, the client's own first; no key
    error: str = ""  # the pasted text, where the target was one
    body_sha256: str | None = None  # of a captured request's body; None: it has none
    asks_for_resource: bool = True  # False: only a host was named, so that whether `/` is a resource is not asked

    @property
    def http_host(self) -> str:
        """The name in the Host header: the one that the user gave, or the host."""
        for name, value in self.headers.items():
            if name.lower() == "host":
                try:
                    return split_host_port(value).host
                except ValueError:
                    return value
        return self.host

    def header(self, name: str) -> str | None:
        """The value of that header as the user gave it."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)


_REQUEST_ID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
#: Where an error message keeps the name that the client wanted.
_NAMED_IN_ERROR: Final = (
    re.compile(r"(https?://[^\s'\"<>]+)"),
    re.compile(r"target host(?: ?name)? '([^']+)'"),
    re.compile(r"could not prove that it is ([A-Za-z0-9.-]+[A-Za-z0-9])"),
    re.compile(r"Could not resolve host: ([A-Za-z0-9.-]+[A-Za-z0-9])"),
    re.compile(r"host='([^']+)'"),
)


def parse_question(target: str, *, method: str = "GET", headers: Mapping[str, str] | None = None) -> Question:
    """The question that the target is; raises QuestionError with what was expected."""
    text, given = target.strip(), dict(headers or {})
    if not text:
        raise QuestionError("The target is empty: a URL, a host name, a request id or an error message is expected.")
    if _REQUEST_ID.fullmatch(text):
        return Question(target, Kind.REQUEST_ID)
    if not any(character.isspace() for character in text):
        return _parse_address(target, text, method, given)
    for pattern in _NAMED_IN_ERROR:
        if named := pattern.search(text):
            found = _parse_address(target, named[1].rstrip(".,;:)"), method, given)
            return Question(
                target, Kind.HOST, found.host, found.port, found.path, found.query, method, given, (), text,
                asks_for_resource=found.asks_for_resource,
            )  # fmt: skip
    return Question(target, Kind.ERROR, method=method, headers=given, error=text)


def _parse_address(target: str, text: str, method: str, headers: Mapping[str, str]) -> Question:
    url = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(url)
        port, name = parts.port, parts.hostname or ""
    except ValueError as error:
        raise QuestionError(f"{text!r} is no URL: {error}.") from None
    if parts.scheme != "https":
        raise QuestionError(f"{text!r} begins with {parts.scheme}://; the gateway's endpoints speak https only.")
    if name.startswith("*."):  # a wildcard domain name as the API knows it: any name below it stands for all
        name = "gatewright-doctor" + name[1:]
    try:
        host = name if is_address(name) else parse_hostname(name)
    except ValueError as error:
        raise QuestionError(f"{text!r} names no host. {error}") from None
    named = "://" in text or bool(parts.path.strip("/"))
    return Question(target, Kind.HOST, host, port, parts.path or "/", parts.query, method, headers,
                    asks_for_resource=named)  # fmt: skip
