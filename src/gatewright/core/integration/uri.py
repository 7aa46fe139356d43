"""The `uri` of an HTTP integration: endpoint, and a path and a query into which the request's parameters go.

`http(s)://host[:port]/path/{param}?name={param}`, with `${stageVariables.name}` anywhere (facts 7.1). Stage variables are
known when a stage is compiled, so they are filled in then; what stands in braces is filled in for each request.

The service limits ports to 80, 443 and 1024-65535; here the backend is on the user's own network, and any port will do
(docs/divergences.md).
"""

import re
from collections.abc import Container, Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote

_STAGE_VARIABLE: Final = re.compile(r"\$\{stageVariables\.([A-Za-z0-9_-]+)\}")
_URI: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[^/?#:\s@]+)(?::(?P<port>[0-9]{1,5}))?(?P<path>/[^?#\s]*)?"
    r"(?:\?(?P<query>[^#\s]*))?",
    re.IGNORECASE,
)
_PARAMETER: Final = re.compile(r"\{([A-Za-z0-9:._$-]+)\+?\}")
# RFC 3986 section 3.3: what a segment may hold unescaped, besides the letters and digits; "/" is added for greedy ones.
_SEGMENT_SAFE: Final = "-._~!$&'()*+,;=:@"
# Section 3.4, without what tells one parameter of a query from the next.
_QUERY_VALUE_SAFE: Final = "-._~!$'()*,:@/?"
_PLAIN: Final = re.compile(r"[A-Za-z0-9._~-]*")
_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9._~/-]*")


class Endpoint(NamedTuple):
    """Where connections go, and what must be alike for a connection to be used again."""

    scheme: str
    host: str  # a name or address, without brackets
    port: int
    verify_trust: bool = True  # False: tlsConfig.insecureSkipVerification

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


@lru_cache(maxsize=1_024)
def _share_endpoint(scheme: str, host: str, port: int, verify_trust: bool) -> Endpoint:
    """One endpoint for all methods that call it: calls of 10,000 of them find it in the processor's cache."""
    return Endpoint(scheme, host, port, verify_trust)


class UriTemplate(NamedTuple):
    """A parsed uri. `parts` (of the path) and `query` alternate between literal text and parameter names, beginning with
    literal text; a uri without a query has no parts of one.
    """

    endpoint: Endpoint
    parts: tuple[str, ...]
    query: tuple[str, ...]

    def render_path(self, path_parameters: Mapping[str, str], greedy: Container[str]) -> str:
        """The path with each parameter's value, percent-encoded; a parameter without a value becomes empty.

        The values of the parameters in `greedy` may go over several segments; those of others stay within theirs, or a
        client could reach another resource of the backend by an encoded slash.
        """
        parts = self.parts
        if len(parts) == 1:
            return parts[0]
        out = [parts[0]]
        for index in range(1, len(parts), 2):
            name = parts[index]
            out.append(encode_path_value(path_parameters.get(name, ""), greedy=name in greedy))
            out.append(parts[index + 1])
        return "".join(out)

    def render_query(self, path_parameters: Mapping[str, str]) -> str:
        """The query with each parameter's value, percent-encoded so that it stays one value; empty without a query."""
        query = self.query
        if len(query) > 1:
            return "".join(
                quote(path_parameters.get(part, ""), safe=_QUERY_VALUE_SAFE, errors="replace") if index % 2 else part
                for index, part in enumerate(query)
            )
        return query[0] if query else ""


def encode_path_value(value: str, *, greedy: bool) -> str:
    """A decoded path parameter as it stands in a path; slashes of a greedy value stay slashes."""
    if greedy:
        return value if _PLAIN_PATH.fullmatch(value) else quote(value, safe=_SEGMENT_SAFE + "/", errors="replace")
    return value if _PLAIN.fullmatch(value) else quote(value, safe=_SEGMENT_SAFE, errors="replace")


def resolve_stage_variables(text: str, variables: Mapping[str, str]) -> str:
    """`text` with every `${stageVariables.x}` replaced; an unknown variable leaves nothing (guess)."""
    return _STAGE_VARIABLE.sub(lambda found: variables.get(found[1], ""), text) if "${" in text else text


def parse_uri(uri: str, *, verify_trust: bool = True) -> UriTemplate:
    """The template of an HTTP(S) uri whose stage variables are resolved; raises `ValueError` for any other text."""
    found = _URI.fullmatch(uri)
    if found is None:
        raise ValueError(f"{uri!r} is no http:// or https:// address of a backend.")
    scheme = found["scheme"].lower()
    port = int(found["port"] or (443 if scheme == "https" else 80))
    if not 0 < port < 65_536:
        raise ValueError(f"The port of {uri!r} is not between 1 and 65535.")
    path = _split(found["path"] or "/", _SEGMENT_SAFE + "/%")
    query = _split(found["query"], _SEGMENT_SAFE + "/?%") if found["query"] else ()
    return UriTemplate(_share_endpoint(scheme, found["host"].strip("[]"), port, verify_trust), path, query)


def _split(text: str, safe: str) -> tuple[str, ...]:
    """Literal text, percent-encoded where it must be, and parameter names by turns."""
    return tuple(part if index % 2 else quote(part, safe=safe) for index, part in enumerate(_PARAMETER.split(text)))
