"""What the probes saw, as frozen values that have a JSON form: a recorded diagnosis can be examined again.

The rules this file keeps: evidence says what was seen and judges nothing, but for OpenSSL's own verdict on a chain,
which needs the trust anchors that are too many to record. A member that is None was not looked at; where that was
because a probe could not, an `Unknown` names the step and why. No private key, secret or token is ever evidence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatewright.doctor.caller import Caller, Signer
from gatewright.doctor.front import Distribution
from gatewright.doctor.limits import Limits
from gatewright.doctor.question import Question
from gatewright.doctor.vpc_endpoint import VpcEndpoint


@dataclass(frozen=True, slots=True)
class Unknown:
    """A step that could not be looked at, why, and the IAM action that was missing, where that is why."""

    step: str
    why: str
    action: str | None = None


@dataclass(frozen=True, slots=True)
class NameAnswer:
    """What a resolver said of the host."""

    resolver: str
    status: str  # NOERROR, NXDOMAIN, REFUSED, …
    canonical_names: tuple[str, ...] = ()  # the CNAME chain, nearest first, without trailing dots
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ZoneRecord:
    """What the account's hosted zone has for the host: the record that ought to be answered."""

    zone_id: str
    name: str
    type: str
    values: tuple[str, ...] = ()
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """The account's hosted zone that the host falls into, and its A, AAAA and CNAME records of that name."""

    zone_id: str
    name: str
    records: tuple[ZoneRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class TcpAttempt:
    """The connection: to where, and how it went."""

    address: str
    connected: bool
    error: str | None = None


@dataclass(frozen=True, slots=True)
class VerifyFault:
    """One thing that OpenSSL had against the chain: its X509_V_ERR number, at which certificate, and its text."""

    number: int
    depth: int
    text: str


@dataclass(frozen=True, slots=True)
class TlsAttempt:
    """The handshake: the chain as it was sent (PEM, leaf first) and what OpenSSL said of it with the client's roots."""

    server_name: str | None
    chain: tuple[str, ...] = ()
    faults: tuple[VerifyFault, ...] = ()
    version: str | None = None
    asks_for_certificate: bool = False
    own_roots: bool = False  # the client's roots were named by the user; otherwise they are the public ones
    error: str | None = None


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The answer to the request that is asked about; the body's beginning only."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: str = ""
    error: str | None = None  # why there was none; the status is 0 then

    @property
    def error_type(self) -> str:
        """`x-amzn-ErrorType` without what may follow a colon."""
        return self.headers.get("x-amzn-errortype", "").partition(":")[0]


@dataclass(frozen=True, slots=True)
class Domain:
    """A custom domain name as GetDomainName tells of it."""

    name: str
    status: str = "AVAILABLE"
    status_message: str = ""
    endpoint_types: tuple[str, ...] = ("REGIONAL",)
    regional_name: str | None = None
    regional_zone_id: str | None = None
    distribution_name: str | None = None
    distribution_zone_id: str | None = None
    certificate_arn: str | None = None  # the one that is served: regional or edge
    ownership_certificate_arn: str | None = None
    security_policy: str | None = None
    access_mode: str | None = None
    truststore_uri: str | None = None
    truststore_version: str | None = None
    truststore_warnings: tuple[str, ...] = ()

    @property
    def targets(self) -> tuple[tuple[str, str], ...]:
        """Where DNS should point, with the hosted zone of each."""
        pairs = ((self.regional_name, self.regional_zone_id), (self.distribution_name, self.distribution_zone_id))
        return tuple((name.lower().rstrip("."), zone or "") for name, zone in pairs if name)

    @property
    def is_mutual(self) -> bool:
        """Clients have to show a certificate."""
        return bool(self.truststore_uri)


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """The domain's certificate in ACM; `found` False: ACM has none of that ARN."""

    arn: str
    found: bool = True
    status: str | None = None
    kind: str | None = None  # IMPORTED, AMAZON_ISSUED, PRIVATE
    certificate: str | None = None  # PEM
    chain: tuple[str, ...] = ()  # PEM


@dataclass(frozen=True, slots=True)
class BasePath:
    """A base path mapping; an empty base path is the one for all paths."""

    base_path: str
    api_id: str
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class DeployedMethod:
    """What a deployment's summary says of one method."""

    authorization: str = "NONE"
    api_key_required: bool = False


@dataclass(frozen=True, slots=True)
class Api:
    """The API that answers, its stages, and its resources as they are and as the stage's deployment froze them."""

    id: str
    found: bool = True
    name: str = ""
    default_endpoint_disabled: bool = False
    access_mode: str | None = None
    endpoint_types: tuple[str, ...] | None = None
    protocol: str | None = None  # HTTP, WEBSOCKET; None: it is a REST API
    policy: str | None = None  # the resource policy as it is now, JSON
    key_source: str | None = None  # HEADER or AUTHORIZER; None: not told
    stage: str | None = None  # the stage that the request asks for, if it asks for one
    resource_path: str = "/"  # what is left of the path for the API's resources
    stages: Mapping[str, str] = field(default_factory=dict)  # name: deployment id
    deployed: Mapping[str, Mapping[str, DeployedMethod]] | None = None
    current: Mapping[str, tuple[str, ...]] | None = None  # path: verbs


@dataclass(frozen=True, slots=True)
class Integration:
    """The integration of the method that answers, as GetIntegration tells of it."""

    resource_id: str
    resource_path: str
    verb: str
    type: str
    uri: str = ""
    timeout_in_millis: int = 29_000
    connection_type: str = "INTERNET"


@dataclass(frozen=True, slots=True)
class TruststoreObject:
    """The truststore's object: the version that the domain has, and the newest one of a versioned bucket."""

    uri: str
    pem: str
    version: str | None = None
    newest_version: str | None = None
    last_modified: str | None = None  # RFC 3339


@dataclass(frozen=True, slots=True)
class Backend:
    """The integration's endpoint as it is seen from here."""

    url: str
    host: str
    port: int
    addresses: tuple[str, ...] = ()
    tcp: TcpAttempt | None = None
    tls: TlsAttempt | None = None


@dataclass(frozen=True, slots=True)
class OriginSide:
    """What the account has for the host and path that a distribution asks its origin for."""

    host: str
    path: str
    domain: Domain | None = None
    mappings: tuple[BasePath, ...] | None = None  # None: the host is a default endpoint, or they were not told
    api: Api | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was seen for one question."""

    question: Question
    now: str  # RFC 3339
    region: str = "us-east-1"
    name: NameAnswer | None = None
    target_addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of the domain's targets
    zone: Zone | None = None
    led_nowhere: TcpAttempt | None = None  # where the name leads; what follows was then seen at the target
    tcp: TcpAttempt | None = None
    tls: TlsAttempt | None = None
    http: HttpAnswer | None = None
    domains: tuple[Domain, ...] | None = None  # those that cover the host, the exact one first; None: not told
    other_targets: Mapping[str, str] = field(default_factory=dict)  # target: the account's domain name that it is of
    certificate: StoredCertificate | None = None
    mappings: tuple[BasePath, ...] | None = None
    api: Api | None = None
    integration: Integration | None = None
    truststore: TruststoreObject | None = None
    backend: Backend | None = None
    limits: Limits | None = None
    caller: Caller | None = None
    signer: Signer | None = None
    logged: Mapping[str, str] | None = None  # of the answered request: the cause that the execution log has
    front: Distribution | None = None
    origin: OriginSide | None = None  # behind `front`
    vpc_endpoints: tuple[VpcEndpoint, ...] | None = None  # for execute-api; None: not asked for
    record: Mapping[str, str] | None = None  # of a request id: the refusal's code, message and facts
    unknowns: tuple[Unknown, ...] = ()

    @property
    def domain(self) -> Domain | None:
        """The domain name that answers the host: the exact one before the wildcard (facts 1.7)."""
        return self.domains[0] if self.domains else None
