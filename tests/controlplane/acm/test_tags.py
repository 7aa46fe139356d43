"""The tags of certificates through botocore's client."""

import pytest

from support.control import ACCOUNT, REGION


def tag(key, value):
    return {"Key": key, "Value": value}


@pytest.fixture
def arn(ca, import_issued):
    return import_issued(ca.issue("www.example.com"), Tags=[tag("team", "edge"), {"Key": "bare"}])


@pytest.fixture
def tags(acm, arn):
    return lambda: acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]


def test_tags_come_with_an_import_and_a_value_is_optional(tags):
    assert [tag("team", "edge"), tag("bare", "")] == tags()


def test_adding_puts_new_ones_and_changes_those_that_are_there(acm, arn, tags):
    acm.add_tags_to_certificate(CertificateArn=arn, Tags=[tag("team", "core"), tag("stage", "dev")])

    assert [tag("team", "core"), tag("bare", ""), tag("stage", "dev")] == tags()


@pytest.mark.parametrize(
    ("removed", "left"),
    [
        ({"Key": "team"}, ["bare"]),
        (tag("team", "edge"), ["bare"]),
        (tag("team", "other"), ["team", "bare"]),
        ({"Key": "unknown"}, ["team", "bare"]),
    ],
)
def test_removing_with_a_value_needs_that_value(removed, left, acm, arn, tags):
    acm.remove_tags_from_certificate(CertificateArn=arn, Tags=[removed])

    assert left == [found["Key"] for found in tags()]


def test_fifty_tags_are_the_most(acm, arn, tags, refused):
    acm.add_tags_to_certificate(CertificateArn=arn, Tags=[tag(f"k{number}", "v") for number in range(48)])

    error = refused(acm.add_tags_to_certificate, CertificateArn=arn, Tags=[tag("one", "too many")])

    assert ("TooManyTagsException", 400) == (error.code, error.status)
    assert error.message.startswith("the TagSet: '{team=edge, bare=, k0=v, ")
    assert len(tags()) == 50


@pytest.mark.parametrize("operation", ["add_tags_to_certificate", "remove_tags_from_certificate"])
def test_the_services_own_keys_are_refused(operation, acm, arn, refused):
    error = refused(getattr(acm, operation), CertificateArn=arn, Tags=[tag("aws:team", "edge")])

    assert ("ValidationException", 'Invalid Tag Key: "aws:team". AWS internal tags cannot be changed with this API') == (
        error.code, error.message,
    )  # fmt: skip


@pytest.mark.parametrize("operation", ["add_tags_to_certificate", "remove_tags_from_certificate"])
def test_an_unknown_certificate_has_no_tags(operation, acm, refused):
    unknown = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/00000000-0000-4000-8000-000000000000"

    assert refused(getattr(acm, operation), CertificateArn=unknown, Tags=[tag("a", "b")]).code == (
        "ResourceNotFoundException"
    )
