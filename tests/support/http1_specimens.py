"""Requests of HTTP/1.1 that two servers could read differently, each with a good twin that differs as little as it can.

The headings are the words of the rule: one interpretation of every message, or none.
"""

POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def lengths(value):
    return POST + b"Content-Length:" + value + b"\r\n\r\n12345"


def codings(line, rest=END):
    return POST + line + b"\r\n\r\n" + rest


def header(line):
    return GET + line + b"\r\n\r\n"


def chunk(first, rest=b"a\r\n" + END):
    return CHUNKED + first + rest


def trailer(line):
    return CHUNKED + b"0\r\n" + line + b"\r\n\r\n"


def line(text, host=b"a"):
    return text + b"\r\nHost: " + host + b"\r\n\r\n"


#: name: (what is refused, its twin)
TWINS = {
    # --- conflicting or repeated Content-Length
    "two lengths": (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n123456", lengths(b" 5")),
    "the same length twice": (POST + b"Content-Length: 5\r\ncontent-length: 5\r\n\r\n12345", lengths(b"5")),
    "a list of lengths": (lengths(b" 5, 5"), lengths(b"\t5")),
    "a list with an empty end": (lengths(b" 5,"), lengths(b" 5 \t")),
    "a length with a plus": (lengths(b" +5"), lengths(b" 05")),
    "a length with a minus": (lengths(b" -5"), lengths(b" 5")),
    "a hexadecimal length": (lengths(b" 0x5"), lengths(b" 005")),
    "a space within the length": (lengths(b" 0 5"), lengths(b" 05")),
    "an underscore within the length": (lengths(b" 0_5"), lengths(b" 05")),
    "a length with a point": (lengths(b" 5.0"), lengths(b" 5")),
    "a length with an exponent": (lengths(b" 5e0"), lengths(b" 5")),
    "a length in other digits": (lengths(" ٥".encode()), lengths(b" 5")),
    "a length behind a vertical tab": (lengths(b" \x0b5"), lengths(b" \t5")),
    "a length with NUL": (lengths(b" 5\0"), lengths(b" 5")),
    "no length where one is announced": (POST + b"Content-Length: \r\n\r\n", POST + b"Content-Length: 0\r\n\r\n"),
    "a folded length": (lengths(b"\r\n 5"), lengths(b" 5")),
    "a length that overflows to 5": (lengths(b" 18446744073709551621"), lengths(b" 5")),
    "a length with zeros without end": (lengths(b" " + b"0" * 5_000 + b"5"), lengths(b" " + b"0" * 19 + b"5")),
    # --- Content-Length with Transfer-Encoding
    "CL.TE": (
        POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
        codings(b"Transfer-Encoding: chunked"),
    ),
    "TE.CL": (
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\nGPOST",
        codings(b"Transfer-Encoding: chunked"),
    ),
    "TE.CL with length 0": (
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n" + END,
        codings(b"transfer-encoding: CHUNKED"),
    ),
    "a length with identity": (
        POST + b"Content-Length: 1\r\nTransfer-Encoding: identity\r\n\r\nx",
        POST + b"Content-Length: 1\r\nX-Transfer-Encoding: identity\r\n\r\nx",
    ),
    "a length with an empty coding": (
        POST + b"Content-Length: 1\r\nTransfer-Encoding:\r\n\r\nx",
        POST + b"Content-Length: 1\r\nTE:\r\n\r\nx",
    ),
    # --- any transfer coding but a single final chunked
    "identity": (codings(b"Transfer-Encoding: identity", b""), GET + b"\r\n"),
    "gzip before chunked": (
        codings(b"Transfer-Encoding: gzip, chunked"),
        codings(b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked"),
    ),
    "chunked before identity": (
        codings(b"Transfer-Encoding: chunked, identity"),
        codings(b"Transfer-Encoding: chunked"),
    ),
    "chunked twice": (codings(b"Transfer-Encoding: chunked, chunked"), codings(b"Transfer-Encoding: chunked")),
    "chunked in two fields": (
        codings(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        codings(b"Transfer-Encoding: chunked"),
    ),
    "TE.TE, a second one that is unknown": (
        codings(b"Transfer-Encoding: chunked\r\nTransfer-encoding: cow"),
        codings(b"Transfer-encoding: chunked"),
    ),
    "an empty member before": (codings(b"Transfer-Encoding: ,chunked"), codings(b"Transfer-Encoding:chunked")),
    "an empty member behind": (codings(b"Transfer-Encoding: chunked,"), codings(b"Transfer-Encoding: chunked")),
    "chunked with a parameter": (codings(b"Transfer-Encoding: chunked;q=1"), codings(b"Transfer-Encoding: chunked")),
    "chunked in quotes": (codings(b'Transfer-Encoding: "chunked"'), codings(b"Transfer-Encoding: chunked")),
    "xchunked": (codings(b"Transfer-Encoding: xchunked"), codings(b"Transfer-Encoding: chunked")),
    "chunked behind a vertical tab": (
        codings(b"Transfer-Encoding: \x0bchunked"),
        codings(b"Transfer-Encoding: \tchunked"),
    ),
    "chunked before a hard space": (
        codings(b"Transfer-Encoding: chunked\xa0"),
        codings(b"Transfer-Encoding: chunked"),
    ),
    "chunked with NUL": (codings(b"Transfer-Encoding: chunked\0"), codings(b"Transfer-Encoding: chunked")),
    "a folded coding": (codings(b"Transfer-Encoding:\r\n chunked"), codings(b"Transfer-Encoding: chunked")),
    "chunked in HTTP/1.0": (
        b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + END,
        CHUNKED + END,
    ),
    # --- bare CR or LF
    "LF ends the request line": (b"GET / HTTP/1.1\nHost: a\r\n\r\n", GET + b"\r\n"),
    "LF ends a header": (GET + b"X: a\nY: b\r\n\r\n", GET + b"X: a\r\nY: b\r\n\r\n"),
    "LF ends the head": (GET + b"X: a\r\n\n", GET + b"X: a\r\n\r\n"),
    "LF everywhere": (b"GET / HTTP/1.1\nHost: a\n\n", GET + b"\r\n"),
    "CR in a value": (header(b"X: a\rb"), header(b"X: a\tb")),
    "CR before CRLF": (header(b"X: a\r"), header(b"X: a")),
    "CR ends the head": (GET + b"\rX: a\r\n\r\n", GET + b"X: a\r\n\r\n"),
    "LF before the request": (b"\n\n" + GET + b"\r\n", b"\r\n\r\n" + GET + b"\r\n"),
    "CR before the request": (b"\r" + GET + b"\r\n", b"\r\n" + GET + b"\r\n"),
    "CR CR LF before the request": (b"\r\r\n" + GET + b"\r\n", b"\r\n" + GET + b"\r\n"),
    # --- whitespace before the colon, obs-fold
    "a space before the colon": (header(b"X : a"), header(b"X: a")),
    "a tab before the colon": (header(b"X\t: a"), header(b"X:\ta")),
    "a space before the coding's colon": (
        codings(b"Transfer-Encoding : chunked"),
        codings(b"Transfer-Encoding: chunked"),
    ),
    "a fold with a space": (header(b"X: a\r\n b"), header(b"X: a b")),
    "a fold with a tab": (header(b"X: a\r\n\tb"), header(b"X: a\tb")),
    "a fold of nothing": (header(b"X:\r\n "), header(b"X: ")),
    "a space before the first header": (b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", GET + b"\r\n"),
    "a header behind a space": (
        codings(b" Transfer-Encoding: chunked"),
        codings(b"Transfer-Encoding: chunked"),
    ),
    # --- NUL and control bytes; what names are made of
    **{f"byte {byte:#04x} in a value": (header(b"X: a%cb" % byte), header(b"X: ab")) for byte in (0, 1, 8, 11, 31, 127)},
    **{
        f"byte {byte:#04x} in a name": (header(b"X%cY: a" % byte), header(b"XY: a"))
        for byte in b'\0\x01\x7f\x80\xff "(),/;<=>?@[\\]{}'
    },
    "a header without a name": (header(b": a"), header(b"!#$%&'*+-.^_`|~: a")),
    "a header without a colon": (header(b"X"), header(b"X:")),
    # --- bad chunk sizes and extensions
    "a chunk size with 0x": (chunk(b"0x1\r\n"), chunk(b"01\r\n")),
    "a chunk size with a plus": (chunk(b"+1\r\n"), chunk(b"1\r\n")),
    "a chunk size with a minus": (chunk(b"-1\r\n"), chunk(b"1\r\n")),
    "a chunk size with an underscore": (chunk(b"0_1\r\n"), chunk(b"001\r\n")),
    "a space behind the chunk size": (chunk(b"1 \r\n"), chunk(b"1\r\n")),
    "a tab behind the chunk size": (chunk(b"1\t\r\n"), chunk(b"1\r\n")),
    "a space before the chunk size": (chunk(b" 1\r\n"), chunk(b"1\r\n")),
    "a space before the extension": (chunk(b"1 ;x\r\n"), chunk(b"1;x\r\n")),
    "no chunk size": (chunk(b"\r\n"), chunk(b"1\r\n")),
    "an extension without a size": (chunk(b";x\r\n"), chunk(b"1;x\r\n")),
    "a chunk size that overflows": (chunk(b"10000000000000001\r\n"), chunk(b"00000000000000001\r\n")),
    "a chunk size with zeros without end": (
        chunk(b"0" * 20_000 + b"1\r\n"),
        chunk(b"0" * 15 + b"1\r\n"),
    ),
    "LF behind the chunk size": (chunk(b"1\n"), chunk(b"1\r\n")),
    "CR behind the chunk size": (chunk(b"1\r"), chunk(b"1\r\n")),
    "LF behind the chunk": (chunk(b"1\r\n", b"a\n" + END), chunk(b"1\r\n")),
    "nothing behind the chunk": (chunk(b"1\r\n", b"a" + END), chunk(b"1\r\n")),
    "a chunk longer than its size": (chunk(b"1\r\n", b"ab\r\n" + END), chunk(b"2\r\n", b"ab\r\n" + END)),
    "an empty line behind the chunk": (chunk(b"1\r\n", b"a\r\n\r\n" + END), chunk(b"1\r\n")),
    "LF ends the body": (CHUNKED + b"0\n\n", CHUNKED + END),
    "LF ends the trailers": (CHUNKED + b"0\r\n\n", CHUNKED + END),
    "LF in an extension": (chunk(b"1;a\nb\r\n"), chunk(b"1;ab\r\n")),
    "CR in an extension": (chunk(b"1;a\rb\r\n"), chunk(b"1;ab\r\n")),
    "NUL in an extension": (chunk(b"1;a\0\r\n"), chunk(b"1;a\r\n")),
    "a byte beyond ASCII in an extension": (chunk(b"1;\xff\r\n"), chunk(b"1;x\r\n")),
    "a line end in a quoted extension": (chunk(b'1;a="b\r\nc"\r\n'), chunk(b'1;a="b;c"\r\n')),
    "an extension without a name": (chunk(b"1;\r\n"), chunk(b"1;x=y\r\n")),
    "an extension longer than any body": (chunk(b"1;" + b"x" * 17_000 + b"\r\n"), chunk(b"1;" + b"x" * 16_000 + b"\r\n")),
    "extensions longer than the body together": (
        CHUNKED + b"1;xxxxxxxxxxxxxxx\r\na\r\n" * 2_000 + END,
        CHUNKED + b"1\r\na\r\n" * 20_000 + END,
    ),
    # --- oversized trailers, and what they may say
    "a trailer with a space before its colon": (trailer(b"X : a"), trailer(b"X: a")),
    "a folded trailer": (trailer(b"X: a\r\n b"), trailer(b"X: a")),
    "LF ends a trailer": (CHUNKED + b"0\r\nX: a\n\r\n", trailer(b"X: a")),
    "a length as trailer": (trailer(b"Content-Length: 5"), trailer(b"X-Content-Length: 5")),
    "a coding as trailer": (trailer(b"Transfer-Encoding: chunked"), trailer(b"X-Transfer-Encoding: chunked")),
    "an unknown coding as trailer": (trailer(b"Transfer-Encoding: x"), trailer(b"TE: x")),
    # --- the request line
    "two spaces before the target": (line(b"GET  / HTTP/1.1"), line(b"GET / HTTP/1.1")),
    "two spaces behind the target": (line(b"GET /  HTTP/1.1"), line(b"GET / HTTP/1.1")),
    "a tab before the target": (line(b"GET\t/ HTTP/1.1"), line(b"GET / HTTP/1.1")),
    "a tab behind the target": (line(b"GET /\tHTTP/1.1"), line(b"GET / HTTP/1.1")),
    "a space before the method": (line(b" GET / HTTP/1.1"), line(b"GET / HTTP/1.1")),
    "a space behind the version": (line(b"GET / HTTP/1.1 "), line(b"GET / HTTP/1.1")),
    "a space in the target": (line(b"GET /a b HTTP/1.1"), line(b"GET /a%20b HTTP/1.1")),
    "a fragment": (line(b"GET /a?b#c HTTP/1.1"), line(b"GET /a?b%23c HTTP/1.1")),
    "NUL in the target": (line(b"GET /\0 HTTP/1.1"), line(b"GET /%00 HTTP/1.1")),
    "a form feed in the target": (line(b"GET /\x0c HTTP/1.1"), line(b"GET /%0c HTTP/1.1")),
    "DEL in the target": (line(b"GET /\x7f HTTP/1.1"), line(b"GET /%7f HTTP/1.1")),
    "a byte beyond ASCII in the target": (line(b"GET /\xe4 HTTP/1.1"), line(b"GET /%e4 HTTP/1.1")),
    "a dot segment": (line(b"GET /a/../b HTTP/1.1"), line(b"GET /a/..b HTTP/1.1")),
    "a dot segment, encoded": (line(b"GET /a/%2e%2E/b HTTP/1.1"), line(b"GET /a/%2e%2Eb HTTP/1.1")),
    "a dot segment between backslashes": (line(b"GET /a\\..\\b HTTP/1.1"), line(b"GET /a\\b HTTP/1.1")),
    "a dot segment before a parameter": (line(b"GET /a/..;x/b HTTP/1.1"), line(b"GET /a/..x;/b HTTP/1.1")),
    "no target": (line(b"GET HTTP/1.1"), line(b"GET / HTTP/1.1")),
    "a relative target": (line(b"GET a HTTP/1.1"), line(b"GET /a HTTP/1.1")),
    "a target that is only a query": (line(b"GET ?a HTTP/1.1"), line(b"GET /?a HTTP/1.1")),
    "a method in lower case": (line(b"get / HTTP/1.1"), line(b"GET / HTTP/1.1")),
    "a byte order mark": (b"\xef\xbb\xbf" + GET + b"\r\n", GET + b"\r\n"),
    "a method that APIs cannot have": (line(b"PROPFIND / HTTP/1.1"), line(b"PATCH / HTTP/1.1")),
    # --- absolute-form and authority-form targets
    "another host in the target": (line(b"GET http://b/ HTTP/1.1"), line(b"GET http://a/ HTTP/1.1")),
    "another port in the target": (line(b"GET http://a:81/ HTTP/1.1"), line(b"GET http://a:81/ HTTP/1.1", b"a:81")),
    "a user in the target": (line(b"GET http://u@a/ HTTP/1.1"), line(b"GET https://A/ HTTP/1.1")),
    "a user in the target and the Host": (line(b"GET http://u@a/ HTTP/1.1", b"u@a"), line(b"GET HTTP://a/ HTTP/1.1")),
    "no host in the target": (line(b"GET http:///x HTTP/1.1"), line(b"GET http://a/x HTTP/1.1")),
    "no host in the target of HTTP/1.0": (b"GET http:///x HTTP/1.0\r\n\r\n", b"GET http://a/x HTTP/1.0\r\n\r\n"),
    "another scheme": (line(b"GET ftp://a/ HTTP/1.1"), line(b"GET http://a/ HTTP/1.1")),
    "an authority": (line(b"GET a:443 HTTP/1.1"), line(b"GET /a:443 HTTP/1.1")),
    "CONNECT": (line(b"CONNECT a:443 HTTP/1.1", b"a:443"), line(b"POST /a:443 HTTP/1.1", b"a:443")),
    "an asterisk": (line(b"OPTIONS * HTTP/1.1"), line(b"OPTIONS /* HTTP/1.1")),
    # --- missing or repeated Host, or one that names none
    "no Host": (b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n"),
    "two Hosts": (GET + b"host: b\r\n\r\n", GET + b"\r\n"),
    "the same Host twice": (GET + b"Host: a\r\n\r\n", GET + b"\r\n"),
    "two Hosts in HTTP/1.0": (b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", b"GET / HTTP/1.0\r\nHost: a\r\n\r\n"),
    **{
        f"Host {bad!r}": (line(b"GET / HTTP/1.1", bad), line(b"GET / HTTP/1.1", good))
        for bad, good in {
            b"": b"a",
            b"a, b": b"a",
            b"a b": b"a-b",
            b"u@a": b"a",
            b"a/b": b"a.b",
            b"http://a": b"a",
            b"a:80x": b"a:80",
            b"a:-1": b"a:1",
            b"a:99999": b"a:65535",
            b"a:80:80": b"a:",
            b"[::1": b"[::1]",
            b"[::1]x": b"[::1]:8443",
            b"[zz]": b"[::]",
            b"a\xff": b"a",
        }.items()
    },
    # --- versions
    "HTTP/0.9": (b"GET /\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n"),
    **{
        f"version {bad!r}": (line(b"GET / " + bad), line(b"GET / HTTP/1.1"))
        for bad in (
            b"HTTP/0.9", b"HTTP/1.2", b"HTTP/1.9", b"HTTP/2.0", b"HTTP/3.0", b"HTTP/1.10", b"HTTP/01.1", b"HTTP/1,1", b"http/1.1",
            b"HTTP /1.1", b"HTTP/1.", b"HTTP/", b"RTSP/1.0", b"RTSP/1.1", b"ICE/1.0", b"XHTTP/1.1",
        )
    },
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", GET + b"\r\n"),
    "a ClientHello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", GET + b"\r\n"),
    # --- upgrades
    "an upgrade after a body": (
        POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nxx",
        POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n",
    ),
    "an upgrade after chunks": (
        POST + b"Connection: Upgrade\r\nUpgrade: x\r\nTransfer-Encoding: chunked\r\n\r\n" + END,
        POST + b"Upgrade: x\r\nTransfer-Encoding: chunked\r\n\r\n" + END,
    ),
}  # fmt: skip
