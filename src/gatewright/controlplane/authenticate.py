"""Who calls: from the signature of a control-plane request to a principal and a region.

Two ways to be admitted:

- enforced (`--auth enforce`): Signature Version 4 with an access key that the store knows. There are no IAM users
  yet, so every key is the root's of some account, and may do everything there and nothing elsewhere.
- leniently (`--auth lenient`): whatever is presented, also nothing. An access key id of twelve digits names the
  account, as clients of emulators are used to. Web pages are kept out, since nothing else would.

The service was chosen from the signature's scope (`gatewright.wire.services`), and one endpoint serves every region, so
the scope can only be wrong in its form: a region must look like one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TypeAlias

from botocore.model import OperationModel

from gatewright.controlplane.addressee import Addressee
from gatewright.controlplane.call import Installation, Principal
from gatewright.controlplane.errors import ServiceError
from gatewright.controlplane.faults import Fault, make_error
from gatewright.controlplane.web_page import explain_web_page
from gatewright.core.sigv2 import PresignedV2, parse_presigned_v2, verify_presigned_v2
from gatewright.core.sigv4.canonical import SignedRequest, UriStyle, collect_headers
from gatewright.core.sigv4.credential import Credential, parse_credential, require_credential
from gatewright.core.sigv4.payload import S3_PAYLOAD_LITERALS
from gatewright.core.sigv4.refusal import SignatureRefused, render_refusal
from gatewright.core.sigv4.streaming import SIGNED_CHUNKS, SIGNED_CHUNKS_AND_TRAILER, StreamSignature
from gatewright.core.sigv4.verification import SERVICE_SKEW, AccessKey, SigningKeys, verify_signature
from gatewright.model.records import AccessKeyRecord
from gatewright.store.port import Reader, Store
from gatewright.wire.bucket_host import with_bucket_in_path
from gatewright.wire.http import HttpRequest

#: What a request says of its sender: a claim that can be judged, why it cannot even be read, or nothing.
Claim: TypeAlias = Credential | PresignedV2 | SignatureRefused | None

_ACCOUNT_ID = re.compile(r"\d{12}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}", re.ASCII)


class WellFormedRegions:
    """Contains every name that is spelt like a region: `us-east-1`, `us-gov-west-1`, `us-isob-east-1`."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _REGION.fullmatch(name) is not None


REGIONS = WellFormedRegions()


_WHY_NO_PAGES = (
    "Gatewright runs with --auth lenient, which verifies no signature. "
    "Leave the option out, and signed calls may come from anywhere."
)

#: Who calls an operation that is not signed (M, `authtype`: AssumeRoleWithWebIdentity, whose proof is a parameter).
ANONYMOUS = Principal(account="", arn="", user_id="", access_key_id="")


@dataclass(frozen=True, slots=True)
class Caller:
    """An admitted principal, the region its call is for, and how to verify what of its body is signed chunk by chunk."""

    principal: Principal
    region: str
    stream_signature: StreamSignature | None = None


class Admission:
    """How callers are admitted, fixed when the control plane starts. `skew` is how far a client's clock may be off."""

    def __init__(
        self, store: Store, installation: Installation, *, lenient: bool = False, skew: timedelta = SERVICE_SKEW
    ) -> None:
        self._store = store
        self._installation = installation
        self._lenient = lenient
        self._skew = skew
        self._signing_keys = SigningKeys()

    def admit(
        self, claim: Claim, request: HttpRequest, addressee: Addressee, operation: OperationModel, now: float
    ) -> Caller:
        """The caller; raises the service's own error when the claim does not hold."""
        if self._lenient and (reason := explain_web_page(request.headers)) is not None:
            raise make_error(Fault.WEB_PAGE, addressee, f"{reason} {_WHY_NO_PAGES}")
        if claim is None and operation.auth_type == "none":
            return Caller(ANONYMOUS, self._installation.default_region)
        if self._lenient:
            return admit_leniently(claim, self._installation)
        try:
            return self._admit_signed(claim, request, addressee, datetime.fromtimestamp(now, UTC))
        except SignatureRefused as refused:
            error = render_refusal(refused, addressee.family)
            raise ServiceError(error.code, error.message, status=error.status) from refused

    def recognizes(self, claim: Claim, head: HttpRequest, addressee: Addressee, now: float) -> bool:
        """True when the signature of a request holds whose body has not come yet, if the body is what its head says."""
        if self._lenient:
            return True
        said = head.headers.get("x-amz-content-sha256", "")
        try:
            self._admit_signed(claim, head, addressee, datetime.fromtimestamp(now, UTC), body_sha256=said.lower())
        except SignatureRefused:
            return False
        return True

    def _admit_signed(
        self, claim: Claim, request: HttpRequest, addressee: Addressee, now: datetime, body_sha256: str | None = None
    ) -> Caller:
        if isinstance(claim, SignatureRefused):
            raise claim
        if isinstance(claim, PresignedV2):
            return self._admit_presigned_v2(claim, request, now)
        fields = _fields(request.headers)
        credential = claim or require_credential(fields, request.query)
        with self._store.read() as reader:
            access_key = find_access_key(reader, credential.access_key_id)
        is_s3 = addressee.name == "s3"
        verified = verify_signature(
            credential,
            SignedRequest(
                request.method, request.path, request.query, fields, body_sha256 or sha256(request.body).hexdigest()
            ),
            access_key,
            now=now,
            # The scope chose the service (`find_addressee`), so it cannot name another.
            expected_service=credential.scope.service,
            valid_regions=REGIONS,
            skew=self._skew,
            style=UriStyle.S3 if is_s3 else UriStyle.NORMALIZED,
            payload_literals=S3_PAYLOAD_LITERALS if is_s3 else frozenset(),
            signing_key=self._signing_keys,
        )
        principal = Principal(verified.account, verified.arn, verified.user_id, verified.access_key_id)
        return Caller(principal, credential.scope.region, self._stream_signature(credential, request, verified))

    def _admit_presigned_v2(self, claim: PresignedV2, request: HttpRequest, now: datetime) -> Caller:
        with self._store.read() as reader:
            access_key = find_access_key(reader, claim.access_key_id)
        addressed = with_bucket_in_path(request, self._installation.suffix)
        verified = verify_presigned_v2(
            claim,
            method=request.method,
            resource=addressed.path,
            query=request.query,
            headers=request.headers,
            access_key=access_key,
            now=now,
        )
        principal = Principal(verified.account, verified.arn, verified.user_id, verified.access_key_id)
        return Caller(principal, self._installation.default_region)

    def _stream_signature(self, credential: Credential, request: HttpRequest, key: AccessKey) -> StreamSignature | None:
        if request.headers.get("x-amz-content-sha256") not in (SIGNED_CHUNKS, SIGNED_CHUNKS_AND_TRAILER):
            return None
        scope = credential.scope
        signing_key = self._signing_keys(key.secret, scope.date, scope.region, scope.service)
        return StreamSignature(signing_key, credential.timestamp, str(scope), credential.signature)


def read_claim(request: HttpRequest) -> Claim:
    """What the request says of its sender; nothing is believed yet."""
    try:
        return parse_credential(_fields(request.headers), request.query) or parse_presigned_v2(request.query)
    except SignatureRefused as refused:
        return refused


def claimed_signing_name(claim: Claim) -> str | None:
    """The service that the claim is scoped to, which is how a request finds its service."""
    if isinstance(claim, PresignedV2):
        # No other service that is served ever took it.
        return "s3"
    return claim.scope.service if isinstance(claim, Credential) else None


def find_access_key(reader: Reader, access_key_id: str) -> AccessKey | None:
    """The active key of that id in whatever account, with its secret; None when there is none."""
    for record in reader.find(AccessKeyRecord, access_key_id):
        secret = reader.get_secret(record.secret_name)
        if record.active and secret is not None:
            return AccessKey(record.id, secret.decode("ascii"), record.account, record.arn, record.user_id)
    return None


def admit_leniently(claim: Claim, installation: Installation) -> Caller:
    """A principal for any claim or none: the root of the account that the access key id names, or of the default one."""
    account, region, key = installation.default_account, installation.default_region, "anonymous"
    if isinstance(claim, Credential | PresignedV2):
        key = claim.access_key_id
        account = key if _ACCOUNT_ID.fullmatch(key) else account
    if isinstance(claim, Credential):
        region = claim.scope.region if claim.scope.region in REGIONS else region
    return Caller(Principal(account, f"arn:aws:iam::{account}:root", account, key), region)


def _fields(headers: Mapping[str, str]) -> dict[str, list[str]]:
    return collect_headers(headers.items())
