"""What a target turns out to be."""

import pytest

from gatewright.doctor.question import Kind, QuestionError, parse_question


@pytest.mark.parametrize(
    ("target", "host", "port", "path", "query"),
    [
        ("www.example.com", "www.example.com", None, "/", ""),
        ("WWW.example.com.:8443", "www.example.com", 8443, "/", ""),
        ("https://www.example.com:8443/v1/pets?a=1", "www.example.com", 8443, "/v1/pets", "a=1"),
        ("https://[::1]:8443/", "::1", 8443, "/", ""),
        ("127.0.0.1:8443", "127.0.0.1", 8443, "/", ""),
        ("*.example.com", "gatewright-doctor.example.com", None, "/", ""),
        (
            "curl: (60) SSL: no alternative certificate subject name matches target host name 'www.example.com'",
            "www.example.com", None, "/", "",
        ),
        ("curl: (6) Could not resolve host: www.example.com", "www.example.com", None, "/", ""),
        ("GET https://www.example.com/v1/pets. failed", "www.example.com", None, "/v1/pets", ""),
    ],
)  # fmt: skip
def test_a_target_names_a_host(target, host, port, path, query):
    question = parse_question(target)
    assert (Kind.HOST, host, port, path, query) == (
        question.kind, question.host, question.port, question.path, question.query,
    )  # fmt: skip


def test_a_request_id_and_an_error_without_a_host_are_told_apart():
    assert Kind.REQUEST_ID == parse_question("0b6c1d7e-3f55-4c8e-9d2f-2f6f0f4f3c11").kind
    assert Kind.ERROR == parse_question("The security token included in the request is invalid.").kind


def test_only_a_url_or_a_path_asks_for_a_resource():
    assert parse_question("https://www.example.com/").asks_for_resource
    assert parse_question("www.example.com/v1").asks_for_resource
    assert not parse_question("www.example.com").asks_for_resource


@pytest.mark.parametrize(
    "target", ["", "http://www.example.com/", "https://", "https://a..b/", "www.example.com:99999"]
)
def test_what_names_nothing_is_refused(target):
    with pytest.raises(QuestionError):
        parse_question(target)


def test_the_host_header_is_what_the_user_says():
    question = parse_question("https://www.example.com/", headers={"host": "Shop.example.com:443"})
    assert ("www.example.com", "shop.example.com") == (question.host, question.http_host)
