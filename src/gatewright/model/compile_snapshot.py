"""From changed records to the next snapshot, at the cost of what changed.

The tables of the previous snapshot are shared until one is written to; then that one table is copied (10,000 entries:
some 50 µs). Entries are replaced, never changed, because requests in flight hold the previous snapshot. Domains whose
certificate, truststore, record or mappings changed are compiled anew, and nothing else.
"""

from collections.abc import Iterable
from hashlib import sha256
from sys import intern
from typing import NamedTuple

from gatewright.core.domains.base_path import BasePaths
from gatewright.core.sigv4.verification import AccessKey
from gatewright.model.plans import KeysAndPlans
from gatewright.model.records import (
    AccessKeyRecord,
    ApiKey,
    BasePathMapping,
    Certificate,
    DefaultCertificate,
    DeployedApi,
    DomainName,
    Record,
    Stage,
    Truststore,
    UsagePlan,
    UsagePlanKey,
    ValidatedCertificate,
)
from gatewright.model.snapshot import (
    Binding,
    CertificateMaterial,
    ClientTrust,
    DomainEntry,
    InstallationNames,
    Snapshot,
    StageEntry,
)


class RecordChange(NamedTuple):
    """A published record as it is now, or None when it is gone; `secret` is a private key, a secret access key or
    the value of an API key.
    """

    kind: str
    account: str
    region: str
    key: tuple[str, ...]
    record: Record | None
    secret: str | None = None

    def __repr__(self) -> str:
        state = "deleted" if self.record is None else "put"
        return f"<RecordChange {self.kind} {'/'.join(self.key)} {state}>"


def compile_snapshot(previous: Snapshot, revision: int, changes: Iterable[RecordChange]) -> Snapshot:
    """The snapshot after these changes."""
    draft = SnapshotDraft(previous)
    for change in changes:
        draft.apply(change)
    return draft.finish(revision)


def empty_snapshot(names: InstallationNames) -> Snapshot:
    """The snapshot that knows nothing yet."""
    return Snapshot(names)


class SnapshotDraft:
    """A snapshot in the making. Tables are copied when first written to.

    Changes may be given as they arrive, so that nobody has to hold all of them at one time: of 10,000 domain names they
    take as much memory as the snapshot.
    """

    def __init__(self, previous: Snapshot) -> None:
        self._snapshot = previous.make_successor()
        self._copied: set[str] = set()
        self._copied_places: set[tuple[str, str]] = set()
        self._domains: dict[tuple[str, str], DomainName | None] = {}
        self._stale_domains: set[tuple[str, str]] = set()
        self._stages: dict[tuple[str, str], Stage | None] = {}
        self._redeployed: set[tuple[str, str]] = set()

    def _own(self, table: str) -> None:
        if table not in self._copied:
            setattr(self._snapshot, table, getattr(self._snapshot, table).copy())
            self._copied.add(table)

    def apply(self, change: RecordChange) -> None:
        """Take one change in. Order does not matter between records: what depends on another is made in `finish`."""
        snapshot, record = self._snapshot, change.record
        match change.kind:
            case DomainName.KIND:
                assert record is None or isinstance(record, DomainName)
                self._domains[change.region, change.key[0]] = record
            case BasePathMapping.KIND:
                assert record is None or isinstance(record, BasePathMapping)
                self._put_mapping((change.region, change.key[0]), change.key[1], record)
            case Stage.KIND:
                assert record is None or isinstance(record, Stage)
                self._stages[change.key[0], change.key[1]] = record
            case DeployedApi.KIND:
                assert record is None or isinstance(record, DeployedApi)
                self._own("deployed")
                self._redeployed.add((change.key[0], change.key[1]))
                if record is None:
                    snapshot.deployed.pop((change.key[0], change.key[1]), None)
                else:
                    snapshot.deployed[change.key[0], change.key[1]] = record
            case Certificate.KIND:
                assert record is None or isinstance(record, Certificate)
                self._put_certificate(change, record)
            case ValidatedCertificate.KIND:
                assert record is None or isinstance(record, ValidatedCertificate)
                self._put_validated_certificate(change, record)
            case DefaultCertificate.KIND:
                assert record is None or isinstance(record, DefaultCertificate)
                self._put_default_certificate(change, record)
            case Truststore.KIND:
                assert record is None or isinstance(record, Truststore)
                self._put_truststore((change.region, change.key[0]), record)
            case AccessKeyRecord.KIND:
                assert record is None or isinstance(record, AccessKeyRecord)
                self._put_access_key(change, record)
            case ApiKey.KIND:
                assert record is None or isinstance(record, ApiKey)
                self._keys_and_plans(change).put_key(change.key[0], record, change.secret)
            case UsagePlan.KIND:
                assert record is None or isinstance(record, UsagePlan)
                self._keys_and_plans(change).put_plan(change.key[0], record)
            case UsagePlanKey.KIND:
                if record is None:
                    self._keys_and_plans(change).detach(*change.key)
                else:
                    self._keys_and_plans(change).attach(*change.key)
            case _:
                pass  # account settings: nothing of them concerns a request

    def _keys_and_plans(self, change: RecordChange) -> KeysAndPlans:
        """Those of the record's account and region, to be written to."""
        self._own("keys_and_plans")
        place = (change.account, change.region)
        if place not in self._copied_places:
            before = self._snapshot.keys_and_plans.get(place)
            self._snapshot.keys_and_plans[place] = KeysAndPlans() if before is None else before.copy()
            self._copied_places.add(place)
        return self._snapshot.keys_and_plans[place]

    def _put_mapping(self, domain: tuple[str, str], base_path: str, record: BasePathMapping | None) -> None:
        self._own("mappings")
        table = dict(self._snapshot.mappings.get(domain, {}))
        if record is None:
            table.pop(base_path, None)
        else:
            table[base_path] = record
        if table:
            self._snapshot.mappings[domain] = table
        else:
            self._snapshot.mappings.pop(domain, None)
        self._stale_domains.add(domain)

    def _put_certificate(self, change: RecordChange, record: Certificate | None) -> None:
        self._own("certificates")
        arn = f"arn:aws:acm:{change.region}:{change.account}:certificate/{change.key[0]}"
        if record is None:
            self._snapshot.certificates.pop(arn, None)
        else:
            self._snapshot.certificates[arn] = _material(arn, record.certificate_pem, record.chain_pem, change.secret)
        self._stale_domains |= self._snapshot.domains_of_certificate.get(arn, frozenset())

    def _put_validated_certificate(self, change: RecordChange, record: ValidatedCertificate | None) -> None:
        self._own("validated")
        domain = (change.region, change.key[0])
        if record is None:
            self._snapshot.validated.pop(domain, None)
        else:
            self._snapshot.validated[domain] = _material(
                record.domain_name, record.certificate_pem, record.chain_pem, change.secret
            )
        self._stale_domains.add(domain)

    def _put_default_certificate(self, change: RecordChange, record: DefaultCertificate | None) -> None:
        self._own("default_bindings")
        name = f"*.execute-api.{change.region}.{self._snapshot.names.suffix}"
        if record is None:
            self._snapshot.default_bindings.pop(name, None)
        else:
            material = _material(name, record.certificate_pem, record.chain_pem, change.secret)
            # Facts 1.7: the default endpoint of Regional and edge APIs has the policy TLS_1_0.
            self._snapshot.default_bindings[name] = Binding(None, material, "TLS_1_0")

    def _put_truststore(self, domain: tuple[str, str], record: Truststore | None) -> None:
        self._own("trusts")
        trusts = self._snapshot.trusts
        if record is None:
            trusts.pop(domain, None)
        else:
            # Many domain names may have the same bundle, of a megabyte: each text is held once.
            identity = record.digest
            if record.revocation_lists is not None:
                identity += "+" + sha256(record.revocation_lists.encode()).hexdigest()
            trusts[domain] = ClientTrust(
                record.domain_name, intern(identity), intern(record.pem), record.revocation_lists
            )
        self._stale_domains.add(domain)

    def _put_access_key(self, change: RecordChange, record: AccessKeyRecord | None) -> None:
        self._own("access_keys")
        if record is None or not record.active or change.secret is None:
            self._snapshot.access_keys.pop(change.key[0], None)
        else:
            self._snapshot.access_keys[record.id] = AccessKey(
                access_key_id=record.id,
                secret=change.secret,
                account=record.account,
                arn=record.arn,
                user_id=record.user_id,
            )

    def finish(self, revision: int) -> Snapshot:
        """The snapshot of that revision, with everything that depends on a changed record compiled anew.

        The draft is used up.
        """
        self._snapshot.revision = revision
        for key in self._redeployed:
            for name, waiting in self._stages_of(key):
                self._stages.setdefault((key[0], name), waiting)
        for name_key, stage in self._stages.items():
            self._put_stage(name_key, stage)
        for domain in self._stale_domains - self._domains.keys():
            entry = self._snapshot.domains.get(domain)
            if entry is not None:
                self._domains[domain] = entry.record
        for domain, record in self._domains.items():
            self._put_domain(domain, record)
        return self._snapshot

    def _stages_of(self, deployment: tuple[str, str]) -> list[tuple[str, Stage]]:
        """The stages, served or not, that name this deployment."""
        snapshot = self._snapshot
        served = [entry.stage for entry in snapshot.stages.get(deployment[0], {}).values()]
        return [
            (stage.stage_name, stage)
            for stage in (*served, *snapshot.undeployed.values())
            if (stage.api_id, stage.deployment_id) == deployment
        ]

    def _put_stage(self, key: tuple[str, str], stage: Stage | None) -> None:
        api_id, name = key
        self._own("stages")
        self._own("undeployed")
        self._snapshot.undeployed.pop(key, None)
        table = dict(self._snapshot.stages.get(api_id, {}))
        deployed = None if stage is None else self._snapshot.deployed.get((api_id, stage.deployment_id))
        if stage is not None and deployed is not None:
            table[name] = StageEntry(stage, deployed, table.get(name))
        else:
            table.pop(name, None)
            if stage is not None:
                self._snapshot.undeployed[key] = stage
        if table:
            self._snapshot.stages[api_id] = table
        else:
            self._snapshot.stages.pop(api_id, None)

    def _put_domain(self, key: tuple[str, str], record: DomainName | None) -> None:
        for table in ("domains", "domains_of_certificate", "exact", "wildcards"):
            self._own(table)
        snapshot = self._snapshot
        before = snapshot.domains.pop(key, None)
        if before is not None:
            snapshot.mutual_tls_domains -= before.trust is not None
            arn = _certificate_arn(before.record)
            rest = snapshot.domains_of_certificate.get(arn, frozenset()) - {key}
            if rest:
                snapshot.domains_of_certificate[arn] = rest
            else:
                snapshot.domains_of_certificate.pop(arn, None)
        if record is not None:
            if record.region not in snapshot.regions:
                snapshot.regions = snapshot.regions | {record.region}
            arn = _certificate_arn(record)
            material = snapshot.validated.get(key) or snapshot.certificates.get(arn)
            trust = None
            if record.mutual_tls_authentication is not None:
                trust = snapshot.trusts.get(key) or ClientTrust(record.domain_name, "", None, None)
                snapshot.mutual_tls_domains += 1
            binding = None
            if material is not None:
                binding = Binding(record.domain_name, material, record.security_policy, mutual_tls=trust is not None)
            snapshot.domains[key] = DomainEntry(record, binding, BasePaths(snapshot.mappings.get(key, {})), trust)
            snapshot.domains_of_certificate[arn] = snapshot.domains_of_certificate.get(arn, frozenset()) | {key}
        self._index_name(key[1])

    def _index_name(self, name: str) -> None:
        """Let the name lead to its domain: the default region's first, then by region."""
        snapshot = self._snapshot
        table = snapshot.wildcards if name.startswith("*.") else snapshot.exact
        entry = snapshot.domains.get((snapshot.names.default_region, name))
        if entry is None:
            found = (snapshot.domains.get((region, name)) for region in sorted(snapshot.regions))
            entry = next((candidate for candidate in found if candidate is not None), None)
        if entry is None:
            table.pop(name, None)
        else:
            table[name] = entry


def _certificate_arn(record: DomainName) -> str:
    return record.regional_certificate_arn or record.certificate_arn or ""


def _material(name: str, certificate_pem: str, chain_pem: str | None, secret: str | None) -> CertificateMaterial:
    chain = certificate_pem.strip() + "\n" + ((chain_pem or "").strip() + "\n" if chain_pem else "")
    identity = f"{name}#{sha256(chain.encode()).hexdigest()[:16]}"
    return CertificateMaterial(identity, chain, secret or "")
