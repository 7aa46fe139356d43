"""What ACM PCA does not answer yet, and why."""

from collections.abc import Mapping

_AUDIT = "what was issued and revoked is in the store; reports of it to a bucket come later"
_SHARING = "a private CA belongs to one account; sharing it comes with resource policies"

UNIMPLEMENTED: Mapping[str, str] = {
    "CreateCertificateAuthorityAuditReport": _AUDIT,
    "DeletePolicy": _SHARING,
    "DescribeCertificateAuthorityAuditReport": _AUDIT,
    "GetPolicy": _SHARING,
    "PutPolicy": _SHARING,
}
