"""What ACM does not answer yet, and why."""

from collections.abc import Mapping

_ACME = "Gatewright is a client of ACME directories, and no directory itself"
_ACME_TAGS = "only ACME resources are tagged this way; certificates have AddTagsToCertificate"

UNIMPLEMENTED: Mapping[str, str] = {
    "CreateAcmeDomainValidation": _ACME,
    "CreateAcmeEndpoint": _ACME,
    "CreateAcmeExternalAccountBinding": _ACME,
    "DeleteAcmeDomainValidation": _ACME,
    "DeleteAcmeEndpoint": _ACME,
    "DeleteAcmeExternalAccountBinding": _ACME,
    "DescribeAcmeAccount": _ACME,
    "DescribeAcmeDomainValidation": _ACME,
    "DescribeAcmeEndpoint": _ACME,
    "DescribeAcmeExternalAccountBinding": _ACME,
    "GetAcmeExternalAccountBindingCredentials": _ACME,
    "ListAcmeAccounts": _ACME,
    "ListAcmeDomainValidations": _ACME,
    "ListAcmeEndpoints": _ACME,
    "ListAcmeExternalAccountBindings": _ACME,
    "ListTagsForResource": _ACME_TAGS,
    "RevokeAcmeAccount": _ACME,
    "RevokeAcmeExternalAccountBinding": _ACME,
    "SearchCertificates": "ListCertificates lists and filters; there is no search language",
    "TagResource": _ACME_TAGS,
    "UntagResource": _ACME_TAGS,
    "UpdateAcmeDomainValidation": _ACME,
    "UpdateAcmeEndpoint": _ACME,
}
