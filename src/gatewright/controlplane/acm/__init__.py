"""AWS Certificate Manager: certificates that users import or have issued, their renewal, and what serves them."""

from collections.abc import Mapping

from gatewright.controlplane.acm.certificates import (
    delete_certificate,
    describe_certificate,
    get_certificate,
    list_certificate_domain_validations,
)
from gatewright.controlplane.acm.export_certificate import export_certificate
from gatewright.controlplane.acm.import_certificate import import_certificate
from gatewright.controlplane.acm.listing import list_certificates
from gatewright.controlplane.acm.options import (
    get_account_configuration,
    put_account_configuration,
    resend_validation_email,
    update_certificate_options,
)
from gatewright.controlplane.acm.renewal import renew_certificate
from gatewright.controlplane.acm.request_certificate import request_certificate
from gatewright.controlplane.acm.revocation import revoke_certificate
from gatewright.controlplane.acm.tags import (
    add_tags_to_certificate,
    list_tags_for_certificate,
    remove_tags_from_certificate,
)
from gatewright.controlplane.acm.unimplemented import UNIMPLEMENTED
from gatewright.controlplane.call import Operation

OPERATIONS: Mapping[str, Operation] = {
    "AddTagsToCertificate": add_tags_to_certificate,
    "DeleteCertificate": delete_certificate,
    "DescribeCertificate": describe_certificate,
    "ExportCertificate": export_certificate,
    "GetAccountConfiguration": get_account_configuration,
    "GetCertificate": get_certificate,
    "ImportCertificate": import_certificate,
    "ListCertificateDomainValidations": list_certificate_domain_validations,
    "ListCertificates": list_certificates,
    "ListTagsForCertificate": list_tags_for_certificate,
    "PutAccountConfiguration": put_account_configuration,
    "RemoveTagsFromCertificate": remove_tags_from_certificate,
    "RenewCertificate": renew_certificate,
    "RequestCertificate": request_certificate,
    "ResendValidationEmail": resend_validation_email,
    "RevokeCertificate": revoke_certificate,
    "UpdateCertificateOptions": update_certificate_options,
}

__all__ = ["OPERATIONS", "UNIMPLEMENTED"]
