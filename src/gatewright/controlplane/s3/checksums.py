"""The checksums that a request names, as members of its parameters and of answers.

That the body of a request is what its checksums say has been verified before an operation sees it
(`gatewright.controlplane.request_body`). Here is what is kept and told: the checksum that the client chose. S3 makes a
CRC64NVME where the client chose none; we keep none then.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

from gatewright.controlplane.s3.faults import fault
from gatewright.core.checksum import ALGORITHMS, checksum_of
from gatewright.model.records import ObjectVersion

COMPOSITE, FULL_OBJECT = "COMPOSITE", "FULL_OBJECT"

# S3 user guide, "Full object and composite checksum types" (D): what an upload in parts may have, its default first.
_TYPES: Mapping[str, tuple[str, ...]] = {
    "CRC64NVME": (FULL_OBJECT,),
    "CRC32": (COMPOSITE, FULL_OBJECT),
    "CRC32C": (COMPOSITE, FULL_OBJECT),
}


def given_checksums(params: Mapping[str, Any]) -> dict[str, str]:
    """The checksums among the parameters, by algorithm."""
    return {name: params[f"Checksum{name}"] for name in ALGORITHMS if f"Checksum{name}" in params}


def render_checksums(checksums: Mapping[str, str]) -> dict[str, str]:
    """The members of an answer."""
    return {f"Checksum{name}": value for name, value in checksums.items()}


def render_version_checksums(version: ObjectVersion) -> dict[str, str]:
    """The members of an answer about a version: its checksums, and of what they are."""
    if not version.checksums:
        return {}
    return {**render_checksums(version.checksums), "ChecksumType": version.checksum_type}


def select_checksum_type(algorithm: str | None, wanted: str | None) -> str | None:
    """How the checksum of an upload in parts is made."""
    if algorithm is None:
        return None
    if algorithm not in ALGORITHMS:
        raise fault("NotImplemented", f"Gatewright's S3 does not know the checksum algorithm {algorithm}.")
    allowed = _TYPES.get(algorithm, (COMPOSITE,))
    if wanted not in (None, *allowed):
        raise fault(
            "InvalidRequest",
            f"The {wanted} checksum type cannot be used with the {algorithm.lower()} checksum algorithm.",
        )
    return wanted or allowed[0]


def composite_checksum(algorithm: str, of_parts: Sequence[str]) -> str:
    """The checksum of the parts' checksums, and how many parts there are."""
    return f"{checksum_of(algorithm, b''.join(map(b64decode, of_parts)))}-{len(of_parts)}"
