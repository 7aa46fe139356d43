"""All that the data plane reads, in one immutable value: bindings by server name, domains by Host, stages by API.

A `Snapshot` is made by `compile_snapshot` and swapped whole. Every question that a request asks of it is a dictionary
look-up or a walk over something compiled, whatever the number of domains and resources.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from gatewright.core.context import MethodFacts, RouteFacts, StageFacts
from gatewright.core.domains.base_path import BasePaths
from gatewright.core.domains.hostname import wildcard_of
from gatewright.core.domains.selection import Selection, SelectionReason, select_binding
from gatewright.core.errors import GatewayError
from gatewright.core.metering.charge import MethodLevels
from gatewright.core.metering.limits import Throttle
from gatewright.core.reasons import (
    DEFAULT_ENDPOINT_DISABLED,
    DOMAIN_NOT_FOUND,
    HOST_UNKNOWN,
    MAPPING_MISSING,
    STAGE_MISSING,
)
from gatewright.core.sigv4.verification import AccessKey
from gatewright.model.compile_api import CompiledApi, compile_api
from gatewright.model.compile_stage_logs import compile_stage_logs
from gatewright.model.compile_stage_metrics import compile_stage_metrics
from gatewright.model.compiled_method import CompiledMethod
from gatewright.model.plans import KeyEntry, KeysAndPlans, PlanEntry, StageThrottles
from gatewright.model.records import BasePathMapping, DeployedApi, DomainName, Stage

_NOTHING: Final[Mapping[str, str]] = {}


class CertificateMaterial:
    """A certificate ready for a handshake: the chain as sent, leaf first, and its key. `identity` changes with them."""

    __slots__ = ("chain_pem", "identity", "private_key_pem")

    def __init__(self, identity: str, chain_pem: str, private_key_pem: str) -> None:
        self.identity = identity
        self.chain_pem = chain_pem
        self.private_key_pem = private_key_pem

    def __repr__(self) -> str:
        return f"<CertificateMaterial {self.identity}>"


class ClientTrust:
    """What a domain name with mutual TLS judges its clients by: the texts, which are read when a client is there.

    `bundle` None: the domain name asks for client certificates and its truststore is not there, so that nobody comes in.
    `identity` is the same for the same texts, whatever the domain name.
    """

    __slots__ = ("bundle", "domain_name", "identity", "revocation_lists")

    def __init__(self, domain_name: str, identity: str, bundle: str | None, revocation_lists: str | None) -> None:
        self.domain_name = domain_name
        self.identity = identity
        self.bundle = bundle
        self.revocation_lists = revocation_lists

    def __repr__(self) -> str:
        return f"<ClientTrust of {self.domain_name}: {self.identity[:12] or 'no truststore'}>"


class Binding:
    """A name with its certificate and security policy. `name` None: the default certificate of a region.

    With `mutual_tls` the client is asked for a certificate.
    """

    __slots__ = ("material", "mutual_tls", "name", "security_policy")

    def __init__(
        self, name: str | None, material: CertificateMaterial, security_policy: str, *, mutual_tls: bool = False
    ) -> None:
        self.name = name
        self.material = material
        self.security_policy = security_policy
        self.mutual_tls = mutual_tls

    def __repr__(self) -> str:
        return f"<Binding {self.name or 'default'} {self.security_policy} {self.material.identity}>"


class DomainEntry:
    """A custom domain name with its mappings and, unless its certificate is gone, its binding.

    `trust` is there exactly when the domain name asks for client certificates.
    """

    __slots__ = ("base_paths", "binding", "record", "trust")

    def __init__(
        self,
        record: DomainName,
        binding: Binding | None,
        base_paths: BasePaths[BasePathMapping],
        trust: ClientTrust | None = None,
    ) -> None:
        self.record = record
        self.binding = binding
        self.base_paths = base_paths
        self.trust = trust

    def __repr__(self) -> str:
        return f"<DomainEntry {self.record.domain_name} {self.base_paths!r}>"


class StageEntry:
    """A stage and the API it serves, which is compiled when the stage is first called.

    (A shortcut: an installation with thousands of APIs starts without compiling those that nobody calls.) Of the entry
    that it takes the place of, it takes over what was compiled from the same deployment with the same variables.
    """

    __slots__ = ("_api", "_throttles", "deployed", "facts", "levels", "stage")

    def __init__(self, stage: Stage, deployed: DeployedApi, before: "StageEntry | None" = None) -> None:
        self.stage = stage
        self.deployed = deployed
        types = deployed.api.endpoint_configuration.types
        self.facts = StageFacts(
            stage.account,
            stage.api_id,
            stage.stage_name,
            stage.deployment_id,
            stage.variables or _NOTHING,
            endpoint_type=types[0] if types else None,
            logs=compile_stage_logs(stage),
            metrics=compile_stage_metrics(stage, deployed),
        )
        self._throttles = StageThrottles(stage.method_settings)
        self.levels: dict[MethodFacts, MethodLevels] = {}  # as its methods are called (dataplane/metering.py)
        same = before is not None and before.deployed is deployed and before.facts.variables == self.facts.variables
        self._api: CompiledApi | None = before._api if before is not None and same else None  # noqa: SLF001  another of us

    @property
    def api(self) -> CompiledApi:
        """The compiled API."""
        if self._api is None:
            self._api = compile_api(self.deployed, self.facts.variables)
        return self._api

    def throttle_of(self, resource_path: str, method: str) -> Throttle | None:
        """What the stage allows on a method (`/pets`, `GET`), whoever the client is: its own setting, else `*/*`."""
        return self._throttles.find(resource_path, method)

    def __repr__(self) -> str:
        return f"<StageEntry {self.stage.api_id}/{self.stage.stage_name} of deployment {self.deployed.deployment_id}>"


class Route(RouteFacts):
    """Where a request goes: the stage, the path left for its resources, how it was addressed; then, the method there."""

    __slots__ = ("compiled", "domain", "entry")

    def __init__(self, entry: StageEntry, path: str, domain: DomainEntry | None, base_path: str | None) -> None:
        super().__init__(entry.facts, path, None if domain is None else domain.record.domain_name, base_path)
        self.entry = entry
        self.compiled: CompiledMethod | None = None  # once the method is found
        self.domain = domain

    @property
    def met(self) -> MethodFacts:
        """The method, for steps that come after it was found."""
        assert self.method is not None, "a step asks for the method before it is found"
        return self.method

    def __repr__(self) -> str:
        return f"<Route to {self.path} in {self.entry!r}>"


class InstallationNames(NamedTuple):
    """What the data plane must know of the installation: its names do not change while it runs."""

    suffix: str
    default_region: str


class Snapshot:
    """Immutable by convention: `compile_snapshot` makes the next one and never changes a published one."""

    __slots__ = (
        "access_keys",
        "certificates",
        "default_bindings",
        "deployed",
        "domains",
        "domains_of_certificate",
        "exact",
        "keys_and_plans",
        "mappings",
        "mutual_tls_domains",
        "names",
        "recalled",
        "regions",
        "revision",
        "stages",
        "trusts",
        "undeployed",
        "validated",
        "wildcards",
    )

    def __init__(self, names: InstallationNames) -> None:
        self.revision = 0
        self.names = names
        self.access_keys: dict[str, AccessKey] = {}
        self.certificates: dict[str, CertificateMaterial] = {}  # by ARN
        self.default_bindings: dict[str, Binding] = {}  # by "*.execute-api.{region}.{suffix}"
        self.deployed: dict[tuple[str, str], DeployedApi] = {}  # by (API id, deployment id)
        self.stages: dict[str, dict[str, StageEntry]] = {}  # by API id, then stage name
        self.undeployed: dict[tuple[str, str], Stage] = {}  # stages whose deployment is not there, by the same
        self.domains: dict[tuple[str, str], DomainEntry] = {}  # by (region, domain name)
        self.keys_and_plans: dict[tuple[str, str], KeysAndPlans] = {}  # by (account, region)
        self.mappings: dict[
            tuple[str, str], dict[str, BasePathMapping]
        ] = {}  # by (region, domain name), then base path
        self.domains_of_certificate: dict[str, frozenset[tuple[str, str]]] = {}
        # What is served in place of a certificate that was imported anew and not accepted, by the same.
        self.validated: dict[tuple[str, str], CertificateMaterial] = {}
        self.trusts: dict[tuple[str, str], ClientTrust] = {}  # of the truststores that are there, by the same
        self.mutual_tls_domains = (
            0  # how many domains ask for client certificates, whether or not they have a truststore
        )
        self.regions: frozenset[str] = frozenset()  # that ever had a domain
        # What `pipeline.recall` remembers of this snapshot's answers; a new snapshot begins without.
        self.recalled: dict[str, Route] = {}  # by method, host and path: `GET example.com/pets`
        # What requests ask: the domain of a name. Should two regions have the same name, the default region's.
        self.exact: dict[str, DomainEntry] = {}
        self.wildcards: dict[str, DomainEntry] = {}

    def make_successor(self) -> "Snapshot":
        """Another snapshot with the same tables, so far, and nothing recalled. (`copy.copy` cannot do it when compiled.)"""
        made = Snapshot(self.names)
        made.access_keys = self.access_keys
        made.certificates = self.certificates
        made.default_bindings = self.default_bindings
        made.deployed = self.deployed
        made.domains = self.domains
        made.domains_of_certificate = self.domains_of_certificate
        made.exact = self.exact
        made.keys_and_plans = self.keys_and_plans
        made.mappings = self.mappings
        made.mutual_tls_domains = self.mutual_tls_domains
        made.regions = self.regions
        made.revision = self.revision
        made.stages = self.stages
        made.trusts = self.trusts
        made.undeployed = self.undeployed
        made.validated = self.validated
        made.wildcards = self.wildcards
        return made

    def __repr__(self) -> str:
        return f"<Snapshot {self.revision}: {len(self.domains)} domains, {len(self.stages)} APIs with stages>"

    def default_binding(self, server_name: str | None) -> tuple[str, Binding | None]:
        """The default certificate for a name that no domain has: that of the name's region, else the default region's."""
        if server_name is not None:
            wildcard = wildcard_of(server_name)
            if wildcard is not None and wildcard in self.default_bindings:
                return wildcard, self.default_bindings[wildcard]
        name = f"*.execute-api.{self.names.default_region}.{self.names.suffix}"
        return name, self.default_bindings.get(name)

    def select_binding(self, server_name: str | None) -> Selection[Binding | None]:
        """Which certificate answers a handshake, and why. The binding is None when there is no certificate at all."""
        served = None if server_name is None else self.exact.get(server_name)
        if served is not None and served.binding is not None:  # nearly every handshake, spared what the others need
            return Selection(served.binding, SelectionReason.EXACT, server_name, server_name)
        name, default = self.default_binding(server_name)
        domain = select_binding(
            server_name, exact=self.exact, wildcards=self.wildcards, default=None, default_name=name
        )
        entry = domain.binding
        if entry is None:
            return Selection(default, domain.reason, server_name, None)
        if entry.binding is None:
            return Selection(default, SelectionReason.DEFAULT_UNKNOWN_NAME, server_name, None)
        return Selection(entry.binding, domain.reason, server_name, domain.matched)

    def find_domain(self, host: str) -> DomainEntry | None:
        """The custom domain name that a canonical Host belongs to: exact, then wildcard."""
        entry = self.exact.get(host)
        # As for server names: what begins with a dot or an asterisk is no name that a wildcard covers.
        if entry is None and self.wildcards and host[:1] not in {".", "*"}:
            wildcard = wildcard_of(host)
            if wildcard is not None:
                entry = self.wildcards.get(wildcard)
        return entry

    def find_key(self, stage: Stage, value: str) -> KeyEntry | None:
        """The API key of this value, enabled or not, among those of the stage's account and region."""
        keys = self.keys_and_plans.get((stage.account, stage.region))
        return None if keys is None else keys.find_key(value)

    def find_plan(self, stage: Stage, key: KeyEntry) -> PlanEntry | None:
        """The usage plan of the key that opens the stage; without one the key is of no use there (facts 4.3)."""
        keys = self.keys_and_plans.get((stage.account, stage.region))
        return None if keys is None else keys.find_plan(key, stage.api_id, stage.stage_name)

    def locate(self, host: str, path: str) -> Route:
        """Facts 2.1, steps 3 to 6. Raises `GatewayError` for a request that no API can be found for."""
        domain = self.find_domain(host)
        if domain is not None:
            return self._locate_mapped(domain, host, path)
        api_id, _, rest = host.partition(".")
        if not rest.startswith("execute-api.") or not rest.endswith(self.names.suffix):
            raise GatewayError(DOMAIN_NOT_FOUND, host=host)
        stages = self.stages.get(api_id)
        if not stages or rest != f"execute-api.{next(iter(stages.values())).stage.region}.{self.names.suffix}":
            raise GatewayError(HOST_UNKNOWN, host=host, suffix=self.names.suffix)
        stage, remaining = _split_stage(path)
        entry = stages.get(stage)
        if entry is None:
            raise GatewayError(STAGE_MISSING, api_id=api_id, stage=stage)
        if entry.api.default_endpoint_disabled:
            raise GatewayError(DEFAULT_ENDPOINT_DISABLED, api_id=api_id, stage=stage)
        return Route(entry, remaining, None, None)

    def _locate_mapped(self, domain: DomainEntry, host: str, path: str) -> Route:
        match = domain.base_paths.select(path)
        if match is None:
            raise GatewayError(MAPPING_MISSING, domain=domain.record.domain_name, host=host, path=path)
        mapping, base_path, remaining = match
        stage = mapping.stage
        if stage is None:
            stage, remaining = _split_stage(remaining)
        stages = self.stages.get(mapping.rest_api_id)
        entry = stages.get(stage) if stages else None
        if entry is None:
            raise GatewayError(STAGE_MISSING, api_id=mapping.rest_api_id, stage=stage)
        return Route(entry, remaining, domain, base_path)


def _split_stage(path: str) -> tuple[str, str]:
    """The first segment, and the rest of the path, which begins with a slash."""
    stage, slash, rest = path[1:].partition("/")
    return stage, slash + rest or "/"
