"""Whether a bucket keeps the versions of its objects. Once it did it can be suspended and never be unversioned again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatewright.controlplane.call import Call
from gatewright.controlplane.s3.access import require_bucket
from gatewright.controlplane.s3.faults import fault


def get_bucket_versioning(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Enabled, Suspended, or nothing where it was never set."""
    return {"Status": require_bucket(call, params).versioning}


def put_bucket_versioning(call: Call, params: Mapping[str, Any]) -> None:
    """What is put from now on has a version id of its own, or not."""
    bucket = require_bucket(call, params)
    configuration = params.get("VersioningConfiguration") or {}
    status = configuration.get("Status")
    if status is None:
        raise fault("IllegalVersioningConfigurationException")
    if status not in ("Enabled", "Suspended"):
        raise fault("MalformedXML")
    if configuration.get("MFADelete", "Disabled") != "Disabled":
        raise fault("NotImplemented", "Gatewright has no multi-factor authentication for MFA Delete.")
    call.transaction.put(replace(bucket, versioning=status))
