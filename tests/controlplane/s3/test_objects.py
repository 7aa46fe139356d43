"""Put, get, head and copy: content, headers, ranges, conditions, checksums."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from gatewright.controlplane.s3.byte_range import select_range
from gatewright.controlplane.s3.content import MAX_OBJECT_BYTES
from gatewright.core.checksum import checksum_of

START = datetime.fromtimestamp(1_700_000_000, UTC)
KEY = "a folder/über & <key>+%2F?.pem"


def read(s3, bucket, key="k", **more):
    return s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read()


def test_what_was_put_comes_back_as_it_was_said(s3, bucket):
    said = {
        "ContentType": "application/x-pem-file",
        "CacheControl": "no-store",
        "ContentDisposition": 'attachment; filename="a.pem"',
        "ContentEncoding": "gzip",
        "ContentLanguage": "de",
        "Expires": datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
        "Metadata": {"owner": "pets", "empty": ""},
    }
    put = s3.put_object(Bucket=bucket, Key=KEY, Body=b"content", **said)
    assert f'"{hashlib.md5(b"content").hexdigest()}"' == put["ETag"]
    for found in (s3.get_object(Bucket=bucket, Key=KEY), s3.head_object(Bucket=bucket, Key=KEY)):
        assert said == {name: found[name] for name in said}
        assert (7, START, put["ETag"]) == (found["ContentLength"], found["LastModified"], found["ETag"])
    assert b"content" == read(s3, bucket, KEY)


def test_an_empty_object_is_an_object(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k")
    assert b"" == read(s3, bucket)
    assert (0, "binary/octet-stream") == (
        s3.head_object(Bucket=bucket, Key="k")["ContentLength"],
        s3.head_object(Bucket=bucket, Key="k")["ContentType"],
    )


def test_a_reader_may_ask_for_other_headers(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    found = s3.get_object(Bucket=bucket, Key="k", ResponseContentType="text/x", ResponseCacheControl="max-age=1")
    assert ("text/x", "max-age=1") == (found["ContentType"], found["CacheControl"])


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", (b"0", "bytes 0-0/10")),
        ("bytes=2-4", (b"234", "bytes 2-4/10")),
        ("bytes=8-", (b"89", "bytes 8-9/10")),
        ("bytes=-3", (b"789", "bytes 7-9/10")),
        ("bytes=-99", (b"0123456789", "bytes 0-9/10")),
        ("bytes=5-99", (b"56789", "bytes 5-9/10")),
    ],
)
def test_a_range_gives_those_bytes_and_says_so(s3, bucket, header, expected):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    found = s3.get_object(Bucket=bucket, Key="k", Range=header)
    assert expected == (found["Body"].read(), found["ContentRange"])
    assert 206 == found["ResponseMetadata"]["HTTPStatusCode"]
    assert len(expected[0]) == s3.head_object(Bucket=bucket, Key="k", Range=header)["ContentLength"]


@pytest.mark.parametrize("header", ["bytes=4-2", "bytes=-", "lines=1-2", "bytes=0-1,3-4", "bytes=a-b", ""])
def test_what_is_no_single_range_is_ignored(header):
    assert select_range(header, 10) is None


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-12", "bytes=-0"])
def test_a_range_without_a_byte_is_refused(s3, bucket, refused, header):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    assert ("InvalidRange", 416) == refused(s3.get_object, Bucket=bucket, Key="k", Range=header)


def test_conditions_of_a_reader(s3, bucket, refused):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    earlier, later = START - timedelta(seconds=1), START + timedelta(seconds=1)

    def answer(**conditions):
        return refused(s3.get_object, Bucket=bucket, Key="k", **conditions)

    for good in (
        {"IfMatch": etag},
        {"IfMatch": "*"},
        {"IfNoneMatch": '"other"'},
        {"IfModifiedSince": earlier},
        {"IfUnmodifiedSince": START},
        {"IfMatch": etag, "IfUnmodifiedSince": earlier},
    ):
        assert b"x" == read(s3, bucket, **good), good
    assert ("PreconditionFailed", 412) == answer(IfMatch='"other"')
    assert ("PreconditionFailed", 412) == answer(IfUnmodifiedSince=earlier)
    assert ("304", 304) == answer(IfNoneMatch=etag)
    assert ("304", 304) == answer(IfModifiedSince=START)
    assert ("304", 304) == answer(IfNoneMatch=etag, IfModifiedSince=earlier)
    assert ("304", 304) == answer(IfModifiedSince=later)


def test_conditions_of_a_writer(s3, bucket, refused):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]

    def put(**conditions):
        return {"Bucket": bucket, "Key": "k", "Body": b"2", **conditions}

    assert ("PreconditionFailed", 412) == refused(s3.put_object, **put(IfNoneMatch="*"))
    assert ("PreconditionFailed", 412) == refused(s3.put_object, **put(IfMatch='"other"'))
    assert b"1" == read(s3, bucket)
    s3.put_object(**put(IfMatch=etag))
    assert b"2" == read(s3, bucket)
    assert ("NoSuchKey", 404) == refused(s3.put_object, Bucket=bucket, Key="new", IfMatch=etag)


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_a_checksum_is_verified_kept_and_told(s3, bucket, refused, algorithm):
    good, bad = checksum_of(algorithm, b"content"), checksum_of(algorithm, b"another")
    name = f"Checksum{algorithm}"
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"content", **{name: good})
    assert (good, "FULL_OBJECT") == (put[name], put["ChecksumType"])
    assert good == s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")[name]
    assert name not in s3.head_object(Bucket=bucket, Key="k")
    attributes = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["Checksum", "ObjectSize"])
    assert (good, 7) == (attributes["Checksum"][name], attributes["ObjectSize"])
    assert ("BadDigest", 400) == refused(s3.put_object, Bucket=bucket, Key="k", Body=b"content", **{name: bad})
    assert ("InvalidRequest", 400) == refused(s3.put_object, Bucket=bucket, Key="k", Body=b"content", **{name: "AA=="})


def test_the_digests_of_a_body_must_be_its_own(harness, s3, bucket, refused):
    def put(headers):
        return harness.raw("PUT", "/assets/k", headers=headers, body=b"content", sign="s3")

    md5 = checksum_of("MD5", b"content")
    assert 200 == put({"Content-MD5": md5}).status
    assert b"<Code>BadDigest</Code>" in put({"Content-MD5": checksum_of("MD5", b"another")}).body
    assert b"<Code>InvalidDigest</Code>" in put({"Content-MD5": "short"}).body
    wrong = {"x-amz-content-sha256": hashlib.sha256(b"another").hexdigest()}
    assert b"<Code>XAmzContentSHA256Mismatch</Code>" in put(wrong).body
    two = {f"x-amz-checksum-{name.lower()}": checksum_of(name, b"content") for name in ("CRC32", "SHA1")}
    assert b"Multiple checksum Types" in put(two).body
    announced = {"x-amz-sdk-checksum-algorithm": "CRC32"}
    assert b"no corresponding x-amz-checksum-* or x-amz-trailer headers" in put(announced).body


def test_what_is_cut_short_is_not_kept(harness, s3, bucket, refused):
    answer = harness.raw("PUT", "/assets/k", headers={"Content-Length": "8"}, body=b"content", sign="s3")
    assert b"<Code>IncompleteBody</Code>" in answer.body
    assert ("NoSuchKey", 404) == refused(s3.get_object, Bucket=bucket, Key="k")


def test_what_is_too_large_or_too_long_is_refused(s3, bucket, refused):
    over = bytes(MAX_OBJECT_BYTES + 1)
    assert ("EntityTooLarge", 400) == refused(s3.put_object, Bucket=bucket, Key="k", Body=over)
    assert ("KeyTooLongError", 400) == refused(s3.put_object, Bucket=bucket, Key="k" * 1025)
    assert ("InvalidArgument", 400) == refused(s3.put_object, Bucket=bucket, Key="a\tb")
    assert ("MetadataTooLarge", 400) == refused(s3.put_object, Bucket=bucket, Key="k", Metadata={"m": "x" * 2048})


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({"ACL": "public-read"}, ("AccessControlListNotSupported", 400)),
        ({"StorageClass": "GLACIER"}, ("InvalidStorageClass", 400)),
        ({"ServerSideEncryption": "aws:kms"}, ("NotImplemented", 501)),
        ({"ObjectLockMode": "GOVERNANCE"}, ("NotImplemented", 501)),
    ],
)
def test_what_is_not_done_here_is_refused_and_not_dropped(s3, bucket, refused, asked, answer):
    assert answer == refused(s3.put_object, Bucket=bucket, Key="k", Body=b"", **asked)


def test_a_copy_is_an_object_of_its_own(s3, bucket, versioned, blobs):
    first = s3.put_object(Bucket=versioned, Key=KEY, Body=b"1", Metadata={"a": "b"}, Tagging="t=1")["VersionId"]
    s3.put_object(Bucket=versioned, Key=KEY, Body=b"2")
    answer = s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": versioned, "Key": KEY, "VersionId": first})
    assert first == answer["CopySourceVersionId"]
    s3.delete_object(Bucket=versioned, Key=KEY, VersionId=first)
    found = s3.get_object(Bucket=bucket, Key="copy")
    assert (b"1", {"a": "b"}, 1) == (found["Body"].read(), found["Metadata"], found["TagCount"])
    replaced = {"MetadataDirective": "REPLACE", "Metadata": {"c": "d"}, "ContentType": "text/plain"}
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/copy", **replaced)
    found = s3.get_object(Bucket=bucket, Key="copy")
    assert (b"1", {"c": "d"}, "text/plain") == (found["Body"].read(), found["Metadata"], found["ContentType"])
    assert 2 == blobs()


def test_a_copy_that_changes_nothing_or_has_no_source_is_refused(s3, stranger, bucket, refused):
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    to = {"Bucket": bucket, "Key": "k"}
    assert ("InvalidRequest", 400) == refused(s3.copy_object, **to, CopySource=f"{bucket}/k")
    assert ("NoSuchKey", 404) == refused(s3.copy_object, **to, CopySource=f"{bucket}/other")
    assert ("InvalidArgument", 400) == refused(s3.copy_object, **to, CopySource="no-key")
    assert ("PreconditionFailed", 412) == refused(
        s3.copy_object, Bucket=bucket, Key="n", CopySource=f"{bucket}/k", CopySourceIfMatch='"other"'
    )
    stranger.create_bucket(Bucket="strangers")
    assert ("AccessDenied", 403) == refused(stranger.copy_object, Bucket="strangers", Key="k", CopySource=f"{bucket}/k")
