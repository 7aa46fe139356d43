"""AWS Certificate Manager: certificates that users import, and what serves them."""

from collections.abc import Mapping

from gatewright.controlplane.acm.certificates import delete_certificate, describe_certificate, get_certificate
from gatewright.controlplane.acm.import_certificate import import_certificate
from gatewright.controlplane.acm.listing import list_certificates
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
    "GetCertificate": get_certificate,
    "ImportCertificate": import_certificate,
    "ListCertificates": list_certificates,
    "ListTagsForCertificate": list_tags_for_certificate,
    "RemoveTagsFromCertificate": remove_tags_from_certificate,
}

__all__ = ["OPERATIONS", "UNIMPLEMENTED"]
