"""Bodies of S3 requests in chunks: as botocore sends them over HTTPS, as other SDKs sign them, and altered."""

import hashlib
import hmac
import io

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gatewright.core.checksum import checksum_of
from gatewright.core.sigv4.verification import derive_signing_key
from gatewright.wire.http import HttpRequest
from support.control import ACCOUNT, ENDPOINT, ROOT_KEYS, ControlHarness

CONTENT = b"0123456789" * 10_000
EMPTY = hashlib.sha256(b"").hexdigest()
SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER = (
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
)
CRC32 = ("x-amz-checksum-crc32", checksum_of("CRC32", CONTENT))


@pytest.fixture
def harness(tmp_path):
    return ControlHarness(tmp_path)


@pytest.fixture
def s3(harness):
    client = harness.client("s3")
    client.create_bucket(Bucket="assets")
    return client


def test_botocore_sends_chunks_and_a_trailer_over_https(harness, s3):
    secure = harness.client("s3", endpoint="https://localhost:4566")
    sent = []
    secure.meta.events.register_first("before-send", lambda request, **_: sent.append(dict(request.headers)))
    secure.put_object(Bucket="assets", Key="k", Body=io.BytesIO(CONTENT), ContentEncoding="gzip")
    assert UNSIGNED_TRAILER.encode() == sent[0]["X-Amz-Content-SHA256"]
    found = s3.get_object(Bucket="assets", Key="k", ChecksumMode="ENABLED")
    assert (CONTENT, "gzip", CRC32[1]) == (found["Body"].read(), found["ContentEncoding"], found["ChecksumCRC32"])


class Upload:
    """A PUT in chunks, signed as the specification says; what differs from a good one is given."""

    def __init__(self, harness, coding, *, trailers=(), announced=None, headers=None, contents=None):
        self._harness = harness
        self.contents = [CONTENT[:65536], CONTENT[65536:], b""] if contents is None else contents
        self.trailers = list(trailers)
        names = ",".join(name for name, _ in trailers) if announced is None else announced
        self.head = AWSRequest(
            "PUT",
            f"{ENDPOINT}/assets/k",
            headers={
                "content-encoding": "aws-chunked",
                "x-amz-content-sha256": coding,
                "x-amz-decoded-content-length": str(len(CONTENT)),
                **({"x-amz-trailer": names} if names else {}),
                **(headers or {}),
            },
        )
        self.head.context["payload_signing_enabled"] = True
        signer = S3SigV4Auth(Credentials(*ROOT_KEYS[ACCOUNT]), "s3", "us-east-1")
        signer.payload = lambda _request: coding
        signer.add_auth(self.head)
        # The signer has put its own hash of the body there.
        self.coding = coding

    def chunks(self):
        """Each content with its signature, and the signature of the trailers."""
        instant = self.head.headers["X-Amz-Date"]
        date, seed = instant[:8], self.head.headers["Authorization"].rpartition("Signature=")[2]
        key = derive_signing_key(ROOT_KEYS[ACCOUNT][1], date, "us-east-1", "s3")
        scope = f"{date}/us-east-1/s3/aws4_request"

        def sign(algorithm, previous, hashes):
            text = f"{algorithm}\n{instant}\n{scope}\n{previous}\n{hashes}"
            return hmac.digest(key, text.encode(), "sha256").hex()

        pairs = []
        for content in self.contents:
            hashes = f"{EMPTY}\n{hashlib.sha256(content).hexdigest()}"
            seed = sign("AWS4-HMAC-SHA256-PAYLOAD", seed, hashes)
            pairs.append((content, seed))
        written = "".join(f"{name}:{value}\n" for name, value in self.trailers)
        return pairs, sign("AWS4-HMAC-SHA256-TRAILER", seed, hashlib.sha256(written.encode()).hexdigest())

    def body(self, *, alter=lambda pairs: pairs):
        pairs, end = self.chunks()
        is_signed = self.coding != UNSIGNED_TRAILER
        body = b""
        for content, signature in alter(pairs):
            mark = f";chunk-signature={signature}" if is_signed else ""
            body += f"{len(content):x}{mark}\r\n".encode() + content + (b"\r\n" if content else b"")
        lines = [*self.trailers, *([("x-amz-trailer-signature", end)] if self.coding == SIGNED_TRAILER else [])]
        return body + "".join(f"{name}:{value}\r\n" for name, value in lines).encode() + b"\r\n"

    def send(self, body):
        headers = {name.lower(): value for name, value in self.head.headers.items()}
        headers |= {"host": "localhost:4566", "content-length": str(len(body))}
        answer = self._harness.dispatch(HttpRequest("PUT", "/assets/k", "", headers, body))
        text = answer.body.decode()
        return answer.status, text.partition("<Code>")[2].partition("</Code>")[0]


@pytest.mark.parametrize(
    ("coding", "trailers"),
    [
        (SIGNED, ()),
        (SIGNED_TRAILER, (CRC32,)),
        (UNSIGNED_TRAILER, (CRC32,)),
        (UNSIGNED_TRAILER, (("x-amz-checksum-sha256", checksum_of("SHA256", CONTENT)),)),
    ],
)
def test_the_object_is_what_was_in_the_chunks(harness, s3, coding, trailers):
    upload = Upload(harness, coding, trailers=trailers)
    assert (200, "") == upload.send(upload.body())
    found = s3.get_object(Bucket="assets", Key="k", ChecksumMode="ENABLED")
    assert CONTENT == found["Body"].read()
    assert "ContentEncoding" not in found
    for name, value in trailers:
        member = f"Checksum{name.rpartition('-')[2].upper()}"
        assert value == found[member]


def refuse(harness, s3, expected, upload, body):
    assert expected == upload.send(body)
    assert 0 == s3.list_objects_v2(Bucket="assets")["KeyCount"]


@pytest.mark.parametrize("coding", [SIGNED, SIGNED_TRAILER])
@pytest.mark.parametrize(
    "alter",
    [
        lambda pairs: [(pairs[0][0][:-1] + b"x", pairs[0][1]), *pairs[1:]],
        lambda pairs: [pairs[1], pairs[0], pairs[2]],
        lambda pairs: [(content, "0" * 64) for content, _ in pairs],
    ],
)
def test_signed_chunks_that_were_altered_are_refused(harness, s3, coding, alter):
    upload = Upload(harness, coding, trailers=(CRC32,) if coding == SIGNED_TRAILER else ())
    refuse(harness, s3, (403, "SignatureDoesNotMatch"), upload, upload.body(alter=alter))


def test_a_signed_trailer_that_was_altered_is_refused(harness, s3):
    upload = Upload(harness, SIGNED_TRAILER, trailers=(CRC32,))
    body = upload.body().replace(CRC32[1].encode(), checksum_of("CRC32", b"other").encode())
    refuse(harness, s3, (403, "SignatureDoesNotMatch"), upload, body)


def test_a_checksum_that_is_not_the_contents_is_refused(harness, s3):
    upload = Upload(harness, UNSIGNED_TRAILER, trailers=((CRC32[0], checksum_of("CRC32", b"other")),))
    refuse(harness, s3, (400, "BadDigest"), upload, upload.body())


def test_trailers_are_those_that_were_announced(harness, s3):
    missing = Upload(harness, UNSIGNED_TRAILER, announced="x-amz-checksum-crc32")
    refuse(harness, s3, (400, "MalformedTrailerError"), missing, missing.body())
    surprising = Upload(harness, UNSIGNED_TRAILER, trailers=(CRC32,), announced="x-amz-checksum-sha1")
    refuse(harness, s3, (400, "MalformedTrailerError"), surprising, surprising.body())
    twice = Upload(harness, UNSIGNED_TRAILER, trailers=(CRC32, CRC32))
    refuse(harness, s3, (400, "MalformedTrailerError"), twice, twice.body())
    unsigned = Upload(harness, SIGNED, trailers=(CRC32,))
    refuse(harness, s3, (400, "MalformedTrailerError"), unsigned, unsigned.body())


@pytest.mark.parametrize("name", ["x-amz-copy-source", "content-type", "x-amz-meta-a", "host"])
def test_a_trailer_is_a_checksum_and_no_other_header(harness, s3, name):
    s3.create_bucket(Bucket="other")
    upload = Upload(harness, UNSIGNED_TRAILER, trailers=((name, "other/k"),))
    refuse(harness, s3, (400, "InvalidRequest"), upload, upload.body())


def test_a_body_that_is_cut_short_or_is_none_is_refused(harness, s3):
    upload = Upload(harness, SIGNED)
    refuse(harness, s3, (400, "IncompleteBody"), upload, upload.body()[:70_000])
    refuse(harness, s3, (400, "InvalidRequest"), upload, b"not in chunks\r\n" + CONTENT)
    short = Upload(harness, SIGNED, contents=[CONTENT[:-1], b""])
    refuse(harness, s3, (400, "IncompleteBody"), short, short.body())
    cut = Upload(harness, UNSIGNED_TRAILER, headers={"x-amz-decoded-content-length": "1"})
    refuse(harness, s3, (400, "IncompleteBody"), cut, cut.body())


def test_other_codings_of_the_content_are_kept(harness, s3):
    upload = Upload(harness, UNSIGNED_TRAILER, trailers=(CRC32,), headers={"content-encoding": "gzip, aws-chunked"})
    assert (200, "") == upload.send(upload.body())
    assert "gzip" == s3.head_object(Bucket="assets", Key="k")["ContentEncoding"]
