"""Custom domain names, their truststores and base path mappings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from gatewright.model.records.rest_apis import EndpointConfiguration


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
class ValidatedCertificate:
    """What a domain name with mutual TLS goes on to serve while the certificate of its ARN was imported anew and not accepted.

    That is the certificate as it was accepted last. Its private key is the secret named by `secret_name`. There is none
    while what was imported last is what is served.
    """

    KIND: ClassVar[str] = "validated_certificate"

    account: str
    region: str
    domain_name: str
    certificate_pem: str
    chain_pem: str | None
    not_after: float

    @property
    def key(self) -> tuple[str, ...]:
        """(domain name,)."""
        return (self.domain_name,)

    @property
    def secret_name(self) -> str:
        """Where the store keeps the private key (PEM, PKCS#8)."""
        return f"validated-certificate/{self.account}/{self.region}/{self.domain_name}"


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
