"""The signing vectors that AWS published and botocore keeps, read as a verifier meets them.

botocore's own run leaves four of them out, for its own reasons: `normalize-path/get-space` (Python's HTTP parser takes no
space in a request line) and `get-vanilla-query-order-{key,key-case,value}` (the SDKs have no repeated query names). They
are run here. `get-vanilla-with-session-token`'s .sreq carries a signature that is not the .authz one; .authz is right.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatewright.core.sigv4.canonical import SignedRequest, canonical_request, collect_headers, string_to_sign
from gatewright.core.sigv4.credential import ALGORITHM, parse_credential
from gatewright.core.sigv4.verification import AccessKey, verify_signature

# The specimen secret of AWS's documentation, which every vector is signed with.
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
NOW = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)


def read_vectors(shared: Path) -> list[Path]:
    return sorted(path.with_suffix("") for path in (shared / "corpora" / "sigv4").rglob("*.sreq"))


def read_text(vector: Path, suffix: str) -> str:
    return (vector.parent / f"{vector.name}.{suffix}").read_bytes().decode("utf-8", "surrogateescape")


def parse_request(vector: Path) -> SignedRequest:
    """The signed request, as an HTTP server sees it, with the published Authorization header."""
    head, _, body = read_text(vector, "sreq").partition("\n\n")
    request_line, *lines = head.split("\n")
    method, target = request_line.removesuffix(" HTTP/1.1").split(" ", 1)
    fields: list[tuple[str, str]] = []
    for line in lines:
        if line.startswith(" "):
            name, value = fields.pop()
            fields.append((name, f"{value}\n{line}"))
        else:
            name, _, value = line.partition(":")
            fields.append((name, value))
    fields = [field for field in fields if field[0] != "Authorization"]
    fields.append(("Authorization", read_text(vector, "authz")))
    path, _, query = target.partition("?")
    body_sha256 = hashlib.sha256(body.encode("utf-8", "surrogateescape")).hexdigest()
    return SignedRequest(method, path, query, collect_headers(fields), body_sha256)


def test_all_vectors_are_found(shared):
    assert 34 == len(read_vectors(shared))


def test_each_vector_gives_its_canonical_request_and_string_to_sign(shared):
    for vector in read_vectors(shared):
        request = parse_request(vector)
        credential = parse_credential(request.headers, request.query)
        canonical = canonical_request(request, credential.signed_headers, request.body_sha256)
        assert read_text(vector, "creq") == canonical, vector.name
        to_sign = string_to_sign(credential.timestamp, str(credential.scope), canonical)
        assert read_text(vector, "sts") == to_sign, vector.name


def test_each_vector_is_read_back_to_its_authorization_header(shared):
    for vector in read_vectors(shared):
        request = parse_request(vector)
        credential = parse_credential(request.headers, request.query)
        assert read_text(vector, "authz") == (
            f"{ALGORITHM} Credential={credential.access_key_id}/{credential.scope},"
            f" SignedHeaders={';'.join(credential.signed_headers)}, Signature={credential.signature}"
        ), vector.name


def test_each_vector_is_accepted_with_the_secret_and_refused_with_another(shared):
    for vector in read_vectors(shared):
        request = parse_request(vector)
        credential = parse_credential(request.headers, request.query)

        def verify(secret, request=request, credential=credential):
            key = AccessKey("AKIDEXAMPLE", secret, "0", "arn", "AIDA", session_token=credential.session_token)
            return verify_signature(
                credential, request, key, now=NOW, expected_service="service", valid_regions={"us-east-1"}
            )

        assert SECRET == verify(SECRET).secret, vector.name
        with pytest.raises(Exception, match="The request signature we calculated"):
            verify(SECRET[::-1])
