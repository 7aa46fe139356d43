"""Custom domain names through botocore's client, with certificates that ACM took before."""

import re
import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from gatewright.model.patch_tables.domain_name import ROUTING_RULES_NOT_SERVED
from gatewright.model.records import CertificateAssociation, CertificateRequest, DomainName
from support.ca import CertificateAuthority
from support.control import ACCOUNT, OTHER_ACCOUNT, REGION, SUFFIX

REGIONAL = {"types": ["REGIONAL"]}
UNKNOWN = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def ca():
    return CertificateAuthority()


@pytest.fixture
def harness(harness):
    harness.now = float(int(time.time()))
    return harness


@pytest.fixture
def certificate(harness, ca):
    """The ARN of an imported certificate for these names."""

    def certificate(*names, region=REGION, account=ACCOUNT, **how):
        issued = ca.issue(*names, **how)
        acm = harness.client("acm", region=region, account=account)
        return acm.import_certificate(
            Certificate=issued.certificate_pem, PrivateKey=issued.key_pem, CertificateChain=issued.chain_pem
        )["CertificateArn"]

    return certificate


@pytest.fixture
def api(harness):
    return harness.client("apigateway")


@pytest.fixture
def regional(certificate, api):
    """Creates a Regional domain name with a certificate of its own."""

    def regional(name, client=api, **more):
        arn = more.pop("arn", None) or certificate(name)
        return client.create_domain_name(
            domainName=name, regionalCertificateArn=arn, endpointConfiguration=REGIONAL, **more
        )

    return regional


@pytest.fixture
def refused(api):
    def refused(operation, **parameters):
        with pytest.raises(api.exceptions.ClientError) as caught:
            operation(**parameters)
        error, answer = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
        return SimpleNamespace(code=error["Code"], message=error["Message"], status=answer["HTTPStatusCode"])

    return refused


@pytest.fixture
def update(api):
    """Sends patch operations `(op, path, value)` for a domain name."""

    def update(name, *operations):
        return api.update_domain_name(
            domainName=name,
            patchOperations=[
                {"op": op, "path": path, **({"value": value[0]} if value else {})} for op, path, *value in operations
            ],
        )

    return update


def body(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


class TestCreate:
    def test_a_regional_domain_name(self, regional, certificate, harness):
        arn = certificate("www.example.com")

        answer = regional("www.example.com", arn=arn)

        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
        assert re.fullmatch(rf"d-[a-z0-9]{{10}}\.execute-api\.{REGION}\.{SUFFIX}", answer["regionalDomainName"])
        assert {
            "domainName": "www.example.com",
            "domainNameArn": f"arn:aws:apigateway:{REGION}::/domainnames/www.example.com",
            "certificateUploadDate": datetime.fromtimestamp(harness.now, UTC),
            "regionalDomainName": answer["regionalDomainName"],
            "regionalHostedZoneId": "Z1UJRXOUMOOFQ8",
            "regionalCertificateArn": arn,
            "endpointConfiguration": {"types": ["REGIONAL"], "ipAddressType": "ipv4"},
            "domainNameStatus": "AVAILABLE",
            "securityPolicy": "TLS_1_2",
            "tags": {},
            "routingMode": "BASE_PATH_MAPPING_ONLY",
        } == body(answer)

    def test_an_edge_domain_name_takes_its_certificate_from_us_east_1(self, harness, certificate, refused):
        api = harness.client("apigateway", region="eu-west-1")
        elsewhere = certificate("www.example.com", region="eu-west-1")

        error = refused(api.create_domain_name, domainName="www.example.com", certificateArn=elsewhere)
        answer = api.create_domain_name(domainName="www.example.com", certificateArn=certificate("www.example.com"))

        assert f"Invalid certificate ARN: {elsewhere}. Certificate must be in 'us-east-1'." == error.message
        assert re.fullmatch(rf"d[a-z0-9]{{13}}\.cloudfront\.{SUFFIX}", answer["distributionDomainName"])
        assert ("Z2FDTNDATAQYW2", ["EDGE"]) == (
            answer["distributionHostedZoneId"], answer["endpointConfiguration"]["types"],
        )  # fmt: skip
        assert "regionalDomainName" not in answer

    @pytest.mark.parametrize("name", ["WWW.Example.COM", "www.example.com."])
    def test_names_are_kept_and_found_in_one_spelling(self, name, regional, certificate, api):
        created = regional(name, arn=certificate("www.example.com"))

        assert created["domainName"] == "www.example.com"
        assert created["domainName"] == api.get_domain_name(domainName=name)["domainName"]

    def test_a_name_of_many_alphabets_is_kept_as_a_labels(self, regional, certificate):
        assert (
            "xn--bcher-kva.example"
            == (regional("bücher.example", arn=certificate("xn--bcher-kva.example"))["domainName"])
        )

    @pytest.mark.parametrize("name", ["exa mple.com", "localhost", "w*.example.com", "-a.example.com", "10.0.0.1"])
    def test_what_is_no_domain_name_is_refused(self, name, api, refused, certificate):
        error = refused(
            api.create_domain_name, domainName=name, regionalCertificateArn=certificate("www.example.com"),
            endpointConfiguration=REGIONAL,
        )  # fmt: skip

        assert ("BadRequestException", 400) == (error.code, error.status)
        assert error.message.startswith("Invalid domain name specified. ")

    def test_the_same_name_twice(self, regional, refused):
        regional("www.example.com")

        error = refused(regional, name="www.example.com")

        assert ("BadRequestException", "The domain name you provided already exists.") == (error.code, error.message)

    def test_the_same_name_in_another_region_is_another_domain_name(self, regional, harness, certificate):
        regional("www.example.com")

        there = regional(
            "www.example.com",
            client=harness.client("apigateway", region="eu-west-1"),
            arn=certificate("www.example.com", region="eu-west-1"),
        )

        assert there["regionalHostedZoneId"] == "ZLY8HYME6SFDD"

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("www.example.com", "www.example.com"),
            ("www.example.com", "*.example.com"),
            ("*.example.com", "www.example.com"),
        ],
    )
    def test_another_account_takes_neither_the_name_nor_its_wildcard(
        self, first, second, regional, harness, certificate, refused
    ):
        regional(first)
        other = harness.client("apigateway", account=OTHER_ACCOUNT, region="eu-west-1")
        arn = certificate(second, account=OTHER_ACCOUNT, region="eu-west-1")

        error = refused(regional, name=second, client=other, arn=arn)

        assert error.message == "The domain name you provided already exists."

    def test_one_account_has_a_wildcard_and_a_name_under_it(self, regional, api):
        regional("*.example.com")
        regional("www.example.com")

        names = [item["domainName"] for item in api.get_domain_names()["items"]]

        assert names == ["*.example.com", "www.example.com"]


class TestCertificates:
    @pytest.mark.parametrize(
        ("names", "domain"),
        [
            (["www.example.com"], "www.example.com"),
            (["*.example.com"], "www.example.com"),
            (["*.example.com"], "*.example.com"),
            (["other.example", "WWW.example.com"], "www.example.com"),
        ],
    )
    def test_one_that_covers_the_name(self, names, domain, regional, certificate):
        assert regional(domain, arn=certificate(*names))["domainName"] == domain

    @pytest.mark.parametrize(
        ("names", "domain"),
        [
            (["example.com"], "www.example.com"),
            (["*.example.com"], "example.com"),
            (["*.example.com"], "a.b.example.com"),
            (["www.example.com"], "*.example.com"),
        ],
    )
    def test_one_that_does_not_cover_the_name(self, names, domain, regional, certificate, refused):
        error = refused(regional, name=domain, arn=certificate(*names))

        assert ("BadRequestException", 400) == (error.code, error.status)
        assert error.message == "The domain name to be created is not covered by the provided certificate."

    def test_one_that_does_not_exist(self, regional, refused):
        assert refused(regional, name="www.example.com", arn=UNKNOWN).message == (
            "The provided certificate does not exist."
        )

    def test_one_of_another_region(self, regional, certificate, refused):
        arn = certificate("www.example.com", region="eu-west-1")

        assert f"Invalid certificate ARN: {arn}. Certificate must be in 'us-east-1'." == (
            refused(regional, name="www.example.com", arn=arn).message
        )

    def test_one_of_another_account(self, regional, certificate, refused):
        arn = certificate("www.example.com", account=OTHER_ACCOUNT)

        assert refused(regional, name="www.example.com", arn=arn).message == (
            "The certificate provided must be owned by the account creating the domain."
        )

    def test_one_that_has_expired_since(self, regional, certificate, refused, harness):
        arn = certificate("www.example.com")
        harness.advance(200 * 86_400)

        assert refused(regional, name="www.example.com", arn=arn).message == "The provided certificate has expired."

    def test_one_that_is_not_issued_yet(self, regional, harness, refused):
        request = CertificateRequest(
            ACCOUNT, REGION, "00000000-0000-4000-8000-000000000001", "ACME", "www.example.com", ("www.example.com",),
            "RSA_2048", harness.now,
        )  # fmt: skip
        with harness.store.transaction() as transaction:
            transaction.put(request)

        assert f"Certificate {request.arn} in account {ACCOUNT} not yet issued" == (
            refused(regional, name="www.example.com", arn=request.arn).message
        )

    @pytest.mark.parametrize("arn", ["www.example.com", f"arn:aws:iam::{ACCOUNT}:server-certificate/one"])
    def test_what_is_no_certificate(self, arn, regional, refused):
        assert f"Invalid certificate ARN: {arn}." == refused(regional, name="www.example.com", arn=arn).message

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({}, "A certificate was not provided for the endpoint type EDGE."),
            ({"endpointConfiguration": REGIONAL}, "A certificate was not provided for the endpoint type REGIONAL."),
            (
                {"endpointConfiguration": REGIONAL, "certificateArn": UNKNOWN},
                "Cannot import certificates for EDGE while REGIONAL is active.",
            ),
            ({"regionalCertificateArn": UNKNOWN, "certificateArn": "of one"}, None),
        ],
    )
    def test_each_endpoint_type_has_its_own_member(self, given, message, api, refused, certificate):
        if message is None:
            given = {**given, "certificateArn": certificate("www.example.com")}
            message = "Cannot import certificates for REGIONAL while EDGE is active."

        assert message == refused(api.create_domain_name, domainName="www.example.com", **given).message

    def test_one_in_use_says_so_and_is_not_deleted(self, regional, certificate, harness, api, refused):
        arn = certificate("www.example.com")
        acm = harness.client("acm")
        used_by = regional("www.example.com", arn=arn)["domainNameArn"]

        assert [used_by] == acm.describe_certificate(CertificateArn=arn)["Certificate"]["InUseBy"]
        assert refused(acm.delete_certificate, CertificateArn=arn).code == "ResourceInUseException"

        api.delete_domain_name(domainName="www.example.com")
        acm.delete_certificate(CertificateArn=arn)

    def test_one_that_is_reimported_without_the_name_stays_in_service(self, regional, certificate, harness, ca, update):
        arn = certificate("www.example.com")
        regional("www.example.com", arn=arn)
        other = ca.issue("www.example.org")
        harness.client("acm").import_certificate(
            CertificateArn=arn, Certificate=other.certificate_pem, PrivateKey=other.key_pem,
            CertificateChain=other.chain_pem,
        )  # fmt: skip

        answer = update("www.example.com", ("replace", "/regionalCertificateName", "still the one"))

        assert ("AVAILABLE", arn) == (answer["domainNameStatus"], answer["regionalCertificateArn"])


class TestWhatIsNotServed:
    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"routingMode": "ROUTING_RULE_ONLY"}, "Routing rules are not served"),
            ({"routingMode": "ROUTING_RULE_THEN_BASE_PATH_MAPPING"}, "Routing rules are not served"),
            ({"endpointConfiguration": {"types": ["PRIVATE"]}}, "they come with private APIs"),
            ({"policy": "{}"}, "Policies are only supported for private custom domain names."),
            ({"certificateBody": "PEM", "certificatePrivateKey": "PEM"}, "specify its ARN"),
        ],
    )
    def test_it_is_refused_and_nothing_is_made(self, given, words, api, certificate, refused):
        parameters = {
            "domainName": "www.example.com",
            "regionalCertificateArn": certificate("www.example.com"),
            "endpointConfiguration": REGIONAL,
            **given,
        }

        error = refused(api.create_domain_name, **parameters)

        assert ("BadRequestException", 400) == (error.code, error.status)
        assert words in error.message
        assert [] == api.get_domain_names()["items"]

    def test_that_there_are_none_can_be_said(self, regional, update):
        regional("www.example.com")

        assert "mutualTlsAuthentication" not in update(
            "www.example.com", ("replace", "/mutualTlsAuthentication/truststoreUri", "")
        )


class TestSecurityPolicies:
    @pytest.mark.parametrize(
        "given",
        [
            {"securityPolicy": "TLS_1_0"},
            {"securityPolicy": "SecurityPolicy_TLS13_1_3_2025_09", "endpointAccessMode": "STRICT"},
        ],
    )
    def test_what_a_regional_domain_name_can_have(self, given, regional):
        answer = regional("www.example.com", **given)

        assert given == {name: answer[name] for name in given}

    @pytest.mark.parametrize(
        "given",
        [
            {"securityPolicy": "SecurityPolicy_TLS13_2025_EDGE", "endpointAccessMode": "BASIC"},
            {"securityPolicy": "SecurityPolicy_TLS13_1_3_2025_09"},
            {"securityPolicy": "TLS_1_2", "endpointAccessMode": "BASIC"},
        ],
    )
    def test_what_it_cannot(self, given, regional, refused):
        assert refused(regional, name="www.example.com", **given).code == "BadRequestException"

    def test_the_way_back_empties_the_access_mode(self, regional, update):
        regional("www.example.com", securityPolicy="SecurityPolicy_TLS13_1_3_2025_09", endpointAccessMode="BASIC")

        with pytest.raises(Exception, match="Endpoint access mode cannot be specified"):
            update("www.example.com", ("replace", "/securityPolicy", "TLS_1_2"))
        answer = update(
            "www.example.com", ("replace", "/securityPolicy", "TLS_1_2"), ("replace", "/endpointAccessMode", "")
        )

        assert ("TLS_1_2", None) == (answer["securityPolicy"], answer.get("endpointAccessMode"))


class TestRead:
    def test_what_was_created_is_what_is_read(self, regional, api):
        created = body(regional("www.example.com", tags={"team": "edge"}))

        assert created == body(api.get_domain_name(domainName="www.example.com"))
        assert [created] == api.get_domain_names()["items"]

    def test_pages_hold_every_name_once(self, certificate, api, regional):
        arn = certificate("*.example.com")
        names = sorted(f"n{number}.example.com" for number in range(5))
        for name in names:
            regional(name, arn=arn)

        pages = list(api.get_paginator("get_domain_names").paginate(PaginationConfig={"PageSize": 2}))

        assert names == [item["domainName"] for page in pages for item in page["items"]]
        assert [2, 2, 1] == [len(page["items"]) for page in pages]

    def test_names_of_other_accounts_and_owners_are_not_listed(self, regional, api, harness):
        regional("www.example.com")

        assert [] == harness.client("apigateway", account=OTHER_ACCOUNT).get_domain_names()["items"]
        assert [] == harness.client("apigateway", region="eu-west-1").get_domain_names()["items"]
        assert [] == api.get_domain_names(resourceOwner="OTHER_ACCOUNTS")["items"]

    @pytest.mark.parametrize("operation", ["get_domain_name", "delete_domain_name", "get_base_path_mappings"])
    @pytest.mark.parametrize("more", [{}, {"domainNameId": "abcd1234"}])
    def test_an_unknown_name(self, operation, more, api, regional, refused):
        if more:
            regional("www.example.com")  # it is there, and is no private one

        error = refused(getattr(api, operation), domainName="www.example.com", **more)

        assert ("NotFoundException", 404, "Invalid domain name identifier specified") == (
            error.code, error.status, error.message,
        )  # fmt: skip


class TestUpdate:
    def test_another_certificate_is_served_and_the_old_one_is_free(self, regional, certificate, update, harness):
        old, new = certificate("www.example.com"), certificate("www.example.com")
        target = regional("www.example.com", arn=old)["regionalDomainName"]
        harness.advance(60)

        answer = update("www.example.com", ("replace", "/regionalCertificateArn", new))

        assert (new, target) == (answer["regionalCertificateArn"], answer["regionalDomainName"])
        assert datetime.fromtimestamp(harness.now, UTC) == answer["certificateUploadDate"]
        acm = harness.client("acm")
        acm.delete_certificate(CertificateArn=old)
        assert [answer["domainNameArn"]] == acm.describe_certificate(CertificateArn=new)["Certificate"]["InUseBy"]

    def test_a_certificate_that_does_not_cover_the_name_changes_nothing(self, regional, certificate, api, refused):
        before = body(regional("www.example.com"))
        arn = certificate("www.example.org")

        error = refused(
            api.update_domain_name,
            domainName="www.example.com",
            patchOperations=[
                {"op": "replace", "path": "/regionalCertificateName", "value": "new"},
                {"op": "replace", "path": "/regionalCertificateArn", "value": arn},
            ],
        )

        assert error.message == "The domain name to be created is not covered by the provided certificate."
        assert before == body(api.get_domain_name(domainName="www.example.com"))

    def test_a_migration_from_edge_to_regional(self, api, certificate, update, harness):
        edge, arn = certificate("www.example.com"), certificate("www.example.com")
        created = api.create_domain_name(domainName="www.example.com", certificateArn=edge)

        both = update(
            "www.example.com",
            ("add", "/endpointConfiguration/types", "REGIONAL"),
            ("add", "/regionalCertificateArn", arn),
        )
        after = update("www.example.com", ("remove", "/endpointConfiguration/types", "EDGE"))

        assert ["EDGE", "REGIONAL"] == both["endpointConfiguration"]["types"]
        assert created["distributionDomainName"] == both["distributionDomainName"]
        assert both["regionalDomainName"] == after["regionalDomainName"]
        assert ["REGIONAL"] == after["endpointConfiguration"]["types"]
        assert {"distributionDomainName", "distributionHostedZoneId", "certificateArn"}.isdisjoint(after)
        harness.client("acm").delete_certificate(CertificateArn=edge)

    @pytest.mark.parametrize(
        ("operations", "message"),
        [
            (
                [("replace", "/endpointConfiguration/types/0", "EDGE")],
                "/endpointConfiguration/types/0 Invalid request input",
            ),
            (
                [
                    ("remove", "/endpointConfiguration/types", "REGIONAL"),
                    ("add", "/endpointConfiguration/types", "EDGE"),
                ],
                (
                    "Can only perform one update operation at a time. Request would delete regional endpoint, create edge "
                    "endpoint"
                ),
            ),
            (
                [("remove", "/regionalCertificateArn"), ("add", "/certificateArn", "arn")],
                "Cannot add and remove certificates in the same request.",
            ),
            (
                [("remove", "/regionalCertificateArn")],
                "A certificate was not provided for the endpoint type REGIONAL.",
            ),
            (
                [("add", "/endpointConfiguration/types", "EDGE")],
                "A certificate was not provided for the endpoint type EDGE.",
            ),
            ([("replace", "/routingMode", "ROUTING_RULE_ONLY")], ROUTING_RULES_NOT_SERVED),
            ([("replace", "/routingMode", "ROUTING_RULE_THEN_BASE_PATH_MAPPING")], ROUTING_RULES_NOT_SERVED),
            (
                [("replace", "/certificate_body", "PEM")],
                (
                    "Invalid patch path  '/certificate_body' specified for op 'replace'. Must be one of: ["
                    "/certificateName, /certificateArn, /regionalCertificateName, /regionalCertificateArn, "
                    "/endpointConfiguration/types/{type}, /endpointConfiguration/ipAddressType, /securityPolicy, "
                    "/endpointAccessMode, /routingMode, /policy, /managementPolicy, "
                    "/mutualTlsAuthentication/truststoreUri, /mutualTlsAuthentication/truststoreVersion, "
                    "/ownershipVerificationCertificateArn]"
                ),
            ),
        ],
    )
    def test_what_is_refused(self, operations, message, regional, update, refused):
        regional("www.example.com")

        with pytest.raises(Exception, match=re.escape(message) + "$"):
            update("www.example.com", *operations)

    def test_the_small_members(self, regional, update):
        regional("www.example.com")

        answer = update(
            "www.example.com",
            ("replace", "/regionalCertificateName", "mine"),
            ("replace", "/endpointConfiguration/ipAddressType", "dualstack"),
            ("replace", "/endpointConfiguration/types/0", "REGIONAL"),
            ("replace", "/securityPolicy", "TLS_1_0"),
            ("replace", "/routingMode", "BASE_PATH_MAPPING_ONLY"),
        )

        assert ("mine", "dualstack", "TLS_1_0", "BASE_PATH_MAPPING_ONLY") == (
            answer["regionalCertificateName"],
            answer["endpointConfiguration"]["ipAddressType"],
            answer["securityPolicy"],
            answer["routingMode"],
        )


def test_deletion_takes_everything_along(regional, api, harness):
    rest_api = api.create_rest_api(name="pets")["id"]
    regional("www.example.com")
    api.create_base_path_mapping(domainName="www.example.com", restApiId=rest_api)

    answer = api.delete_domain_name(domainName="www.example.com")

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    with harness.store.read() as reader:
        assert [] == [*reader.all(DomainName), *reader.all(CertificateAssociation)]
    api.delete_rest_api(restApiId=rest_api)  # no mapping leads to it any more


def test_tags_are_those_of_the_tag_operations(regional, api):
    arn = regional("www.example.com", tags={"team": "edge"})["domainNameArn"]

    api.tag_resource(resourceArn=arn, tags={"stage": "dev"})

    assert {"team": "edge", "stage": "dev"} == api.get_domain_name(domainName="www.example.com")["tags"]
