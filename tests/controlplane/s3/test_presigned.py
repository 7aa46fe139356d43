"""Presigned URLs of both signatures, in both styles of address: they open what was signed, while it lasts, and nothing else."""

import time

import pytest

SIGNATURES = ("s3", "s3v4")  # as botocore calls the older and the newer one


@pytest.fixture(params=SIGNATURES)
def signer(request, harness):
    return harness.client("s3", signature_version=request.param)


@pytest.fixture(params=["path", "virtual"])
def addresser(request, signer, harness):
    """A client that writes bucket names in this place."""
    version = signer.meta.config.signature_version
    return harness.client("s3", signature_version=version, s3={"addressing_style": request.param})


def get(client, key="a folder/über & +k", seconds=600, **more):
    return client.generate_presigned_url("get_object", {"Bucket": "assets", "Key": key, **more}, ExpiresIn=seconds)


def test_what_was_signed_opens(s3, bucket, addresser, ask):
    s3.put_object(Bucket=bucket, Key="a folder/über & +k", Body=b"content")
    url = get(addresser)
    in_host = addresser.meta.config.s3["addressing_style"] == "virtual"
    assert ("http://assets.localhost:4566/" if in_host else "http://localhost:4566/assets/") == url[: url.index("a%20")]
    assert (200, b"content") == ask("GET", url)
    assert (206, b"con") == ask("GET", url, headers={"range": "bytes=0-2"})


def test_a_put_by_url_makes_the_object(s3, bucket, addresser, ask):
    where = {"Bucket": bucket, "Key": "k", "ContentType": "text/plain"}
    url = addresser.generate_presigned_url("put_object", where)
    assert 403 == ask("PUT", url, headers={"content-type": "text/html"}, body=b"new")[0]
    assert 200 == ask("PUT", url, headers={"content-type": "text/plain"}, body=b"new")[0]
    found = s3.get_object(Bucket=bucket, Key="k")
    assert (b"new", "text/plain") == (found["Body"].read(), found["ContentType"])


def test_a_url_opens_nothing_else(s3, bucket, signer, ask):
    for key in ("k", "other"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"content")
    url = get(signer, "k")
    for method, other in (
        ("PUT", url),
        ("DELETE", url),
        ("GET", url.replace("/k?", "/other?")),
        ("GET", url + "&versionId=null"),
        ("GET", url + "&response-content-type=text%2Fhtml"),
        ("GET", url.replace("Signature=", "Signature=A")),
    ):
        status, body = ask(method, other)
        assert (403, True) == (status, b"<Code>SignatureDoesNotMatch</Code>" in body), (method, other)


def test_the_parameters_of_a_url_are_signed_too(s3, versioned, signer, ask):
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"1")["VersionId"]
    s3.put_object(Bucket=versioned, Key="k", Body=b"2")
    where = {"Bucket": versioned, "Key": "k", "VersionId": first, "ResponseContentType": "text/x"}
    url = signer.generate_presigned_url("get_object", where)
    assert (200, b"1") == ask("GET", url)
    assert 403 == ask("GET", url.replace(first, "null"))[0]


def test_a_url_ends(harness, s3, bucket, signer, ask):
    s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    url = get(signer, "k", seconds=60)
    harness.now = time.time() + 30
    assert 200 == ask("GET", url)[0]
    harness.now += 40
    status, body = ask("GET", url)
    assert (403, True) == (status, b"<Code>AccessDenied</Code>" in body and b"Request has expired" in body)


def test_a_list_and_a_delete_by_url(s3, bucket, signer, ask):
    s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    listed = signer.generate_presigned_url("list_objects_v2", {"Bucket": bucket, "Prefix": "k"})
    assert b"<Key>k</Key>" in ask("GET", listed)[1]
    gone = signer.generate_presigned_url("delete_object", {"Bucket": bucket, "Key": "k"})
    assert (204, b"") == ask("DELETE", gone)
    assert 404 == ask("GET", get(signer, "k"))[0]


def test_the_key_of_another_account_opens_nothing(stranger, s3, bucket, ask):
    s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    assert 403 == ask("GET", get(stranger, "k"))[0]
    url = get(s3, "k")
    key = s3._request_signer._credentials.access_key
    status, body = ask("GET", url.replace(key, "AKIANOBODYNOBODYNOBO"))
    assert (403, True) == (status, b"<Code>InvalidAccessKeyId</Code>" in body)
