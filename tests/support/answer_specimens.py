"""Answers of backends that a client could read differently than we do, each with a good twin.

The twins say also what of the answer is taken and whether the connection is used again.
"""

OK = b"HTTP/1.1 200 OK\r\n"
EMPTY = b"Content-Length: 0\r\n\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def one(line):
    return OK + line + b"\r\n\r\nx"


def header(line):
    return OK + line + b"\r\n" + EMPTY


def coded(line, version=b"1.1"):
    return b"HTTP/%b 200 OK\r\n%b\r\n\r\n1\r\nx\r\n0\r\n\r\n" % (version, line)


def status(text):
    return b"HTTP/1.1 " + text + b"\r\n" + EMPTY


def interim(line, version=b"1.1"):
    """An interim answer with this header before the answer."""
    return b"HTTP/%b 103 Go\r\n%b\r\n\r\n" % (version, line) + OK + EMPTY


def begun(text):
    return text + b" 200 OK\r\n" + EMPTY


#: name: (what is refused, its twin). Every twin is whole without the connection's end, and leaves it usable.
ANSWER_TWINS = {
    "two lengths": (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", one(b"Content-Length: 1")),
    "the same length twice": (OK + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", one(b"Content-Length: 01")),
    "a list of lengths": (one(b"Content-Length: 1, 1"), one(b"Content-Length: 1 ")),
    "a length with a plus": (one(b"Content-Length: +1"), one(b"Content-Length: 1")),
    "a folded length": (one(b"Content-Length:\r\n 1"), one(b"Content-Length:\t1")),
    "a length and chunks": (coded(b"Content-Length: 1\r\nTransfer-Encoding: chunked"), coded(b"Transfer-Encoding: chunked")),
    "gzip before chunked": (coded(b"Transfer-Encoding: gzip, chunked"), coded(b"Transfer-Encoding: Chunked")),
    "gzip alone": (coded(b"Transfer-Encoding: gzip"), coded(b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked")),
    "identity": (coded(b"Transfer-Encoding: identity"), coded(b"Transfer-Encoding: chunked")),
    "xchunked": (coded(b"Transfer-Encoding: xchunked"), coded(b"Transfer-Encoding: chunked")),
    "chunked before identity": (coded(b"Transfer-Encoding: chunked, identity"), coded(b"Transfer-Encoding: chunked")),
    "chunked twice": (
        coded(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        coded(b"Transfer-Encoding: chunked\r\nTE: chunked"),
    ),
    "chunked in HTTP/1.0": (coded(b"Transfer-Encoding: chunked", b"1.0"), coded(b"Transfer-Encoding: chunked")),
    "a chunk size that is none": (CHUNKED + b"zz\r\n", CHUNKED + END),
    "a chunk size with a space": (CHUNKED + b"1 \r\nx\r\n" + END, CHUNKED + b"1;a=b\r\nx\r\n" + END),
    "a chunk longer than its size": (CHUNKED + b"1\r\nxx\r\n" + END, CHUNKED + b"2\r\nxx\r\n" + END),
    "LF behind the chunk size": (CHUNKED + b"1\nx\r\n" + END, CHUNKED + b"1\r\nx\r\n" + END),
    "a length as trailer": (CHUNKED + b"0\r\nContent-Length: 4\r\n\r\n", CHUNKED + b"0\r\nX: 4\r\n\r\n"),
    "a coding as trailer": (CHUNKED + b"0\r\nTransfer-Encoding: x\r\n\r\n", CHUNKED + b"0\r\nX-Coding: x\r\n\r\n"),
    "a fold": (header(b"X: a\r\n b"), header(b"X: a b")),
    "a space before the colon": (header(b"X : a"), header(b"X: a")),
    "LF ends a header": (header(b"X: a\nY: b"), header(b"X: a\r\nY: b")),
    "LF everywhere": (b"HTTP/1.1 200 OK\nContent-Length: 0\n\n", OK + EMPTY),
    "CR in a value": (header(b"X: a\rb"), header(b"X: a\tb")),
    "NUL in a value": (header(b"X: a\0"), header(b"X: a\xff")),
    "DEL in a value": (header(b"X: a\x7f"), header(b"X: a~")),
    "a name with a parenthesis": (header(b"X(: a"), header(b"X!: a")),
    "CR in the reason": (status(b"200 a\rb"), status(b"200 a b")),
    "status 99": (status(b"099 Odd"), status(b"299 Odd")),
    "status 600": (status(b"600 Odd"), status(b"599 Odd")),
    "status 999": (status(b"999 Odd"), status(b"499 Odd")),
    "a status of four digits": (status(b"2000 OK"), status(b"200 OK")),
    "a status of two digits": (status(b"20 OK"), status(b"200 ")),
    "a status with a letter": (status(b"2x0 OK"), status(b"200")),
    "another protocol, unasked": (
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
        b"HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade\r\nUpgrade: x\r\n" + EMPTY,
    ),
    "another protocol, unannounced": (b"HTTP/1.1 101 Go\r\n\r\n" + OK + EMPTY, b"HTTP/1.1 103 Go\r\n\r\n" + OK + EMPTY),
    "a line end behind an interim answer": (
        b"HTTP/1.1 103 Go\r\n\r\n\r\n" + OK + EMPTY,
        b"HTTP/1.1 103 Go\r\nX: y\r\n\r\n" + OK + EMPTY,
    ),
    "RTSP behind an interim answer": (
        b"HTTP/1.1 103 Go\r\n\r\n" + begun(b"RTSP/1.0"),
        b"HTTP/1.1 103 Go\r\n\r\n" + begun(b"HTTP/1.1"),
    ),
    "a coding in an interim answer": (interim(b"Transfer-Encoding: chunked"), interim(b"TE: chunked")),
    "an unknown coding in an interim answer": (interim(b"Transfer-Encoding: ch.1 200 OK"), interim(b"Transfer: ch.1 200 OK")),
    "a length in an interim answer": (interim(b"Content-Length: 38"), interim(b"Content: 38")),
    "no length in an interim answer": (interim(b"content-length: 0"), interim(b"content: 0")),
    "an interim answer of HTTP/1.0": (interim(b"X: a", b"1.0"), interim(b"X: a", b"1.1")),
    "a fold in an interim answer": (interim(b"X: a\r\n b"), interim(b"X: a b")),
    "a space before the colon in an interim answer": (interim(b"X : a"), interim(b"X: a")),
    "LF in an interim answer": (interim(b"X: a\nY: b"), interim(b"X: a\r\nY: b")),
    "CR in an interim answer": (interim(b"X: a\rb"), interim(b"X: a\tb")),
    "NUL in an interim answer": (interim(b"X: a\0"), interim(b"X: a\xff")),
    "an interim header block too large": (
        interim(b"\r\n".join([b"X: " + b"x" * 100] * 700)),
        interim(b"\r\n".join([b"X: " + b"x" * 100] * 600)),
    ),
    "HTTP/2.0": (begun(b"HTTP/2.0"), begun(b"HTTP/1.1")),
    "HTTP/0.9": (begun(b"HTTP/0.9"), begun(b"HTTP/1.1")),
    "HTTP/1.2": (begun(b"HTTP/1.2"), begun(b"HTTP/1.1")),
    "RTSP": (begun(b"RTSP/1.0"), begun(b"HTTP/1.1")),
    "ICY": (begun(b"ICY"), begun(b"HTTP/1.1")),
    "no head at all": (b"<html>hello</html>", OK + EMPTY),
    "two spaces before the status": (b"HTTP/1.1  200 OK\r\n" + EMPTY, OK + EMPTY),
    "a line end before the answer": (b"\r\n" + OK + EMPTY, OK + EMPTY),
    "a LF before the answer": (b"\n" + OK + EMPTY, OK + EMPTY),
    "SSH": (b"SSH-2.0-OpenSSH_9.2\r\n", OK + EMPTY),
    "a head without end": (OK + b"X: " + b"x" * 200_000, OK + b"X: " + b"x" * 60_000 + b"\r\n" + EMPTY),
    "a header block too large": (OK + b"X: %b\r\n" % (b"x" * 100) * 700 + EMPTY, OK + b"X: %b\r\n" % (b"x" * 100) * 600 + EMPTY),
    "interim answers without end": (
        b"HTTP/1.1 100 Continue\r\n\r\n" * 33 + OK + EMPTY,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 32 + OK + EMPTY,
    ),
    "an extension without end": (CHUNKED + b"1;" + b"x" * 150_000 + b"\r\nx\r\n" + END, CHUNKED + b"1;x\r\nx\r\n" + END),
    "trailers without end": (CHUNKED + b"0\r\n" + b"X: y\r\n" * 30_000 + b"\r\n", CHUNKED + b"0\r\n" + b"X: y\r\n" * 30 + b"\r\n"),
}  # fmt: skip
