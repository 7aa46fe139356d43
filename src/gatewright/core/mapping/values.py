"""Parameter mapping at work: the value that an expression has for one request or one backend answer (facts 7.4).

- Header names are matched without regard to case. The service documents case-sensitive names, but a client over
  HTTP/2 cannot send any but lower-case ones, so a mapping would depend on the protocol (docs/divergences.md).
- A repeated header or query parameter has, single-valued, its last value (recorded); the `multivalue…` forms join all
  of them with a comma (guess).
- A body path is a dotted JSON path with indexes, `pets[0].name`; strings appear bare, everything else as JSON.
- A source that is absent has the value None, and the parameter is then not set.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias
from urllib.parse import unquote_plus

from gatewright.core.context import RequestContext
from gatewright.core.context_variables import find_reader
from gatewright.core.http.message import HeaderField
from gatewright.core.mapping.expression import MappingExpression

#: Evaluates an expression compiled by `compile_request_source`.
RequestSource: TypeAlias = Callable[[RequestContext], str | None]
#: Evaluates an expression compiled by `compile_response_source`: context, backend headers, backend body.
ResponseSource: TypeAlias = Callable[[RequestContext, Sequence[HeaderField], bytes], str | None]

_STEP: Final = re.compile(r"\[(\d+)\]|\['([^']*)'\]|\.?([^.\[\]]+)")


def parse_query(query: str) -> list[tuple[str, str]]:
    """The decoded pairs of a raw query string, in order; `;` divides like `&` (facts 2.2)."""
    if not query:
        return []
    pairs = []
    for part in query.replace(";", "&").split("&"):
        if part:
            name, _, value = part.partition("=")
            pairs.append((unquote_plus(name), unquote_plus(value)))
    return pairs


def read_json_path(document: Any, path: str) -> Any:
    """What `path` (`a.b[0]`, with or without a leading `$`) leads to; None where it leads nowhere."""
    found = document
    for index, quoted, name in _STEP.findall(path.removeprefix("$")):
        if index:
            if not isinstance(found, list) or int(index) >= len(found):
                return None
            found = found[int(index)]
        else:
            if not isinstance(found, Mapping):
                return None
            found = found.get(quoted or name)
    return found


def _read_body(body: bytes, path: str) -> str | None:
    if not path:
        return body.decode("utf-8", "replace")
    try:
        found = read_json_path(json.loads(body), path)
    except (ValueError, RecursionError):  # no JSON, or JSON nested beyond reading
        return None
    if found is None or isinstance(found, str):
        return found
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False)


def _read_header(headers: Sequence[HeaderField], name: bytes, *, joined: bool) -> str | None:
    values = [value for lower, _, value in headers if lower == name]
    if not values:
        return None
    return (b",".join(values) if joined else values[-1]).decode("latin-1")


def _read_query(query: str, name: str, *, joined: bool) -> str | None:
    values = [value for key, value in parse_query(query) if key == name]
    if not values:
        return None
    return ",".join(values) if joined else values[-1]


def compile_request_source(expression: MappingExpression) -> RequestSource:
    """A function from the request's context to the value. An expression about the backend's answer has none."""
    name = expression.name
    match expression.kind, expression.location:
        case "static", _:
            return lambda _context: name
        case "context", _:
            return find_reader(name) or (lambda _context: None)
        case "stageVariables", _:
            return lambda context: context.stage_variables.get(name)
        case "method.request", ("header" | "multivalueheader") as location:
            lower, joined = name.lower().encode("latin-1", "replace"), location == "multivalueheader"
            return lambda context: _read_header(context.request.headers, lower, joined=joined)
        case "method.request", ("querystring" | "multivaluequerystring") as location:
            joined = location == "multivaluequerystring"
            return lambda context: _read_query(context.request.query, name, joined=joined)
        case "method.request", "path":
            return lambda context: context.path_parameters.get(name)
        case "method.request", "body":
            return lambda context: _read_body(context.request.body, name)
        case _:
            return lambda _context: None


def compile_response_source(expression: MappingExpression) -> ResponseSource:
    """A function from context and backend answer to the value."""
    name = expression.name
    match expression.kind, expression.location:
        case "integration.response", ("header" | "multivalueheader") as location:
            lower, joined = name.lower().encode("latin-1", "replace"), location == "multivalueheader"
            return lambda _context, headers, _body: _read_header(headers, lower, joined=joined)
        case "integration.response", "body":
            return lambda _context, _headers, body: _read_body(body, name)
        case _:
            source = compile_request_source(expression)
            return lambda context, _headers, _body: source(context)


def encode_header_value(text: str) -> bytes | None:
    """The value as it may stand in a header, or None where it cannot: a line break would begin another header."""
    value = text.strip(" \t")
    if any((character < " " and character != "\t") or character == "\x7f" for character in value):
        return None
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace")  # JSON can hold half a surrogate pair
