"""Forms, as far as they are the same for every query operation."""

import pytest

from gatewright.wire.form import read_action, read_form
from gatewright.wire.http import HttpRequest


def form(body: bytes = b"", query: str = "", method: str = "POST") -> HttpRequest:
    return HttpRequest(method, "/", query, {}, body)


def test_a_post_is_read_from_its_body_and_a_get_from_its_query_string():
    assert read_form(form(b"a=1&b=&a=%C3%BC+x", "c=3")) == [("a", "1"), ("b", ""), ("a", "ü x")]
    assert read_form(form(b"a=1", "c=3", "GET")) == [("c", "3")]


@pytest.mark.parametrize("body", [b"\xff", b"a=%FF", b"&".join([b"a=b"] * 20_001)])
def test_what_is_no_form_is_refused_or_has_no_action(body):
    with pytest.raises(ValueError, match=r"utf-8|Max number of fields"):
        read_form(form(body))
    assert read_action(form(body)) == {}


def test_the_action_is_found_among_the_fields():
    assert read_action(form(b"Action=ListUsers&Version=2010-05-08"))["Action"] == "ListUsers"
