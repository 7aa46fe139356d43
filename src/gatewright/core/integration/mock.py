"""MOCK integrations: the gateway itself answers with the status that the request template names (facts 7.1).

The template, or the request's body where no template applies, must be a JSON object with an integer `statusCode`. The
service reads it leniently, as many examples write `{statusCode: 200}`; so do we.
"""

import json
import re
from typing import Final

_LENIENT: Final = re.compile(r"""\{\s*["']?statusCode["']?\s*:\s*["']?(\d{3})["']?\s*[,}]""")


def parse_mock_status(text: str) -> int | None:
    """The status that a rendered request template asks for; None when it names none between 100 and 599."""
    try:
        document = json.loads(text)
    except ValueError:
        found = _LENIENT.match(text.strip())
        status: object = int(found[1]) if found else None
    else:
        status = document.get("statusCode") if isinstance(document, dict) else None
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
        return None
    return status
