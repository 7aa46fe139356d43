"""What ends when, and of what something is said."""

from datetime import UTC, datetime, timedelta

import pytest

from gatewright.controlplane.expiry import Expiry, find_expiries, newly_due
from gatewright.model.records import (
    Certificate,
    CertificateConfiguration,
    DomainName,
    EndpointConfiguration,
    Truststore,
)
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
    assert [expiry] == newly_due([expiry], None, NOW)
    assert [] == newly_due([expiry], NOW, NOW + 3600)
    assert [expiry] == newly_due([expiry], NOW + 3600, NOW + DAY)
    assert [] == newly_due([make_expiry(100)], None, NOW)


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
