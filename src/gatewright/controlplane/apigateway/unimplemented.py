"""Operations of API Gateway that are not served yet, each with the reason that its caller is told."""

from collections.abc import Mapping

_AUTHORIZERS = "authorizers come with the calls to them"
_API_KEYS = "API keys come with metering"
_USAGE_PLANS = "usage plans come with metering"
_CLIENT_CERTIFICATES = "client certificates come with the backends that ask for them"
_VPC_LINKS = "VPC links come with the load balancers that they point to"
_DOCUMENTATION = "documentation comes with the import and export of definitions"
_IMPORT_EXPORT = "definitions in OpenAPI come with import and export"
_SDK = "no client libraries are generated"
_TEST_INVOKE = "test calls come with execution logging"
_CACHE = "there is no response cache that could be flushed"
_PRIVATE_DOMAINS = "private custom domain names come with private APIs"

UNIMPLEMENTED: Mapping[str, str] = {
    "CreateApiKey": _API_KEYS,
    "CreateAuthorizer": _AUTHORIZERS,
    "CreateDocumentationPart": _DOCUMENTATION,
    "CreateDocumentationVersion": _DOCUMENTATION,
    "CreateDomainNameAccessAssociation": _PRIVATE_DOMAINS,
    "CreateUsagePlan": _USAGE_PLANS,
    "CreateUsagePlanKey": _USAGE_PLANS,
    "CreateVpcLink": _VPC_LINKS,
    "DeleteApiKey": _API_KEYS,
    "DeleteAuthorizer": _AUTHORIZERS,
    "DeleteClientCertificate": _CLIENT_CERTIFICATES,
    "DeleteDocumentationPart": _DOCUMENTATION,
    "DeleteDocumentationVersion": _DOCUMENTATION,
    "DeleteDomainNameAccessAssociation": _PRIVATE_DOMAINS,
    "DeleteUsagePlan": _USAGE_PLANS,
    "DeleteUsagePlanKey": _USAGE_PLANS,
    "DeleteVpcLink": _VPC_LINKS,
    "FlushStageAuthorizersCache": _AUTHORIZERS,
    "FlushStageCache": _CACHE,
    "GenerateClientCertificate": _CLIENT_CERTIFICATES,
    "GetApiKey": _API_KEYS,
    "GetApiKeys": _API_KEYS,
    "GetAuthorizer": _AUTHORIZERS,
    "GetAuthorizers": _AUTHORIZERS,
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
    "GetUsage": _USAGE_PLANS,
    "GetUsagePlan": _USAGE_PLANS,
    "GetUsagePlanKey": _USAGE_PLANS,
    "GetUsagePlanKeys": _USAGE_PLANS,
    "GetUsagePlans": _USAGE_PLANS,
    "GetVpcLink": _VPC_LINKS,
    "GetVpcLinks": _VPC_LINKS,
    "ImportApiKeys": _API_KEYS,
    "ImportDocumentationParts": _DOCUMENTATION,
    "ImportRestApi": _IMPORT_EXPORT,
    "PutRestApi": _IMPORT_EXPORT,
    "RejectDomainNameAccessAssociation": _PRIVATE_DOMAINS,
    "TestInvokeAuthorizer": _AUTHORIZERS,
    "TestInvokeMethod": _TEST_INVOKE,
    "UpdateApiKey": _API_KEYS,
    "UpdateAuthorizer": _AUTHORIZERS,
    "UpdateClientCertificate": _CLIENT_CERTIFICATES,
    "UpdateDocumentationPart": _DOCUMENTATION,
    "UpdateDocumentationVersion": _DOCUMENTATION,
    "UpdateUsage": _USAGE_PLANS,
    "UpdateUsagePlan": _USAGE_PLANS,
    "UpdateVpcLink": _VPC_LINKS,
}
