"""What ends when, and of what something is said."""

from datetime import UTC, datetime, timedelta

import pytest

from gatewright.controlplane.apigateway.domain_names import domain_name_arn
from gatewright.controlplane.expiry import Expiry, find_expiries, find_expiries_of, find_touched, newly_due
from gatewright.model.records import (
    Certificate,
    CertificateAssociation,
    CertificateConfiguration,
    DomainName,
    EndpointConfiguration,
    Truststore,
    ValidatedCertificate,
)
from gatewright.store.port import Change
from support.ca import CertificateAuthority
from support.control import ACCOUNT, REGION
from support.memory_store import MemoryStore

DAY = 86_400.0
NOW = 1_700_000_000.0
ENDS = datetime.fromtimestamp(NOW, UTC) + timedelta(days=40)


def make_expiry(days, *, first_days=45):
    return Expiry("certificate", ACCOUNT, REGION, "www.example.com", "arn", NOW + days * DAY, first_days)


@pytest.mark.parametrize(
    ("left", "stage"),
    [(46, None), (45, 45), (30.01, 45), (30, 30), (7.5, 30), (7, 7), (1, 1), (0.5, 1), (0, 0), (-3, 0)],
)
def test_stages_are_45_30_7_and_1_days_ahead_and_the_end(left, stage):
    assert stage == make_expiry(left).stage(NOW)


@pytest.mark.parametrize(("left", "stage"), [(60, 60), (45, 60), (30, 30)])
def test_an_account_may_ask_for_an_earlier_first_one(left, stage):
    assert stage == make_expiry(left, first_days=60).stage(NOW)


@pytest.mark.parametrize(("left", "stage"), [(21, None), (20, 20), (7, 7)])
def test_or_for_a_later_one(left, stage):
    assert stage == make_expiry(left, first_days=20).stage(NOW)


def test_something_is_said_once_a_stage():
    expiry = make_expiry(31)
    told = {expiry.identity: expiry.told(NOW)}
    assert [expiry] == newly_due([expiry], {}, NOW)
    assert [] == newly_due([expiry], told, NOW + 3600)
    assert [expiry] == newly_due([expiry], told, NOW + DAY)
    assert [] == newly_due([make_expiry(100)], {}, NOW)


def test_and_another_end_of_the_same_is_said_though_its_stage_is_the_same():
    told = {make_expiry(31).identity: make_expiry(31).told(NOW)}
    assert [make_expiry(32)] == newly_due([make_expiry(32)], told, NOW)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (7, "expires in 7 days, on 2023-11-21 22:13 UTC."),
        (1.5, "expires in 1 day, on 2023-11-16 10:13 UTC."),
        (0.5, "expires in 0 days, on "),
        (-1, "expired on 2023-11-13 22:13 UTC."),
    ],
)
def test_the_sentence(left, words):
    assert make_expiry(left).explain(NOW).startswith(f"The certificate arn of www.example.com {words}")


def make_certificate(certificate_id, **more):
    return Certificate(
        **{
            "account": ACCOUNT,
            "region": REGION,
            "id": certificate_id,
            "certificate_pem": "",
            "chain_pem": None,
            "domain_name": f"{certificate_id}.example.com",
            "subject_alternative_names": (),
            "not_before": NOW,
            "not_after": NOW + 40 * DAY,
            "created_at": NOW,
            **more,
        }
    )


@pytest.fixture
def store():
    return MemoryStore()


def put(store, *records):
    with store.transaction() as transaction:
        for record in records:
            transaction.put(record)


def found(store):
    with store.read() as reader:
        return {(each.kind, each.domain_name, each.name, each.first_days) for each in find_expiries(reader)}


def test_certificates_by_what_they_are_used_for(store):
    server, proof, spare = (make_certificate(name) for name in ("server", "proof", "spare"))
    issued = make_certificate("issued", type="AMAZON_ISSUED")
    revoked = make_certificate("revoked", status="REVOKED")
    domain = DomainName(
        ACCOUNT,
        REGION,
        "api.example.com",
        EndpointConfiguration(("REGIONAL",)),
        NOW,
        regional_certificate_arn=server.arn,
        ownership_verification_certificate_arn=proof.arn,
    )
    put(store, server, proof, spare, issued, revoked, domain)
    assert {
        ("server certificate", "api.example.com", server.arn, 45),
        ("ownership certificate", "api.example.com", proof.arn, 45),
        ("certificate", "spare.example.com", spare.arn, 45),
        # D: of what it renews itself, ACM speaks later.
        ("certificate", "issued.example.com", issued.arn, 30),
    } == found(store)


def test_a_name_that_is_served_with_an_earlier_import_ends_with_that(store):
    server = make_certificate("server")
    mutual = DomainName(
        ACCOUNT, REGION, "api.example.com", EndpointConfiguration(("REGIONAL",)), NOW,
        regional_certificate_arn=server.arn,
    )  # fmt: skip
    kept = ValidatedCertificate(ACCOUNT, REGION, "api.example.com", "", None, NOW + 3 * DAY)
    put(store, server, mutual, kept, CertificateAssociation(ACCOUNT, REGION, "server", domain_name_arn(mutual)))

    with store.read() as reader:
        (expiry,) = find_expiries(reader)
        assert [expiry] == find_expiries_of(reader, {(server.arn,)})
    assert NOW + 3 * DAY == expiry.not_after


def test_of_a_change_those_are_found_that_it_touches(store):
    server, proof, spare = (make_certificate(name) for name in ("server", "proof", "spare"))
    domain = DomainName(
        ACCOUNT, "eu-west-1", "api.example.com", EndpointConfiguration(("EDGE",)), NOW, certificate_arn=server.arn,
        ownership_verification_certificate_arn=proof.arn,
    )  # fmt: skip
    pem = CertificateAuthority("Soon", not_after=ENDS).certificate_pem
    truststore = Truststore(ACCOUNT, "eu-west-1", "api.example.com", "s3://b/k", pem, "", NOW)
    uses = [CertificateAssociation(ACCOUNT, REGION, name, domain_name_arn(domain)) for name in ("server", "proof")]
    put(store, server, proof, spare, domain, truststore, *uses)
    changes = [Change(each.KIND, each.account, each.region, each.key, None) for each in (server, uses[1], truststore)]

    with store.read() as reader:
        touched = find_touched(reader, changes)
        everything = set(find_expiries(reader))
        assert everything - {each for each in everything if each.name == spare.arn} == set(
            find_expiries_of(reader, touched)
        )
        assert everything == set(find_expiries_of(reader, {each.source for each in everything}))


def test_the_account_says_how_early(store):
    put(store, make_certificate("a"), CertificateConfiguration(ACCOUNT, REGION, 60))
    assert {60} == {days for *_, days in found(store)}


def test_entries_of_truststores(store):
    soon, late = CertificateAuthority("Soon", not_after=ENDS), CertificateAuthority("Late")
    renewed = CertificateAuthority("Soon too", not_after=ENDS)
    again = CertificateAuthority("Soon too", not_after=ENDS + timedelta(days=400))
    broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    pem = broken + "".join(each.certificate_pem for each in (soon, late, renewed, again))
    put(store, Truststore(ACCOUNT, REGION, "api.example.com", "s3://b/k", pem, "", NOW))
    with store.read() as reader:
        ends = {each.name.rpartition("=")[2]: each for each in find_expiries(reader)}
    assert {"Soon", "Late", "Soon too"} == set(ends)
    assert ("truststore entry", "api.example.com", ENDS.timestamp()) == (
        ends["Soon"].kind,
        ends["Soon"].domain_name,
        ends["Soon"].not_after,
    )
    # A chain may use either of two with the same subject.
    assert (ENDS + timedelta(days=400)).timestamp() == ends["Soon too"].not_after
