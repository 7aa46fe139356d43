"""Change by change or all at once, the snapshot answers the same; and the answers are the fact sheet's (2.1)."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.errors import GatewayError
from gatewright.model.compile_snapshot import RecordChange, compile_snapshot, empty_snapshot
from gatewright.model.records import (
    AccessKeyRecord,
    AccountSettings,
    BasePathMapping,
    Certificate,
    DefaultCertificate,
    DeployedApi,
    DomainName,
    EndpointConfiguration,
    Method,
    MutualTlsAuthentication,
    Resource,
    RestApi,
    Stage,
    Truststore,
    ValidatedCertificate,
)
from gatewright.model.snapshot import InstallationNames, Snapshot
from support.interpreted import on_sources

NAMES = InstallationNames("gateway.localhost", "us-east-1")
ACCOUNT, REGION = "000000000000", "us-east-1"
REGIONS = (REGION, "eu-west-1")
DOMAINS = ("www.example.com", "*.example.com", "shop.example.com")
REGIONAL = EndpointConfiguration(("REGIONAL",))


def put(record, secret=None):
    return RecordChange(record.KIND, record.account, record.region, record.key, record, secret)


def delete(record):
    return RecordChange(record.KIND, record.account, record.region, record.key, None)


def certificate(name, text="PEM", region="us-east-1"):
    return Certificate("1", region, name, text, None, name, (name,), 0.0, 0.0, 0.0)


def validated(name, text="VALID", region="us-east-1"):
    return ValidatedCertificate("1", region, name, text, None, 0.0)


def default_certificate(region="us-east-1", text="DEFAULT"):
    return DefaultCertificate("", region, text, "CHAIN", 0.0)


def domain(name, certificate_name="c1", region="us-east-1", **how):
    arn = f"arn:aws:acm:{region}:1:certificate/{certificate_name}"
    return DomainName("1", region, name, REGIONAL, 0.0, regional_certificate_arn=arn, **how)


def mapping(name, base_path, api_id="api1", stage="dev", region="us-east-1"):
    return BasePathMapping("1", region, name, base_path, api_id, stage)


def deployed(api_id="api1", deployment="d1", *, closed=False, region="us-east-1"):
    api = RestApi("1", region, api_id, "a", "root", 0.0, REGIONAL, disable_execute_api_endpoint=closed)
    root = Resource("1", region, api_id, "root", "/", resource_methods={"GET": Method("GET")})
    return DeployedApi("1", region, api_id, deployment, api, (root,))


def stage(api_id="api1", name="dev", deployment="d1", region="us-east-1", **how):
    return Stage("1", region, api_id, name, deployment, 0.0, 0.0, **how)


def snapshot_of(*changes):
    return compile_snapshot(empty_snapshot(NAMES), 1, changes)


SERVER_NAMES = [
    None, *DOMAINS, "other.example.com", "a.b.example.com", "example.com", "unknown.test",
    "api1.execute-api.us-east-1.gateway.localhost", "api1.execute-api.eu-west-1.gateway.localhost",
    ".example.com",
]  # fmt: skip
HOSTS = [
    "",
    "www.example.com",
    "shop.example.com",
    "x.example.com",
    ".example.com",
    "*.example.com",
    "unknown.test",
] + [f"{api}.execute-api.{region}.gateway.localhost" for api in ("api1", "api2") for region in REGIONS]
PATHS = ["/", "/dev", "/dev/x", "/v1", "/v1/x", "/v1/dev/x", "/v1/v2/x", "/v12"]


def answers(snapshot):
    """Everything that the data plane can ask, answered."""
    bindings = []
    for name in SERVER_NAMES:
        selection = snapshot.select_binding(name)
        binding = selection.binding
        shown = None
        if binding is not None:
            material = binding.material
            shown = (
                binding.name,
                material.identity,
                material.chain_pem,
                material.private_key_pem,
                binding.security_policy,
            )
        bindings.append((name, shown, selection.reason, selection.matched))
    places = []
    for host in HOSTS:
        for path in PATHS:
            try:
                found = snapshot.locate(host, path)
            except GatewayError as error:
                places.append((host, path, error.reason.code))
            else:
                entry = found.entry
                record = None if found.domain is None else found.domain.record
                places.append((host, path, entry.stage, entry.deployed, found.path, record, found.base_path))
    keys = {name: (key.secret, key.account) for name, key in snapshot.access_keys.items()}
    return bindings, places, keys


APIS = st.sampled_from(["api1", "api2"])
RECORDS = st.one_of(
    st.builds(domain, st.sampled_from(DOMAINS), st.sampled_from(["c1", "c2"]), st.sampled_from(REGIONS)),
    st.builds(
        mapping, st.sampled_from(DOMAINS), st.sampled_from(["", "v1", "v1/v2"]), APIS, st.sampled_from([None, "dev"]),
        st.sampled_from(REGIONS),
    ),
    st.builds(certificate, st.sampled_from(["c1", "c2"]), st.sampled_from(["A", "B"]), st.sampled_from(REGIONS)),
    st.builds(validated, st.sampled_from(DOMAINS), st.sampled_from(["A", "V"]), st.sampled_from(REGIONS)),
    st.builds(default_certificate, st.sampled_from(REGIONS), st.sampled_from(["D", "E"])),
    st.builds(deployed, APIS, st.sampled_from(["d1", "d2"]), closed=st.booleans()),
    st.builds(stage, APIS, st.sampled_from(["dev", "prod"]), st.sampled_from(["d1", "d2"])),
    st.builds(
        AccessKeyRecord, st.just("1"), st.just(""), st.sampled_from(["AKIA1", "AKIA2"]), st.just("arn"), st.just("u"),
        st.just(0.0), st.booleans(),
    ),
)  # fmt: skip
CHANGES = st.tuples(RECORDS, st.sampled_from(["put", "put", "put", "delete"]), st.sampled_from(["k1", "k2"])).map(
    lambda drawn: delete(drawn[0]) if drawn[1] == "delete" else put(drawn[0], drawn[2])
)


@given(st.lists(st.lists(CHANGES, max_size=5), max_size=10), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_change_by_change_is_the_same_as_all_at_once(batches, random):
    snapshot = empty_snapshot(NAMES)
    final = {}
    history = []
    for revision, batch in enumerate(batches, 1):
        before = answers(snapshot)
        following = compile_snapshot(snapshot, revision, batch)
        assert before == answers(snapshot)  # what requests in flight hold does not change under them
        snapshot = following
        history.append(snapshot.revision)
        for change in batch:
            final[change.kind, change.region, change.key] = change
    changes = [change for change in final.values() if change.record is not None]
    random.shuffle(changes)
    assert answers(snapshot_of(*changes)) == answers(snapshot)
    assert history == list(range(1, len(batches) + 1))


CERTIFICATES = [
    put(certificate("c1", "ONE"), "k1"),
    put(certificate("c2", "TWO"), "k2"),
    put(default_certificate(), "kd"),
]


def chain_for(snapshot, name):
    return snapshot.select_binding(name).binding.material.chain_pem


def test_a_name_beside_a_wildcard_and_after_its_end():
    exact = domain("www.example.com", "c1")
    snapshot = snapshot_of(*CERTIFICATES, put(exact), put(domain("*.example.com", "c2")))
    assert ("ONE\n", "TWO\n") == (chain_for(snapshot, "www.example.com"), chain_for(snapshot, "shop.example.com"))
    snapshot = compile_snapshot(snapshot, 2, [delete(exact)])
    assert "TWO\n" == chain_for(snapshot, "www.example.com")


def test_a_reimported_certificate_changes_its_domains_and_no_others():
    first = snapshot_of(
        *CERTIFICATES, put(domain("a.test", "c1")), put(domain("b.test", "c1")), put(domain("c.test", "c2"))
    )
    second = compile_snapshot(first, 2, [put(certificate("c1", "NEW"), "k3")])
    assert ("NEW\n", "NEW\n", "TWO\n") == tuple(chain_for(second, name) for name in ("a.test", "b.test", "c.test"))
    assert first.exact["c.test"] is second.exact["c.test"]
    assert first.exact["a.test"].binding.material.identity != second.exact["a.test"].binding.material.identity
    assert "ONE\n" == chain_for(first, "a.test")


def test_of_two_regions_with_the_same_name_the_default_region_answers():
    abroad = [put(certificate("c1", "ABROAD", "eu-west-1"), "k"), put(domain("a.test", "c1", "eu-west-1"))]
    at_home = domain("a.test", "c1")
    snapshot = snapshot_of(*CERTIFICATES, *abroad, put(at_home))
    assert "ONE\n" == chain_for(snapshot, "a.test")
    assert "ABROAD\n" == chain_for(compile_snapshot(snapshot, 2, [delete(at_home)]), "a.test")


def test_the_default_certificate_is_that_of_the_names_region():
    snapshot = snapshot_of(*CERTIFICATES, put(default_certificate("eu-west-1", "EUROPE"), "ke"))
    european = snapshot.select_binding("x.execute-api.eu-west-1.gateway.localhost")
    assert ("EUROPE\nCHAIN\n", None, "DEFAULT_ENDPOINT_NAME", "TLS_1_0") == (
        european.binding.material.chain_pem,
        european.binding.name,
        european.reason.name,
        european.binding.security_policy,
    )
    assert "DEFAULT\nCHAIN\n" == chain_for(snapshot, "x.execute-api.ap-south-1.gateway.localhost")
    assert "DEFAULT\nCHAIN\n" == chain_for(snapshot, None)
    assert None is snapshot_of().select_binding("a.test").binding


def test_a_domain_without_its_certificate_says_that_the_default_one_was_served():
    selection = snapshot_of(CERTIFICATES[2], put(domain("a.test", "c1"))).select_binding("a.test")
    assert (None, "DEFAULT_UNKNOWN_NAME", None) == (selection.binding.name, selection.reason.name, selection.matched)


LIVE = [put(deployed()), put(stage())]
HOST = "api1.execute-api.us-east-1.gateway.localhost"


@pytest.mark.parametrize(
    ("changes", "host", "path", "expected"),
    [
        (LIVE, HOST, "/dev/pets", ("api1", "dev", "/pets", None)),
        (LIVE, HOST, "/dev", ("api1", "dev", "/", None)),
        (LIVE, HOST, "/", "STAGE_MISSING"),
        (LIVE, HOST, "/prod/x", "STAGE_MISSING"),
        (LIVE, HOST, "//dev/x", "STAGE_MISSING"),
        (LIVE, "api2.execute-api.us-east-1.gateway.localhost", "/dev", "HOST_UNKNOWN"),
        (LIVE, "api1.execute-api.eu-west-1.gateway.localhost", "/dev", "HOST_UNKNOWN"),
        (LIVE, "api1.execute-api.us-east-1.evilgateway.localhost", "/dev", "HOST_UNKNOWN"),
        (LIVE, "d-abc.execute-api.us-east-1.gateway.localhost", "/dev", "HOST_UNKNOWN"),
        (LIVE, "www.test", "/dev", "DOMAIN_NOT_FOUND"),
        (LIVE, "", "/dev", "DOMAIN_NOT_FOUND"),
        ([put(deployed(closed=True)), put(stage())], HOST, "/dev/x", "DEFAULT_ENDPOINT_DISABLED"),
        ([put(stage())], HOST, "/dev/x", "HOST_UNKNOWN"),  # its deployment is not there
        ([*LIVE, put(domain("a.test")), put(mapping("a.test", "v1"))], "a.test", "/v1/x", ("api1", "dev", "/x", "v1")),
        ([*LIVE, put(domain("a.test")), put(mapping("a.test", "v1"))], "a.test", "/v1", ("api1", "dev", "/", "v1")),
        ([*LIVE, put(domain("a.test")), put(mapping("a.test", "v1"))], "a.test", "/v12/x", "MAPPING_MISSING"),
        ([*LIVE, put(domain("a.test"))], "a.test", "/", "MAPPING_MISSING"),
        (
            [*LIVE, put(domain("a.test")), put(mapping("a.test", "", stage=None))],
            "a.test",
            "/dev/x",
            ("api1", "dev", "/x", ""),
        ),
        ([*LIVE, put(domain("a.test")), put(mapping("a.test", "", stage=None))], "a.test", "/", "STAGE_MISSING"),
        ([*LIVE, put(domain("a.test")), put(mapping("a.test", "v1", "gone"))], "a.test", "/v1", "STAGE_MISSING"),
        ([*LIVE, put(domain("*.b.test")), put(mapping("*.b.test", ""))], "x.b.test", "/y", ("api1", "dev", "/y", "")),
        ([*LIVE, put(domain("*.b.test")), put(mapping("*.b.test", ""))], "*.b.test", "/y", "DOMAIN_NOT_FOUND"),
        (
            [put(deployed(closed=True)), put(stage()), put(domain("a.test")), put(mapping("a.test", ""))],
            "a.test",
            "/x",
            ("api1", "dev", "/x", ""),
        ),
    ],
)
def test_from_host_and_path_to_api_and_stage(changes, host, path, expected):
    snapshot = snapshot_of(*changes)
    if isinstance(expected, str):
        with pytest.raises(GatewayError) as refused:
            snapshot.locate(host, path)
        assert (expected, 403) == (refused.value.reason.code, refused.value.reason.status)
        assert refused.value.reason.summary.format_map(refused.value.facts)
    else:
        found = snapshot.locate(host, path)
        assert expected == (found.entry.stage.api_id, found.entry.stage.stage_name, found.path, found.base_path)


def test_a_stage_moves_to_another_deployment_and_variables_come_along():
    snapshot = snapshot_of(*LIVE)
    snapshot = compile_snapshot(snapshot, 2, [put(stage(deployment="d2", variables={"a": "b"}))])
    with pytest.raises(GatewayError):
        snapshot.locate(HOST, "/dev")
    snapshot = compile_snapshot(snapshot, 3, [put(deployed(deployment="d2"))])
    entry = snapshot.locate(HOST, "/dev").entry
    assert ("d2", {"a": "b"}, "d2") == (entry.deployed.deployment_id, entry.facts.variables, entry.api.deployment_id)
    assert entry.api is entry.api


def test_a_stage_whose_deployment_and_variables_stay_is_not_compiled_again():
    snapshot = snapshot_of(*LIVE)
    api = snapshot.locate(HOST, "/dev").entry.api
    described = compile_snapshot(snapshot, 2, [put(replace(stage(), description="new"))])
    assert described.locate(HOST, "/dev").entry.api is api
    other_variables = compile_snapshot(described, 3, [put(stage(variables={"a": "b"}))])
    assert other_variables.locate(HOST, "/dev").entry.api is not api
    deployed_anew = compile_snapshot(described, 3, [put(deployed())])
    assert deployed_anew.locate(HOST, "/dev").entry.api is not api


def test_access_keys_that_are_inactive_or_have_no_secret_open_nothing():
    key = AccessKeyRecord("1", "", "AKIA1", "arn", "u", 0.0)
    snapshot = snapshot_of(put(key, "s"))
    assert "s" == snapshot.access_keys["AKIA1"].secret
    for change in (put(replace(key, active=False), "s"), put(key), delete(key)):
        assert {} == compile_snapshot(snapshot, 2, [change]).access_keys


def test_records_that_the_data_plane_does_not_read_change_nothing():
    snapshot = snapshot_of(put(AccountSettings("1", "us-east-1")))
    assert answers(empty_snapshot(NAMES)) == answers(snapshot)


def test_what_they_show():
    snapshot = snapshot_of(*LIVE, *CERTIFICATES, put(domain("a.test")), put(mapping("a.test", "")))
    entry = snapshot.exact["a.test"]
    assert "<Snapshot 1: 1 domains, 1 APIs with stages>" == repr(snapshot)
    assert "<DomainEntry a.test <BasePaths (none)>>" == repr(entry)
    assert repr(entry.binding).startswith("<Binding a.test TLS_1_2 arn:aws:acm:us-east-1:1:certificate/c1#")
    assert repr(snapshot.select_binding(None).binding).startswith("<Binding default TLS_1_0 ")
    assert repr(entry.binding.material).startswith("<CertificateMaterial arn:aws:acm:us-east-1:1:certificate/c1#")
    assert "<StageEntry api1/dev of deployment d1>" == repr(snapshot.locate(HOST, "/dev").entry)
    assert "<RecordChange stage api1/dev put>" == repr(LIVE[1])
    assert "<RecordChange stage api1/dev deleted>" == repr(delete(stage()))
    assert "k1" not in repr(CERTIFICATES[0])


@on_sources
def test_a_successor_has_every_table_and_recalls_nothing():
    before = empty_snapshot(InstallationNames("gateway.localhost", "us-east-1"))
    for slot in Snapshot.__slots__:
        setattr(before, slot, object())
    after = before.make_successor()
    assert {"recalled"} == {slot for slot in Snapshot.__slots__ if getattr(after, slot) is not getattr(before, slot)}
    assert {} == after.recalled


# --- mutual TLS -----------------------------------------------------------------------------------------------------


def truststore(name, pem="-----BEGIN…", digest="d1", revocation_lists=None):
    return Truststore(ACCOUNT, REGION, name, "s3://t/x", pem, digest, 0.0, revocation_lists=revocation_lists)


def mutual_name(name, **how):
    return DomainName(
        ACCOUNT,
        REGION,
        name,
        EndpointConfiguration(("REGIONAL",)),
        0.0,
        mutual_tls_authentication=MutualTlsAuthentication("s3://t/x"),
        **how,
    )


def put_all(snapshot, *records):
    return compile_snapshot(
        snapshot, 1, [RecordChange(record.KIND, ACCOUNT, REGION, record.key, record) for record in records]
    )


def remove(snapshot, record):
    return compile_snapshot(snapshot, 1, [RecordChange(record.KIND, ACCOUNT, REGION, record.key, None)])


EMPTY = empty_snapshot(InstallationNames("gateway.localhost", REGION))


def test_what_was_accepted_last_is_served_in_place_of_what_was_refused():
    name = "www.example.com"
    both = snapshot_of(
        put(certificate("c1", "REFUSED"), "k2"), put(domain(name)), put(domain("shop.example.com")),
        put(validated(name, "ACCEPTED"), "k1"),
    )  # fmt: skip

    def served(snapshot, asked=name):
        material = snapshot.select_binding(asked).binding.material
        return material.chain_pem, material.private_key_pem

    assert ("ACCEPTED\n", "k1") == served(both)
    assert ("REFUSED\n", "k2") == served(both, "shop.example.com"), "the certificate's other domain names go on with it"
    taken = compile_snapshot(both, 2, [put(certificate("c1", "ACCEPTED NOW"), "k3"), delete(validated(name))])
    assert ("ACCEPTED NOW\n", "k3") == served(taken)
    assert ("ACCEPTED\n", "k1") == served(both), "requests under way keep what they have"


def test_a_domain_name_asks_for_client_certificates_with_or_without_its_truststore():
    name, store = mutual_name("a.example"), truststore("a.example")
    for snapshot in (
        put_all(EMPTY, name, store),
        put_all(EMPTY, store, name),
        put_all(put_all(EMPTY, name), store),
        put_all(put_all(EMPTY, store), name),
    ):
        trust = snapshot.exact["a.example"].trust
        assert ("d1", store.pem, 1) == (trust.identity, trust.bundle, snapshot.mutual_tls_domains)
    bare = remove(snapshot, store)
    assert (None, 1) == (bare.exact["a.example"].trust.bundle, bare.mutual_tls_domains)
    # The earlier snapshot is what it was.
    assert store.pem == snapshot.exact["a.example"].trust.bundle


def test_a_truststore_without_mutual_tls_asks_nobody():
    name = mutual_name("a.example")
    snapshot = put_all(EMPTY, replace(name, mutual_tls_authentication=None), truststore("a.example"))
    assert (None, 0) == (snapshot.exact["a.example"].trust, snapshot.mutual_tls_domains)
    on = put_all(snapshot, name)
    assert 1 == on.mutual_tls_domains
    off = put_all(on, replace(name, mutual_tls_authentication=None))
    assert (None, 0) == (off.exact["a.example"].trust, off.mutual_tls_domains)
    assert 0 == remove(on, name).mutual_tls_domains


def test_a_change_elsewhere_keeps_the_trust_of_a_domain():
    snapshot = put_all(EMPTY, mutual_name("a.example"), truststore("a.example"))
    after = put_all(snapshot, mutual_name("b.example"), truststore("b.example", digest="d2"))
    assert snapshot.exact["a.example"].trust is after.exact["a.example"].trust
    again = put_all(after, mutual_name("a.example"))
    assert snapshot.exact["a.example"].trust is again.exact["a.example"].trust


def test_revocation_lists_are_part_of_the_identity_and_equal_bundles_are_held_once():
    first, second = ("".join(["x" * 50, "y" * 50]) for _ in range(2))
    snapshot = put_all(
        EMPTY,
        mutual_name("a.example"),
        mutual_name("b.example"),
        truststore("a.example", first),
        truststore("b.example", second, revocation_lists="crl"),
    )
    a, b = snapshot.exact["a.example"].trust, snapshot.exact["b.example"].trust
    assert a.bundle is b.bundle
    assert "d1" == a.identity
    assert b.identity.startswith("d1+")


def test_the_binding_of_a_domain_with_mutual_tls_asks_for_a_certificate():
    arn = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/c"
    leaf = Certificate(ACCOUNT, REGION, "c", "pem", None, "a.example", ("a.example",), 0.0, 0.0, 0.0)
    name = mutual_name("a.example", regional_certificate_arn=arn)
    snapshot = put_all(EMPTY, leaf, name)
    assert snapshot.exact["a.example"].binding.mutual_tls
    assert not put_all(snapshot, replace(name, mutual_tls_authentication=None)).exact["a.example"].binding.mutual_tls
