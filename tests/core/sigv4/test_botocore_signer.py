"""botocore signs, we verify: for any request its signers can write, the signature holds, and no longer after a change."""

import hashlib
from datetime import UTC, datetime
from unittest import mock
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.sigv4.canonical import SignedRequest, UriStyle, collect_headers
from gatewright.core.sigv4.credential import parse_credential
from gatewright.core.sigv4.payload import S3_PAYLOAD_LITERALS
from gatewright.core.sigv4.refusal import SignatureRefused
from gatewright.core.sigv4.verification import AccessKey, SigningKeys, verify_signature

NOW = datetime(2026, 11, 21, 1, 2, 3, tzinfo=UTC)
HOST = "abc123.execute-api.eu-west-1.amazonaws.com"
KEYS = SigningKeys()

modest = settings(max_examples=60, deadline=None)

# Text as clients escape it, and escapes that decode to slashes and to bytes that are no UTF-8. botocore signs a query and an
# S3 path as they stand, so escapes that need not be (`%2E`) and plus signs for spaces would be its mistake.
encoded = st.one_of(
    st.text(max_size=6).map(lambda text: quote(text, safe="-_.~")),
    st.sampled_from(["a%2Fb", "%FF", "a%20b", "%25", "x~y"]),
)
# What a path may hold unescaped (RFC 3986 pchar) and what normalisation takes out.
segment = st.one_of(
    encoded,
    st.sampled_from(["", ".", "..", "...", "%2E%2E", "a%7eb", "a:b", "@me", "$delete", "a,b;c=d", "(x)*", "a+b"]),
)
paths = st.lists(segment, min_size=1, max_size=5).map(lambda segments: "/" + "/".join(segments))
encoded_paths = st.lists(encoded, min_size=1, max_size=4).map(lambda segments: "/" + "/".join(segments))
query_pieces = st.one_of(
    st.tuples(encoded.filter(bool), encoded).map("=".join), encoded.filter(bool), st.sampled_from(["a=2", "a=1", "A=1"])
)
queries = st.lists(query_pieces, max_size=4).map("&".join)
header_values = st.text(st.sampled_from('aB9 \t,;="é~'), max_size=10)
header_fields = st.lists(
    st.tuples(st.sampled_from(["X-Custom", "x-amz-meta-a", "Content-Type", "User-Agent", "Accept"]), header_values),
    max_size=4,
)
methods = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
bodies = st.binary(max_size=20)
tokens = st.sampled_from([None, "AQoDYXdzEPT//////////wEXAMPLE+token=="])


def sign(signer, service, unsigned, **options):
    """The request as botocore would send it, and the key it was signed with."""
    method, path, query, fields, body, token = unsigned
    url = f"https://{HOST}{path}" + (f"?{query}" if query else "")
    request = AWSRequest(method=method, url=url, data=body)
    for name, value in fields:
        request.headers.add_header(name, value)
    with mock.patch("botocore.auth.get_current_datetime", return_value=NOW):
        signer(Credentials("AKID", "secret/+=", token), service, "eu-west-1", **options).add_auth(request)
    parts = urlsplit(request.url)
    headers = collect_headers([("Host", HOST), *request.headers.items()])
    sent = SignedRequest(method, parts.path, parts.query, headers, hashlib.sha256(body).hexdigest())
    return sent, AccessKey("AKID", "secret/+=", "123456789012", "arn", "AIDA", session_token=token)


def verify(request, key, service, style=UriStyle.NORMALIZED, literals=frozenset()):
    return verify_signature(
        parse_credential(request.headers, request.query),
        request,
        key,
        now=NOW,
        expected_service=service,
        valid_regions={"eu-west-1"},
        style=style,
        payload_literals=literals,
        signing_key=KEYS,
    )


@modest
@given(st.tuples(methods, paths, queries, header_fields, bodies, tokens))
def test_what_sigv4auth_signs_is_accepted(unsigned):
    request, key = sign(SigV4Auth, "execute-api", unsigned)
    assert key is verify(request, key, "execute-api")


@modest
@given(methods, paths, st.dictionaries(encoded.filter(bool), encoded, max_size=3), tokens, st.integers(1, 604800))
def test_what_sigv4queryauth_presigns_is_accepted(method, path, parameters, token, expires):
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    request, key = sign(SigV4QueryAuth, "execute-api", (method, path, query, [], b"", token), expires=expires)
    assert key is verify(request, key, "execute-api")


@modest
@given(st.tuples(methods, encoded_paths, queries, header_fields, bodies, tokens))
def test_what_s3sigv4auth_signs_is_accepted(unsigned):
    request, key = sign(S3SigV4Auth, "s3", unsigned)
    assert key is verify(request, key, "s3", UriStyle.S3, S3_PAYLOAD_LITERALS)


@modest
@given(encoded_paths, tokens, bodies)
def test_what_s3sigv4queryauth_presigns_is_accepted_with_any_body(path, token, body):
    request, key = sign(S3SigV4QueryAuth, "s3", ("PUT", path, "", [], b"", token), expires=60)
    request = request._replace(body_sha256=hashlib.sha256(body).hexdigest())
    assert key is verify(request, key, "s3", UriStyle.S3, S3_PAYLOAD_LITERALS)


@modest
@given(
    paths,
    queries,
    st.sampled_from(
        [
            lambda request: request._replace(method="TRACE"),
            lambda request: request._replace(path=request.path + "x"),
            lambda request: request._replace(query=request.query + "&zz=1"),
            lambda request: request._replace(headers={**request.headers, "host": ["evil.example"]}),
            lambda request: request._replace(headers={**request.headers, "x-custom": ["a", "b"]}),
            lambda request: request._replace(body_sha256=hashlib.sha256(b"other").hexdigest()),
        ]
    ),
)
def test_a_change_after_signing_is_refused(path, query, change):
    request, key = sign(SigV4Auth, "execute-api", ("POST", path, query, [("X-Custom", "a")], b"{}", None))
    assert key is verify(request, key, "execute-api")
    with pytest.raises(SignatureRefused):
        verify(change(request), key, "execute-api")


def test_the_date_header_stands_in_for_x_amz_date():
    fields = [("Date", "replaced by the signer")]
    request, key = sign(SigV4Auth, "execute-api", ("GET", "/", "", fields, b"", None))
    assert "x-amz-date" not in request.headers
    assert key is verify(request, key, "execute-api")


def test_a_client_that_leaves_its_payload_unsigned_is_accepted_only_where_that_is_allowed():
    request = AWSRequest(method="POST", url=f"https://{HOST}/", data=b"{}")
    request.context["payload_signing_enabled"] = False
    with mock.patch("botocore.auth.get_current_datetime", return_value=NOW):
        SigV4Auth(Credentials("AKID", "s"), "execute-api", "eu-west-1").add_auth(request)
    headers = collect_headers([("Host", HOST), *request.headers.items()])
    sent = SignedRequest("POST", "/", "", headers, hashlib.sha256(b"{}").hexdigest())
    key = AccessKey("AKID", "s", "123456789012", "arn", "AIDA")
    assert key is verify(sent, key, "execute-api", literals={"UNSIGNED-PAYLOAD"})
    with pytest.raises(SignatureRefused, match="x-amz-content-sha256 must be a valid sha256 value"):
        verify(sent, key, "execute-api")
