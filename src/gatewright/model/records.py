"""The stored records, one frozen class a noun of the service.

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
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias


@dataclass(frozen=True, slots=True)
class EndpointConfiguration:
    """How an API or a domain name can be reached: `types` out of EDGE, REGIONAL, PRIVATE."""

    types: tuple[str, ...]
    ip_address_type: str = "ipv4"
    vpc_endpoint_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RestApi:
    """A REST API (v1) as its owner edits it; clients meet the copy that a deployment froze."""

    KIND: ClassVar[str] = "rest_api"

    account: str
    region: str
    id: str
    name: str
    root_resource_id: str
    created_date: float
    endpoint_configuration: EndpointConfiguration
    description: str | None = None
    version: str | None = None
    api_key_source: str = "HEADER"
    binary_media_types: tuple[str, ...] = ()
    minimum_compression_size: int | None = None
    disable_execute_api_endpoint: bool = False
    policy: str | None = None
    security_policy: str | None = None
    endpoint_access_mode: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(API id,)."""
        return (self.id,)


@dataclass(frozen=True, slots=True)
class IntegrationResponse:
    """Chooses, by `selection_pattern`, what a backend's answer becomes."""

    status_code: str
    selection_pattern: str | None = None
    response_parameters: Mapping[str, str] | None = None
    response_templates: Mapping[str, str | None] | None = None
    content_handling: str | None = None


@dataclass(frozen=True, slots=True)
class Integration:
    """The call behind a method. `http_method` is the verb towards the backend, absent for MOCK."""

    type: str
    http_method: str | None = None
    uri: str | None = None
    connection_type: str | None = None
    connection_id: str | None = None
    credentials: str | None = None
    request_parameters: Mapping[str, str] | None = None
    request_templates: Mapping[str, str | None] | None = None
    passthrough_behavior: str = "WHEN_NO_MATCH"
    content_handling: str | None = None
    timeout_in_millis: int = 29_000
    cache_namespace: str | None = None
    cache_key_parameters: tuple[str, ...] = ()
    insecure_skip_verification: bool | None = None
    response_transfer_mode: str | None = None
    integration_target: str | None = None
    integration_responses: Mapping[str, IntegrationResponse] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MethodResponse:
    """A status that a method may answer with, and the headers and models declared for it."""

    status_code: str
    response_parameters: Mapping[str, bool] | None = None
    response_models: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """What a client may call on a resource: verb (or ANY), who may, with what."""

    http_method: str
    authorization_type: str = "NONE"
    authorizer_id: str | None = None
    api_key_required: bool = False
    request_validator_id: str | None = None
    operation_name: str | None = None
    request_parameters: Mapping[str, bool] | None = None
    request_models: Mapping[str, str] | None = None
    authorization_scopes: tuple[str, ...] = ()
    method_responses: Mapping[str, MethodResponse] = field(default_factory=dict)
    method_integration: Integration | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A node of an API's tree of paths. The root has neither parent nor path part."""

    KIND: ClassVar[str] = "resource"

    account: str
    region: str
    api_id: str
    id: str
    path: str
    parent_id: str | None = None
    path_part: str | None = None
    resource_methods: Mapping[str, Method] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, resource id)."""
        return (self.api_id, self.id)


@dataclass(frozen=True, slots=True)
class ResourcePath:
    """Which resource has a path, so that nobody has to look through an API's resources for it, or for what is under it.

    Kept beside each `Resource`, and without a word on its methods: renames, moves and siblings concern paths alone.
    """

    KIND: ClassVar[str] = "resource_path"

    account: str
    region: str
    api_id: str
    path: str
    resource_id: str

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, a segment for each of the path): a parent comes before its children, and its key begins theirs."""
        return (self.api_id, *self.path.split("/")[1:]) if self.path != "/" else (self.api_id,)


@dataclass(frozen=True, slots=True)
class Model:
    """A named JSON schema (draft 4) of an API; `schema` is its text."""

    KIND: ClassVar[str] = "model"

    account: str
    region: str
    api_id: str
    id: str
    name: str
    content_type: str
    description: str | None = None
    schema: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, model name)."""
        return (self.api_id, self.name)


@dataclass(frozen=True, slots=True)
class RequestValidator:
    """Which parts of a request are checked before the integration is called."""

    KIND: ClassVar[str] = "request_validator"

    account: str
    region: str
    api_id: str
    id: str
    name: str | None = None
    validate_request_body: bool = False
    validate_request_parameters: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, validator id)."""
        return (self.api_id, self.id)


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """A customised answer of the gateway itself; types that are not stored have the defaults of `core.reasons`."""

    KIND: ClassVar[str] = "gateway_response"

    account: str
    region: str
    api_id: str
    response_type: str
    status_code: str | None = None
    response_parameters: Mapping[str, str] = field(default_factory=dict)
    response_templates: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, gateway response type)."""
        return (self.api_id, self.response_type)


@dataclass(frozen=True, slots=True)
class Deployment:
    """The name and date of a frozen API; what was frozen is the `DeployedApi` of the same key."""

    KIND: ClassVar[str] = "deployment"

    account: str
    region: str
    api_id: str
    id: str
    created_date: float
    description: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, deployment id)."""
        return (self.api_id, self.id)


@dataclass(frozen=True, slots=True)
class DeployedApi:
    """Everything of an API that goes live only with a deployment (facts 1.10), as it was at CreateDeployment."""

    KIND: ClassVar[str] = "deployed_api"

    account: str
    region: str
    api_id: str
    deployment_id: str
    api: RestApi
    resources: tuple[Resource, ...]
    models: tuple[Model, ...] = ()
    request_validators: tuple[RequestValidator, ...] = ()
    gateway_responses: tuple[GatewayResponse, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, deployment id)."""
        return (self.api_id, self.deployment_id)


@dataclass(frozen=True, slots=True)
class MethodSetting:
    """Settings of one method of a stage, or of all (`*/*`). Defaults as recorded (facts 1.5)."""

    metrics_enabled: bool = False
    logging_level: str | None = None
    data_trace_enabled: bool = False
    throttling_burst_limit: int = 5_000
    throttling_rate_limit: float = 10_000.0
    caching_enabled: bool = True
    cache_ttl_in_seconds: int = 300
    cache_data_encrypted: bool = False
    require_authorization_for_cache_control: bool = True
    unauthorized_cache_control_header_strategy: str = "SUCCEED_WITH_RESPONSE_HEADER"


@dataclass(frozen=True, slots=True)
class AccessLogSettings:
    """Where a stage's access log goes and the `$context` template of a line."""

    destination_arn: str | None = None
    format: str | None = None


@dataclass(frozen=True, slots=True)
class CanarySettings:
    """The part of a stage's traffic that meets another deployment."""

    deployment_id: str
    percent_traffic: float = 0.0
    stage_variable_overrides: Mapping[str, str] = field(default_factory=dict)
    use_stage_cache: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """A deployment's name in the world. Everything here acts at once, without a deployment."""

    KIND: ClassVar[str] = "stage"

    account: str
    region: str
    api_id: str
    stage_name: str
    deployment_id: str
    created_date: float
    last_updated_date: float
    description: str | None = None
    client_certificate_id: str | None = None
    cache_cluster_enabled: bool = False
    cache_cluster_size: str | None = None
    method_settings: Mapping[str, MethodSetting] = field(default_factory=dict)
    variables: Mapping[str, str] | None = None
    documentation_version: str | None = None
    access_log_settings: AccessLogSettings | None = None
    canary_settings: CanarySettings | None = None
    tracing_enabled: bool = False
    web_acl_arn: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, stage name)."""
        return (self.api_id, self.stage_name)


@dataclass(frozen=True, slots=True)
class MutualTlsAuthentication:
    """The truststore of a domain name: where it was read from and what was wrong in it.

    `validated_…` are of the server certificate that the domain name was last validated with: a re-imported one has to
    have the same issuer. The truststore itself is a `Truststore`.
    """

    truststore_uri: str
    truststore_version: str | None = None
    truststore_warnings: tuple[str, ...] = ()
    validated_subjects: tuple[str, ...] = ()
    validated_issuer: str | None = None


@dataclass(frozen=True, slots=True)
class DomainName:
    """A custom domain name. `domain_name` is lower-case and in A-labels; a wildcard begins with `*.`."""

    KIND: ClassVar[str] = "domain_name"

    account: str
    region: str
    domain_name: str
    endpoint_configuration: EndpointConfiguration
    created_date: float
    certificate_name: str | None = None
    certificate_arn: str | None = None
    certificate_upload_date: float | None = None
    regional_domain_name: str | None = None
    regional_hosted_zone_id: str | None = None
    regional_certificate_name: str | None = None
    regional_certificate_arn: str | None = None
    distribution_domain_name: str | None = None
    distribution_hosted_zone_id: str | None = None
    domain_name_status: str = "AVAILABLE"
    domain_name_status_message: str | None = None
    security_policy: str = "TLS_1_2"
    endpoint_access_mode: str | None = None
    mutual_tls_authentication: MutualTlsAuthentication | None = None
    ownership_verification_certificate_arn: str | None = None
    routing_mode: str = "BASE_PATH_MAPPING_ONLY"
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(domain name,)."""
        return (self.domain_name,)


@dataclass(frozen=True, slots=True)
class Truststore:
    """What was read from the truststore's object at the last update of its domain name, which is all that counts.

    `digest` is SHA-256 of the bundle, in hexadecimal: verdicts are kept by it. `revocation_lists` are the CRLs (PEM)
    that lay beside the bundle, if any.
    """

    KIND: ClassVar[str] = "truststore"

    account: str
    region: str
    domain_name: str
    uri: str
    pem: str
    digest: str
    read_date: float
    version: str | None = None
    revocation_lists: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """(domain name,)."""
        return (self.domain_name,)


@dataclass(frozen=True, slots=True)
class MutualTlsSubject:
    """That a domain name with mutual TLS has a server certificate for this subject, and from whom.

    Each subject has one issuer in a region, whoever has the domain names (`account` is always ""); these records say so
    without a look through all domain names.
    """

    KIND: ClassVar[str] = "mutual_tls_subject"

    account: str
    region: str
    subject: str
    domain_name: str
    issuer: str

    @property
    def key(self) -> tuple[str, ...]:
        """(subject, domain name)."""
        return (self.subject, self.domain_name)


@dataclass(frozen=True, slots=True)
class BasePathMapping:
    """From a base path of a domain name to an API. The empty base path is shown as `(none)` on the wire.

    Without a `stage` the first path segment after the base path names the stage (facts 1.8).
    """

    KIND: ClassVar[str] = "base_path_mapping"

    account: str
    region: str
    domain_name: str
    base_path: str
    rest_api_id: str
    stage: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """(domain name, base path)."""
        return (self.domain_name, self.base_path)


@dataclass(frozen=True, slots=True)
class MappingOfApi:
    """That a base path mapping leads to an API, or to a stage of it: kept beside each `BasePathMapping`."""

    KIND: ClassVar[str] = "mapping_of_api"

    account: str
    region: str
    rest_api_id: str
    stage: str  # "" where the mapping names none
    domain_name: str
    base_path: str

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, stage name or "", domain name, base path)."""
        return (self.rest_api_id, self.stage, self.domain_name, self.base_path)


@dataclass(frozen=True, slots=True)
class CreationOrder:
    """An item's place in a collection that is listed by age: kept beside each item of it."""

    KIND: ClassVar[str] = "creation_order"

    account: str
    region: str
    collection: str
    instant: str  # in a form that sorts by time
    id: str

    @property
    def key(self) -> tuple[str, ...]:
        """(collection, instant, item id)."""
        return (self.collection, self.instant, self.id)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key. Its value is the secret named by `secret_name`; which plans it is in, `UsagePlanKey` says."""

    KIND: ClassVar[str] = "api_key"

    account: str
    region: str
    id: str
    created_date: float
    last_updated_date: float
    name: str | None = None
    description: str | None = None
    enabled: bool = False
    customer_id: str | None = None
    stage_keys: tuple[str, ...] = ()  # `{API id}/{stage name}`: shown, and nothing else since there are usage plans
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(API key id,)."""
        return (self.id,)

    @property
    def secret_name(self) -> str:
        """Where the store keeps the value (ASCII)."""
        return f"api-key/{self.account}/{self.region}/{self.id}"


@dataclass(frozen=True, slots=True)
class ApiKeyValue:
    """Which API key has a value, kept beside each `ApiKey`: no two of an account in a region have the same."""

    KIND: ClassVar[str] = "api_key_value"

    account: str
    region: str
    digest: str  # of the value, under a key of the store's
    key_id: str

    @property
    def key(self) -> tuple[str, ...]:
        """(digest,)."""
        return (self.digest,)


@dataclass(frozen=True, slots=True)
class ThrottleSettings:
    """What a usage plan allows a second, to each of its keys."""

    rate_limit: float = 0.0
    burst_limit: int = 0


@dataclass(frozen=True, slots=True)
class QuotaSettings:
    """What a usage plan allows a period (DAY, WEEK or MONTH), to each of its keys."""

    limit: int
    period: str
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ApiStage:
    """A stage that a usage plan opens, and limits of single methods there: `/pets/GET`, `//GET` for the root."""

    api_id: str
    stage: str
    throttle: Mapping[str, ThrottleSettings] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """Which stages its keys open, and how often."""

    KIND: ClassVar[str] = "usage_plan"

    account: str
    region: str
    id: str
    name: str
    created_date: float
    description: str | None = None
    product_code: str | None = None
    throttle: ThrottleSettings | None = None
    quota: QuotaSettings | None = None
    api_stages: tuple[ApiStage, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(usage plan id,)."""
        return (self.id,)


@dataclass(frozen=True, slots=True)
class UsagePlanKey:
    """That an API key is in a usage plan."""

    KIND: ClassVar[str] = "usage_plan_key"

    account: str
    region: str
    usage_plan_id: str
    id: str  # the API key's
    created_date: float

    @property
    def key(self) -> tuple[str, ...]:
        """(usage plan id, API key id)."""
        return (self.usage_plan_id, self.id)


@dataclass(frozen=True, slots=True)
class PlanOfKey:
    """The usage plans of an API key: kept beside each `UsagePlanKey`."""

    KIND: ClassVar[str] = "plan_of_key"

    account: str
    region: str
    key_id: str
    usage_plan_id: str

    @property
    def key(self) -> tuple[str, ...]:
        """(API key id, usage plan id)."""
        return (self.key_id, self.usage_plan_id)


@dataclass(frozen=True, slots=True)
class PlanOfStage:
    """The usage plans that open a stage: kept beside each `UsagePlan`, one for every stage of it."""

    KIND: ClassVar[str] = "plan_of_stage"

    account: str
    region: str
    api_id: str
    stage: str
    usage_plan_id: str

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, stage name, usage plan id)."""
        return (self.api_id, self.stage, self.usage_plan_id)


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """What UpdateAccount changes, one record an account and region."""

    KIND: ClassVar[str] = "account_settings"

    account: str
    region: str
    cloudwatch_role_arn: str | None = None
    features: tuple[str, ...] = ("UsagePlans",)

    @property
    def key(self) -> tuple[str, ...]:
        """(): there is one."""
        return ()


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of ACM. Its private key is the secret named by `secret_name`.

    `domain_name` and `subject_alternative_names` are derived from the certificate when it is imported, so that
    listings need not parse it again.
    """

    KIND: ClassVar[str] = "certificate"

    account: str
    region: str
    id: str
    certificate_pem: str
    chain_pem: str | None
    domain_name: str
    subject_alternative_names: tuple[str, ...]
    not_before: float
    not_after: float
    created_at: float
    type: str = "IMPORTED"
    status: str = "ISSUED"
    imported_at: float | None = None
    tags: Mapping[str, str] = field(default_factory=dict)  # of an imported one; others have them with their request
    issued_at: float | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """(certificate id,): the last part of the ARN."""
        return (self.id,)

    @property
    def arn(self) -> str:
        """`arn:aws:acm:{region}:{account}:certificate/{id}`."""
        return f"arn:aws:acm:{self.region}:{self.account}:certificate/{self.id}"

    @property
    def secret_name(self) -> str:
        """Where the store keeps the private key (PEM, PKCS#8)."""
        return f"certificate/{self.account}/{self.region}/{self.id}"


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """What was asked of ACM for one certificate that it issues, and how far that is; kept as long as the certificate.

    The `Certificate` of the same key is there once it was issued. `issuer` is who signs: LOCAL (the installation's own
    authority), PRIVATE (a private CA of ACM PCA) or ACME. `status` is what was decided (PENDING_VALIDATION, ISSUED,
    FAILED); VALIDATION_TIMED_OUT follows from the clock.
    """

    KIND: ClassVar[str] = "certificate_request"

    account: str
    region: str
    id: str
    issuer: str
    domain_name: str
    subject_alternative_names: tuple[str, ...]  # the domain name first
    key_algorithm: str  # as the request spells it: RSA_2048
    created_at: float
    status: str = "PENDING_VALIDATION"
    failure_reason: str | None = None
    validation_method: str | None = None  # None: a private certificate needs none
    validation_domains: Mapping[str, str] = field(
        default_factory=dict
    )  # by domain name, where another one was asked for
    certificate_authority_arn: str | None = None
    transparency_logging: str | None = None  # None: nothing was said
    export: str | None = None
    exported_at: float | None = None
    renewal_status: str | None = None
    renewal_failure_reason: str | None = None
    renewal_updated_at: float | None = None
    revoked_at: float | None = None
    revocation_reason: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(certificate id,): the last part of the ARN."""
        return (self.id,)

    @property
    def arn(self) -> str:
        """`arn:aws:acm:{region}:{account}:certificate/{id}`."""
        return f"arn:aws:acm:{self.region}:{self.account}:certificate/{self.id}"


@dataclass(frozen=True, slots=True)
class CertificateOrder:
    """That a requested certificate is to be issued or renewed: what the control process works on, and when next."""

    KIND: ClassVar[str] = "certificate_order"

    account: str
    region: str
    id: str  # of the certificate
    due_at: float
    attempts: int = 0
    challenges: Mapping[str, str] = field(
        default_factory=dict
    )  # TXT values that are in the DNS for it, with their names

    @property
    def key(self) -> tuple[str, ...]:
        """(certificate id,)."""
        return (self.id,)


@dataclass(frozen=True, slots=True)
class CertificateConfiguration:
    """An account's settings of ACM in a region."""

    KIND: ClassVar[str] = "certificate_configuration"

    account: str
    region: str
    days_before_expiry: int

    @property
    def key(self) -> tuple[str, ...]:
        """(): there is one."""
        return ()


@dataclass(frozen=True, slots=True)
class CertificateListing:
    """A certificate's place in listings by age, with what their filters ask for: kept beside each certificate or request.

    So a listing reads no certificate that it does not show. Usages are in ACM's words.
    """

    KIND: ClassVar[str] = "certificate_listing"

    account: str
    region: str
    instant: str  # of the certificate's creation, in a form that sorts by time
    id: str
    key_algorithm: str
    key_usages: tuple[str, ...]
    extended_key_usages: tuple[str, ...]
    not_after: float | None  # None: not issued yet
    type: str
    status: str
    is_exportable: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """(instant, certificate id)."""
        return (self.instant, self.id)


@dataclass(frozen=True, slots=True)
class CertificateAuthority:
    """The installation's own certificate authority, which users may choose to trust."""

    KIND: ClassVar[str] = "certificate_authority"

    account: str  # always "": it belongs to the installation
    region: str  # always ""
    certificate_pem: str
    not_after: float

    @property
    def key(self) -> tuple[str, ...]:
        """(): there is one."""
        return ()

    @property
    def secret_name(self) -> str:
        """Where the store keeps the private key (PEM, PKCS#8)."""
        return "certificate-authority"


@dataclass(frozen=True, slots=True)
class CertificateAssociation:
    """That a resource uses a certificate of ACM (`InUseBy`), so that nobody has to look through all resources.

    `account` and `region` are the certificate's. Whoever stores a resource that names a certificate keeps these too.
    """

    KIND: ClassVar[str] = "certificate_association"

    account: str
    region: str
    certificate_id: str
    used_by: str  # an ARN

    @property
    def key(self) -> tuple[str, ...]:
        """(certificate id, ARN of what uses it)."""
        return (self.certificate_id, self.used_by)


@dataclass(frozen=True, slots=True)
class NameAttribute:
    """One part of a distinguished name; `type` is the service's member name (`CommonName`) or an object identifier."""

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class CrlConfiguration:
    """Where a private CA publishes its revocation list, and how certificates name that place."""

    enabled: bool = False
    expiration_in_days: int | None = None
    custom_cname: str | None = None
    s3_bucket_name: str | None = None
    s3_object_acl: str | None = None
    omit_extension: bool = False
    custom_path: str | None = None


@dataclass(frozen=True, slots=True)
class PrivateCertificateAuthority:
    """A private CA of ACM PCA. Its private key is the secret named by `secret_name`.

    `status` is what was decided (PENDING_CERTIFICATE, ACTIVE, DISABLED, DELETED); EXPIRED follows from the clock.
    """

    KIND: ClassVar[str] = "private_certificate_authority"

    account: str
    region: str
    id: str
    type: str
    key_algorithm: str
    signing_algorithm: str
    subject: tuple[NameAttribute, ...]
    usage_mode: str
    key_storage_security_standard: str
    csr_pem: str
    created_at: float
    last_state_change_at: float
    status: str = "PENDING_CERTIFICATE"
    csr_key_usage: tuple[str, ...] = ()
    crl_configuration: CrlConfiguration = field(default_factory=CrlConfiguration)
    crl_number: int = 0
    crl_published_at: float | None = None
    certificate_pem: str | None = None
    chain_pem: str | None = None
    serial: str | None = None
    not_before: float | None = None
    not_after: float | None = None
    restorable_until: float | None = None
    status_before_deletion: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(authority id,): the last part of the ARN."""
        return (self.id,)

    @property
    def arn(self) -> str:
        """`arn:aws:acm-pca:{region}:{account}:certificate-authority/{id}`."""
        return f"arn:aws:acm-pca:{self.region}:{self.account}:certificate-authority/{self.id}"

    @property
    def secret_name(self) -> str:
        """Where the store keeps the private key (PEM, PKCS#8)."""
        return f"private-certificate-authority/{self.account}/{self.region}/{self.id}"


@dataclass(frozen=True, slots=True)
class PrivateCertificate:
    """A certificate that a private CA issued, with the chain that the CA had then. `serial` is 32 hex digits."""

    KIND: ClassVar[str] = "private_certificate"

    account: str
    region: str
    authority_id: str
    serial: str
    certificate_pem: str
    chain_pem: str | None
    issued_at: float
    not_after: float

    @property
    def key(self) -> tuple[str, ...]:
        """(authority id, serial)."""
        return (self.authority_id, self.serial)

    @property
    def arn(self) -> str:
        """The authority's ARN, and `/certificate/{serial}`."""
        authority = f"arn:aws:acm-pca:{self.region}:{self.account}:certificate-authority/{self.authority_id}"
        return f"{authority}/certificate/{self.serial}"


@dataclass(frozen=True, slots=True)
class PrivateCertificateRevocation:
    """That a private CA takes a certificate back: an entry of its revocation list until the certificate expires."""

    KIND: ClassVar[str] = "private_certificate_revocation"

    account: str
    region: str
    authority_id: str
    serial: str
    revoked_at: float
    reason: str
    not_after: float

    @property
    def key(self) -> tuple[str, ...]:
        """(authority id, serial)."""
        return (self.authority_id, self.serial)


@dataclass(frozen=True, slots=True)
class PrivateCertificateAuthorityPermission:
    """That a service of AWS may use a private CA, such as ACM to renew what it requested."""

    KIND: ClassVar[str] = "private_certificate_authority_permission"

    account: str
    region: str
    authority_id: str
    principal: str
    source_account: str
    actions: tuple[str, ...]
    created_at: float

    @property
    def key(self) -> tuple[str, ...]:
        """(authority id, principal, source account)."""
        return (self.authority_id, self.principal, self.source_account)


@dataclass(frozen=True, slots=True)
class IdempotencyToken:
    """What a call that carried a token made, so that the same call made again shortly after makes nothing anew."""

    KIND: ClassVar[str] = "idempotency_token"

    account: str
    region: str
    scope: str  # the operation, and what it worked on
    token: str  # its SHA-256: what a client sends may hold characters that a key may not
    parameters: str  # their SHA-256
    arn: str
    expires_at: float

    @property
    def key(self) -> tuple[str, ...]:
        """(scope, token)."""
        return (self.scope, self.token)


@dataclass(frozen=True, slots=True)
class DefaultCertificate:
    """What a client gets that names no domain of ours: `*.execute-api.{region}.{suffix}`, issued by the local CA."""

    KIND: ClassVar[str] = "default_certificate"

    account: str  # always "": it belongs to the installation
    region: str
    certificate_pem: str
    chain_pem: str | None
    not_after: float

    @property
    def key(self) -> tuple[str, ...]:
        """(): one a region."""
        return ()

    @property
    def secret_name(self) -> str:
        """Where the store keeps the private key (PEM, PKCS#8)."""
        return f"default-certificate/{self.region}"


@dataclass(frozen=True, slots=True)
class AccessKeyRecord:
    """An access key. `region` is always "": keys belong to an account; the secret lies in the store's secrets."""

    KIND: ClassVar[str] = "access_key"

    account: str
    region: str
    id: str
    arn: str
    user_id: str
    created_date: float
    active: bool = True

    @property
    def key(self) -> tuple[str, ...]:
        """(access key id,)."""
        return (self.id,)

    @property
    def secret_name(self) -> str:
        """Where the store keeps the secret access key (ASCII)."""
        return f"access-key/{self.id}"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of S3. Its name is its own in the whole installation; account and region say whose and where it is."""

    KIND: ClassVar[str] = "bucket"

    account: str
    region: str
    name: str
    created_date: float
    versioning: str | None = None  # None: never set; then Enabled or Suspended
    tags: Mapping[str, str] = field(default_factory=dict)
    # Settings that are kept for whoever asks, each as the JSON of its members, by the name of its operation's noun.
    configurations: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(bucket name,)."""
        return (self.name,)


@dataclass(frozen=True, slots=True)
class ObjectHeaders:
    """What an object's uploader said of it, and every reader is told again."""

    content_type: str = "binary/octet-stream"
    cache_control: str | None = None
    content_disposition: str | None = None
    content_encoding: str | None = None
    content_language: str | None = None
    expires: float | None = None
    website_redirect_location: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Blob:
    """A piece of an object's content: its name among the store's blobs, and its length."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version of an object in a bucket, or a delete marker. `account` and `region` are the bucket's.

    `sequence` sorts the versions of a key with the newest first. It is the version id too, except of the version that
    was put while versioning was not enabled, whose version id is `null`.
    """

    KIND: ClassVar[str] = "object_version"

    account: str
    region: str
    bucket: str
    object_key: str
    sequence: str
    version_id: str
    last_modified: float
    is_delete_marker: bool = False
    size: int = 0
    etag: str = ""  # without its quotes
    content: tuple[Blob, ...] = ()
    headers: ObjectHeaders = field(default_factory=ObjectHeaders)
    checksums: Mapping[str, str] = field(default_factory=dict)  # by algorithm, in base64
    checksum_type: str = "FULL_OBJECT"
    is_multipart: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(bucket, object key, sequence)."""
        return (self.bucket, self.object_key, self.sequence)


@dataclass(frozen=True, slots=True)
class MultipartUpload:
    """An upload that was begun and is neither completed nor aborted. `account` and `region` are the bucket's."""

    KIND: ClassVar[str] = "multipart_upload"

    account: str
    region: str
    bucket: str
    object_key: str
    upload_id: str
    initiated: float
    headers: ObjectHeaders = field(default_factory=ObjectHeaders)
    checksum_algorithm: str | None = None
    checksum_type: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(bucket, object key, upload id)."""
        return (self.bucket, self.object_key, self.upload_id)


@dataclass(frozen=True, slots=True)
class UploadedPart:
    """A part of a multipart upload. `account` and `region` are the bucket's."""

    KIND: ClassVar[str] = "uploaded_part"

    account: str
    region: str
    upload_id: str
    part_number: int
    last_modified: float
    etag: str  # without its quotes
    content: Blob
    checksums: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(upload id, part number in five digits)."""
        return (self.upload_id, f"{self.part_number:05}")


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group that somebody made, or of which somebody set something. Its events are in files, not in the store."""

    KIND: ClassVar[str] = "log_group"

    account: str
    region: str
    name: str
    created_date: float
    retention_in_days: int | None = None
    deletion_protection_enabled: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(group name,)."""
        return (self.name,)

    @property
    def arn(self) -> str:
        """Without the `:*` that older answers have at its end."""
        return f"arn:aws:logs:{self.region}:{self.account}:log-group:{self.name}"


@dataclass(frozen=True, slots=True)
class LogStream:
    """A log stream that a user made; those of workers are told by their files alone."""

    KIND: ClassVar[str] = "log_stream"

    account: str
    region: str
    group: str
    name: str
    created_date: float

    @property
    def key(self) -> tuple[str, ...]:
        """(group name, stream name)."""
        return (self.group, self.name)


@dataclass(frozen=True, slots=True)
class HostedZone:
    """A public hosted zone of Route 53, which the built-in DNS answers for. `region` is always "": zones are global.

    `name` is in Route 53's spelling, see `gatewright.core.dns.name`.
    """

    KIND: ClassVar[str] = "hosted_zone"

    account: str
    region: str
    id: str
    name: str
    caller_reference: str
    created_date: float
    name_servers: tuple[str, ...]
    comment: str | None = None
    record_set_count: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(hosted zone id,)."""
        return (self.id,)


@dataclass(frozen=True, slots=True)
class AliasTarget:
    """What an alias record stands for: a name in its own hosted zone, or a target of API Gateway or CloudFront."""

    hosted_zone_id: str
    dns_name: str
    evaluate_target_health: bool = False


@dataclass(frozen=True, slots=True)
class ResourceRecordSet:
    """The records of one name and type in a hosted zone, or an alias. Name and values are in Route 53's spelling."""

    KIND: ClassVar[str] = "resource_record_set"

    account: str
    region: str
    hosted_zone_id: str
    name: str
    type: str
    ttl: int | None = None  # None: an alias has its target's
    values: tuple[str, ...] = ()
    alias_target: AliasTarget | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """(hosted zone id, name with its labels reversed, type): the order in which Route 53 lists them."""
        return (self.hosted_zone_id, reverse_labels(self.name), self.type)


def reverse_labels(name: str) -> str:
    """`com.example.www.` for `www.example.com.`. An escaped dot is no dot: it is written in digits."""
    return ".".join(reversed(name.removesuffix(".").split("."))) + "."


@dataclass(frozen=True, slots=True)
class Challenge:
    """TXT values that answer ACME's DNS-01 for a name outside of our hosted zones; a DNS server elsewhere has them."""

    KIND: ClassVar[str] = "challenge"

    account: str
    region: str
    name: str  # `_acme-challenge.…`, as a ResourceRecordSet's
    values: tuple[str, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """(name,)."""
        return (self.name,)


@dataclass(frozen=True, slots=True)
class DnsUpdate:
    """That the DNS server elsewhere has yet to be told of a name and type. What it is told is what is true then."""

    KIND: ClassVar[str] = "dns_update"

    account: str
    region: str
    name: str
    type: str

    @property
    def key(self) -> tuple[str, ...]:
        """(name with its labels reversed, type)."""
        return (reverse_labels(self.name), self.type)


@dataclass(frozen=True, slots=True)
class DnsUpdateServer:
    """The DNS server that was told of all hosted zones as they were when it was first named."""

    KIND: ClassVar[str] = "dns_update_server"

    account: str  # always "": it belongs to the installation
    region: str  # always ""
    address: str

    @property
    def key(self) -> tuple[str, ...]:
        """(): there is one."""
        return ()


Record: TypeAlias = (
    RestApi
    | Resource
    | ResourcePath
    | Model
    | RequestValidator
    | GatewayResponse
    | Deployment
    | DeployedApi
    | Stage
    | DomainName
    | Truststore
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
        Deployment,
        DeployedApi,
        Stage,
        DomainName,
        Truststore,
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
