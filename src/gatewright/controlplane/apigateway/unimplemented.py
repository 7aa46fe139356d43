"""Operations of API Gateway that are not served yet, each with the reason that its caller is told."""

from collections.abc import Mapping

#: Where there is a book of it, these are served (`usage.usage_operations`).
_USAGE = "this control plane was given no book of what keys have used"
_CLIENT_CERTIFICATES = "client certificates come with the backends that ask for them"
_VPC_LINKS = "VPC links come with the load balancers that they point to"
_DOCUMENTATION = "documentation comes with the import and export of definitions"
_IMPORT_EXPORT = "definitions in OpenAPI come with import and export"
_SDK = "no client libraries are generated"
_TEST_INVOKE = "the control process makes no calls of backends and functions"
_CACHE = "there is no response cache that could be flushed"
_PRIVATE_DOMAINS = "private custom domain names come with private APIs"

UNIMPLEMENTED: Mapping[str, str] = {
    "CreateDocumentationPart": _DOCUMENTATION,
    "CreateDocumentationVersion": _DOCUMENTATION,
    "CreateDomainNameAccessAssociation": _PRIVATE_DOMAINS,
    "CreateVpcLink": _VPC_LINKS,
    "DeleteClientCertificate": _CLIENT_CERTIFICATES,
    "DeleteDocumentationPart": _DOCUMENTATION,
    "DeleteDocumentationVersion": _DOCUMENTATION,
    "DeleteDomainNameAccessAssociation": _PRIVATE_DOMAINS,
    "DeleteVpcLink": _VPC_LINKS,
    "FlushStageCache": _CACHE,
    "GenerateClientCertificate": _CLIENT_CERTIFICATES,
    "GetClientCertificate": _CLIENT_CERTIFICATES,
    "GetClientCertificates": _CLIENT_CERTIFICATES,
    "GetDocumentationPart": _DOCUMENTATION,
    "GetDocumentationParts": _DOCUMENTATION,
    "GetDocumentationVersion": _DOCUMENTATION,
    "GetDocumentationVersions": _DOCUMENTATION,
    "GetDomainNameAccessAssociations": _PRIVATE_DOMAINS,
    "GetExport": _IMPORT_EXPORT,
    "GetSdk": _SDK,
    "GetSdkType": _SDK,
    "GetSdkTypes": _SDK,
    "GetUsage": _USAGE,
    "GetVpcLink": _VPC_LINKS,
    "GetVpcLinks": _VPC_LINKS,
    "ImportDocumentationParts": _DOCUMENTATION,
    "ImportRestApi": _IMPORT_EXPORT,
    "PutRestApi": _IMPORT_EXPORT,
    "RejectDomainNameAccessAssociation": _PRIVATE_DOMAINS,
    "TestInvokeAuthorizer": _TEST_INVOKE,
    "TestInvokeMethod": _TEST_INVOKE,
    "UpdateClientCertificate": _CLIENT_CERTIFICATES,
    "UpdateDocumentationPart": _DOCUMENTATION,
    "UpdateDocumentationVersion": _DOCUMENTATION,
    "UpdateUsage": _USAGE,
    "UpdateVpcLink": _VPC_LINKS,
}
