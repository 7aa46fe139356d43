"""What becomes of a header on its way to a backend and back (facts 7.3), as the table the service documents.

Three marks meet here. The table is documented; recordings overrule it where they differ: HTTP_PROXY remaps
`Content-Length` and a backend's `x-amzn-RequestId`, HTTP lets `TE` and `Via` pass. Where the table would let a client
steer the connection between us and the backend (`Connection`, `Keep-Alive`, `Proxy-Connection`), we drop instead:
that connection is ours, and what one hop could read differently from the next is not forwarded (docs/divergences.md).
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final


class Treatment(Enum):
    """What happens to a header."""

    PASS = "pass"  # noqa: S105  the word of the table
    DROP = "drop"
    REMAP = "remap"  # renamed to x-amzn-Remapped-{Name}
    GENERATE = "generate"  # dropped, and written by us from what we know


_P, _D, _R, _G = Treatment.PASS, Treatment.DROP, Treatment.REMAP, Treatment.GENERATE

#: name: ((request: http, http_proxy, lambda), (response: http, http_proxy, lambda))
HEADER_TREATMENT: Final[
    Mapping[str, tuple[tuple[Treatment, Treatment, Treatment], tuple[Treatment, Treatment, Treatment]]]
] = {
    "accept": ((_P, _P, _P), (_D, _P, _P)),
    "authorization": ((_P, _P, _P), (_R, _R, _R)),  # dropped towards the backend when it holds SigV4 (facts 5.1)
    "connection": ((_D, _D, _D), (_R, _R, _R)),  # documented: pass, pass, dropped; ours: see above
    "content-encoding": ((_P, _D, _P), (_P, _P, _P)),
    "content-length": ((_G, _G, _G), (_R, _R, _P)),  # recorded: remapped for http and http_proxy; documented: pass
    "content-md5": ((_D, _D, _D), (_R, _R, _R)),
    "date": ((_P, _P, _P), (_R, _R, _R)),
    "expect": ((_D, _D, _D), (_R, _D, _D)),  # recorded for http: remapped
    "host": ((_G, _G, _G), (_R, _D, _D)),  # recorded for http: remapped
    "keep-alive": ((_D, _D, _D), (_D, _D, _D)),  # ours: hop by hop, RFC 9110 section 7.6.1
    "max-forwards": ((_D, _D, _D), (_R, _R, _R)),
    "proxy-authenticate": ((_D, _D, _D), (_R, _D, _D)),  # recorded for http: remapped
    "proxy-connection": ((_D, _D, _D), (_D, _D, _D)),  # ours: RFC 9110 section 7.6.1
    "server": ((_D, _D, _D), (_R, _R, _R)),
    "te": ((_D, _D, _D), (_P, _D, _D)),  # recorded for http: passes
    "trailer": ((_D, _D, _D), (_R, _D, _D)),  # recorded for http: remapped
    "transfer-encoding": ((_D, _D, _D), (_D, _D, _D)),
    "upgrade": ((_D, _D, _D), (_R, _D, _D)),  # recorded for http: remapped
    "user-agent": ((_P, _P, _P), (_R, _R, _R)),
    "via": ((_D, _D, _P), (_P, _D, _D)),  # recorded for http: passes
    "www-authenticate": ((_D, _D, _D), (_R, _R, _R)),
    "x-amzn-requestid": ((_P, _P, _P), (_R, _R, _R)),  # recorded for http_proxy
    "x-amz-apigw-id": ((_P, _P, _P), (_R, _R, _R)),  # guess: never the backend's word (facts 2.5)
}

#: Reserved in `requestParameters`: accepted when configured, 500 when called (facts 7.3, recorded).
RESERVED_MAPPED_HEADERS: Final = frozenset(
    {b"content-length", b"transfer-encoding", b"x-amzn-trace-id", b"x-amzn-apigateway-api-id"}
)


def _select(direction: int, column: int, *wanted: Treatment) -> frozenset[bytes]:
    return frozenset(name.encode() for name, row in HEADER_TREATMENT.items() if row[direction][column] in wanted)


#: Towards an HTTP_PROXY backend: everything passes but these, which are dropped or written by us.
REQUEST_WITHHELD_HTTP_PROXY: Final = _select(0, 1, Treatment.DROP, Treatment.GENERATE)
#: Towards an HTTP backend, of the headers that the integration maps.
REQUEST_WITHHELD_HTTP: Final = _select(0, 0, Treatment.DROP, Treatment.GENERATE)
#: Into the event of a Lambda function.
REQUEST_WITHHELD_LAMBDA: Final = _select(0, 2, Treatment.DROP, Treatment.GENERATE)
RESPONSE_DROPPED_HTTP_PROXY: Final = _select(1, 1, Treatment.DROP)
RESPONSE_REMAPPED_HTTP_PROXY: Final = _select(1, 1, Treatment.REMAP)
RESPONSE_DROPPED_HTTP: Final = _select(1, 0, Treatment.DROP)
RESPONSE_REMAPPED_HTTP: Final = _select(1, 0, Treatment.REMAP)

#: Lower-case names whose fate in an answer is not simply to pass: one look-up a header on the hot path.
#: None: dropped; bytes: the prefix of the new name.
RESPONSE_FATE_HTTP_PROXY: Final[dict[bytes, bytes | None]] = {
    **dict.fromkeys(RESPONSE_DROPPED_HTTP_PROXY),
    **dict.fromkeys(RESPONSE_REMAPPED_HTTP_PROXY, b"x-amzn-Remapped-"),
}
#: The same for the headers that the responses of an HTTP or MOCK integration map (for MOCK a guess).
RESPONSE_FATE_HTTP: Final[Mapping[bytes, bytes | None]] = {
    **dict.fromkeys(RESPONSE_DROPPED_HTTP),
    **dict.fromkeys(RESPONSE_REMAPPED_HTTP, b"x-amzn-Remapped-"),
}

#: The same for the headers that a function answers with.
RESPONSE_FATE_LAMBDA: Final[Mapping[bytes, bytes | None]] = {
    **dict.fromkeys(_select(1, 2, Treatment.DROP)),
    **dict.fromkeys(_select(1, 2, Treatment.REMAP), b"x-amzn-Remapped-"),
}

#: How a response is framed, and what names a request: written by us last, whatever anybody configured.
RESPONSE_OURS: Final = frozenset(
    {
        b"connection",
        b"content-length",
        b"date",
        b"keep-alive",
        b"transfer-encoding",
        b"upgrade",
        b"x-amz-apigw-id",
        b"x-amzn-errortype",
        b"x-amzn-requestid",
    }
)
