"""The HTTP message as the wire layer sees it: what came in, what goes out, without a server's types around it.

Header names of a request are lower case (the HTTP shell folds them); a response keeps the spelling in which the AWS
services send them, because people grep for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request of a control-plane client; `path` and `query` are still percent-encoded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One answer; `headers` lacks Content-Length and Date, which the HTTP shell adds."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
