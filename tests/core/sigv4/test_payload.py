"""A body is never taken as signed unless it hashes to what was signed."""

import hashlib

import pytest

from gatewright.core.sigv4.canonical import SignedRequest
from gatewright.core.sigv4.credential import parse_credential
from gatewright.core.sigv4.payload import EMPTY_SHA256, S3_PAYLOAD_LITERALS, UNSIGNED_PAYLOAD, select_payload_hash
from gatewright.core.sigv4.refusal import Cause, SignatureRefused

BODY = hashlib.sha256(b"body").hexdigest()
AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host, Signature=0"
PRESIGNED = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A/20150830/r/s/aws4_request&X-Amz-Date=20150830T123600Z"
    "&X-Amz-SignedHeaders=host&X-Amz-Signature=0"
)


def select(said=None, literals=frozenset()):
    headers = {"authorization": [AUTHORIZATION], "x-amz-date": ["20150830T123600Z"]}
    if said is not None:
        headers["x-amz-content-sha256"] = [said]
    return select_payload_hash(parse_credential(headers, ""), SignedRequest("PUT", "/", "", headers, BODY), literals)


def select_presigned(more="", literals=frozenset()):
    query = PRESIGNED + more
    return select_payload_hash(parse_credential({}, query), SignedRequest("PUT", "/", query, {}, BODY), literals)


def test_the_constant_is_the_hash_of_nothing():
    assert hashlib.sha256(b"").hexdigest() == EMPTY_SHA256


def test_a_client_that_says_nothing_signed_the_body():
    assert BODY == select()
    assert BODY == select(literals=S3_PAYLOAD_LITERALS)
    assert BODY == select_presigned()


def test_a_digest_is_the_bodys_or_is_refused():
    assert BODY == select(BODY)
    # The signer signed what it wrote, capitals and all.
    assert BODY.upper() == select(BODY.upper())
    with pytest.raises(SignatureRefused, match="header does not match what was computed") as refused:
        select(EMPTY_SHA256, S3_PAYLOAD_LITERALS)
    assert Cause.PAYLOAD_DIFFERS is refused.value.cause


def test_a_literal_is_taken_only_where_the_caller_names_it():
    for literal in S3_PAYLOAD_LITERALS:
        assert literal == select(literal, S3_PAYLOAD_LITERALS)
        with pytest.raises(SignatureRefused, match="x-amz-content-sha256 must be a valid sha256 value") as refused:
            select(literal)
        assert Cause.PAYLOAD_HASH_UNACCEPTABLE is refused.value.cause


@pytest.mark.parametrize("said", ["junk", "0" * 63, "0" * 65, "g" * 64, "unsigned-payload"])
def test_nonsense_is_refused(said):
    with pytest.raises(
        SignatureRefused, match="x-amz-content-sha256 must be UNSIGNED-PAYLOAD, or a valid sha256 value"
    ):
        select(said, {UNSIGNED_PAYLOAD})


def test_a_presigned_request_leaves_the_body_out_where_that_is_allowed():
    assert UNSIGNED_PAYLOAD == select_presigned(literals=S3_PAYLOAD_LITERALS)


def test_a_presigned_request_may_say_its_hash_in_the_query():
    assert UNSIGNED_PAYLOAD == select_presigned("&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD", S3_PAYLOAD_LITERALS)
    assert BODY == select_presigned(f"&X-Amz-Content-Sha256={BODY}", S3_PAYLOAD_LITERALS)
    assert BODY == select_presigned("&a=X-Amz-Content-Sha256")
    with pytest.raises(SignatureRefused):
        select_presigned(f"&X-Amz-Content-Sha256={EMPTY_SHA256}", S3_PAYLOAD_LITERALS)
