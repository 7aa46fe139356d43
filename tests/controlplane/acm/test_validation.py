"""The validation record of a name."""

import re

import pytest

from gatewright.controlplane.acm.validation import validation_record
from support.control import ACCOUNT, OTHER_ACCOUNT


def test_its_form():
    record = validation_record(ACCOUNT, "www.example.com")
    assert re.fullmatch(r"_[0-9a-f]{32}\.www\.example\.com\.", record["Name"])
    assert re.fullmatch(r"_[0-9a-f]{32}\.acm-validations\.aws\.", record["Value"])
    assert record["Name"][:33] != record["Value"][:33]


@pytest.mark.parametrize("name", ["*.example.com", "EXAMPLE.com", "example.com"])
def test_it_is_the_same_for_the_wildcard_and_each_time(name):
    assert validation_record(ACCOUNT, "example.com") == validation_record(ACCOUNT, name)


def test_another_account_or_name_has_another():
    records = [
        validation_record(ACCOUNT, "example.com"),
        validation_record(OTHER_ACCOUNT, "example.com"),
        validation_record(ACCOUNT, "www.example.com"),
    ]
    assert 3 == len({record["Value"] for record in records})


def test_it_can_be_listed(acm, request_certificate, refused):
    arn = request_certificate("www.example.com")
    (listed,) = acm.list_certificate_domain_validations(CertificateArn=arn)["DomainValidationSummaryList"]
    record = validation_record(ACCOUNT, "www.example.com")
    active = listed["ActiveValidationConfiguration"]
    assert {"DnsValidationChallenge": {"ResourceRecord": record}} == active["ValidationChallenge"]
    assert ("DNS", "SUCCESS") == (active["ValidationMethod"], active["ValidationStatus"])
    error = refused(acm.list_certificate_domain_validations, CertificateArn=arn, NextToken="x")
    assert "InvalidArgsException" == error.code


def test_by_mail_it_lists_the_domain_that_would_be_written_to(acm, request_certificate):
    arn = request_certificate("www.example.com", ValidationMethod="EMAIL")
    (listed,) = acm.list_certificate_domain_validations(CertificateArn=arn)["DomainValidationSummaryList"]
    challenge = listed["ActiveValidationConfiguration"]["ValidationChallenge"]
    assert {"EmailValidationChallenge": {"ValidationEmails": [], "ValidationDomain": "www.example.com"}} == challenge


def test_an_imported_certificate_has_none(acm, ca, import_issued):
    arn = import_issued(ca.issue("www.example.com"))
    assert [] == acm.list_certificate_domain_validations(CertificateArn=arn)["DomainValidationSummaryList"]
