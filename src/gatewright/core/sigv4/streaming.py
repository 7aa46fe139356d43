"""Signatures of a payload that is signed chunk by chunk (S3 API reference, "Transferring Payload in Multiple Chunks", D).

The request's own signature is the seed. Each chunk is signed together with the signature before it, so that none can be
altered, left out, added or moved; the trailing headers are signed after the last, empty chunk. The example of that page is
the test vector.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from gatewright.core.sigv4.payload import EMPTY_SHA256
from gatewright.core.sigv4.refusal import Cause, SignatureRefused
from gatewright.core.sigv4.verification import MISMATCH_SENTENCE

SIGNED_CHUNKS: Final = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_CHUNKS_AND_TRAILER: Final = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_CHUNKS_AND_TRAILER: Final = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


@dataclass(frozen=True, slots=True)
class StreamSignature:
    """What the chunks of one request are verified with: its signing key, time and scope, and its signature."""

    signing_key: bytes = field(repr=False)
    timestamp: str
    scope: str
    seed: str

    def verify_chunks(self, chunks: Iterable[tuple[bytes, str | None]]) -> str:
        """The signature of the last chunk; raises `SignatureRefused` when one does not hold or is missing."""
        previous = self.seed
        for number, (content, signature) in enumerate(chunks, 1):
            expected = self._sign(
                "AWS4-HMAC-SHA256-PAYLOAD", previous, f"{EMPTY_SHA256}\n{sha256(content).hexdigest()}"
            )
            self._compare(expected, signature, f"chunk {number}")
            previous = expected
        return previous

    def verify_trailers(self, trailers: Sequence[tuple[str, str]], signature: str | None, *, previous: str) -> None:
        """Raises `SignatureRefused` unless the signature of the trailing headers holds; `previous` is the last chunk's."""
        written = "".join(f"{name}:{value}\n" for name, value in trailers).encode("utf-8", "surrogateescape")
        expected = self._sign("AWS4-HMAC-SHA256-TRAILER", previous, sha256(written).hexdigest())
        self._compare(expected, signature, "the trailing headers")

    def _sign(self, algorithm: str, previous: str, hashes: str) -> str:
        to_sign = f"{algorithm}\n{self.timestamp}\n{self.scope}\n{previous}\n{hashes}"
        return hmac.digest(self.signing_key, to_sign.encode(), "sha256").hex()

    @staticmethod
    def _compare(expected: str, found: str | None, what: str) -> None:
        if found is None or not hmac.compare_digest(expected.encode(), found.encode("utf-8", "surrogateescape")):
            raise SignatureRefused(Cause.MISMATCH, f"{MISMATCH_SENTENCE} It is the signature of {what}.")
