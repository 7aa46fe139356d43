"""Which mapping template applies, and what a literal one gives (facts 7.5).

Only literal templates are rendered here: texts in which the Velocity engine would find nothing to do. A template with
references or directives is recognised as such, so that a method that needs one is refused and never answered wrongly.
"""

import re
from collections.abc import Mapping
from typing import Final

from gatewright.core.context import RequestContext
from gatewright.core.errors import GatewayError
from gatewright.core.http.message import Request
from gatewright.core.reasons import INTEGRATION_NOT_SERVED, UNSUPPORTED_MEDIA_TYPE

# A reference ($name, ${name}, $!name) or a directive (#if, #set, …, ## comment): Velocity's own syntax.
_ACTIVE: Final = re.compile(r"\$!?\{?[A-Za-z_]|#(?:\{?[A-Za-z]|#|\*|\[\[)")

DEFAULT_MEDIA_TYPE: Final = "application/json"


def is_literal(template: str) -> bool:
    """True when rendering the template would give the template."""
    return _ACTIVE.search(template) is None


class Templates:
    """The mapping templates of one side of an integration, by media type."""

    __slots__ = ("_active", "texts")

    def __init__(self, templates: Mapping[str, str | None] | None) -> None:
        self.texts: Mapping[str, str] = {name: text or "" for name, text in (templates or {}).items()}
        self._active = frozenset(name for name, text in self.texts.items() if not is_literal(text))

    def __bool__(self) -> bool:
        return bool(self.texts)

    def render(self, media_type: str, context: RequestContext) -> str:
        """What the template of that media type gives. Raises for one that needs the Velocity engine."""
        if media_type in self._active:
            raise GatewayError(
                INTEGRATION_NOT_SERVED,
                method=context.request.method,
                resource=context.method and context.method.resource_path,
                what=f"the Velocity template for {media_type}",
            )
        return self.texts[media_type]

    def select_for_request(self, request: Request, passthrough: str) -> str | None:
        """The media type whose template applies to a request; None: the body passes. Raises 415 where it may not."""
        media_type = media_type_of(request.header(b"content-type"))
        if media_type in self.texts:
            return media_type
        if passthrough == "NEVER" or (passthrough == "WHEN_NO_TEMPLATES" and self.texts):
            raise GatewayError(UNSUPPORTED_MEDIA_TYPE, content_type=media_type, behavior=passthrough)
        return None

    def select_for_response(self, accept: bytes | None) -> str | None:
        """The media type for an answer: by the first type of Accept, else application/json, else the first."""
        return select_media_type(self.texts, accept)


def media_type_of(content_type: bytes | None) -> str:
    """The media type without parameters; `application/json` when there is none (facts 7.5, recorded)."""
    if content_type is None:
        return DEFAULT_MEDIA_TYPE
    return content_type.split(b";", 1)[0].strip().decode("latin-1").lower() or DEFAULT_MEDIA_TYPE


def select_media_type(templates: Mapping[str, str], accept: bytes | None) -> str | None:
    """Of the media types that have a template: the first of Accept, else application/json, else the first."""
    if not templates:
        return None
    wanted = media_type_of(accept.split(b",", 1)[0]) if accept else DEFAULT_MEDIA_TYPE
    for candidate in (wanted, DEFAULT_MEDIA_TYPE):
        if candidate in templates:
            return candidate
    return next(iter(templates))
