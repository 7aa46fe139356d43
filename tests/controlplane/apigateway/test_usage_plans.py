"""Usage plans through a client. R was recorded from the service in 2023 and 2025, or published by its users."""

import pytest

from gatewright.model.records import PlanOfStage, UsagePlan
from support.apis import ApiBuilder
from support.control import ACCOUNT as OTHER_ACCOUNT
from support.control import REGION
from support.recorded import ACCOUNT, refusal_of


@pytest.fixture
def client(harness):
    return harness.client("apigateway", account=ACCOUNT)


@pytest.fixture
def api(client):
    api = ApiBuilder(client)
    api.mock("/pets")
    for stage in ("dev", "live"):
        api.deploy(stage)
    return api


@pytest.fixture
def plan(client, api):
    return client.create_usage_plan(name="gold", apiStages=[{"apiId": api.id, "stage": "dev"}])


def patch(client, plan, *operations):
    answer = client.update_usage_plan(
        usagePlanId=plan["id"],
        patchOperations=[dict(zip(("op", "path", "value"), each, strict=False)) for each in operations],
    )
    answer.pop("ResponseMetadata")
    return answer


def shown(answer):
    return {key: value for key, value in answer.items() if key not in ("ResponseMetadata", "id")}


def test_a_plan_with_a_name_alone(client):
    """R"""
    made = client.create_usage_plan(name="gold")
    assert 201 == made["ResponseMetadata"]["HTTPStatusCode"]
    assert {"name": "gold", "apiStages": []} == shown(made)
    assert 6 == len(made["id"])


def test_a_plan_with_all_that_it_can_have(client, api):
    """R for the members, and that a burst may be more than the rate."""
    plan = {
        "name": "gold",
        "description": "for friends",
        "apiStages": [
            {"apiId": api.id, "stage": "dev", "throttle": {"/pets/GET": {"burstLimit": 4, "rateLimit": 2.0}}}
        ],
        "throttle": {"burstLimit": 20, "rateLimit": 10.0},
        "quota": {"limit": 10, "offset": 0, "period": "DAY"},
        "tags": {"tag_key": "tag_value"},
    }
    made = client.create_usage_plan(**plan)
    assert plan == shown(made)
    assert plan == shown(client.get_usage_plan(usagePlanId=made["id"]))


def test_get_shows_tags_even_if_there_are_none_and_the_listing_does_not(client, plan):
    """R"""
    assert {} == client.get_usage_plan(usagePlanId=plan["id"])["tags"]
    assert [{"id": plan["id"], **shown(plan)}] == client.get_usage_plans()["items"]


def test_a_limit_of_two_parts_is_zero_where_it_is_not_said(client):
    assert {"burstLimit": 0, "rateLimit": 5.0} == client.create_usage_plan(name="p", throttle={"rateLimit": 5})[
        "throttle"
    ]


NO_NUMBER = "Usage Plan throttle limits must be numbers, and the burst limit at most 2147483647"


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"name": " "}, ("BadRequestException", "Usage Plan name must be non-empty")),
        (
            {"quota": {"limit": 0, "period": "DAY"}},
            ("BadRequestException", "Usage Plan quota limit must be greater than 0"),
        ),
        (
            {"quota": {"limit": 2**31, "period": "DAY"}},
            ("BadRequestException", "Usage Plan quota limit must be at most 2147483647"),
        ),
        (
            {"quota": {"limit": 5, "offset": 5, "period": "DAY"}},
            ("BadRequestException", "Usage Plan quota offset must be at least 0 and less than the limit"),
        ),
        (
            {"quota": {"limit": 5}},
            ("BadRequestException", "Invalid Usage Plan quota period. Must be one of: [DAY, WEEK, MONTH]"),
        ),
        ({"throttle": {"rateLimit": -1}}, ("BadRequestException", "Usage Plan throttle limits must be at least 0")),
        ({"throttle": {"rateLimit": float("nan")}}, ("BadRequestException", NO_NUMBER)),
        ({"throttle": {"rateLimit": float("inf"), "burstLimit": 5}}, ("BadRequestException", NO_NUMBER)),
        ({"throttle": {"rateLimit": 5.0, "burstLimit": 2**31}}, ("BadRequestException", NO_NUMBER)),
        ({"apiStages": [{"stage": "dev"}]}, ("BadRequestException", "Invalid API Stage specified")),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_plan_that_cannot_be_is_refused(client, params, refusal):
    assert refusal == refusal_of(lambda: client.create_usage_plan(**{"name": "gold", **params}))
    assert [] == client.get_usage_plans()["items"]


def test_a_stage_that_is_not_there_is_not_found(client, api):
    """R"""
    code, message = refusal_of(
        lambda: client.create_usage_plan(name="gold", apiStages=[{"apiId": api.id, "stage": "nope"}])
    )
    assert "NotFoundException" == code
    assert message.startswith(f"Invalid API Stage {{api: {api.id}, stage: nope}} specified for usageplan ")


def test_a_stage_is_named_once_and_its_methods_are_methods(client, api):
    twice = [{"apiId": api.id, "stage": "dev"}] * 2
    assert "Invalid API Stage specified" == refusal_of(lambda: client.create_usage_plan(name="p", apiStages=twice))[1]
    for key in ("pets/GET", "/pets/FETCH", "/pets"):
        stages = [{"apiId": api.id, "stage": "dev", "throttle": {key: {"rateLimit": 1}}}]
        message = f"Invalid method specified for throttling: {key}. Expected <resourcePath>/<httpMethod>"
        assert message == refusal_of(lambda: client.create_usage_plan(name="p", apiStages=stages))[1]  # noqa: B023


def test_at_most_twenty_methods_of_a_stage_have_limits(client, api):
    throttle = {f"/pets/{number}/GET": {"rateLimit": 1} for number in range(21)}
    stages = [{"apiId": api.id, "stage": "dev", "throttle": throttle}]
    assert "at most 20 methods" in refusal_of(lambda: client.create_usage_plan(name="p", apiStages=stages))[1]
    throttle.popitem()
    assert 20 == len(client.create_usage_plan(name="p", apiStages=stages)["apiStages"][0]["throttle"])


def test_limits_of_the_plan_are_patched(client, plan):
    """R for the throttle."""
    changed = patch(
        client, plan, ("replace", "/throttle/burstLimit", "100"), ("replace", "/throttle/rateLimit", "200"),
        ("add", "/quota/limit", "500"), ("add", "/quota/period", "WEEK"), ("replace", "/quota/offset", "20"),
        ("replace", "/name", "silver"), ("replace", "/description", "cheaper"), ("add", "/productCode", "p1"),
    )  # fmt: skip
    assert {
        "id": plan["id"],
        "name": "silver",
        "description": "cheaper",
        "productCode": "p1",
        "apiStages": plan["apiStages"],
        "throttle": {"burstLimit": 100, "rateLimit": 200.0},
        "quota": {"limit": 500, "offset": 20, "period": "WEEK"},
        "tags": {},
    } == changed
    bare = patch(client, plan, ("remove", "/throttle"), ("remove", "/quota"), ("remove", "/productCode"))
    assert {"id", "name", "description", "apiStages", "tags"} == bare.keys()


def test_stages_come_and_go(harness, client, api, plan):
    both = patch(client, plan, ("add", "/apiStages", f"{api.id}:live"), ("add", "/apiStages", f"{api.id}:live"))
    assert [{"apiId": api.id, "stage": "dev"}, {"apiId": api.id, "stage": "live"}] == both["apiStages"]
    assert [{"apiId": api.id, "stage": "live"}] == patch(client, plan, ("remove", "/apiStages", f"{api.id}:dev"))[
        "apiStages"
    ]
    with harness.store.read() as reader:
        assert [(api.id, "live", plan["id"])] == [each.key for each in reader.all(PlanOfStage)]


@pytest.mark.parametrize("path", ["~1pets", "/pets", "pets", "~1pets/"], ids=str)
def test_limits_of_a_method_are_patched_however_the_path_is_written(client, api, plan, path):
    """The first is documented, the second is what Terraform sends."""
    where = f"/apiStages/{api.id}:dev/throttle/{path.removesuffix('/')}"
    changed = patch(client, plan, ("replace", f"{where}/GET/rateLimit", "2.5"), ("add", f"{where}/GET/burstLimit", "4"))
    assert {"/pets/GET": {"rateLimit": 2.5, "burstLimit": 4}} == changed["apiStages"][0]["throttle"]
    assert "throttle" not in patch(client, plan, ("remove", f"{where}/GET"))["apiStages"][0]


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("~1/GET", "//GET"),
        ("//GET", "//GET"),
        ("~1pets~1{id}/GET", "/pets/{id}/GET"),
        ("/pets/{id}/GET", "/pets/{id}/GET"),
    ],
)
def test_the_root_and_deeper_resources_have_their_keys(client, api, plan, path, key):
    """Facts 4.4: `//GET` is the root's."""
    changed = patch(client, plan, ("replace", f"/apiStages/{api.id}:dev/throttle/{path}/rateLimit", "2"))
    assert {key: {"rateLimit": 2.0, "burstLimit": 0}} == changed["apiStages"][0]["throttle"]


def test_all_limits_of_a_stages_methods_are_set_and_taken_away(client, api, plan):
    where = f"/apiStages/{api.id}:dev/throttle"
    limits = '{"/pets/GET": {"rateLimit": 1, "burstLimit": 2}, "//GET": {"rateLimit": 3}}'
    assert {"/pets/GET": {"rateLimit": 1.0, "burstLimit": 2}, "//GET": {"rateLimit": 3.0, "burstLimit": 0}} == (
        patch(client, plan, ("replace", where, limits))["apiStages"][0]["throttle"]
    )
    assert "throttle" not in patch(client, plan, ("remove", where))["apiStages"][0]
    for malformed in ("", "[]", "{}]", '{"/pets/GET": 1}', '{"/pets/GET": {"rateLimit": "x"}}'):
        message = f"Invalid value specified for throttle: {malformed}"
        assert message == refusal_of(lambda: patch(client, plan, ("add", where, malformed)))[1]  # noqa: B023


REMOVABLE = (
    "[/apiStages, /quota, /throttle, /productCode, "
    "/apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>, /apiStages/<apidId:stageName>/throttle]"
)


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        # R: the first three, published by users.
        (("remove", "/apiStages/a1:dev"), f"Invalid patch path  '/apiStages/a1:dev' specified for op 'remove'. Must be one of: {REMOVABLE}"),
        (("remove", "/apiStages"), "Invalid API Stage specified"),
        (("remove", "/apiStages", "a1:dev"), "Invalid API Stage specified"),
        (("add", "/apiStages", "a1"), "Invalid API Stage specified"),
        (("replace", "/throttle/rateLimit", "fast"), "Invalid value specified for throttle rate limit: fast"),
        (("replace", "/throttle/burstLimit", "-1"), "Invalid value specified for throttle burst limit: -1"),
        (("replace", "/quota/limit", "1.5"), "Invalid value specified for quota limit: 1.5"),
        (("replace", "/quota/limit", "5"), "Invalid Usage Plan quota period. Must be one of: [DAY, WEEK, MONTH]"),
        (("replace", "/name", ""), "Usage Plan name must be non-empty"),
        (("replace", "/apiStages/a1:dev/throttle/~1pets/GET/rateLimit", "1"), "Invalid API Stage specified"),
        (("remove", "/apiStages/a1:dev/throttle/~1pets/GET"), "Invalid API Stage specified"),
    ],
    ids=lambda value: str(value)[:50],
)  # fmt: skip
def test_a_patch_that_cannot_be_is_refused(client, plan, operation, message):
    assert ("BadRequestException", message) == refusal_of(lambda: patch(client, plan, operation))
    assert shown(plan) | {"tags": {}} == shown(client.get_usage_plan(usagePlanId=plan["id"]))


def test_a_patch_of_a_limit_that_no_method_has_is_refused_in_the_words_of_the_path_as_sent(client, api, plan):
    path = f"/apiStages/{api.id}:dev/throttle/~1pets/GET/colour"
    message = refusal_of(lambda: patch(client, plan, ("replace", path, "1")))[1]
    assert message.startswith(f"Invalid patch path  '{path}' specified for op 'replace'. Must be one of: [")
    assert "/apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/rateLimit" in message


def test_a_plan_that_opens_a_stage_is_not_deleted(client, api, plan):
    """R"""
    assert (
        "BadRequestException",
        f"Cannot delete Usage Plan {plan['id']} because there are API Stages associated with it, including {api.id}:dev",
    ) == refusal_of(lambda: client.delete_usage_plan(usagePlanId=plan["id"]))
    patch(client, plan, ("remove", "/apiStages", f"{api.id}:dev"))
    assert 202 == client.delete_usage_plan(usagePlanId=plan["id"])["ResponseMetadata"]["HTTPStatusCode"]
    assert [] == client.get_usage_plans()["items"]


@pytest.mark.parametrize("of", ["stage", "api"])
def test_what_is_deleted_is_opened_by_no_plan(harness, client, api, plan, of):
    """C: seen by users of Terraform, whose plans lose stages that are made anew."""
    if of == "stage":
        client.delete_stage(restApiId=api.id, stageName="dev")
    else:
        client.delete_rest_api(restApiId=api.id)
    assert [] == client.get_usage_plan(usagePlanId=plan["id"])["apiStages"]
    with harness.store.read() as reader:
        assert [] == list(reader.all(PlanOfStage))
    client.delete_usage_plan(usagePlanId=plan["id"])


@pytest.mark.parametrize("operation", ["get_usage_plan", "update_usage_plan", "delete_usage_plan"])
def test_an_unknown_plan_is_not_found(client, operation):
    assert ("NotFoundException", "Invalid Usage Plan ID specified") == refusal_of(
        lambda: getattr(client, operation)(usagePlanId="nope")
    )


def test_the_newest_plan_is_listed_first(harness, client):
    for name in ("first", "second", "third"):
        harness.advance(1)
        client.create_usage_plan(name=name)
    page = client.get_usage_plans(limit=2)
    assert ["third", "second"] == [each["name"] for each in page["items"]]
    assert ["first"] == [each["name"] for each in client.get_usage_plans(position=page["position"])["items"]]
    assert [] == harness.client("apigateway", account=OTHER_ACCOUNT).get_usage_plans()["items"]


def test_plans_of_a_key(client, plan):
    key = client.create_api_key()
    client.create_usage_plan(name="another")
    client.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    assert [plan["id"]] == [each["id"] for each in client.get_usage_plans(keyId=key["id"])["items"]]
    assert [] == client.get_usage_plans(keyId="nope")["items"]


def test_tags_of_a_plan(harness, client, plan):
    arn = f"arn:aws:apigateway:{REGION}::/usageplans/{plan['id']}"
    client.tag_resource(resourceArn=arn, tags={"b": "2"})
    assert {"b": "2"} == client.get_tags(resourceArn=arn)["tags"] == client.get_usage_plans()["items"][0]["tags"]
    with harness.store.read() as reader:
        assert ["gold"] == [each.name for each in reader.all(UsagePlan)]


def test_without_a_book_of_it_what_a_key_has_used_is_not_told(client, plan):
    code, message = refusal_of(
        lambda: client.get_usage(usagePlanId=plan["id"], startDate="2026-01-01", endDate="2026-01-02")
    )
    assert "BadRequestException" == code
    assert "this control plane was given no book of what keys have used" in message
