"""Private certificate authorities (acm-pca) and what they issued."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


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
