"""A stage's access log format, compiled: literal text with `$context` variables in it (facts 8.3).

CLF, JSON, XML and CSV are the user's own text around the variables; nothing else is understood in it (D: "only `$context`
variables are supported"). A variable without a value prints `-`.

What clients choose (a user agent, a path) must not be able to forge fields. So where the format is JSON and a variable
stands in a string of it, its value is escaped as JSON asks. Guess: AWS does not say; its error texts were seen to come
unescaped, which readers of such logs call a bug. In other formats values stand as they are.
"""

import json
import re
from collections.abc import Callable
from json.encoder import encode_basestring as _quote
from json.encoder import encode_basestring_ascii as _quote_ascii
from typing import Final

from gatewright.core.context import RequestContext
from gatewright.core.context_variables import logged_reader

#: A name may have hyphens inside (claims, an authorizer's properties), as a reference of VTL. Guess: not at its end, so
#: that two variables may be joined by one.
_VARIABLE: Final = re.compile(
    r"\$(?:context\.(?P<plain>[A-Za-z_]\w*(?:-\w+)*(?:\.[A-Za-z_]\w*(?:-\w+)*)*)"
    r"|\{context\.(?P<braced>[A-Za-z_][\w.-]*)\})",
    re.ASCII,
)
_NO_VALUE: Final = "-"
#: Either makes a line one of a kind (facts 8.3).
_IDENTIFYING: Final = frozenset({"requestId", "extendedRequestId"})
#: Values of ASCII that hold no quote, backslash or control character, whoever calls.
_PLAIN_VALUES: Final = frozenset(
    {
        "accountId",
        "apiId",
        "cipherSuite",
        "deploymentId",
        "domainName",
        "domainPrefix",
        "extendedRequestId",
        "identity.sourceIp",
        "integration.latency",
        "integration.status",
        "integrationLatency",
        "integrationStatus",
        "protocol",
        "requestId",
        "requestTime",
        "requestTimeEpoch",
        "resourceId",
        "responseLatency",
        "responseLength",
        "stage",
        "status",
        "tlsVersion",
        "xrayTraceId",
    }
)


def find_variables(text: str) -> list[str]:
    """The names of the variables in a format, without `$context.`, in their order."""
    return [found["plain"] or found["braced"] for found in _VARIABLE.finditer(text)]


def identifies_requests(text: str) -> bool:
    """Whether lines of this format tell one request from another."""
    return not _IDENTIFYING.isdisjoint(find_variables(text))


class _Part:
    """A variable of a format, and the text before it: as it is, and as it stands in a JSON string."""

    __slots__ = ("in_string", "literal", "plain", "quoted_literal", "read")

    def __init__(
        self, literal: str, read: Callable[[RequestContext], str | None], *, in_string: bool, plain: bool
    ) -> None:
        self.literal = literal
        self.quoted_literal = _escape(literal)
        self.read = read
        self.in_string = in_string  # it stands in a string of a format that is JSON
        self.plain = plain  # nothing in its values is ever escaped


class AccessFormat:
    """A compiled format; `render` gives the line of a finished request."""

    __slots__ = ("_end", "_parts", "_quoted_end", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        # R (seen by users): one line break is allowed, at the end; an event of a log group has none.
        text = text.removesuffix("\n").removesuffix("\r")
        in_json = _is_json(text)
        self._parts: list[_Part] = []
        end = quotes = 0
        for found in _VARIABLE.finditer(text):
            literal = text[end : found.start()]
            quotes += len(re.findall(r'(?<!\\)(?:\\\\)*"', literal))
            name = found["plain"] or found["braced"]
            plain = name in _PLAIN_VALUES
            in_string = in_json and quotes % 2 == 1 and not plain
            self._parts.append(_Part(literal, logged_reader(name) or _read_nothing, in_string=in_string, plain=plain))
            end = found.end()
        self._end = text[end:]
        self._quoted_end = _escape(self._end)

    def render(self, context: RequestContext) -> str:
        """The line of a finished request."""
        line: list[str] = []
        for part in self._parts:
            value = part.read(context) or _NO_VALUE
            line.append(part.literal)
            line.append(_quote(value)[1:-1] if part.in_string else value)
        line.append(self._end)
        return "".join(line)

    def render_escaped(self, context: RequestContext) -> str:
        """The line as it stands in a JSON string of ASCII, as those of a log group's files are.

        (A shortcut: most of a line is literal text, escaped once, and values that need no escaping.)
        """
        line: list[str] = []
        for part in self._parts:
            value = part.read(context) or _NO_VALUE
            line.append(part.quoted_literal)
            if part.in_string:
                value = _quote(value)[1:-1]
            line.append(value if part.plain else _escape(value))
        line.append(self._quoted_end)
        return "".join(line)

    def __repr__(self) -> str:
        return f"<AccessFormat {self.text!r}>"


def _escape(text: str) -> str:
    """As it stands in a JSON string of ASCII."""
    return _quote_ascii(text)[1:-1]


def _read_nothing(_context: RequestContext) -> str | None:
    return None


def _is_json(text: str) -> bool:
    """Whether a line would be JSON: whatever a variable's value is, in a string or not, a number could stand there."""
    try:
        json.loads(_VARIABLE.sub("0", text))
    except ValueError:
        return False
    return True
