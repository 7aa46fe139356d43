"""`MaxItems`, which Route 53 has as text on the wire: how many a page of a listing holds."""

from collections.abc import Mapping
from typing import Any

from gatewright.controlplane.route53.refusals import invalid_input


def page_size(params: Mapping[str, Any], largest: int) -> int:
    """The number asked for, at most the largest that the listing gives (D), which is also the default."""
    text = params.get("MaxItems")
    if text is None:
        return largest
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise invalid_input(f"Invalid value for MaxItems: {text}. It must be a positive number.")  # U
    return min(int(text), largest)
