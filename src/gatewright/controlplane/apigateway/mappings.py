"""Parameters that methods declare and integrations map: which names there may be, and how a refusal is worded.

The service runs one validator over all of them and prints its result in one form (R):

    Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression
    specified: X]

`Invalid mapping expression parameter specified: X` in its place means that X is well formed but was not declared: by
the method request for a source, by the method response for a header that is set (R, re:Post and users' reports).
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from gatewright.controlplane.errors import ServiceError, bad_request
from gatewright.core.mapping.expression import (
    ExpressionKind,
    KeyKind,
    MappingExpression,
    MappingKey,
    parse_mapping_expression,
    parse_mapping_key,
)
from gatewright.model.records import Method, MethodResponse

# R: "123" is refused; a media type with parameters, and API Gateway's own `$default`, are taken.
_CONTENT_TYPE: Final = re.compile(r"[^\s/;,]+/[^\s/;,]+(\s*;.*)?|\$default")

#: Where a multi-value source was declared.
_DECLARED_AS: Final = {"multivalueheader": "header", "multivaluequerystring": "querystring"}


def check_declared(names: Iterable[str], kind: KeyKind) -> None:
    """Every name is a parameter of this kind."""
    for name in names:
        _read_key(name, kind)


def check_request_mappings(mappings: Mapping[str, str], method: Method) -> None:
    """Every key is a parameter of the integration request, every source well formed and, if a parameter, declared."""
    for key, text in mappings.items():
        _read_key(key, "integration.request")
        expression = _read_expression(text, ("static", "method.request", "context", "stageVariables"))
        if expression.kind != "method.request" or expression.location == "body":
            continue
        location = _DECLARED_AS.get(expression.location or "", expression.location)
        if f"method.request.{location}.{expression.name}" not in (method.request_parameters or {}):
            raise _not_declared(text)


def check_response_mappings(mappings: Mapping[str, str], response: MethodResponse | None) -> None:
    """Every key is a header that the method response of the same status declares, every source well formed."""
    declared = (response.response_parameters if response else None) or {}
    for key, text in mappings.items():
        _read_key(key, "method.response")
        if key not in declared:
            raise _not_declared(key)
        _read_expression(text, ("static", "integration.response", "context", "stageVariables"))


def check_content_types(content_types: Iterable[str]) -> None:
    """Every key of a map of templates is a media type."""
    for content_type in content_types:
        if _CONTENT_TYPE.fullmatch(content_type) is None:
            # R
            raise bad_request(
                f"Validation Result: warnings : [], errors : [Invalid content type specified: {content_type}]"
            )


def _read_key(key: str, kind: KeyKind) -> MappingKey:
    try:
        parsed = parse_mapping_key(key)
    except ValueError as error:
        raise _malformed(key) from error
    if parsed.kind != kind:
        raise _malformed(key)
    return parsed


def _read_expression(text: str, kinds: tuple[ExpressionKind, ...]) -> MappingExpression:
    try:
        parsed = parse_mapping_expression(text)
    except ValueError as error:
        raise _malformed(text) from error
    if parsed.kind not in kinds:
        raise _malformed(text)
    return parsed


def _malformed(text: str) -> ServiceError:
    return _refusal(f"Invalid mapping expression specified: {text}")


def _not_declared(text: str) -> ServiceError:
    return _refusal(f"Invalid mapping expression parameter specified: {text}")


def _refusal(error: str) -> ServiceError:
    return bad_request(f"Invalid mapping expression specified: Validation Result: warnings : [], errors : [{error}]")
