"""What a client signed against what the gateway expected: the canonical request, line by line (facts 5.1, 5.5).

What this module knows: the order of the lines of a canonical request; the refusal quotes the gateway's, with `hidden` for a
session token; and the habits of signers that do it wrong. Given the secret, each habit is tried alone: the one that gives
the client's own signature is what the client did.
"""

import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from gatewright.core.sigv4.canonical import (
    SignedRequest,
    UriStyle,
    canonical_query,
    canonical_request,
    canonical_uri,
    collect_headers,
    first_value,
    string_to_sign,
)
from gatewright.core.sigv4.credential import Credential, parse_credential
from gatewright.core.sigv4.payload import EMPTY_SHA256, UNSIGNED_PAYLOAD
from gatewright.core.sigv4.refusal import SignatureRefused
from gatewright.core.sigv4.verification import derive_signing_key
from gatewright.doctor.question import Question

_QUOTED: Final = re.compile(
    r"The Canonical String for this request should have been\n'(.*?)'\n\nThe String-to-Sign", re.DOTALL
)
_HIDDEN: Final = "hidden"
METHOD, PATH, QUERY, SIGNED_HEADERS, PAYLOAD = "method", "path", "query", "signed headers", "payload hash"
AS_CAPTURED: Final = "as captured"


class Claim(NamedTuple):
    """A request that claims to be signed, and its claim."""

    request: SignedRequest
    credential: Credential
    payload_hash: str

    def render(self) -> str:
        """The canonical request of what was captured."""
        return _render(self, self.request, self.payload_hash)


class Difference(NamedTuple):
    """The first line that differs: which it is, the client's and the gateway's text."""

    line: str
    client: str
    gateway: str


class Habit(NamedTuple):
    """A way to sign that is wrong, and the canonical request that it makes."""

    name: str
    canonical: str


def parse_claim(question: Question) -> Claim | None:
    """The signed request of the question; None of one without a signature that can be read."""
    fields = dict(question.headers)
    if question.header("host") is None and question.host:
        fields["Host"] = question.host
    headers = collect_headers(fields.items())
    try:
        credential = parse_credential(headers, question.query)
    except SignatureRefused:
        return None
    if credential is None:
        return None
    body_hash = question.body_sha256 or EMPTY_SHA256
    request = SignedRequest(question.method, question.path, question.query, headers, body_hash)
    return Claim(request, credential, first_value(headers, "x-amz-content-sha256") or body_hash)


def parse_expected(said: str) -> str | None:
    """The gateway's canonical request, out of an answer's body or a pasted message."""
    for text in _readings(said):
        if found := _QUOTED.search(text):
            return found[1]
    return None


def _readings(said: str) -> Iterator[str]:
    yield said.replace("\r\n", "\n")
    begin, end = said.find("{"), said.rfind("}")
    try:
        document = json.loads(said[begin : end + 1])
    except ValueError:
        document = None
    if isinstance(document, dict):
        yield str(document.get("message", document.get("Message", "")))
    yield said.replace("\\n", "\n")


def split_lines(canonical: str) -> Mapping[str, str]:
    """The lines by what they are: a header's is its name."""
    method, path, query, *rest = [*canonical.split("\n"), "", "", ""][: max(6, canonical.count("\n") + 1)]
    lines = {METHOD: method, PATH: path, QUERY: query}
    for number, line in enumerate(rest):
        if not line:
            tail = [*rest[number + 1 :], "", ""]
            return {**lines, SIGNED_HEADERS: tail[0], PAYLOAD: tail[1]}
        name, _, value = line.partition(":")
        lines[name] = value
    return lines


def find_difference(client: str, gateway: str) -> Difference | None:
    """The first line, in the gateway's order, that the two do not have in common."""
    ours, theirs = split_lines(client), split_lines(gateway)
    for line in (*theirs, *(each for each in ours if each not in theirs)):
        mine, expected = ours.get(line, ""), theirs.get(line, "")
        if mine != expected and _HIDDEN not in (expected, mine):
            return Difference(line, mine, expected)
    return None


def explain_difference(difference: Difference) -> str:
    """What usually makes that line differ."""
    line, client, gateway = difference
    if line == METHOD:
        return "A proxy or a redirect changed the method."
    if line == PATH:
        if _plain(client) == _plain(gateway):
            return (
                "Escapes were decoded and encoded anew on the way, or not encoded a second time: the canonical path encodes "
                "the path as it stands on the wire once more, %20 as %2520."
            )
        return (
            "The path was rewritten on the way: a stage or base path was put before it or taken away. Sign the path as the "
            "gateway receives it."
        )
    if line == QUERY:
        if sorted(_plain(client).split("&")) == sorted(_plain(gateway).split("&")):
            return "The parameters are the same and are written otherwise: sorted by name, a space as %20, `=` after each name."
        return "A parameter was added, changed or dropped on the way, as caches and proxies do."
    if line == "host":
        return (
            "The Host was rewritten on the way, as CloudFront and other proxies do. Sign for the Host that the gateway "
            f"receives, {gateway}, or let the proxy pass the viewer's Host on."
        )
    if line in ("x-amz-date", "date"):
        return "The date was changed after the request was signed."
    if line == SIGNED_HEADERS:
        return "The Authorization header was changed on the way."
    if line == PAYLOAD:
        if client == EMPTY_SHA256:
            return "A body was added after signing, or the client signed an empty one."
        if gateway == EMPTY_SHA256:
            return "The body was lost on the way."
        return "The body was altered after signing: compressed, encoded anew, or given another line end."
    if not gateway:
        return f"The header {line} was signed and did not arrive: a proxy took it out. Do not sign it."
    return f"The header {line} was signed and changed on the way. Do not sign headers that proxies change."


def _plain(text: str) -> str:
    before = ""
    while before != text:
        before, text = text, unquote(text.replace("+", " "))
    return text


# -- what was signed, given the secret ---------------------------------------------------------------------------------


def find_habit(claim: Claim, secret: str, hosts: Iterable[str] = ()) -> Habit | None:
    """The first way of signing that gives the client's signature: as captured, or wrong in one thing."""
    scope = claim.credential.scope
    key = derive_signing_key(secret, scope.date, scope.region, scope.service)
    for habit in _habits(claim, hosts):
        text = string_to_sign(claim.credential.timestamp, str(scope), habit.canonical)
        digest = hmac.digest(key, text.encode("utf-8", "surrogateescape"), "sha256").hex()
        if hmac.compare_digest(digest, claim.credential.signature.lower()):
            return habit
    return None


def _habits(claim: Claim, hosts: Iterable[str]) -> Iterator[Habit]:
    """Facts 5.1; each differs from the right canonical request in one thing."""
    request, payload = claim.request, claim.payload_hash
    yield Habit(AS_CAPTURED, claim.render())
    yield Habit("the path was encoded once only", _render(claim, request, payload, UriStyle.S3))
    for name, path in _paths(request.path):
        yield Habit(name, _with_path(claim, path))
    for name, query in _queries(request.query):
        yield Habit(name, _with_query(claim, query))
    own = first_value(request.headers, "host")
    bare = own.partition(":")[0]
    for host in dict.fromkeys((bare, f"{bare}:443", own.upper(), *hosts)):
        changed = request._replace(headers={**request.headers, "host": [host]})
        yield Habit(f"it was signed for the host {host}", _render(claim, changed, payload))
    for name, value in (
        ("the body was left out", EMPTY_SHA256),
        ("the body was not signed", UNSIGNED_PAYLOAD),
        ("another hash than that of the body was signed", request.body_sha256),
        ("the hash of the body was left out", ""),
    ):
        yield Habit(name, _render(claim, request, value))
    for method in ("GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS"):
        yield Habit(f"it was signed as {method}", _render(claim, request._replace(method=method), payload))


def _paths(path: str) -> Iterator[tuple[str, str]]:
    """Paths as they stand in the canonical request."""
    right = canonical_uri(path)
    yield "the path was decoded before signing", unquote(path)
    yield "empty segments of the path were kept", quote(path, safe="/-_.~")
    yield "the path was left out", "/"
    segments = right.split("/")
    if len(segments) > 2:
        yield f"/{segments[1]}, the stage or base path, was left out", "/" + "/".join(segments[2:])
    yield "a slash was added to the path", right + "/"
    yield "the slash at the end of the path was left out", right.rstrip("/")


def _queries(query: str) -> Iterator[tuple[str, str]]:
    """Queries as they stand in the canonical request."""
    if not query:
        return
    yield "the query was left out", ""
    yield "the query was not put in order", query
    in_order = "&".join(sorted(query.split("&")))
    yield "the query was not encoded as SigV4 asks", in_order
    yield "a plus sign stood for a space", canonical_query(query).replace("%20", "+")
    yield "the query was encoded twice", quote(canonical_query(query), safe="&=-_.~")
    yield "the equals sign was left out after a name without a value", re.sub(r"=(?=&|$)", "", canonical_query(query))


def _render(claim: Claim, request: SignedRequest, payload: str, style: UriStyle = UriStyle.NORMALIZED) -> str:
    without = "X-Amz-Signature" if claim.credential.source == "query" else None
    return canonical_request(request, claim.credential.signed_headers, payload, style=style, without=without)


def _with_path(claim: Claim, path: str) -> str:
    method, _, rest = claim.render().split("\n", 2)
    return f"{method}\n{path}\n{rest}"


def _with_query(claim: Claim, query: str) -> str:
    method, path, _, rest = claim.render().split("\n", 3)
    return f"{method}\n{path}\n{query}\n{rest}"
