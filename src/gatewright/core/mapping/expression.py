"""Parameter mapping expressions: where a mapped value comes from, and which parameter it becomes (facts 7.4).

A mapping has a key, the parameter that is set, and an expression, its source:

    integration.request.header.X-Pet  =  method.request.path.petId
    method.response.header.X-Total    =  integration.response.body.total

This module knows the grammar of both sides and nothing else. Whether a named parameter was declared, and what its value
is, others decide; the control plane refuses with this parser what the data plane could not evaluate.

- D: dev guide, "Amazon API Gateway API request and response data mapping reference". A parameter's name matches
  `[a-zA-Z0-9._$-]+`; the colon is accepted too (C: measured by others against the service).
- After `body.` stands a JSON path without its leading `$.`; after `context.` the variable's own dotted name.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

ExpressionKind: TypeAlias = Literal["static", "method.request", "integration.response", "context", "stageVariables"]
KeyKind: TypeAlias = Literal["method.request", "integration.request", "method.response", "gatewayresponse"]


@dataclass(frozen=True, slots=True)
class MappingExpression:
    """A source of a value.

    `location` is the part of the message (`header`, `querystring`, `path`, `multivalueheader`, `multivaluequerystring`,
    `body`), None for the kinds that have none. `name` is the parameter's name; for `body` the JSON path without `$.`,
    empty for the whole body; for `static` the text between the quotes.
    """

    kind: ExpressionKind
    location: str | None
    name: str

    @property
    def source(self) -> str:
        """The expression as it is written, without a name: `method.request.header`, `context`, `static`."""
        return self.kind if self.location is None else f"{self.kind}.{self.location}"


@dataclass(frozen=True, slots=True)
class MappingKey:
    """A parameter that is declared or set: `integration.request.path.petId` has location `path` and name `petId`."""

    kind: KeyKind
    location: str
    name: str


_NAME: Final = r"(?P<name>[A-Za-z0-9:._$-]+)"

_EXPRESSIONS: Final[tuple[tuple[ExpressionKind, re.Pattern[str]], ...]] = (
    ("static", re.compile(r"'(?P<name>.*)'", re.DOTALL)),
    (
        "method.request",
        re.compile(
            r"method\.request\.(?P<location>header|querystring|path|multivalueheader|multivaluequerystring)\." + _NAME
        ),
    ),
    ("method.request", re.compile(r"method\.request\.(?P<location>body)(?:\.(?P<name>.+))?")),
    ("integration.response", re.compile(r"integration\.response\.(?P<location>header|multivalueheader)\." + _NAME)),
    ("integration.response", re.compile(r"integration\.response\.(?P<location>body)(?:\.(?P<name>.+))?")),
    # D: context variables are dotted names; those of authorizer claims may hold colons and dashes.
    ("context", re.compile(r"context\." + _NAME)),
    # D: stage variables are named with letters, digits and underscores; the dash is accepted besides.
    ("stageVariables", re.compile(r"stageVariables\.(?P<name>[A-Za-z0-9_-]+)")),
)

_KEYS: Final[tuple[tuple[KeyKind, re.Pattern[str]], ...]] = (
    ("method.request", re.compile(r"method\.request\.(?P<location>header|querystring|path)\." + _NAME)),
    ("integration.request", re.compile(r"integration\.request\.(?P<location>header|querystring|path)\." + _NAME)),
    ("method.response", re.compile(r"method\.response\.(?P<location>header)\." + _NAME)),
    ("gatewayresponse", re.compile(r"gatewayresponse\.(?P<location>header)\." + _NAME)),
)


def parse_mapping_expression(text: str) -> MappingExpression:
    """The source that an expression names; raises `ValueError` for what is no mapping expression."""
    for kind, pattern in _EXPRESSIONS:
        found = pattern.fullmatch(text)
        if found is not None:
            parts = found.groupdict()
            return MappingExpression(kind, parts.get("location"), parts["name"] or "")
    raise ValueError(
        f"{text!r} is no mapping expression. Expected a quoted static value, method.request.…, integration.response.…, "
        "context.… or stageVariables.…"
    )


def parse_mapping_key(key: str) -> MappingKey:
    """The parameter that a key names; raises `ValueError` for what is none."""
    for kind, pattern in _KEYS:
        found = pattern.fullmatch(key)
        if found is not None:
            return MappingKey(kind, found["location"], found["name"])
    raise ValueError(
        f"{key!r} names no parameter. Expected method.request.…, integration.request.…, method.response.header.… or "
        "gatewayresponse.header.…"
    )
