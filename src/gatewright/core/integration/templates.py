"""Which mapping template applies, and what a literal one gives (facts 7.5).

Only literal templates are rendered here: texts in which the Velocity engine would find nothing to do. A template with
references or directives is recognised as such, so that a method that needs one is refused and never answered wrongly.
"""

import re
from collections.abc import Mapping
from typing import Final

# A reference ($name, ${name}, $!name) or a directive (#if, #set, …, ## comment): Velocity's own syntax.
_ACTIVE: Final = re.compile(r"\$!?\{?[A-Za-z_]|#(?:\{?[A-Za-z]|#|\*|\[\[)")

DEFAULT_MEDIA_TYPE: Final = "application/json"


def is_literal(template: str) -> bool:
    """True when rendering the template would give the template."""
    return _ACTIVE.search(template) is None


def media_type_of(content_type: bytes | None) -> str:
    """The media type without parameters; `application/json` when there is none (facts 7.5, recorded)."""
    if content_type is None:
        return DEFAULT_MEDIA_TYPE
    return content_type.split(b";", 1)[0].strip().decode("latin-1").lower() or DEFAULT_MEDIA_TYPE


def select_response_template(
    templates: Mapping[str, str | None] | None, accept: bytes | None
) -> tuple[str, str] | None:
    """(media type, template) for an answer: by the first type of Accept, else application/json, else the first."""
    if not templates:
        return None
    wanted = media_type_of(accept.split(b",", 1)[0]) if accept else DEFAULT_MEDIA_TYPE
    for candidate in (wanted, DEFAULT_MEDIA_TYPE, next(iter(templates))):
        if candidate in templates:
            return candidate, templates[candidate] or ""
    return None
