"""The settings of a bucket that people and Terraform ask for: what Gatewright's buckets are, and what they do not have.

One table of what is always so, one of what is never there and in which words S3 says that, and three settings that are kept
for whoever asks. Those three say nothing that is not so anyway: nobody but the owner's account gets in, so public access
is blocked whatever the setting says, the owner owns every object, and every object is encrypted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from gatewright.controlplane.call import Call, Operation
from gatewright.controlplane.s3.access import canonical_user_id, require_bucket
from gatewright.controlplane.s3.faults import fault
from gatewright.controlplane.s3.unserved import ENCRYPTION, refuse_unserved
from gatewright.controlplane.s3.versions import require_version

#: What each operation says of every bucket (their API references, "Response Syntax", for a bucket that was just made).
_ALWAYS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "GetBucketAccelerateConfiguration": {},
        "GetBucketLogging": {},
        # The elder twin of the next, whose requests look the same.
        "GetBucketNotification": {},
        "GetBucketNotificationConfiguration": {},
        "GetBucketPolicyStatus": {"PolicyStatus": {"IsPublic": False}},
        "GetBucketRequestPayment": {"Payer": "BucketOwner"},
    }
)

#: The error of each operation whose setting no bucket has.
_NEVER: Mapping[str, str] = MappingProxyType(
    {
        "GetBucketCors": "NoSuchCORSConfiguration",
        # As above: the elder twin.
        "GetBucketLifecycle": "NoSuchLifecycleConfiguration",
        "GetBucketLifecycleConfiguration": "NoSuchLifecycleConfiguration",
        "GetBucketPolicy": "NoSuchBucketPolicy",
        "GetBucketReplication": "ReplicationConfigurationNotFoundError",
        "GetBucketWebsite": "NoSuchWebsiteConfiguration",
        "GetObjectLockConfiguration": "ObjectLockConfigurationNotFoundError",
    }
)


def _answer_always(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    require_bucket(call, params)
    return _ALWAYS[call.operation]


def _answer_never(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    raise fault(_NEVER[call.operation], BucketName=require_bucket(call, params).name)


def get_bucket_acl(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The owner may do everything."""
    return _owner_only(require_bucket(call, params).account)


def put_bucket_acl(call: Call, params: Mapping[str, Any]) -> None:
    """What is so anyway may be said; every other grant is refused."""
    require_bucket(call, params)
    refuse_unserved(params)
    _refuse_grants(params.get("AccessControlPolicy"), call.account)


def get_object_acl(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The owner may do everything."""
    bucket = require_bucket(call, params)
    require_version(call.transaction, bucket, params["Key"], params.get("VersionId"))
    return _owner_only(bucket.account)


def put_object_acl(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is so anyway may be said; every other grant is refused."""
    bucket = require_bucket(call, params)
    require_version(call.transaction, bucket, params["Key"], params.get("VersionId"))
    refuse_unserved(params)
    _refuse_grants(params.get("AccessControlPolicy"), call.account)
    return {}


def _owner_only(account: str) -> Mapping[str, Any]:
    owner = {"ID": canonical_user_id(account)}
    return {
        "Owner": owner,
        "Grants": [{"Grantee": {**owner, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}],
    }


def _refuse_grants(policy: Mapping[str, Any] | None, account: str) -> None:
    for grant in (policy or {}).get("Grants", []):
        if grant.get("Grantee", {}).get("ID") != canonical_user_id(account):
            raise fault("AccessControlListNotSupported")


# --- the settings that are kept ---

_DEFAULT_ENCRYPTION: Final = {
    "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": ENCRYPTION}, "BucketKeyEnabled": False}]
}
_MEMBERS: Mapping[str, str] = MappingProxyType(
    {
        "BucketEncryption": "ServerSideEncryptionConfiguration",
        "BucketOwnershipControls": "OwnershipControls",
        "PublicAccessBlock": "PublicAccessBlockConfiguration",
    }
)
#: What a bucket has from its beginning, since April 2023 (S3 user guide, "Default settings for new S3 buckets").
_DEFAULTS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "BucketEncryption": _DEFAULT_ENCRYPTION,
        "BucketOwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlock": {
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    }
)
_GONE: Mapping[str, str] = MappingProxyType(
    {
        "BucketOwnershipControls": "OwnershipControlsNotFoundError",
        "PublicAccessBlock": "NoSuchPublicAccessBlockConfiguration",
    }
)


def _noun(call: Call) -> str:
    return call.operation.removeprefix("Get").removeprefix("Put").removeprefix("Delete")


def _get_kept(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    bucket, noun = require_bucket(call, params), _noun(call)
    kept = bucket.configurations.get(noun)
    value = _DEFAULTS[noun] if kept is None else json.loads(kept)
    if value is None:
        raise fault(_GONE[noun], BucketName=bucket.name)
    return {_MEMBERS[noun]: value}


def _put_kept(call: Call, params: Mapping[str, Any]) -> None:
    bucket, noun = require_bucket(call, params), _noun(call)
    value = params.get(_MEMBERS[noun])
    if not value:
        raise fault("MalformedXML")
    for rule in value.get("Rules", []) if noun == "BucketEncryption" else []:
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        refuse_unserved({"ServerSideEncryption": default.get("SSEAlgorithm", ENCRYPTION)})
    call.transaction.put(replace(bucket, configurations={**bucket.configurations, noun: json.dumps(value)}))


def _delete_kept(call: Call, params: Mapping[str, Any]) -> None:
    bucket, noun = require_bucket(call, params), _noun(call)
    # S3 never stops encrypting: without the setting a bucket has the default one again.
    left = {name: value for name, value in bucket.configurations.items() if name != noun}
    if noun in _GONE:
        left[noun] = json.dumps(None)
    call.transaction.put(replace(bucket, configurations=left))


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        **dict.fromkeys(_ALWAYS, _answer_always),
        **dict.fromkeys(_NEVER, _answer_never),
        **dict.fromkeys([f"Get{noun}" for noun in _MEMBERS], _get_kept),
        **dict.fromkeys([f"Put{noun}" for noun in _MEMBERS], _put_kept),
        **dict.fromkeys([f"Delete{noun}" for noun in _MEMBERS], _delete_kept),
        "GetBucketAcl": get_bucket_acl,
        "GetObjectAcl": get_object_acl,
        "PutBucketAcl": put_bucket_acl,
        "PutObjectAcl": put_object_acl,
    }
)
