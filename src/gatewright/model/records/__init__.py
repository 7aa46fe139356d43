"""The stored records, one frozen class a noun of the service, and one file a family of nouns.

What this module knows: which facts each noun holds, how it is found again (`KIND`, `account`, `region` and `key`),
and which nouns live inside which. What it keeps to:

- Attribute names are the service's own member names in snake_case; the wire layer's lowerCamel never appears here.
- Instants are seconds since the epoch (float, UTC). ``None`` means that the service's member is absent.
- Mappings and tuples inside a record are never changed in place; `dataclasses.replace` makes the next record.
- A Resource holds its methods, a method its integration and responses: they are changed, deployed and deleted as one.
- Secrets (private keys, access key secrets) are not record fields. They lie beside, see `gatewright.store.port`.
- A new field has a default, so that records written by an earlier release still load.
"""

from collections.abc import Mapping
from typing import TypeAlias

from gatewright.model.records.accounts import AccessKeyRecord, AccountSettings, CreationOrder
from gatewright.model.records.certificates import (
    Certificate,
    CertificateAssociation,
    CertificateAuthority,
    CertificateConfiguration,
    CertificateListing,
    CertificateOrder,
    CertificateRequest,
    DefaultCertificate,
)
from gatewright.model.records.domain_names import (
    BasePathMapping,
    DomainName,
    MappingOfApi,
    MutualTlsAuthentication,
    MutualTlsSubject,
    Truststore,
    ValidatedCertificate,
)
from gatewright.model.records.hosted_zones import (
    AliasTarget,
    Challenge,
    DnsUpdate,
    DnsUpdateServer,
    HostedZone,
    ResourceRecordSet,
    reverse_labels,
)
from gatewright.model.records.log_groups import LogGroup, LogStream
from gatewright.model.records.objects import Blob, Bucket, MultipartUpload, ObjectHeaders, ObjectVersion, UploadedPart
from gatewright.model.records.plans import (
    ApiKey,
    ApiKeyValue,
    ApiStage,
    PlanOfKey,
    PlanOfStage,
    QuotaSettings,
    ThrottleSettings,
    UsagePlan,
    UsagePlanKey,
)
from gatewright.model.records.private_authorities import (
    CrlConfiguration,
    IdempotencyToken,
    NameAttribute,
    PrivateCertificate,
    PrivateCertificateAuthority,
    PrivateCertificateAuthorityPermission,
    PrivateCertificateRevocation,
)
from gatewright.model.records.rest_apis import (
    Authorizer,
    DeployedApi,
    Deployment,
    EndpointConfiguration,
    GatewayResponse,
    Integration,
    IntegrationResponse,
    Method,
    MethodResponse,
    Model,
    RequestValidator,
    Resource,
    ResourcePath,
    RestApi,
)
from gatewright.model.records.stages import AccessLogSettings, CanarySettings, MethodSetting, Stage

__all__ = [
    "KINDS",
    "PUBLISHED_KINDS",
    "AccessKeyRecord",
    "AccessLogSettings",
    "AccountSettings",
    "AliasTarget",
    "ApiKey",
    "ApiKeyValue",
    "ApiStage",
    "Authorizer",
    "BasePathMapping",
    "Blob",
    "Bucket",
    "CanarySettings",
    "Certificate",
    "CertificateAssociation",
    "CertificateAuthority",
    "CertificateConfiguration",
    "CertificateListing",
    "CertificateOrder",
    "CertificateRequest",
    "Challenge",
    "CreationOrder",
    "CrlConfiguration",
    "DefaultCertificate",
    "DeployedApi",
    "Deployment",
    "DnsUpdate",
    "DnsUpdateServer",
    "DomainName",
    "EndpointConfiguration",
    "GatewayResponse",
    "HostedZone",
    "IdempotencyToken",
    "Integration",
    "IntegrationResponse",
    "LogGroup",
    "LogStream",
    "MappingOfApi",
    "Method",
    "MethodResponse",
    "MethodSetting",
    "Model",
    "MultipartUpload",
    "MutualTlsAuthentication",
    "MutualTlsSubject",
    "NameAttribute",
    "ObjectHeaders",
    "ObjectVersion",
    "PlanOfKey",
    "PlanOfStage",
    "PrivateCertificate",
    "PrivateCertificateAuthority",
    "PrivateCertificateAuthorityPermission",
    "PrivateCertificateRevocation",
    "QuotaSettings",
    "Record",
    "RequestValidator",
    "Resource",
    "ResourcePath",
    "ResourceRecordSet",
    "RestApi",
    "Stage",
    "ThrottleSettings",
    "Truststore",
    "UploadedPart",
    "UsagePlan",
    "UsagePlanKey",
    "ValidatedCertificate",
    "reverse_labels",
]

Record: TypeAlias = (
    RestApi
    | Resource
    | ResourcePath
    | Model
    | RequestValidator
    | GatewayResponse
    | Authorizer
    | Deployment
    | DeployedApi
    | Stage
    | DomainName
    | Truststore
    | ValidatedCertificate
    | MutualTlsSubject
    | BasePathMapping
    | MappingOfApi
    | CreationOrder
    | ApiKey
    | ApiKeyValue
    | UsagePlan
    | UsagePlanKey
    | PlanOfKey
    | PlanOfStage
    | AccountSettings
    | Certificate
    | CertificateAssociation
    | CertificateListing
    | CertificateRequest
    | CertificateOrder
    | CertificateConfiguration
    | CertificateAuthority
    | DefaultCertificate
    | PrivateCertificateAuthority
    | PrivateCertificate
    | PrivateCertificateRevocation
    | PrivateCertificateAuthorityPermission
    | IdempotencyToken
    | AccessKeyRecord
    | Bucket
    | ObjectVersion
    | MultipartUpload
    | UploadedPart
    | LogGroup
    | LogStream
    | HostedZone
    | ResourceRecordSet
    | Challenge
    | DnsUpdate
    | DnsUpdateServer
)

#: Every kind that a store can hold, by its name there.


KINDS: Mapping[str, type[Record]] = {
    kind.KIND: kind
    for kind in (
        RestApi,
        Resource,
        ResourcePath,
        Model,
        RequestValidator,
        GatewayResponse,
        Authorizer,
        Deployment,
        DeployedApi,
        Stage,
        DomainName,
        Truststore,
        ValidatedCertificate,
        MutualTlsSubject,
        BasePathMapping,
        MappingOfApi,
        CreationOrder,
        ApiKey,
        ApiKeyValue,
        UsagePlan,
        UsagePlanKey,
        PlanOfKey,
        PlanOfStage,
        AccountSettings,
        Certificate,
        CertificateAssociation,
        CertificateListing,
        CertificateRequest,
        CertificateOrder,
        CertificateConfiguration,
        CertificateAuthority,
        DefaultCertificate,
        PrivateCertificateAuthority,
        PrivateCertificate,
        PrivateCertificateRevocation,
        PrivateCertificateAuthorityPermission,
        IdempotencyToken,
        AccessKeyRecord,
        Bucket,
        ObjectVersion,
        MultipartUpload,
        UploadedPart,
        LogGroup,
        LogStream,
        HostedZone,
        ResourceRecordSet,
        Challenge,
        DnsUpdate,
        DnsUpdateServer,
    )
}


#: The kinds that the data plane is told of; changes of the others stay in the control plane (DESIGN 5).


PUBLISHED_KINDS: frozenset[str] = frozenset(
    kind.KIND
    for kind in (
        DeployedApi,
        Stage,
        DomainName,
        Truststore,
        ValidatedCertificate,
        BasePathMapping,
        ApiKey,
        UsagePlan,
        UsagePlanKey,
        AccountSettings,
        Certificate,
        DefaultCertificate,
        AccessKeyRecord,
    )
)
