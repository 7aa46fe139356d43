"""Our own signature, where the gateway itself is the client: of functions that it invokes (SigV4 reference, "Create a signed
AWS API request").

The same canonical form that `verification` checks; botocore's signer is the test's oracle. The date and the session token
are headers that belong to the signature, so they are made here too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import digest

from gatewright.core.sigv4.canonical import ALGORITHM, SignedRequest, canonical_request, collect_headers, string_to_sign
from gatewright.core.sigv4.verification import TERMINATOR, DeriveSigningKey, derive_signing_key


@dataclass(frozen=True, slots=True)
class SigningCredentials:
    """An access key that we sign with. The secret and the session token never show in a repr."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


def sign_request(
    credentials: SigningCredentials,
    method: str,
    path: str,
    headers: Sequence[tuple[str, str]],
    body: bytes,
    *,
    timestamp: str,
    region: str,
    service: str,
    signing_key: DeriveSigningKey = derive_signing_key,
) -> list[tuple[str, str]]:
    """The headers to add to a request without a query, so that it is signed. All of `headers` are covered.

    `path` is raw, as it will stand in the request line; `timestamp` is `YYYYMMDDTHHMMSSZ`, in UTC.
    """
    added = [("X-Amz-Date", timestamp)]
    if credentials.session_token is not None:
        added.append(("X-Amz-Security-Token", credentials.session_token))
    fields = collect_headers([*headers, *added])
    signed_headers = sorted(fields)
    body_sha256 = sha256(body).hexdigest()
    canonical = canonical_request(SignedRequest(method, path, "", fields, body_sha256), signed_headers, body_sha256)
    date = timestamp[:8]
    scope = f"{date}/{region}/{service}/{TERMINATOR}"
    key = signing_key(credentials.secret_access_key, date, region, service)
    signature = digest(key, string_to_sign(timestamp, scope, canonical).encode(), "sha256").hex()
    authorization = (
        f"{ALGORITHM} Credential={credentials.access_key_id}/{scope}, SignedHeaders={';'.join(signed_headers)}, "
        f"Signature={signature}"
    )
    return [*added, ("Authorization", authorization)]
