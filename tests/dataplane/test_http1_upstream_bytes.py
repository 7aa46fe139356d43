"""What a backend reads of requests that are odd but legal: byte for byte what we write, whatever the client wrote."""

import pytest

from support.exchange import REQUEST_ID, TRACE_ID
from support.http1_stage import RequestStage
from support.interpreted import on_sources

pytestmark = on_sources

STAGE = RequestStage()

HOST = "Host: backend.test\r\nx-amzn-apigateway-api-id: abcdefghij\r\n"
ACCEPT = "Accept: application/json\r\n"
AGENT = "User-Agent: AmazonAPIGateway_abcdefghij\r\n"
FORWARDED = "X-Forwarded-For: unknown\r\nX-Forwarded-Port: 8443\r\nX-Forwarded-Proto: http\r\n"
TRACE = f"X-Amzn-Trace-Id: {TRACE_ID}\r\n\r\n"
TAIL = ACCEPT + AGENT + FORWARDED + TRACE

#: name: (what the client sends, what the backend reads)
ODD = {
    "the plainest": ("GET /x HTTP/1.1\r\nHost: a\r\n\r\n", "GET /x HTTP/1.1\r\n" + HOST + TAIL),
    "HTTP/1.0 becomes HTTP/1.1": ("GET /x HTTP/1.0\r\nHost: a\r\n\r\n", "GET /x HTTP/1.1\r\n" + HOST + TAIL),
    "the absolute form becomes the origin form": (
        "GET http://A:/x?y HTTP/1.1\r\nHost: a:\r\n\r\n",
        "GET /x?y HTTP/1.1\r\n" + HOST + TAIL,
    ),
    "the host of the target is not the backend's": (
        "GET http://a/x HTTP/1.0\r\n\r\n",
        "GET /x HTTP/1.1\r\n" + HOST + TAIL,
    ),
    "empty lines before go": ("\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n", "GET /x HTTP/1.1\r\n" + HOST + TAIL),
    "whitespace around values goes, that within them stays": (
        "GET /x HTTP/1.1\r\nHost:a\r\nX-Odd: \t a \t b \t \r\nX-Empty:\r\n\r\n",
        "GET /x HTTP/1.1\r\n" + HOST + "X-Odd: a \t b\r\nX-Empty: \r\n" + TAIL,
    ),
    "chunks become a length, and trailers go": (
        (
            "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"
            "001;n=v\r\na\r\nA\r\nbcdefghijk\r\n00\r\nX-T: 1\r\nAuthorization: evil\r\n\r\n"
        ),
        "POST /x HTTP/1.1\r\n" + HOST + ACCEPT + AGENT + "Content-Length: 11\r\n" + FORWARDED + TRACE + "abcdefghijk",
    ),
    "no chunks become a length of none": (
        "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /x HTTP/1.1\r\n" + HOST + ACCEPT + AGENT + "Content-Length: 0\r\n" + FORWARDED + TRACE,
    ),
    "a length is written as we would": (
        "POST /x HTTP/1.1\r\nHost: a\r\nCONTENT-LENGTH: 0000002\r\n\r\nhi",
        "POST /x HTTP/1.1\r\n" + HOST + ACCEPT + AGENT + "Content-Length: 2\r\n" + FORWARDED + TRACE + "hi",
    ),
    "the body of a GET has a length too": (
        "GET /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        "GET /x HTTP/1.1\r\n" + HOST + ACCEPT + AGENT + "Content-Length: 2\r\n" + FORWARDED + TRACE + "hi",
    ),
    "expectations end here": (
        "POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nhi",
        "POST /x HTTP/1.1\r\n" + HOST + ACCEPT + AGENT + "Content-Length: 2\r\n" + FORWARDED + TRACE + "hi",
    ),
    "what is hop by hop ends here": (
        (
            "GET /x HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Hop\r\nKeep-Alive: 5\r\nX-Hop: 1\r\nTE: trailers\r\n"
            "Proxy-Connection: keep-alive\r\nUpgrade: x\r\n\r\n"
        ),
        "GET /x HTTP/1.1\r\n" + HOST + TAIL,
    ),
    "an upgrade is not asked for on the client's behalf": (
        "GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
        "GET /x HTTP/1.1\r\n" + HOST + TAIL,
    ),
    "Connection takes nothing of ours away": (
        "GET /x HTTP/1.1\r\nHost: a\r\nConnection: Host, X-Amzn-RequestId, X-Amzn-Trace-Id, X-Forwarded-For, User-Agent\r\n\r\n",
        "GET /x HTTP/1.1\r\n" + HOST + TAIL,
    ),
    "framing in disguise ends here": (
        (
            "POST /x HTTP/1.1\r\nHost: a\r\nContent_Length: 9\r\nTransfer_Encoding: chunked\r\nX_Forwarded_For: 1\r\n"
            "Content-Length: 2\r\n\r\nhi"
        ),
        "POST /x HTTP/1.1\r\n" + HOST + ACCEPT + AGENT + "Content-Length: 2\r\n" + FORWARDED + TRACE + "hi",
    ),
    "names and order are the client's": (
        "GET /x HTTP/1.1\r\nx-b: 1\r\nHost: a\r\nX-A: 2\r\nx-B: 3\r\nuser-AGENT: curl\r\nACCEPT: */*\r\n\r\n",
        "GET /x HTTP/1.1\r\n" + HOST + "x-b: 1\r\nX-A: 2\r\nx-B: 3\r\nuser-AGENT: curl\r\nACCEPT: */*\r\n" + FORWARDED + TRACE,
    ),
    "what a path may not hold is encoded": (
        'GET /a"<>\\^`{|}b%2fc%0d%0aX:1?d"{e} HTTP/1.1\r\nHost: a\r\n\r\n',
        'GET /a%22%3C%3E%5C%5E%60%7B%7C%7Db/c%0D%0AX:1?d"{e} HTTP/1.1\r\n' + HOST + TAIL,
    ),
    "the client's chain of proxies is continued in one field": (
        "GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1\r\nx-forwarded-for: 2\r\nX-Forwarded-Proto: gopher\r\n\r\n",
        "GET /x HTTP/1.1\r\n" + HOST + TAIL.replace("For: unknown", "For: 1, 2, unknown"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("step", [1 << 20, 1])
@pytest.mark.parametrize("case", ODD)
def test_what_the_backend_reads(case, step):
    sent, expected = (text.encode("latin-1") for text in ODD[case])
    outcome = STAGE.converse([sent[start : start + step] for start in range(0, len(sent), step)])
    (call,) = outcome.calls
    assert expected == call.head + call.body
    assert [200] == outcome.statuses
    assert f"x-amzn-RequestId: {REQUEST_ID}\r\n".encode() in outcome.written
