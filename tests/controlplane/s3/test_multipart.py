"""Uploads in parts: begun, filled, listed, completed, aborted; what is refused; and that no content is left behind."""

import hashlib
import random
from base64 import b64decode, b64encode

import pytest

from gatewright.core.checksum import checksum_of

MIB = 1024 * 1024
PIECES = [random.Random(number).randbytes(5 * MIB) for number in range(2)] + [b"the end"]
WHOLE = b"".join(PIECES)
WHERE = {"Bucket": "assets", "Key": "k"}


@pytest.fixture
def begin(s3, bucket):
    """Begins an upload; what every call about it has to say."""

    def call(**more):
        return {**WHERE, "UploadId": s3.create_multipart_upload(**WHERE, **more)["UploadId"]}

    return call


def fill(s3, upload, pieces=PIECES, **more):
    return [
        {"PartNumber": number, "ETag": s3.upload_part(**upload, PartNumber=number, Body=piece, **more)["ETag"]}
        for number, piece in enumerate(pieces, 1)
    ]


def complete(s3, upload, parts, **more):
    return s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, **more)


def read(s3, **more):
    return s3.get_object(**WHERE, **more)["Body"].read()


def test_the_parts_in_order_are_the_object(s3, begin, blobs):
    upload = begin(ContentType="text/plain", Metadata={"a": "b"}, Tagging="t=1")
    parts = fill(s3, upload)
    etag = hashlib.md5(b"".join(hashlib.md5(piece).digest() for piece in PIECES)).hexdigest()
    answer = complete(s3, upload, parts)
    assert (f'"{etag}-3"', "assets", "k") == (answer["ETag"], answer["Bucket"], answer["Key"])
    found = s3.get_object(**WHERE)
    assert (len(WHOLE), "text/plain", {"a": "b"}, 1) == tuple(
        found[name] for name in ("ContentLength", "ContentType", "Metadata", "TagCount")
    )
    assert WHOLE == found["Body"].read()
    attributes = s3.get_object_attributes(**WHERE, ObjectAttributes=["ObjectParts"])
    assert 3 == attributes["ObjectParts"]["TotalPartsCount"]
    assert 3 == blobs()
    s3.delete_object(**WHERE)
    assert 0 == blobs()


def test_a_range_may_lie_across_parts(s3, begin):
    upload = begin()
    complete(s3, upload, fill(s3, upload))
    edge = 5 * MIB
    for first, last in ((edge - 3, edge + 3), (edge, edge), (2 * edge - 1, 2 * edge + 2), (0, 2 * edge)):
        assert WHOLE[first : last + 1] == read(s3, Range=f"bytes={first}-{last}")
    assert WHOLE[-9:] == read(s3, Range="bytes=-9")


def test_a_part_may_be_sent_again_and_one_may_be_left_out(s3, begin, blobs):
    upload = begin()
    fill(s3, upload, [b"wrong", b"unused", b"the end"])
    again = s3.upload_part(**upload, PartNumber=1, Body=PIECES[0])["ETag"]
    assert 3 == blobs()
    last = s3.list_parts(**upload)["Parts"][2]["ETag"]
    complete(s3, upload, [{"PartNumber": 1, "ETag": again}, {"PartNumber": 3, "ETag": last}])
    assert PIECES[0] + b"the end" == read(s3)
    assert 2 == blobs()


def test_an_upload_that_is_aborted_leaves_nothing(s3, begin, blobs, refused):
    upload = begin()
    parts = fill(s3, upload, [b"1", b"2"])
    s3.abort_multipart_upload(**upload)
    assert 0 == blobs()
    for operation, more in (
        (s3.abort_multipart_upload, {}),
        (s3.list_parts, {}),
        (s3.upload_part, {"PartNumber": 1, "Body": b"3"}),
        (s3.complete_multipart_upload, {"MultipartUpload": {"Parts": parts}}),
    ):
        assert ("NoSuchUpload", 404) == refused(operation, **upload, **more)
    assert ("NoSuchKey", 404) == refused(s3.get_object, **WHERE)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="assets")


def test_what_is_there_stays_until_an_upload_is_complete(s3, begin, blobs):
    s3.put_object(**WHERE, Body=b"before")
    upload = begin()
    parts = fill(s3, upload, [b"after"])
    assert b"before" == read(s3)
    complete(s3, upload, parts)
    assert b"after" == read(s3)
    assert 1 == blobs()


def test_in_a_bucket_with_versions_an_upload_makes_one(s3, versioned):
    where = {"Bucket": versioned, "Key": "k"}
    first = s3.put_object(**where, Body=b"1")["VersionId"]
    upload = {**where, "UploadId": s3.create_multipart_upload(**where)["UploadId"]}
    answer = complete(s3, upload, fill(s3, upload, [b"2"]))
    listed = s3.list_object_versions(Bucket=versioned)["Versions"]
    assert [answer["VersionId"], first] == [version["VersionId"] for version in listed]


def test_parts_that_are_not_as_named_are_refused_and_kept(s3, begin, refused, blobs):
    upload = begin()
    one, two = fill(s3, upload, [b"small", b"2"])

    def answer(*parts, **more):
        return refused(s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": list(parts)}, **more)

    assert ("MalformedXML", 400) == answer()
    assert ("InvalidPartOrder", 400) == answer(two, one)
    assert ("InvalidPartOrder", 400) == answer(one, one)
    assert ("InvalidPart", 400) == answer(one, {**two, "PartNumber": 3})
    assert ("InvalidPart", 400) == answer({**one, "ETag": two["ETag"]})
    assert ("EntityTooSmall", 400) == answer(one, two)
    assert ("InvalidRequest", 400) == answer(one, MpuObjectSize=6)
    s3.put_object(**WHERE, Body=b"there")
    assert ("PreconditionFailed", 412) == answer(one, IfNoneMatch="*")
    assert ("PreconditionFailed", 412) == answer(one, IfMatch='"other"')
    assert 3 == blobs()
    complete(s3, upload, [one], MpuObjectSize=5)
    assert b"small" == read(s3)


@pytest.mark.parametrize("number", [0, -1, 10_001])
def test_a_part_has_a_number_between_1_and_10000(s3, begin, refused, number):
    assert ("InvalidArgument", 400) == refused(s3.upload_part, **begin(), PartNumber=number, Body=b"")


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "SHA1", "SHA256"])
def test_a_composite_checksum_is_of_the_parts_checksums(s3, begin, refused, algorithm):
    upload = begin(ChecksumAlgorithm=algorithm)
    parts = []
    for number, piece in enumerate(PIECES, 1):
        value = {f"Checksum{algorithm}": checksum_of(algorithm, piece)}
        answer = s3.upload_part(**upload, PartNumber=number, Body=piece, **value)
        assert value.items() <= answer.items()
        parts.append({"PartNumber": number, "ETag": answer["ETag"], **value})
    together = b"".join(b64decode(checksum_of(algorithm, piece)) for piece in PIECES)
    made = f"{checksum_of(algorithm, together)}-3"
    member = f"Checksum{algorithm}"
    wrong = b64encode(bytes(len(b64decode(made[:-2])))).decode()
    assert ("BadDigest", 400) == refused(
        s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": parts}, **{member: wrong}
    )
    other = [{**parts[0], member: wrong}, *parts[1:]]
    assert ("InvalidPart", 400) == refused(s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": other})
    answer = complete(s3, upload, parts, **{member: made})
    assert (made, "COMPOSITE") == (answer[member], answer["ChecksumType"])
    assert made == s3.head_object(**WHERE, ChecksumMode="ENABLED")[member]


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME"])
def test_a_full_checksum_is_of_the_whole(harness, s3, begin, algorithm):
    # A client that says no checksum of a part, which is made here then.
    silent = harness.client("s3", request_checksum_calculation="when_required")
    upload = begin(ChecksumAlgorithm=algorithm, ChecksumType="FULL_OBJECT")
    answer = complete(silent, upload, fill(silent, upload))
    made = checksum_of(algorithm, WHOLE)
    assert (made, "FULL_OBJECT") == (answer[f"Checksum{algorithm}"], answer["ChecksumType"])
    assert checksum_of(algorithm, PIECES[0]) != made


def test_the_checksum_of_an_upload_is_one_that_can_be(s3, begin, bucket, refused):
    begun = s3.create_multipart_upload
    assert ("InvalidRequest", 400) == refused(begun, **WHERE, ChecksumAlgorithm="SHA256", ChecksumType="FULL_OBJECT")
    assert ("InvalidRequest", 400) == refused(begun, **WHERE, ChecksumAlgorithm="CRC64NVME", ChecksumType="COMPOSITE")
    upload = begin(ChecksumAlgorithm="SHA256")
    another = {"ChecksumSHA1": checksum_of("SHA1", b"x")}
    assert ("InvalidRequest", 400) == refused(s3.upload_part, **upload, PartNumber=1, Body=b"x", **another)


def test_a_part_may_be_copied_from_an_object(s3, begin, refused):
    s3.put_object(Bucket="assets", Key="source", Body=b"0123456789")
    upload = begin()
    source = {"CopySource": "assets/source", "PartNumber": 1}
    copied = s3.upload_part_copy(**upload, **source, CopySourceRange="bytes=2-4")["CopyPartResult"]
    assert f'"{hashlib.md5(b"234").hexdigest()}"' == copied["ETag"]
    complete(s3, upload, [{"PartNumber": 1, "ETag": copied["ETag"]}])
    assert b"234" == read(s3)
    upload = begin()
    assert ("InvalidRange", 416) == refused(s3.upload_part_copy, **upload, **source, CopySourceRange="bytes=10-11")
    assert ("PreconditionFailed", 412) == refused(s3.upload_part_copy, **upload, **source, CopySourceIfMatch='"other"')
    whole = s3.upload_part_copy(**upload, **source)["CopyPartResult"]
    assert f'"{hashlib.md5(b"0123456789").hexdigest()}"' == whole["ETag"]


def test_parts_and_uploads_are_listed_by_pages(s3, begin, bucket):
    upload = begin()
    fill(s3, upload, [b"1", b"22", b"333"])
    pages = s3.get_paginator("list_parts").paginate(**upload, PaginationConfig={"PageSize": 2})
    assert [[(1, 1), (2, 2)], [(3, 3)]] == [
        [(part["PartNumber"], part["Size"]) for part in page["Parts"]] for page in pages
    ]
    made = {(upload["Key"], upload["UploadId"])}
    for key in ("a", "k", "k", "z"):
        made.add((key, s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]))
    for size in (1, 2, 5):
        pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": size})
        found = [(item["Key"], item["UploadId"]) for page in pages for item in page["Uploads"]]
        assert sorted(made) == found
    only = s3.list_multipart_uploads(Bucket=bucket, Prefix="z")["Uploads"]
    assert ["z"] == [item["Key"] for item in only]


def test_an_upload_belongs_to_its_bucket_and_key(s3, begin, stranger, refused):
    upload = begin()
    assert ("NoSuchUpload", 404) == refused(s3.list_parts, **{**upload, "Key": "other"})
    assert ("NoSuchUpload", 404) == refused(s3.list_parts, **{**upload, "UploadId": "a\tb"})
    s3.create_bucket(Bucket="other")
    assert ("NoSuchUpload", 404) == refused(s3.list_parts, **{**upload, "Bucket": "other"})
    assert ("AccessDenied", 403) == refused(stranger.upload_part, **upload, PartNumber=1, Body=b"")
