"""Lists of keys and versions, held against a plain reading of S3's rules over all keys at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.control import ControlHarness

KEYS = [
    "a",
    "a b",
    "a/",
    "a/1",
    "a/2/x",
    "a0",
    "b/1",
    "b/2",
    "c",
    "photos/2006/x",
    "photos/2007/y",
    "ü/é",
    "\U0001f600",
]


def fill(s3, bucket, keys=KEYS):
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")


def contents(answer):
    return [item["Key"] for item in answer.get("Contents", [])]


def prefixes(answer):
    return [item["Prefix"] for item in answer.get("CommonPrefixes", [])]


def expected(keys, prefix="", delimiter=""):
    """Keys and common prefixes, in the order of UTF-8."""
    shown = set()
    for key in keys:
        if key.startswith(prefix):
            at = key.find(delimiter, len(prefix)) if delimiter else -1
            shown.add((key, "key") if at < 0 else (key[: at + len(delimiter)], "prefix"))
    return sorted(shown, key=lambda item: item[0].encode())


def walk(s3, operation, **params):
    """All pages together, each name with what it is."""
    found = []
    for page in s3.get_paginator(operation).paginate(**params):
        assert len(contents(page)) + len(prefixes(page)) <= params["PaginationConfig"]["PageSize"]
        found += sorted([(key, "key") for key in contents(page)] + [(name, "prefix") for name in prefixes(page)])
    return found


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_pages_together_are_the_list(s3, bucket, operation, size):
    fill(s3, bucket)
    for prefix in ("", "a", "a/", "photos/2", "nothing", "\U0001f600"):
        for delimiter in ("", "/", "0"):
            found = walk(
                s3, operation, Bucket=bucket, Prefix=prefix, Delimiter=delimiter, PaginationConfig={"PageSize": size}
            )
            assert expected(KEYS, prefix, delimiter) == found, (prefix, delimiter)


@given(
    st.sets(st.text(alphabet="a/b\U0010ffff", min_size=1, max_size=6), max_size=12),
    st.sampled_from(["", "a", "a/", "/"]),
    st.sampled_from(["", "/", "ab", "//"]),
    st.integers(1, 4),
)
@settings(max_examples=40, deadline=None)
def test_any_keys_are_listed_in_pages(keys, prefix, delimiter, size):
    # "." and ".." cannot come up, and botocore sends any other key as it is.
    s3 = ControlHarness().client("s3")
    s3.create_bucket(Bucket="assets")
    fill(s3, "assets", keys)
    found = walk(
        s3, "list_objects_v2", Bucket="assets", Prefix=prefix, Delimiter=delimiter, PaginationConfig={"PageSize": size}
    )
    assert expected(keys, prefix, delimiter) == found


def test_a_list_says_what_it_holds(s3, bucket):
    fill(s3, bucket, ["a", "b/1", "b/2"])
    answer = s3.list_objects_v2(Bucket=bucket, Delimiter="/", FetchOwner=True)
    assert (2, 1000, False) == (answer["KeyCount"], answer["MaxKeys"], answer["IsTruncated"])
    (only,) = answer["Contents"]
    assert (1, "STANDARD", ["CRC32"]) == (only["Size"], only["StorageClass"], only["ChecksumAlgorithm"])
    assert "ID" in only["Owner"]
    assert ["b/1", "b/2"] == contents(s3.list_objects_v2(Bucket=bucket, StartAfter="a"))
    assert ["b/2"] == contents(s3.list_objects(Bucket=bucket, Marker="b/1"))


def test_what_is_hidden_is_not_listed(s3, versioned):
    fill(s3, versioned, ["a", "b/1", "c/1", "c/2"])
    for key in ("a", "b/1", "c/1"):
        s3.delete_object(Bucket=versioned, Key=key)
    answer = s3.list_objects_v2(Bucket=versioned, Delimiter="/")
    assert ([], ["c/"]) == (contents(answer), prefixes(answer))


def test_bad_page_parameters_are_refused(s3, bucket, refused):
    assert ("InvalidArgument", 400) == refused(s3.list_objects_v2, Bucket=bucket, MaxKeys=-1)
    assert ("InvalidArgument", 400) == refused(s3.list_objects_v2, Bucket=bucket, ContinuationToken="ü")
    assert ("InvalidArgument", 400) == refused(s3.list_object_versions, Bucket=bucket, VersionIdMarker="x")
    fill(s3, bucket, ["a"])
    none = s3.list_objects_v2(Bucket=bucket, MaxKeys=0)
    assert (0, False) == (none["KeyCount"], none["IsTruncated"])


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_versions_by_pages(s3, versioned, size):
    made = [
        (key, s3.put_object(Bucket=versioned, Key=key, Body=b"x")["VersionId"])
        for key in ("b", "a", "b", "c/1", "a", "b", "c/2")
    ]
    made.append(("a", s3.delete_object(Bucket=versioned, Key="a")["VersionId"]))
    of = {key: [version for k, version in reversed(made) if k == key] for key in ("a", "b", "c/1", "c/2")}
    wanted = [(key, version, version == of[key][0]) for key in sorted(of) for version in of[key]]
    for prefix, delimiter in (("", ""), ("b", ""), ("", "/"), ("c/", "/")):
        found, grouped = [], []
        pages = s3.get_paginator("list_object_versions").paginate(
            Bucket=versioned, Prefix=prefix, Delimiter=delimiter, PaginationConfig={"PageSize": size}
        )
        for page in pages:
            lines = page.get("Versions", []) + page.get("DeleteMarkers", [])
            found += [(line["Key"], line["VersionId"], line["IsLatest"]) for line in lines]
            grouped += prefixes(page)
        rolled = delimiter and not prefix
        shown = [line for line in wanted if line[0].startswith(prefix) and not (rolled and "/" in line[0])]
        assert sorted(shown) == sorted(found)
        assert (["c/"] if rolled else []) == grouped
