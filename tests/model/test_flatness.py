"""Cost does not grow with configuration: what 1,000 domain names take, and what a change among them touches.

Counts and sizes, no times: `python -m bench.scale` has those.
"""

import gc
import tracemalloc
from dataclasses import replace

import pytest

from gatewright.core.domains import hostname
from gatewright.dataplane import pipeline, tls
from gatewright.model import codec
from gatewright.model.compile_snapshot import RecordChange, SnapshotDraft, compile_snapshot, empty_snapshot
from gatewright.model.records import (
    BasePathMapping,
    Certificate,
    DeployedApi,
    DomainName,
    EndpointConfiguration,
    Integration,
    Method,
    Resource,
    RestApi,
    Stage,
)
from gatewright.model.snapshot import InstallationNames

ACCOUNT, REGION, API = "000000000000", "us-east-1", "abcdefghij"
NAMES = InstallationNames("gateway.localhost", REGION)
REGIONAL = EndpointConfiguration(("REGIONAL",))
COUNT = 1_000

#: The tables of a snapshot that grow with the configuration.
TABLES = ("certificates", "deployed", "domains", "domains_of_certificate", "exact", "mappings", "stages", "wildcards")


def name_of(number):
    return f"d{number:05}.example.com"


def records_of_domain(number):
    """A domain name with a certificate as large as an ECDSA leaf and its issuer are, and one mapping."""
    arn = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/{number:036}"
    return (
        Certificate(
            ACCOUNT, REGION, f"{number:036}", f"leaf {number}".ljust(700), f"issuer {number}".ljust(600), name_of(number),
            (name_of(number),), 0.0, 1.0, 0.0,
        ),
        DomainName(
            ACCOUNT, REGION, name_of(number), REGIONAL, 0.0, regional_certificate_arn=arn,
            regional_domain_name=f"d-{number:010}.execute-api.{REGION}.gateway.localhost", regional_hosted_zone_id="Z1",
        ),
        BasePathMapping(ACCOUNT, REGION, name_of(number), "v1", API, "live"),
    )  # fmt: skip


def told(record):
    """The change as a worker has it: read from a document."""
    key = f"{record.id:<241}" if isinstance(record, Certificate) else None
    return RecordChange(
        record.KIND, ACCOUNT, REGION, record.key, codec.decode_kind(record.KIND, codec.encode(record)), key
    )


@pytest.fixture(scope="module")
def snapshot():
    method = Method("GET", method_integration=Integration("MOCK"))
    resource = Resource(ACCOUNT, REGION, API, "r1", "/small", resource_methods={"GET": method})
    api = RestApi(ACCOUNT, REGION, API, "pets", "root", 0.0, REGIONAL)
    shared = [
        DeployedApi(ACCOUNT, REGION, API, "d1", api, (resource,)),
        Stage(ACCOUNT, REGION, API, "live", "d1", 0.0, 0.0),
    ]
    records = [*shared, *(record for number in range(COUNT) for record in records_of_domain(number))]
    return compile_snapshot(empty_snapshot(NAMES), 1, [told(record) for record in records])


def test_a_domain_name_takes_less_than_six_kilobytes_of_a_worker():
    """20 kB is what it may take of all processes together: two workers, and the control process, which keeps none."""
    tracemalloc.start()
    try:
        draft = SnapshotDraft(empty_snapshot(NAMES))
        for number in range(COUNT):
            for record in records_of_domain(number):
                draft.apply(told(record))
        snapshot = draft.finish(1)
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert COUNT == len(snapshot.exact)
    assert 2_000 < taken / COUNT < 6_000


@pytest.mark.parametrize(
    ("change", "copied"),
    [
        (told(BasePathMapping(ACCOUNT, REGION, name_of(7), "v2", API, "live")), {"mappings", "domains", "exact"}),
        (told(replace(records_of_domain(7)[0], certificate_pem="another")), {"certificates", "domains", "exact"}),
    ],
    ids=["mapping", "certificate"],
)
def test_a_change_of_a_domain_name_makes_one_entry_and_shares_all_others(snapshot, change, copied):
    following = compile_snapshot(snapshot, 2, [change])
    assert copied <= {table for table in TABLES if getattr(following, table) is not getattr(snapshot, table)}
    assert snapshot.stages is following.stages
    assert snapshot.deployed is following.deployed
    for table in copied:
        before, after = getattr(snapshot, table), getattr(following, table)
        assert 1 == sum(after[key] is not before[key] for key in after), table


def test_a_change_of_a_stage_touches_no_domain_name_and_compiles_no_api_again(snapshot):
    api = snapshot.stages[API]["live"].api
    stage = replace(snapshot.stages[API]["live"].stage, description="another")
    following = compile_snapshot(snapshot, 2, [told(stage)])
    assert {"stages"} == {table for table in TABLES if getattr(following, table) is not getattr(snapshot, table)}
    assert "another" == following.stages[API]["live"].stage.description
    assert following.stages[API]["live"].api is api


def test_ten_thousand_names_and_resources_find_room_in_what_workers_keep():
    """Who is dropped costs 10 µs a request, or twice a handshake's time, when it is made again."""
    assert tls._MAX_CONTEXTS > 10_000
    assert pipeline._MAX_RECALLED > 10_000
    assert hostname._MAX_HOSTS > 10_000
