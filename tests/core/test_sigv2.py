"""The older presigned URLs: the example of AWS's page, and whatever botocore signs."""

import hmac
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import HmacV1QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gatewright.core.sigv2 import SUB_RESOURCES, parse_presigned_v2, string_to_sign, verify_presigned_v2
from gatewright.core.sigv4.refusal import Cause, SignatureRefused
from gatewright.core.sigv4.verification import AccessKey

# The key pair of AWS's examples.
KEY = AccessKey(
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "000000000000",
    "arn:aws:iam::000000000000:root",
    "0",
)
NOW = datetime.now(UTC)


def verify(method, resource, query, *, headers=None, key=KEY, now=NOW):
    claim = parse_presigned_v2(query)
    return verify_presigned_v2(
        claim, method=method, resource=resource, query=query, headers=headers or {}, access_key=key, now=now
    )


def cause_of(*arguments, **more):
    with pytest.raises(SignatureRefused) as refused:
        verify(*arguments, **more)
    return refused.value.cause


def presign(method, path, *, headers=None, seconds=600, token=None):
    """Resource and query of a URL that botocore signed."""
    request = AWSRequest(method, f"http://localhost{path}", headers=headers or {})
    HmacV1QueryAuth(Credentials(KEY.access_key_id, KEY.secret, token), expires=seconds).add_auth(request)
    url = urlsplit(request.url)
    return url.path, url.query


def test_the_example_of_the_user_guide_holds_until_its_end():
    # "Signing and authenticating REST requests (AWS signature version 2)", "Query string request authentication
    # alternative".
    query = "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620"
    end = datetime.fromtimestamp(1175139620, UTC)
    assert KEY is verify("GET", "/johnsmith/photos/puppy.jpg", query, now=end)
    late = end + timedelta(seconds=1)
    assert Cause.PRESIGNED_EXPIRED is cause_of("GET", "/johnsmith/photos/puppy.jpg", query, now=late)


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "/bucket/key",
        "/bucket/a%20key%2Bplus/%C3%BC",
        "/bucket/",
        "/bucket/key?versionId=abc&partNumber=2",
        "/bucket/key?response-content-type=text%2Fplain&response-content-disposition=attachment%3B%20filename%3D%22a%22",
        "/bucket/key?uploads",
        "/bucket/?list-type=2&prefix=a%2Fb",
        "/bucket/key?uploadId=x&unknown=1&acl",
    ],
)
def test_what_botocore_signs_holds(method, path):
    resource, query = presign(method, path)
    assert KEY is verify(method, resource, query)
    other = "GET" if method != "GET" else "PUT"
    assert Cause.MISMATCH is cause_of(other, resource, query)
    assert Cause.MISMATCH is cause_of(method, resource + "x", query)


def test_headers_that_are_signed_must_come():
    signed = {"content-type": "text/plain", "content-md5": "XUFAKrxLKna5cZ2REBfFkg==", "x-amz-meta-a": "b"}
    resource, query = presign("PUT", "/bucket/key", headers=signed)
    assert KEY is verify("PUT", resource, query, headers=signed)
    for name in ("content-type", "content-md5"):
        others = {**signed, name: "another"}
        # botocore moves what is signed into the query, where it counts unless the header says otherwise.
        assert Cause.MISMATCH is cause_of("PUT", resource, query, headers=others)
    assert Cause.MISMATCH is cause_of("PUT", resource, query, headers={**signed, "x-amz-acl": "private"})


def test_a_sub_resource_cannot_be_changed_or_added():
    resource, query = presign("GET", "/bucket/key?versionId=abc")
    assert Cause.MISMATCH is cause_of("GET", resource, query.replace("abc", "abd"))
    assert Cause.MISMATCH is cause_of("GET", resource, f"acl&{query}")
    assert KEY is verify("GET", resource, f"{query}&x-id=GetObject")


def test_the_end_cannot_be_moved_nor_the_key_be_another():
    resource, query = presign("GET", "/bucket/key")
    expires = parse_presigned_v2(query).expires
    assert Cause.MISMATCH is cause_of("GET", resource, query.replace(expires, str(int(expires) + 1)))
    assert Cause.UNKNOWN_KEY is cause_of("GET", resource, query, key=None)
    assert Cause.MISMATCH is cause_of("GET", resource, query, key=replace(KEY, secret="another"))


@pytest.mark.parametrize(
    ("resource", "signed"), [("/bucket", "/bucket/"), ("/bucket/", "/bucket/"), ("/bucket/k", "/bucket/k"), ("/", "/")]
)
def test_a_bucket_alone_is_signed_with_a_slash_behind_it(resource, signed):
    assert f"GET\n\n\n7\n{signed}?versions" == string_to_sign("GET", resource, "versions&prefix=k", {}, "7")


@pytest.mark.parametrize("end", ["-1", "1e9", "soon", "9" * 13, "١٢٣", ""])
def test_an_end_that_is_no_number_of_seconds_is_over(end):
    to_sign = f"GET\n\n\n{end}\n/bucket/key"
    signature = b64encode(hmac.digest(KEY.secret.encode(), to_sign.encode(), "sha1")).decode()
    query = f"AWSAccessKeyId={KEY.access_key_id}&Signature={quote(signature, safe='')}&Expires={quote(end)}"
    assert Cause.PRESIGNED_EXPIRED is cause_of("GET", "/bucket/key", query)


def test_the_token_of_a_session_is_part_of_the_claim():
    session = replace(KEY, session_token="a/token+of=it", expires_at=NOW + timedelta(seconds=10))
    resource, query = presign("GET", "/bucket/key", token=session.session_token)
    assert session is verify("GET", resource, query, key=session)
    assert Cause.UNKNOWN_KEY is cause_of("GET", resource, query)
    late = NOW + timedelta(seconds=10)
    assert Cause.SESSION_EXPIRED is cause_of("GET", resource, query, key=session, now=late)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "versionId=1",
        "AWSAccessKeyId=a&Signature=b",
        "Signature=b&Expires=1",
        "X-AWSAccessKeyId=a&Signature=b&Expires=1",
    ],
)
def test_what_makes_no_such_claim(query):
    assert parse_presigned_v2(query) is None


def test_the_first_of_a_repeated_parameter_counts():
    claim = parse_presigned_v2("AWSAccessKeyId=a&Signature=b&Expires=1&Signature=c")
    assert ("a", "b", "1", None) == claim


def test_every_sub_resource_that_botocore_signs_is_known():
    theirs = HmacV1QueryAuth(None).QSAOfInterest
    assert set(theirs) <= SUB_RESOURCES


def test_the_string_to_sign_says_what_it_covers():
    query = "versionId=a%2Fb&x-amz-meta-z=2&unknown=1&acl"
    headers = {"content-type": " text/plain ", "x-amz-meta-a": " 1 ", "host": "anything"}
    expected = "PUT\n\ntext/plain\n7\nx-amz-meta-a:1\nx-amz-meta-z:2\n/bucket/a%20key?acl&versionId=a/b"
    assert expected == string_to_sign("PUT", "/bucket/a%20key", query, headers, "7")
