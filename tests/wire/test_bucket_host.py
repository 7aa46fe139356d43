"""Which bucket a Host names."""

import pytest

from gatewright.wire.bucket_host import bucket_of_host, with_bucket_in_path
from gatewright.wire.http import HttpRequest

SUFFIX = "gateway.localhost"


@pytest.mark.parametrize(
    ("host", "bucket"),
    [
        ("assets.s3.us-east-1.gateway.localhost", "assets"),
        ("assets.s3.amazonaws.com", "assets"),
        ("assets.s3-eu-west-1.amazonaws.com", "assets"),
        ("assets.s3.us-east-1.gateway.localhost:4566", "assets"),
        ("a.b.c.s3.us-east-1.gateway.localhost", "a.b.c"),
        ("my.s3.bucket.s3.us-east-1.gateway.localhost", "my.s3.bucket"),
        ("s3.s3.us-east-1.gateway.localhost", "s3"),
        ("assets.gateway.localhost", "assets"),
        ("assets.localhost:4566", "assets"),
        ("a.b.localhost", "a.b"),
        ("ASSETS.localhost", "assets"),
        ("assets.localhost.", "assets"),
        ("s3.us-east-1.gateway.localhost", None),
        ("s3.amazonaws.com", None),
        ("gateway.localhost", None),
        ("localhost:4566", None),
        ("localhost", None),
        ("127.0.0.1:4566", None),
        ("[::1]:4566", None),
        ("gateway.example.com", None),
        ("assets.gateway.example.com", None),  # nobody said that this installation has that name
        ("control", None),
        ("", None),
        ("[", None),
        ("ü.localhost", None),
    ],
)
def test_the_bucket_of_a_host(host, bucket):
    assert bucket == bucket_of_host(host, SUFFIX)


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("assets.localhost", "/", "/assets/"),
        ("assets.localhost", "/a%20key/b", "/assets/a%20key/b"),
        ("assets.localhost", "/assets/k", "/assets/assets/k"),
        ("localhost", "/assets/k", "/assets/k"),
    ],
)
def test_the_bucket_goes_before_the_key(host, path, expected):
    request = HttpRequest("GET", path, "versions", {"host": host}, b"x")
    moved = with_bucket_in_path(request, SUFFIX)
    assert (expected, "versions", {"host": host}, b"x") == (moved.path, moved.query, moved.headers, moved.body)
