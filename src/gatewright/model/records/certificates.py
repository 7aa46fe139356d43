"""Certificates of ACM, and those that the installation itself serves and signs with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


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
