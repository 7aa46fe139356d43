"""The body of an S3 request as its operation is to see it: whole, out of its chunks, with its trailers among the headers.

Rules:
- A body that is shorter than its Content-Length is refused, so that no object is ever cut short.
- How a body is coded is what the client signed in `x-amz-content-sha256`; the word `aws-chunked` in Content-Encoding goes,
  since it says how the bytes travelled and not what the object is.
- Where chunks are signed, each signature is verified, and the trailer's. Lenient mode verifies none.
- A trailer must have been announced in `x-amz-trailer`, and what was announced must come. Trailers are checksums: no other
  header of the request can be replaced behind its signature.
- The digests that a request has of its body, Content-MD5 and one `x-amz-checksum-…`, must be the body's; some operations
  must have one (M, `httpChecksum`). Where the model knows no checksum of the body, such a header means another thing.

Codes and sentences: "Error responses" of the S3 API reference (D).
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace

from botocore.model import OperationModel

from gatewright.controlplane.addressee import Addressee
from gatewright.controlplane.authenticate import Caller
from gatewright.controlplane.errors import ServiceError
from gatewright.core.checksum import ALGORITHMS, checksum_of
from gatewright.core.sigv4.refusal import SignatureRefused, render_refusal
from gatewright.core.sigv4.streaming import (
    SIGNED_CHUNKS,
    SIGNED_CHUNKS_AND_TRAILER,
    UNSIGNED_CHUNKS_AND_TRAILER,
    StreamSignature,
)
from gatewright.wire.aws_chunked import ChunkedBody, ChunksIncomplete, ChunksMalformed, parse_aws_chunked
from gatewright.wire.http import HttpRequest

_CODINGS = (SIGNED_CHUNKS, SIGNED_CHUNKS_AND_TRAILER, UNSIGNED_CHUNKS_AND_TRAILER)
_TRAILERS = frozenset(f"x-amz-checksum-{algorithm.lower()}" for algorithm in ALGORITHMS)


def settle_body(request: HttpRequest, addressee: Addressee, operation: OperationModel, caller: Caller) -> HttpRequest:
    """The request with the body that its sender meant; other services' requests as they are."""
    if addressee.name != "s3":
        return request
    settled = _unwrap(request, addressee, caller)
    if "requestAlgorithmMember" in operation.http_checksum:
        is_required = operation.http_checksum.get("requestChecksumRequired", False)
        _check_digests(settled, is_required=is_required)
    return settled


def _check_digests(request: HttpRequest, *, is_required: bool) -> None:
    named = {
        algorithm: value
        for algorithm in ALGORITHMS
        if (value := request.headers.get(f"x-amz-checksum-{algorithm.lower()}")) is not None
    }
    if len(named) > 1:
        raise ServiceError(
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        )
    told = request.headers.get("content-md5")
    if is_required and not named and told is None:
        raise ServiceError(
            "InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"
        )
    meant = request.headers.get("x-amz-sdk-checksum-algorithm", "").upper()
    if meant in ALGORITHMS and not named:
        raise ServiceError(
            "InvalidRequest",
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers "
            "were found.",
        )
    if told is not None:
        found = checksum_of("MD5", request.body)
        if _digest_bytes(told) != _digest_bytes(found):
            is_digest = len(_digest_bytes(told)) == 16
            raise (
                ServiceError("BadDigest", "The Content-MD5 you specified did not match what we received.")
                if is_digest
                else ServiceError("InvalidDigest", "The Content-MD5 you specified is not valid.")
            )
    for algorithm, value in named.items():
        found = checksum_of(algorithm, request.body)
        if len(_digest_bytes(value)) != len(_digest_bytes(found)):
            raise ServiceError("InvalidRequest", f"Value for x-amz-checksum-{algorithm.lower()} header is invalid.")
        if _digest_bytes(value) != _digest_bytes(found):
            raise ServiceError("BadDigest", f"The {algorithm} you specified did not match the calculated checksum.")


def _digest_bytes(text: str) -> bytes:
    """What the base64 stands for; nothing when it is none."""
    try:
        return b64decode(text.strip(), validate=True)
    except ValueError:
        return b""


def _unwrap(request: HttpRequest, addressee: Addressee, caller: Caller) -> HttpRequest:
    if _is_number(length := request.headers.get("content-length", "")) and len(request.body) < int(length):
        raise _incomplete()
    if request.headers.get("x-amz-content-sha256") not in _CODINGS:
        return request
    try:
        body = parse_aws_chunked(request.body)
    except ChunksIncomplete:
        raise _incomplete() from None
    except ChunksMalformed as malformed:
        raise ServiceError("InvalidRequest", f"The body is not in the coding aws-chunked. {malformed}") from None
    has_trailer = request.headers["x-amz-content-sha256"] != SIGNED_CHUNKS
    if caller.stream_signature is not None:
        try:
            _verify(body, caller.stream_signature, has_trailer=has_trailer)
        except SignatureRefused as refused:
            error = render_refusal(refused, addressee.family)
            raise ServiceError(error.code, error.message, status=error.status) from refused
    _check_trailers(body, request, may_have=has_trailer)
    content = body.content
    length = request.headers.get("x-amz-decoded-content-length", "")
    if _is_number(length) and int(length) != len(content):
        raise _incomplete()
    return replace(request, headers=_settled_headers(request, body, len(content)), body=content)


def _verify(body: ChunkedBody, stream: StreamSignature, *, has_trailer: bool) -> None:
    last = stream.verify_chunks(body.chunks)
    if has_trailer:
        stream.verify_trailers(body.trailers, body.trailer_signature, previous=last)


def _check_trailers(body: ChunkedBody, request: HttpRequest, *, may_have: bool) -> None:
    announced = {name.strip().lower() for name in request.headers.get("x-amz-trailer", "").split(",")} - {""}
    if not announced <= _TRAILERS:
        raise ServiceError("InvalidRequest", "The value specified in the x-amz-trailer header is not supported")
    if sorted(announced) != sorted(name for name, _ in body.trailers) or (announced and not may_have):
        raise ServiceError(
            "MalformedTrailerError",
            "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        )


def _settled_headers(request: HttpRequest, body: ChunkedBody, length: int) -> dict[str, str]:
    headers = {**request.headers, **dict(body.trailers), "content-length": str(length)}
    codings = [coding.strip() for coding in headers.pop("content-encoding", "").split(",")]
    left = ",".join(coding for coding in codings if coding and coding.lower() != "aws-chunked")
    return {**headers, "content-encoding": left} if left else headers


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _incomplete() -> ServiceError:
    return ServiceError(
        "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header."
    )
