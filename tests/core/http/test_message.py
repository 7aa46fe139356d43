from gatewright.core.http.message import Request, Response


def test_a_repeated_header_has_its_last_value():
    request = Request("GET", "/a", "b=1", [(b"x", b"X", b"1"), (b"x", b"x", b"2")], b"abc")
    assert (b"2", None) == (request.header(b"x"), request.header(b"y"))


def test_messages_show_what_they_are():
    assert "Request(GET /a?b=1, 0 headers, 3 bytes)" == repr(Request("GET", "/a", "b=1", [], b"abc"))
    assert "Request(GET /a, 0 headers, 0 bytes)" == repr(Request("GET", "/a", "", [], b""))
    assert "Response(200, 1 headers, 2 bytes)" == repr(Response(200, [(b"a", b"b")], b"xy"))
