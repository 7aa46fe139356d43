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
from typing import Final

from gatewright.core.context import RequestContext, logged_reader

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
#: Values that hold no quote, backslash or control character, whoever calls.
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


class AccessFormat:
    """A compiled format; `render` gives the line of a finished request."""

    __slots__ = ("_parts", "_template", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        # R (seen by users): one line break is allowed, at the end; an event of a log group has none.
        text = text.removesuffix("\n").removesuffix("\r")
        in_json = _is_json(text)
        template: list[str] = []
        parts: list[tuple[Callable[[RequestContext], str | None], bool]] = []
        end = quotes = 0
        for found in _VARIABLE.finditer(text):
            literal = text[end : found.start()]
            quotes += len(re.findall(r'(?<!\\)(?:\\\\)*"', literal))
            name = found["plain"] or found["braced"]
            template += [literal.replace("%", "%%"), "%s"]
            parts.append(
                (logged_reader(name) or _read_nothing, in_json and quotes % 2 == 1 and name not in _PLAIN_VALUES)
            )
            end = found.end()
        template.append(text[end:].replace("%", "%%"))
        self._template = "".join(template)
        self._parts = tuple(parts)

    def render(self, context: RequestContext) -> str:
        """The line of a finished request."""
        values: list[str] = []
        for read, quoted in self._parts:
            value = read(context) or _NO_VALUE
            values.append(_quote(value)[1:-1] if quoted else value)
        return self._template % tuple(values)

    def __repr__(self) -> str:
        return f"<AccessFormat {self.text!r}>"


def _read_nothing(_context: RequestContext) -> str | None:
    return None


def _is_json(text: str) -> bool:
    """Whether a line would be JSON: whatever a variable's value is, in a string or not, a number could stand there."""
    try:
        json.loads(_VARIABLE.sub("0", text))
    except ValueError:
        return False
    return True
