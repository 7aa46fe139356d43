"""Buckets: made, found, listed, removed; whose they are and where."""

import pytest

from gatewright.controlplane.s3.bucket_name import is_bucket_name


def names(answer):
    return [bucket["Name"] for bucket in answer["Buckets"]]


def test_a_bucket_that_was_made_is_found_and_listed(s3, bucket):
    assert "us-east-1" == s3.head_bucket(Bucket=bucket)["BucketRegion"]
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    assert ["assets"] == names(s3.list_buckets())


def test_a_bucket_is_where_its_constraint_says(harness, s3, refused):
    s3.create_bucket(Bucket="european", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    assert "eu-central-1" == s3.get_bucket_location(Bucket="european")["LocationConstraint"]
    central = harness.client("s3", region="eu-central-1")
    assert ("IllegalLocationConstraintException", 400) == refused(central.create_bucket, Bucket="homeless")
    elsewhere = {"LocationConstraint": "eu-west-1"}
    assert ("IllegalLocationConstraintException", 400) == refused(
        central.create_bucket, Bucket="elsewhere", CreateBucketConfiguration=elsewhere
    )


def test_a_name_belongs_to_one_account(harness, s3, stranger, bucket, refused):
    assert ("BucketAlreadyExists", 409) == refused(stranger.create_bucket, Bucket=bucket)
    s3.create_bucket(Bucket=bucket)  # us-east-1 takes it once more
    home = {"LocationConstraint": "eu-west-1"}
    west = harness.client("s3", region="eu-west-1")
    west.create_bucket(Bucket="western", CreateBucketConfiguration=home)
    assert ("BucketAlreadyOwnedByYou", 409) == refused(
        west.create_bucket, Bucket="western", CreateBucketConfiguration=home
    )


def test_what_is_anothers_is_refused_and_not_listed(s3, stranger, bucket, refused):
    s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    assert ("403", 403) == refused(stranger.head_bucket, Bucket=bucket)
    assert ("AccessDenied", 403) == refused(stranger.get_object, Bucket=bucket, Key="k")
    assert ("AccessDenied", 403) == refused(stranger.put_object, Bucket=bucket, Key="k", Body=b"")
    assert ("AccessDenied", 403) == refused(stranger.list_objects_v2, Bucket=bucket)
    assert ("AccessDenied", 403) == refused(s3.list_objects_v2, Bucket=bucket, ExpectedBucketOwner="111111111111")
    assert [] == names(stranger.list_buckets())


def test_a_bucket_that_is_not_there_has_its_own_error(s3, refused):
    assert ("NoSuchBucket", 404) == refused(s3.list_objects_v2, Bucket="nowhere")
    assert ("NoSuchBucket", 404) == refused(s3.put_object, Bucket="nowhere", Key="k")
    assert ("404", 404) == refused(s3.head_bucket, Bucket="nowhere")


def test_only_an_empty_bucket_can_be_removed(s3, versioned, blobs, refused):
    version = s3.put_object(Bucket=versioned, Key="k", Body=b"1")["VersionId"]
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    assert ("BucketNotEmpty", 409) == refused(s3.delete_bucket, Bucket=versioned)
    s3.delete_object(Bucket=versioned, Key="k", VersionId=version)
    assert ("BucketNotEmpty", 409) == refused(s3.delete_bucket, Bucket=versioned)
    s3.delete_object(Bucket=versioned, Key="k", VersionId=marker)
    upload = s3.create_multipart_upload(Bucket=versioned, Key="k")["UploadId"]
    s3.upload_part(Bucket=versioned, Key="k", UploadId=upload, PartNumber=1, Body=b"unfinished")
    s3.delete_bucket(Bucket=versioned)
    assert [] == names(s3.list_buckets())
    assert 0 == blobs()


def test_buckets_are_listed_by_pages(s3):
    for name in ("one", "two", "three"):
        s3.create_bucket(Bucket=f"bucket-{name}")
    s3.create_bucket(Bucket="other")
    pages = s3.get_paginator("list_buckets").paginate(Prefix="bucket-", PaginationConfig={"PageSize": 2})
    assert [["bucket-one", "bucket-three"], ["bucket-two"]] == [names(page) for page in pages]


@pytest.mark.parametrize("name", ["abc", "a.b-c", "0bucket", "a" * 63])
def test_names_that_a_bucket_may_have(name):
    assert is_bucket_name(name)


@pytest.mark.parametrize(
    "name",
    ["ab", "a" * 64, "Upper", "under_score", "-a-", "a-", "a..b", "192.168.5.4", "xn--abc", "abc-s3alias", "ümlaut"],
)
def test_names_that_a_bucket_may_not_have(name):
    assert not is_bucket_name(name)


def test_a_bad_name_is_refused_in_s3s_words(harness):
    answer = harness.raw("PUT", "/Upper", sign="s3")
    assert 400 == answer.status
    assert b"<Code>InvalidBucketName</Code>" in answer.body
    assert b"<BucketName>Upper</BucketName>" in answer.body


def test_tags_of_a_bucket_are_kept_and_taken_away(s3, bucket, refused):
    assert ("NoSuchTagSet", 404) == refused(s3.get_bucket_tagging, Bucket=bucket)
    tags = [{"Key": "team", "Value": "pets"}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert tags == s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    assert ("InvalidTag", 400) == refused(s3.put_bucket_tagging, Bucket=bucket, Tagging={"TagSet": tags * 2})
    s3.delete_bucket_tagging(Bucket=bucket)
    assert ("NoSuchTagSet", 404) == refused(s3.get_bucket_tagging, Bucket=bucket)


def test_a_bucket_once_versioned_is_never_unversioned_again(s3, bucket, refused):
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    for status in ("Enabled", "Suspended"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
        assert status == s3.get_bucket_versioning(Bucket=bucket)["Status"]
    assert ("IllegalVersioningConfigurationException", 400) == refused(
        s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration={}
    )
