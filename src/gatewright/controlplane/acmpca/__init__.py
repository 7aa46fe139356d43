"""AWS Private Certificate Authority (ACM PCA): private CAs, and the certificates they issue and revoke."""

from collections.abc import Mapping

from gatewright.controlplane.acmpca.authorities import (
    describe_certificate_authority,
    get_certificate_authority_csr,
    list_certificate_authorities,
)
from gatewright.controlplane.acmpca.creation import create_certificate_authority
from gatewright.controlplane.acmpca.issuing import get_certificate, issue_certificate
from gatewright.controlplane.acmpca.lifecycle import (
    delete_certificate_authority,
    restore_certificate_authority,
    update_certificate_authority,
)
from gatewright.controlplane.acmpca.own_certificate import (
    get_certificate_authority_certificate,
    import_certificate_authority_certificate,
)
from gatewright.controlplane.acmpca.permissions import create_permission, delete_permission, list_permissions
from gatewright.controlplane.acmpca.revocation import revoke_certificate
from gatewright.controlplane.acmpca.tags import list_tags, tag_certificate_authority, untag_certificate_authority
from gatewright.controlplane.acmpca.unimplemented import UNIMPLEMENTED
from gatewright.controlplane.call import Operation

OPERATIONS: Mapping[str, Operation] = {
    "CreateCertificateAuthority": create_certificate_authority,
    "CreatePermission": create_permission,
    "DeleteCertificateAuthority": delete_certificate_authority,
    "DeletePermission": delete_permission,
    "DescribeCertificateAuthority": describe_certificate_authority,
    "GetCertificate": get_certificate,
    "GetCertificateAuthorityCertificate": get_certificate_authority_certificate,
    "GetCertificateAuthorityCsr": get_certificate_authority_csr,
    "ImportCertificateAuthorityCertificate": import_certificate_authority_certificate,
    "IssueCertificate": issue_certificate,
    "ListCertificateAuthorities": list_certificate_authorities,
    "ListPermissions": list_permissions,
    "ListTags": list_tags,
    "RestoreCertificateAuthority": restore_certificate_authority,
    "RevokeCertificate": revoke_certificate,
    "TagCertificateAuthority": tag_certificate_authority,
    "UntagCertificateAuthority": untag_certificate_authority,
    "UpdateCertificateAuthority": update_certificate_authority,
}

__all__ = ["OPERATIONS", "UNIMPLEMENTED"]
