"""Base path mappings through botocore's client."""

import time
from types import SimpleNamespace

import pytest

from gatewright.model.records import BasePathMapping, MappingOfApi
from support.ca import issue_self_signed
from support.control import ACCOUNT, OTHER_ACCOUNT, REGION

DOMAIN = "www.example.com"


@pytest.fixture
def api(harness):
    return harness.client("apigateway")


@pytest.fixture
def stage_of(api):
    """Makes an API with a stage of this name and gives the API's id."""

    def stage_of(name="dev"):
        rest_api = api.create_rest_api(name="pets")
        api.put_method(
            restApiId=rest_api["id"], resourceId=rest_api["rootResourceId"], httpMethod="GET", authorizationType="NONE"
        )
        api.put_integration(
            restApiId=rest_api["id"], resourceId=rest_api["rootResourceId"], httpMethod="GET", type="MOCK"
        )
        api.create_deployment(restApiId=rest_api["id"], stageName=name)
        return rest_api["id"]

    return stage_of


@pytest.fixture(autouse=True)
def domain(harness, api):
    harness.now = float(int(time.time()))
    issued = issue_self_signed(DOMAIN)
    arn = harness.client("acm").import_certificate(Certificate=issued.certificate_pem, PrivateKey=issued.key_pem)
    api.create_domain_name(
        domainName=DOMAIN,
        regionalCertificateArn=arn["CertificateArn"],
        endpointConfiguration={"types": ["REGIONAL"]},
    )


@pytest.fixture
def map_path(api):
    def map_path(rest_api, **more):
        return api.create_base_path_mapping(domainName=DOMAIN, restApiId=rest_api, **more)

    return map_path


@pytest.fixture
def update(api):
    def update(base_path, *operations):
        return api.update_base_path_mapping(
            domainName=DOMAIN,
            basePath=base_path,
            patchOperations=[{"op": op, "path": path, "value": value} for op, path, value in operations],
        )

    return update


@pytest.fixture
def refused(api):
    def refused(operation, *arguments, **parameters):
        with pytest.raises(api.exceptions.ClientError) as caught:
            operation(*arguments, **parameters)
        error, answer = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
        return SimpleNamespace(code=error["Code"], message=error["Message"], status=answer["HTTPStatusCode"])

    return refused


def body(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


class TestCreate:
    def test_a_path_to_a_stage(self, map_path, stage_of):
        rest_api = stage_of("dev")

        answer = map_path(rest_api, basePath="v1", stage="dev")

        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
        assert {"basePath": "v1", "restApiId": rest_api, "stage": "dev"} == body(answer)

    @pytest.mark.parametrize("given", [{}, {"basePath": ""}, {"basePath": "(none)"}])
    def test_no_path_is_shown_as_none(self, given, map_path, stage_of):
        assert map_path(stage_of(), **given)["basePath"] == "(none)"

    @pytest.mark.parametrize("given", [{}, {"stage": ""}, {"stage": "(none)"}])
    def test_without_a_stage_the_callers_path_names_one(self, given, map_path, stage_of):
        assert "stage" not in map_path(stage_of(), **given)

    def test_domain_names_are_found_in_any_case(self, api, stage_of):
        assert api.create_base_path_mapping(domainName="WWW.example.com", restApiId=stage_of())["basePath"] == "(none)"

    def test_every_character_that_is_allowed(self, map_path, stage_of, api):
        base_path = "aZ09$-_.+!*'()"

        map_path(stage_of(), basePath=base_path)

        assert base_path == api.get_base_path_mapping(domainName=DOMAIN, basePath=base_path)["basePath"]

    def test_300_characters_are_the_most(self, map_path, stage_of, refused):
        rest_api = stage_of()

        assert map_path(rest_api, basePath="p" * 300)["basePath"] == "p" * 300
        assert refused(map_path, rest_api, basePath="p" * 301).code == "BadRequestException"

    @pytest.mark.parametrize("base_path", ["a b", "ä", "a?b", "100%", "a;b"])
    def test_characters_that_are_not_allowed(self, base_path, map_path, stage_of, refused):
        error = refused(map_path, stage_of(), basePath=base_path)

        assert ("BadRequestException", 400) == (error.code, error.status)
        assert error.message.startswith("Invalid base path specified. ")

    @pytest.mark.parametrize("base_path", ["v1/pets", "/v1", "/"])
    def test_slashes_are_for_the_other_control_plane(self, base_path, map_path, stage_of, refused):
        assert (
            "API Gateway V1 doesn't support the slash character (/) in base path mappings. To create a multi-level base "
            "path mapping, use API Gateway V2."
        ) == refused(map_path, stage_of(), basePath=base_path).message

    @pytest.mark.parametrize("base_path", ["v1", "(none)"])
    def test_a_path_is_mapped_once(self, base_path, map_path, stage_of, refused):
        map_path(stage_of(), basePath=base_path)

        error = refused(map_path, stage_of(), basePath=base_path)

        assert ("ConflictException", 409, "Base path already exists for this domain name") == (
            error.code, error.status, error.message,
        )  # fmt: skip

    def test_paths_differ_by_case(self, map_path, stage_of):
        rest_api = stage_of()
        map_path(rest_api, basePath="v1")

        assert map_path(rest_api, basePath="V1")["basePath"] == "V1"

    def test_an_unknown_api(self, map_path, refused):
        error = refused(map_path, "aaaaaaaaaa")

        assert ("BadRequestException", "Invalid REST API identifier specified") == (error.code, error.message)

    def test_the_api_of_another_account(self, map_path, refused, harness):
        theirs = harness.client("apigateway", account=OTHER_ACCOUNT).create_rest_api(name="theirs")["id"]

        assert refused(map_path, theirs).message == "Invalid REST API identifier specified"

    def test_an_unknown_stage(self, map_path, stage_of, refused):
        error = refused(map_path, stage_of("dev"), stage="prod")

        assert ("BadRequestException", "Invalid stage identifier specified") == (error.code, error.message)

    def test_an_unknown_domain_name(self, api, stage_of, refused):
        error = refused(api.create_base_path_mapping, domainName="other.example.com", restApiId=stage_of())

        assert ("NotFoundException", "Invalid domain name identifier specified") == (error.code, error.message)


class TestRead:
    def test_one_and_all(self, api, map_path, stage_of):
        rest_api = stage_of("dev")
        mapped = [
            body(map_path(rest_api, **given)) for given in ({}, {"basePath": "a"}, {"basePath": "b", "stage": "dev"})
        ]

        assert mapped == api.get_base_path_mappings(domainName=DOMAIN)["items"]
        assert mapped == [
            body(api.get_base_path_mapping(domainName=DOMAIN, basePath=one["basePath"])) for one in mapped
        ]

    def test_pages_hold_every_mapping_once(self, api, map_path, stage_of):
        rest_api = stage_of()
        expected = ["(none)"] + [f"p{number}" for number in range(4)]
        for base_path in expected:
            map_path(rest_api, basePath=base_path)

        pages = list(
            api.get_paginator("get_base_path_mappings").paginate(domainName=DOMAIN, PaginationConfig={"PageSize": 2})
        )

        assert expected == [item["basePath"] for page in pages for item in page["items"]]
        assert [2, 2, 1] == [len(page["items"]) for page in pages]

    @pytest.mark.parametrize("operation", ["get_base_path_mapping", "delete_base_path_mapping"])
    @pytest.mark.parametrize("base_path", ["v1", "(none)"])
    def test_one_that_is_not_there(self, operation, base_path, api, refused):
        error = refused(getattr(api, operation), domainName=DOMAIN, basePath=base_path)

        assert ("NotFoundException", 404, "Invalid base path mapping identifier specified") == (
            error.code, error.status, error.message,
        )  # fmt: skip

    def test_one_that_the_other_control_plane_made(self, api, harness, stage_of, refused):
        rest_api = stage_of()
        with harness.store.transaction() as transaction:
            transaction.put(BasePathMapping(ACCOUNT, REGION, DOMAIN, "v1/pets", rest_api))

        error = refused(api.get_base_path_mapping, domainName=DOMAIN, basePath="v1/pets")

        assert error.code == "NotFoundException"


class TestUpdate:
    def test_api_stage_and_path(self, api, map_path, stage_of, update):
        map_path(stage_of(), basePath="v1")
        other = stage_of("prod")

        answer = update(
            "v1", ("replace", "/restapiId", other), ("replace", "/stage", "prod"), ("replace", "/basePath", "v2")
        )

        assert {"basePath": "v2", "restApiId": other, "stage": "prod"} == body(answer)
        assert [body(answer)] == api.get_base_path_mappings(domainName=DOMAIN)["items"]

    def test_a_path_can_become_none_and_a_stage_too(self, map_path, stage_of, update):
        rest_api = stage_of("dev")
        map_path(rest_api, basePath="v1", stage="dev")

        answer = update("v1", ("replace", "/basePath", "(none)"), ("replace", "/stage", "(none)"))

        assert {"basePath": "(none)", "restApiId": rest_api} == body(answer)

    def test_not_onto_another_mapping(self, api, map_path, stage_of, update, refused):
        rest_api = stage_of()
        before = [body(map_path(rest_api, basePath=base_path)) for base_path in ("a", "b")]

        error = refused(update, "a", ("replace", "/basePath", "b"))

        assert ("ConflictException", "Base path already exists for this domain name") == (error.code, error.message)
        assert before == api.get_base_path_mappings(domainName=DOMAIN)["items"]

    @pytest.mark.parametrize(
        ("operation", "message"),
        [
            (("replace", "/restapiId", "aaaaaaaaaa"), "Invalid REST API identifier specified"),
            (("replace", "/restapiId", ""), "Invalid REST API identifier specified"),
            (("replace", "/stage", "prod"), "Invalid stage identifier specified"),
            (
                ("replace", "/domainName", "x"),
                (
                    "Invalid patch path  '/domainName' specified for op 'replace'. Must be one of: "
                    "[/basePath, /basepath, /restapiId, /stage]"
                ),
            ),
            (
                ("add", "/stage", "dev"),
                "Invalid patch path  '/stage' specified for op 'add'. Please choose supported operations",
            ),
        ],
    )
    def test_what_is_refused_changes_nothing(self, operation, message, api, map_path, stage_of, update, refused):
        before = body(map_path(stage_of("dev"), basePath="v1", stage="dev"))

        error = refused(update, "v1", ("replace", "/basePath", "v2"), operation)

        assert ("BadRequestException", message) == (error.code, error.message)
        assert [before] == api.get_base_path_mappings(domainName=DOMAIN)["items"]


def test_a_deleted_mapping_is_gone_and_its_path_free(api, map_path, stage_of):
    rest_api = stage_of()
    map_path(rest_api, basePath="v1")

    answer = api.delete_base_path_mapping(domainName=DOMAIN, basePath="v1")

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert [] == api.get_base_path_mappings(domainName=DOMAIN)["items"]
    assert map_path(rest_api, basePath="v1")["basePath"] == "v1"


def targets(harness):
    """What is stored of where mappings lead, and what the mappings themselves say of it."""
    with harness.store.read() as reader:
        mappings = [(each.rest_api_id, each.stage or "", *each.key) for each in reader.all(BasePathMapping)]
        return [each.key for each in reader.all(MappingOfApi)], sorted(mappings)


def test_an_api_is_held_by_the_mappings_that_lead_to_it_now(harness, api, stage_of, map_path, update):
    first, second = stage_of("dev"), stage_of("dev")
    map_path(first, basePath="v1", stage="dev")
    map_path(first, basePath="v2")
    map_path(second)
    assert ([(first, "", DOMAIN, "v2"), (first, "dev", DOMAIN, "v1")], 3) == (
        sorted(each for each in targets(harness)[0] if each[0] == first),
        len(targets(harness)[0]),
    )
    update("v1", ("replace", "/restapiId", second), ("replace", "/basePath", "v3"))
    api.delete_base_path_mapping(domainName=DOMAIN, basePath="v2")
    kept, said = targets(harness)
    assert said == kept
    api.delete_rest_api(restApiId=first)
    with pytest.raises(api.exceptions.BadRequestException, match="remove all base path mappings"):
        api.delete_rest_api(restApiId=second)
    api.delete_domain_name(domainName=DOMAIN)
    assert ([], []) == targets(harness)
    api.delete_rest_api(restApiId=second)
