"""Identity sources: which parts of a request an authorizer knows a caller by (facts 2.7).

A list with commas of `method.request.header.X`, `method.request.querystring.X`, `context.X` and `stageVariables.X`. Path
parameters cannot be one. Their values, in order, are what an authorizer's answer is remembered under, so they are taken in
one way only: of a name that comes more than once, the last (facts 7.4).
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from gatewright.core.context import RequestContext
from gatewright.core.mapping.expression import parse_mapping_expression
from gatewright.core.mapping.values import RequestSource, compile_request_source

_LOCATIONS: Final = ("header", "querystring")


class IdentitySource(NamedTuple):
    """One source: as it was configured, where it lies, and how it is read."""

    expression: str
    location: str  # header, querystring, context or stageVariables
    read: RequestSource


def parse_identity_sources(text: str) -> tuple[IdentitySource, ...]:
    """The sources of a configured list; `ValueError` with the sentence for what is none. Empty text has none."""
    sources = []
    for part in text.split(",") if text.strip() else ():
        expression = part.strip()
        # Guess: worded as of other expressions (facts 7.4).
        refusal = f"Invalid mapping expression specified: {expression or text}"
        try:
            parsed = parse_mapping_expression(expression)
        except ValueError:
            raise ValueError(refusal) from None
        location = parsed.location if parsed.kind == "method.request" else parsed.kind
        if location not in {*_LOCATIONS, "context", "stageVariables"}:
            raise ValueError(refusal)
        sources.append(IdentitySource(expression, location or "", compile_request_source(parsed)))
    return tuple(sources)


def read_identity(sources: Sequence[IdentitySource], context: RequestContext) -> list[tuple[str, str | None]]:
    """Each source's expression and value; None for one that is absent or empty."""
    return [(source.expression, source.read(context) or None) for source in sources]


def digest_identity(values: Sequence[tuple[str, str | None]]) -> bytes:
    """What stands for an identity in memory: the secrets themselves are not kept, nor told apart wrongly by where one ends."""
    return sha256(
        "".join(f"{len(value or '')}:{value or ''}" for _, value in values).encode("utf-8", "replace")
    ).digest()
