"""ListCertificates through botocore's client and its paginator."""

from datetime import UTC, datetime, timedelta

import pytest

from gatewright.controlplane.acm import listing
from gatewright.controlplane.acm.associations import set_associations
from gatewright.model.records import Certificate, CertificateListing
from gatewright.store import relational
from support.ca import issue_self_signed
from support.control import OTHER_ACCOUNT

EVERY_TYPE = ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"]


def arns(answer):
    return [summary["CertificateArn"] for summary in answer["CertificateSummaryList"]]


@pytest.fixture
def five(ca, import_issued, harness):
    """Five RSA certificates, a second apart, in the order of their import."""
    found = []
    for number in range(5):
        found.append(import_issued(ca.issue(f"n{number}.example.com", key="rsa2048")))
        harness.advance(1)
    return found


def test_a_summary_as_the_service_shows_one(acm, import_issued, harness):
    issued = issue_self_signed("*.example.com", "Example.com")
    arn = import_issued(issued)

    (summary,) = acm.list_certificates(Includes={"keyTypes": ["EC_prime256v1"]})["CertificateSummaryList"]

    imported = datetime.fromtimestamp(harness.now, UTC)
    assert {
        "CertificateArn": arn,
        "DomainName": "*.example.com",
        "SubjectAlternativeNameSummaries": ["*.example.com", "Example.com"],
        "HasAdditionalSubjectAlternativeNames": False,
        "Status": "ISSUED",
        "Type": "IMPORTED",
        "KeyAlgorithm": "EC-prime256v1",
        "KeyUsages": ["ANY"],
        "ExtendedKeyUsages": ["NONE"],
        "InUse": False,
        "RenewalEligibility": "INELIGIBLE",
        "NotBefore": issued.certificate.not_valid_before_utc,
        "NotAfter": issued.certificate.not_valid_after_utc,
        "CreatedAt": imported,
        "ImportedAt": imported,
    } == summary


def test_without_key_types_only_small_rsa_is_listed(ca, acm, import_issued):
    by_kind = {
        kind: import_issued(ca.issue("www.example.com", key=kind)) for kind in ("rsa1024", "rsa2048", "rsa3072", "p256")
    }

    assert {by_kind["rsa1024"], by_kind["rsa2048"]} == set(arns(acm.list_certificates()))
    assert set(by_kind.values()) == set(arns(acm.list_certificates(Includes={"keyTypes": EVERY_TYPE})))
    assert [by_kind["p256"]] == arns(acm.list_certificates(Includes={"keyTypes": ["EC_prime256v1"]}))


def test_only_the_first_hundred_names_are_summarised(ca, acm, import_issued):
    import_issued(ca.issue(*(f"n{number}.example.com" for number in range(101)), key="rsa2048"))

    (summary,) = acm.list_certificates()["CertificateSummaryList"]

    assert len(summary["SubjectAlternativeNameSummaries"]) == 100
    assert summary["HasAdditionalSubjectAlternativeNames"] is True


def test_other_accounts_and_regions_are_not_listed(ca, acm, import_issued, harness):
    mine = import_issued(ca.issue("www.example.com", key="rsa2048"))
    import_issued(ca.issue("www.example.com", key="rsa2048"), client=harness.client("acm", account=OTHER_ACCOUNT))
    import_issued(ca.issue("www.example.com", key="rsa2048"), client=harness.client("acm", region="eu-west-1"))

    assert [mine] == arns(acm.list_certificates())


def test_statuses_filter_by_what_the_clock_makes_of_them(ca, acm, import_issued, harness):
    soon = datetime.now(UTC) + timedelta(days=2)
    short = import_issued(ca.issue("short.example.com", key="rsa2048", not_after=soon))
    long = import_issued(ca.issue("long.example.com", key="rsa2048"))
    harness.advance(3 * 86_400)

    assert [short] == arns(acm.list_certificates(CertificateStatuses=["EXPIRED"]))
    assert [long] == arns(acm.list_certificates(CertificateStatuses=["ISSUED"]))
    assert {short, long} == set(arns(acm.list_certificates(CertificateStatuses=["ISSUED", "EXPIRED"])))
    assert [] == arns(acm.list_certificates(CertificateStatuses=["PENDING_VALIDATION"]))


@pytest.mark.parametrize(
    ("includes", "listed"),
    [
        ({"keyUsage": ["DIGITAL_SIGNATURE"]}, True),
        ({"keyUsage": ["KEY_AGREEMENT", "DIGITAL_SIGNATURE"]}, True),
        ({"keyUsage": ["KEY_AGREEMENT"]}, False),
        ({"extendedKeyUsage": ["TLS_WEB_SERVER_AUTHENTICATION"]}, True),
        ({"extendedKeyUsage": ["CODE_SIGNING"]}, False),
        ({"exportOption": "DISABLED"}, True),
        ({"exportOption": "ENABLED"}, False),
        ({"managedBy": "CLOUDFRONT"}, False),
    ],
)
def test_includes_filter_by_what_is_in_the_certificate(includes, listed, ca, acm, import_issued):
    arn = import_issued(ca.issue("www.example.com", key="rsa2048"))

    assert [arn] * listed == arns(acm.list_certificates(Includes=includes))


@pytest.mark.parametrize(("origin", "listed"), [("CUSTOMER_PROVIDED", True), ("AWS_MANAGED", False)])
def test_key_pair_origins_filter(origin, listed, ca, acm, import_issued):
    arn = import_issued(ca.issue("www.example.com", key="rsa2048"))

    assert [arn] * listed == arns(acm.list_certificates(CertificateKeyPairOrigins=[origin]))


def test_use_is_told(ca, acm, import_issued, harness):
    arn = import_issued(ca.issue("www.example.com", key="rsa2048"))
    with harness.store.transaction() as transaction:
        set_associations(transaction, "arn:aws:apigateway:us-east-1::/domainnames/a.example", before=[], after=[arn])

    assert [True] == [summary["InUse"] for summary in acm.list_certificates()["CertificateSummaryList"]]


@pytest.mark.parametrize("order", ["ASCENDING", "DESCENDING"])
@pytest.mark.parametrize("size", [1, 2, 5, 6])
def test_pages_hold_every_certificate_once_and_in_order(order, size, acm, five):
    pages = list(
        acm.get_paginator("list_certificates").paginate(
            SortBy="CREATED_AT", SortOrder=order, PaginationConfig={"PageSize": size}
        )
    )

    assert (five if order == "ASCENDING" else five[::-1]) == [arn for page in pages for arn in arns(page)]
    assert -(-5 // size) == len(pages)


def test_what_is_deleted_between_pages_moves_nothing(acm, five):
    first = acm.list_certificates(MaxItems=2)
    acm.delete_certificate(CertificateArn=five[1])

    assert five[2:] == arns(acm.list_certificates(NextToken=first["NextToken"]))


@pytest.mark.parametrize("token", ["x", "bnVsbA==", "WzEsMl0=", "ÿ"])
def test_a_foreign_token_is_refused(token, acm, refused):
    assert ("InvalidArgsException", 400) == (
        (error := refused(acm.list_certificates, NextToken=token)).code, error.status,
    )  # fmt: skip


@pytest.mark.parametrize("half", [{"SortBy": "CREATED_AT"}, {"SortOrder": "ASCENDING"}])
def test_sort_field_and_order_go_together(half, acm, refused):
    assert refused(acm.list_certificates, **half).code == "ValidationException"


def test_a_page_reads_the_certificates_on_it_and_no_others(five, acm, harness, monkeypatch):
    read = []
    decode = relational.codec.decode
    monkeypatch.setattr(relational.codec, "decode", lambda kind, text: read.append(kind) or decode(kind, text))
    monkeypatch.setattr(listing, "PLACES_AT_ONCE", 2)

    page = acm.list_certificates(MaxItems=1, SortBy="CREATED_AT", SortOrder="DESCENDING")

    assert [five[-1]] == arns(page)
    assert (1, 2) == (read.count(Certificate), read.count(CertificateListing))


def test_a_certificate_that_is_imported_again_is_listed_by_what_it_is_now(ca, acm, import_issued):
    arn = import_issued(ca.issue("www.example.com", key="rsa2048"))
    before = acm.list_certificates()["CertificateSummaryList"][0]["NotAfter"]
    later = datetime.now(UTC) + timedelta(days=3)
    import_issued(ca.issue("www.example.com", key="rsa2048", not_after=later), CertificateArn=arn)

    (summary,) = acm.list_certificates()["CertificateSummaryList"]

    assert arn == summary["CertificateArn"]
    assert before != summary["NotAfter"]
