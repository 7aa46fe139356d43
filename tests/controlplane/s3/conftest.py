"""A control plane with a bucket in it, and clients of its owner and of another account."""

from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from gatewright.wire.http import HttpRequest
from support.control import OTHER_ACCOUNT, ControlHarness


@pytest.fixture
def harness(tmp_path):
    return ControlHarness(tmp_path)


@pytest.fixture
def s3(harness):
    return harness.client("s3")


@pytest.fixture
def stranger(harness):
    return harness.client("s3", account=OTHER_ACCOUNT)


@pytest.fixture
def bucket(s3):
    """A bucket that never had versions."""
    s3.create_bucket(Bucket="assets")
    return "assets"


@pytest.fixture
def versioned(s3):
    s3.create_bucket(Bucket="versioned")
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    return "versioned"


@pytest.fixture
def refused():
    """Calls, and gives the code and status of the error that must come."""

    def call(operation, **params):
        with pytest.raises(ClientError) as raised:
            operation(**params)
        answer = raised.value.response
        return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]

    return call


@pytest.fixture
def ask(harness):
    """Opens a URL as anybody would who has it; the answer's status and body."""

    def open_url(method, url, *, headers=None, body=b""):
        parts = urlsplit(url)
        head = {"host": parts.netloc, "content-length": str(len(body)), **(headers or {})}
        answer = harness.dispatch(HttpRequest(method, parts.path, parts.query, head, body))
        return answer.status, answer.body

    return open_url


@pytest.fixture
def blobs(harness):
    """How many contents the store holds."""
    from sqlalchemy import text

    def count():
        with harness.store.read() as reader:
            return reader._connection.execute(text("SELECT count(*) FROM blobs")).scalar_one()

    return count
