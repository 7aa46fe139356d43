"""The revocation configuration of a private CA: what a caller may ask for, and how it is shown."""

from collections.abc import Mapping
from typing import Any

from gatewright.controlplane.acmpca import refusals
from gatewright.controlplane.acmpca.refusals import invalid_args
from gatewright.model.records import CrlConfiguration


def parse_revocation_configuration(configuration: Mapping[str, Any]) -> CrlConfiguration:
    """What to do about revocation; raises InvalidArgsException for what contradicts itself or is not served."""
    _check_ocsp(configuration.get("OcspConfiguration") or {"Enabled": False})
    return _parse_crl(configuration.get("CrlConfiguration") or {"Enabled": False})


def render_revocation_configuration(crl: CrlConfiguration) -> dict[str, Any]:
    """A `RevocationConfiguration`; what is disabled shows nothing else."""
    shown: dict[str, Any] = {"Enabled": crl.enabled}
    if crl.enabled:
        shown |= {
            "ExpirationInDays": crl.expiration_in_days,
            "CustomCname": crl.custom_cname,
            "S3BucketName": crl.s3_bucket_name,
            "S3ObjectAcl": crl.s3_object_acl,
            "CrlDistributionPointExtensionConfiguration": {"OmitExtension": crl.omit_extension},
            "CrlType": "COMPLETE",
            "CustomPath": crl.custom_path,
        }
    return {
        "CrlConfiguration": {name: value for name, value in shown.items() if value is not None},
        "OcspConfiguration": {"Enabled": False},
    }


def _check_ocsp(ocsp: Mapping[str, Any]) -> None:
    if ocsp["Enabled"]:
        raise invalid_args(refusals.OCSP_NOT_SERVED)
    if ocsp.get("OcspCustomCname"):
        raise invalid_args(refusals.DISABLED_WITH_MORE)


def _parse_crl(crl: Mapping[str, Any]) -> CrlConfiguration:
    if not crl["Enabled"]:
        # M: "A configuration disabling CRLs or OCSP must contain only the Enabled=False parameter".
        if any(value for name, value in crl.items() if name != "Enabled"):
            raise invalid_args(refusals.DISABLED_WITH_MORE)
        return CrlConfiguration()
    if not crl.get("S3BucketName") or crl.get("ExpirationInDays") is None:
        raise invalid_args(refusals.CRL_WITHOUT_PLACE)
    if crl.get("CrlType") == "PARTITIONED":
        raise invalid_args(refusals.PARTITIONED_NOT_SERVED)
    cname = crl.get("CustomCname") or None
    if cname is not None and "://" in cname:
        raise invalid_args(refusals.PROTOCOL_IN_CNAME)
    extension = crl.get("CrlDistributionPointExtensionConfiguration") or {"OmitExtension": False}
    return CrlConfiguration(
        enabled=True,
        expiration_in_days=crl["ExpirationInDays"],
        custom_cname=cname,
        s3_bucket_name=crl["S3BucketName"],
        # M: "If no value is specified, the default is PUBLIC_READ".
        s3_object_acl=crl.get("S3ObjectAcl", "PUBLIC_READ"),
        omit_extension=extension["OmitExtension"],
        custom_path=crl.get("CustomPath") or None,
    )
