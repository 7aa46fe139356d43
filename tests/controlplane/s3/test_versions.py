"""Versions: each put has its own, a delete hides, the null version, and what reading one that is not there says."""

import io


def put(s3, bucket, body, key="k"):
    return s3.put_object(Bucket=bucket, Key=key, Body=body).get("VersionId")


def read(s3, bucket, version=None, key="k"):
    chosen = {} if version is None else {"VersionId": version}
    return s3.get_object(Bucket=bucket, Key=key, **chosen)["Body"].read()


def versions(s3, bucket):
    listed = s3.list_object_versions(Bucket=bucket)
    return [(v["VersionId"], v["IsLatest"]) for v in listed.get("Versions", [])]


def test_without_versioning_a_put_replaces(s3, bucket, blobs):
    assert put(s3, bucket, b"1") is None
    assert put(s3, bucket, b"2") is None
    assert b"2" == read(s3, bucket)
    assert [("null", True)] == versions(s3, bucket)
    assert "VersionId" not in s3.get_object(Bucket=bucket, Key="k")
    assert 1 == blobs()
    s3.delete_object(Bucket=bucket, Key="k")
    assert [] == versions(s3, bucket)
    assert 0 == blobs()


def test_every_put_has_a_version_of_its_own(s3, versioned):
    first, second = put(s3, versioned, b"1"), put(s3, versioned, b"2")
    assert (32, 32) == (len(first), len(second))
    assert b"2" == read(s3, versioned)
    assert (b"1", b"2") == (read(s3, versioned, first), read(s3, versioned, second))
    assert [(second, True), (first, False)] == versions(s3, versioned)


def test_versions_are_in_order_also_when_the_clock_goes_back(harness, s3, versioned):
    made = []
    for seconds in (10.0, -3600.0, 0.0, 0.000001, 7200.0):
        harness.advance(seconds)
        made.append(put(s3, versioned, b"x"))
    assert list(reversed(made)) == [version for version, _ in versions(s3, versioned)]


def test_a_delete_marker_hides_and_is_removed_again(s3, versioned, refused):
    first = put(s3, versioned, b"1")
    marker = s3.delete_object(Bucket=versioned, Key="k")
    assert marker["DeleteMarker"] is True
    assert ("NoSuchKey", 404) == refused(s3.get_object, Bucket=versioned, Key="k")
    assert ("404", 404) == refused(s3.head_object, Bucket=versioned, Key="k")
    assert b"1" == read(s3, versioned, first)
    marked = {"Bucket": versioned, "Key": "k", "VersionId": marker["VersionId"]}
    assert ("MethodNotAllowed", 405) == refused(s3.get_object, **marked)
    assert s3.delete_object(**marked)["DeleteMarker"] is True
    assert b"1" == read(s3, versioned)


def test_the_headers_of_a_hidden_object_say_that_it_is(harness, s3, versioned):
    put(s3, versioned, b"1")
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    hidden = harness.raw("GET", "/versioned/k", sign="s3")
    assert {"x-amz-delete-marker": "true", "x-amz-version-id": marker}.items() <= dict(hidden.headers).items()
    asked = harness.raw("GET", f"/versioned/k?versionId={marker}", sign="s3")
    assert "DELETE" == dict(asked.headers)["Allow"]


def test_a_version_that_is_deleted_is_gone_with_its_content(s3, versioned, blobs, refused):
    first, second = put(s3, versioned, b"1"), put(s3, versioned, b"2")
    s3.delete_object(Bucket=versioned, Key="k", VersionId=second)
    assert b"1" == read(s3, versioned)
    assert ("NoSuchVersion", 404) == refused(s3.get_object, Bucket=versioned, Key="k", VersionId=second)
    assert 1 == blobs()
    s3.delete_object(Bucket=versioned, Key="k", VersionId=second)  # to delete what is not there is no error
    assert b"1" == read(s3, versioned, first)


def test_what_cannot_be_a_version_id_is_an_invalid_argument(s3, versioned, refused):
    assert ("InvalidArgument", 400) == refused(s3.get_object, Bucket=versioned, Key="k", VersionId="no such thing")


def test_while_suspended_only_the_null_version_is_replaced(s3, bucket, blobs):
    put(s3, bucket, b"before")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    kept = put(s3, bucket, b"during")
    assert b"before" == read(s3, bucket, "null")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert "null" == put(s3, bucket, b"after")
    assert [("null", True), (kept, False)] == versions(s3, bucket)
    assert (b"after", b"during") == (read(s3, bucket), read(s3, bucket, kept))
    assert "null" == s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    assert [(kept, False)] == versions(s3, bucket)
    assert 1 == blobs()


def test_several_are_deleted_at_once_and_each_is_told(s3, versioned):
    version = put(s3, versioned, b"1", "a")
    put(s3, versioned, b"2", "b")
    answer = s3.delete_objects(
        Bucket=versioned,
        Delete={
            "Objects": [
                {"Key": "a", "VersionId": version},
                {"Key": "b"},
                {"Key": "c", "VersionId": "bad id"},
            ]
        },
    )
    a, b = answer["Deleted"]
    assert {"Key": "a", "VersionId": version} == a
    assert ("b", True) == (b["Key"], b["DeleteMarker"])
    assert [("c", "InvalidArgument")] == [(error["Key"], error["Code"]) for error in answer["Errors"]]
    quiet = s3.delete_objects(Bucket=versioned, Delete={"Objects": [{"Key": "b"}], "Quiet": True})
    assert "Deleted" not in quiet


def test_object_tags_belong_to_a_version(s3, versioned, refused):
    first = s3.put_object(Bucket=versioned, Key="k", Body=io.BytesIO(b"1"), Tagging="a=1&b=two+words")["VersionId"]
    second = put(s3, versioned, b"2")
    tags = s3.get_object_tagging(Bucket=versioned, Key="k", VersionId=first)["TagSet"]
    assert [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "two words"}] == tags
    assert 2 == s3.head_object(Bucket=versioned, Key="k", VersionId=first)["TagCount"]
    s3.put_object_tagging(Bucket=versioned, Key="k", Tagging={"TagSet": tags[:1]})
    assert tags[:1] == s3.get_object_tagging(Bucket=versioned, Key="k", VersionId=second)["TagSet"]
    s3.delete_object_tagging(Bucket=versioned, Key="k")
    assert [] == s3.get_object_tagging(Bucket=versioned, Key="k")["TagSet"]
    eleven = [{"Key": str(number), "Value": ""} for number in range(11)]
    assert ("InvalidTag", 400) == refused(s3.put_object_tagging, Bucket=versioned, Key="k", Tagging={"TagSet": eleven})
