"""What a request may ask for that Gatewright's S3 does not do: refused rather than dropped.

Objects are encrypted at rest under the installation's own key, which is what `AES256` means; there are no other keys. There
is one storage class, and nothing is locked. A bucket enforces its owner, as S3's own do since April 2023, so of the
canned ACLs only those are taken that say so (S3 user guide, "Controlling ownership of objects", D).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gatewright.controlplane.s3.faults import fault

ENCRYPTION: Final = "AES256"
_HARMLESS_ACLS: Final = (None, "private", "bucket-owner-full-control")
_GRANTS: Final = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")
_NOT_HERE: Final = (
    "SSECustomerAlgorithm",
    "SSECustomerKey",
    "CopySourceSSECustomerAlgorithm",
    "SSEKMSKeyId",
    "SSEKMSEncryptionContext",
    "WriteOffsetBytes",
    "ObjectLockMode",
    "ObjectLockRetainUntilDate",
    "ObjectLockLegalHoldStatus",
    "ObjectLockEventHold",
    "ChecksumXXHASH64",
    "ChecksumXXHASH3",
    "ChecksumXXHASH128",
)


def refuse_unserved(params: Mapping[str, Any]) -> None:
    """Raises the error of the first thing among the parameters that is not done here."""
    if params.get("ACL") not in _HARMLESS_ACLS or any(name in params for name in _GRANTS):
        raise fault("AccessControlListNotSupported")
    if params.get("StorageClass", "STANDARD") != "STANDARD":
        raise fault("InvalidStorageClass", StorageClassRequested=params["StorageClass"])
    if params.get("ServerSideEncryption", ENCRYPTION) != ENCRYPTION:
        raise fault("NotImplemented", "Gatewright encrypts objects with AES256 under its own key and with no other.")
    if params.get("ObjectLockEnabledForBucket"):
        raise fault("NotImplemented", "Gatewright has no Object Lock.")
    unserved = next((name for name in _NOT_HERE if name in params), None)
    if unserved is not None:
        raise fault("NotImplemented", f"Gatewright's S3 does not know what {unserved} asks for.", Header=unserved)
