"""What ACM does not answer yet, and why."""

from collections.abc import Mapping

_ISSUING = "issued certificates come with the local CA as an issuer"
_ACME = "ACME endpoints come with issued certificates"
_PRIVATE_CA = "exportable and revocable certificates come with a private certificate authority"
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
    "ExportCertificate": _PRIVATE_CA,
    "GetAccountConfiguration": "expiry events come with EventBridge notifications",
    "GetAcmeExternalAccountBindingCredentials": _ACME,
    "ListAcmeAccounts": _ACME,
    "ListAcmeDomainValidations": _ACME,
    "ListAcmeEndpoints": _ACME,
    "ListAcmeExternalAccountBindings": _ACME,
    "ListCertificateDomainValidations": _ISSUING,
    "ListTagsForResource": _ACME_TAGS,
    "PutAccountConfiguration": "expiry events come with EventBridge notifications",
    "RenewCertificate": _PRIVATE_CA,
    "RequestCertificate": _ISSUING,
    "ResendValidationEmail": _ISSUING,
    "RevokeAcmeAccount": _ACME,
    "RevokeAcmeExternalAccountBinding": _ACME,
    "RevokeCertificate": _PRIVATE_CA,
    "SearchCertificates": "ListCertificates lists and filters; the search language comes later",
    "TagResource": _ACME_TAGS,
    "UntagResource": _ACME_TAGS,
    "UpdateAcmeDomainValidation": _ACME,
    "UpdateAcmeEndpoint": _ACME,
    "UpdateCertificateOptions": _ISSUING,
}
