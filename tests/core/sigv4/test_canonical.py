"""The parts of the canonical request, specimen by specimen; whole requests are in test_vectors and test_botocore_signer."""

import hashlib
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.sigv4.canonical import (
    SignedRequest,
    UriStyle,
    canonical_headers,
    canonical_query,
    canonical_request,
    canonical_uri,
    collect_headers,
    first_value,
    parse_query,
    string_to_sign,
)

wire_text = st.binary(max_size=30).map(lambda raw: raw.decode("utf-8", "surrogateescape"))


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        ("/", ""),
        ("/", "/"),
        ("/", "//"),
        ("/", "/.."),
        ("/", "/a/.."),
        ("/dev/pets/7", "/dev/pets/7"),
        ("/dev/pets/", "/dev//pets/"),
        ("/b", "/./a/../b"),
        ("/.well-known/x", "/.well-known/x"),
        ("/a%2520b", "/a%20b"),
        ("/a%252Fb", "/a%2Fb"),
        ("/%24delete", "/$delete"),
        ("/caf%C3%A9", "/café"),
        ("/%FF", "/\udcff"),
        ("/no/slash/in/front", "no/slash/in/front"),
    ],
)
def test_a_path_is_normalized_and_encoded_on_top(expected, path):
    assert expected == canonical_uri(path)


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        ("/", ""),
        ("/my-object//x/../y", "/my-object//x/../y"),
        ("/a%20b", "/a%20b"),
        ("/a%20b", "/a b"),
        ("/a%2Fb", "/a%2Fb"),
        ("/~", "/%7e"),
        ("/%FF", "/%ff"),
    ],
)
def test_a_path_of_s3_is_encoded_once_and_kept(expected, path):
    assert expected == canonical_uri(path, UriStyle.S3)


@pytest.mark.parametrize(
    ("expected", "query"),
    [
        ("", ""),
        ("a=", "a"),
        ("a=", "a="),
        ("a=1&b=2", "b=2&a=1"),
        ("a=1&a=2", "a=2&a=1"),
        ("A=1&a=1", "a=1&A=1"),
        # By encoded name and then value: "a-" sorts before "a", were the pairs sorted as joined text.
        ("a=1&a-=1", "a-=1&a=1"),
        ("a=1&b=2", "a=1&&b=2&"),
        ("a=b%3Dc", "a=b=c"),
        ("a=%20%2B", "a=+%2b"),
        ("%7Ba%7D=~", "{a}=%7E"),
        ("a=%FF", "a=%ff"),
        ("=1", "=1"),
    ],
)
def test_a_query_is_sorted_and_encoded_once(expected, query):
    assert expected == canonical_query(query)


def test_the_parameter_that_carries_the_signature_is_left_out():
    assert "a=1" == canonical_query("X-Amz-Signature=00&a=1", without="X-Amz-Signature")
    assert "X-Amz-Signature=00&a=1" == canonical_query("X-Amz-Signature=00&a=1")


@settings(max_examples=150, deadline=None)
@given(wire_text)
def test_the_quick_way_through_a_query_agrees_with_decoding_and_encoding(query):
    pairs = sorted(
        tuple(quote(part, safe="-_.~", errors="surrogateescape") for part in pair) for pair in parse_query(query)
    )
    assert "&".join(f"{name}={value}" for name, value in pairs) == canonical_query(query)


@settings(max_examples=150, deadline=None)
@given(st.text("a.~/%20é-", max_size=12))
def test_the_quick_way_through_a_path_agrees_with_the_slow_one(path):
    segments = []
    for piece in path.split("/"):
        if piece == "..":
            segments = segments[:-1]
        elif piece not in {"", "."}:
            segments.append(piece)
    plain = "/" + "".join(f"{piece}/" for piece in segments)
    if not (path.endswith("/") and segments):
        plain = plain[:-1] or "/"
    assert quote(plain, safe="/-_.~") == canonical_uri(path)


def test_a_long_query_that_is_nearly_plain_takes_no_longer_than_its_length():
    assert canonical_query("a" * 100_000 + "!").endswith("a%21=")


def test_header_values_are_trimmed_folded_and_joined():
    headers = collect_headers([("X-A", "  1   2\t3 "), ("x-b", "one"), ("X-a", "4\r\n  5"), ("Host", "h")])
    assert "host:h\nx-a:1 2 3,4 5\nx-b:one\n" == canonical_headers(headers, ("host", "x-a", "x-b"))


def test_a_signed_header_that_did_not_come_is_written_empty():
    assert "host:\n" == canonical_headers({}, ("host",))


def test_the_first_value_of_a_header_that_did_not_come_is_empty():
    assert ("", "", "a") == (first_value({}, "x"), first_value({"x": []}, "x"), first_value({"x": [" a", "b"]}, "x"))


def test_the_canonical_request_recorded_from_execute_api():
    # Facts 5.5: the request in the mismatch text, R.
    request = SignedRequest(
        "GET",
        "/stage/path",
        "query=string",
        collect_headers(
            [
                ("Host", "abc123.execute-api.us-east-1.amazonaws.com"),
                ("X-Amz-Date", "20220806T024003Z"),
                ("Accept", "*/*"),
            ]
        ),
        hashlib.sha256(b"").hexdigest(),
    )
    canonical = canonical_request(request, ("host", "x-amz-date"), request.body_sha256)
    assert (
        "GET\n/stage/path\nquery=string\nhost:abc123.execute-api.us-east-1.amazonaws.com\nx-amz-date:20220806T024003Z\n\n"
        "host;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    ) == canonical
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    scope = "20220806/us-east-1/execute-api/aws4_request"
    assert f"AWS4-HMAC-SHA256\n20220806T024003Z\n{scope}\n{digest}" == string_to_sign(
        "20220806T024003Z", scope, canonical
    )


def test_a_request_shows_no_values_that_may_be_tokens():
    headers = {"host": ["h"], "x-amz-security-token": ["to+ken"]}
    shown = repr(SignedRequest("GET", "/a", "X-Amz-Security-Token=to+ken", headers, "00"))
    assert "<SignedRequest GET '/a' with headers host, x-amz-security-token>" == shown
