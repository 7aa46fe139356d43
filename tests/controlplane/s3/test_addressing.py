"""The bucket in the host's name, as the AWS CLI and the SDKs write it wherever the host is a name, or in the path."""

import pytest
from botocore import UNSIGNED as UNSIGNED_REQUEST
from botocore.exceptions import ClientError

from gatewright.wire.http import HttpRequest

HOSTS = ["http://localhost:4566", "http://s3.us-east-1.gateway.localhost:4566", "https://gateway.localhost"]


@pytest.fixture(params=HOSTS)
def by_host(request, harness):
    return harness.client("s3", endpoint=request.param, s3={"addressing_style": "virtual"})


def test_all_of_the_life_of_a_bucket_in_the_host(by_host):
    by_host.create_bucket(Bucket="in-host")
    by_host.head_bucket(Bucket="in-host")
    by_host.put_bucket_versioning(Bucket="in-host", VersioningConfiguration={"Status": "Enabled"})
    for key in ("k", "in-host/k", "a b/ü?#%+&", "//double"):
        version = by_host.put_object(Bucket="in-host", Key=key, Body=key.encode())["VersionId"]
        assert key.encode() == by_host.get_object(Bucket="in-host", Key=key)["Body"].read()
        assert version == by_host.head_object(Bucket="in-host", Key=key)["VersionId"]
    copied = by_host.copy_object(Bucket="in-host", Key="copy", CopySource={"Bucket": "in-host", "Key": "a b/ü?#%+&"})
    assert "CopySourceVersionId" in copied
    listed = by_host.list_object_versions(Bucket="in-host")["Versions"]
    wanted = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in listed]
    assert 5 == len(by_host.delete_objects(Bucket="in-host", Delete={"Objects": wanted})["Deleted"])
    assert "KeyCount" in by_host.list_objects_v2(Bucket="in-host")
    by_host.delete_bucket(Bucket="in-host")
    assert [] == by_host.list_buckets()["Buckets"]


def test_both_styles_are_of_the_same_bucket(s3, bucket, by_host):
    by_host.put_object(Bucket=bucket, Key="k", Body=b"1")
    assert b"1" == s3.get_object(Bucket=bucket, Key="k")["Body"].read()


def test_a_bucket_with_dots_in_its_name_may_stand_in_the_host(harness, s3):
    s3.create_bucket(Bucket="a.b.c")
    s3.put_object(Bucket="a.b.c", Key="k", Body=b"1")
    url = s3.generate_presigned_url("get_object", {"Bucket": "a.b.c", "Key": "k"})
    path, _, query = url.removeprefix("http://localhost:4566").partition("?")
    assert "/a.b.c/k" == path
    moved = HttpRequest("GET", "/k", query, {"host": "a.b.c.localhost:4566"}, b"")
    assert b"1" == harness.dispatch(moved).body


@pytest.mark.parametrize("source", ["assets/a%2Fk", "assets%2Fa%2Fk", "/assets/a/k", "assets/a/k?versionId=null"])
def test_a_copy_source_may_be_encoded_in_whole_or_in_part(harness, s3, bucket, source):
    # As the header has it: botocore would encode it once more.
    s3.put_object(Bucket=bucket, Key="a/k", Body=b"1")
    assert 200 == harness.raw("PUT", "/assets/copy", headers={"x-amz-copy-source": source}, sign="s3").status
    assert b"1" == s3.get_object(Bucket=bucket, Key="copy")["Body"].read()


UNSIGNED = [
    "assets.s3.localhost:4566",
    "assets.s3.us-east-1.gateway.localhost",
    "s3.localhost:4566",
    "a.s3-us-west-2.x",
]


@pytest.mark.parametrize("host", UNSIGNED)
@pytest.mark.parametrize("path", ["/key", "/account", "/v2/apis", "/2015-03-31/functions"])
def test_who_signs_nothing_is_refused_in_s3s_own_words(harness, bucket, host, path):
    answer = harness.dispatch(HttpRequest("GET", path, "", {"host": host}, b""))

    assert (403, "application/xml") == (answer.status, dict(answer.headers)["Content-Type"])
    assert b"<Error><Code>AccessDenied</Code>" in answer.body


def test_a_client_without_credentials_reads_that_refusal(harness, bucket):
    anonymous = harness.client("s3", endpoint="http://s3.localhost:4566", signature_version=UNSIGNED_REQUEST)
    with pytest.raises(ClientError) as caught:
        anonymous.get_object(Bucket=bucket, Key="k")
    assert ("AccessDenied", 403) == (
        caught.value.response["Error"]["Code"],
        caught.value.response["ResponseMetadata"]["HTTPStatusCode"],
    )
