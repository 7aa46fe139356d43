"""Keys in usage plans, through a client. R was recorded from the service in 2024 and 2025."""

import pytest

from gatewright.model.records import PlanOfKey, UsagePlanKey
from support.apis import ApiBuilder
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
def plan(client):
    return client.create_usage_plan(name="gold")


@pytest.fixture
def keys(harness, client):
    """Two keys, the second made a second later."""
    made = []
    for number in (1, 2):
        harness.advance(1)
        made.append(client.create_api_key(name=f"test-key-{number}"))
    return made


def join(client, plan, key, key_type="API_KEY"):
    return client.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType=key_type)


def listed(client, plan, **params):
    return [each["name"] for each in client.get_usage_plan_keys(usagePlanId=plan["id"], **params)["items"]]


def test_a_key_in_a_plan_is_shown_with_its_value(client, plan, keys):
    """R"""
    answer = join(client, plan, keys[0])
    assert 201 == answer.pop("ResponseMetadata")["HTTPStatusCode"]
    assert {"id": keys[0]["id"], "type": "API_KEY", "value": keys[0]["value"], "name": "test-key-1"} == answer
    assert [answer] == client.get_usage_plan_keys(usagePlanId=plan["id"])["items"]
    got = client.get_usage_plan_key(usagePlanId=plan["id"], keyId=keys[0]["id"])
    assert answer == {name: got[name] for name in answer}


def test_the_newest_member_is_listed_first_and_names_narrow_the_list(harness, client, plan, keys):
    """R"""
    for key in keys:
        harness.advance(1)
        join(client, plan, key)
    assert ["test-key-2", "test-key-1"] == listed(client, plan)
    assert ["test-key-2", "test-key-1"] == listed(client, plan, nameQuery="test-key")
    assert ["test-key-1"] == listed(client, plan, nameQuery="test-key-1")
    assert [] == listed(client, plan, nameQuery="TEST-key")
    assert [] == listed(client, plan, nameQuery="nothing")
    page = client.get_usage_plan_keys(usagePlanId=plan["id"], limit=1)
    assert ["test-key-1"] == listed(client, plan, position=page["position"])


def test_a_plan_without_keys_and_one_that_is_not_there_list_nothing(client, plan):
    """R"""
    assert [] == listed(client, plan)
    assert [] == listed(client, {"id": "bad-id"})


def test_a_key_leaves_the_plan_and_stays_a_key(harness, client, plan, keys):
    join(client, plan, keys[0])
    where = {"usagePlanId": plan["id"], "keyId": keys[0]["id"]}
    assert 202 == client.delete_usage_plan_key(**where)["ResponseMetadata"]["HTTPStatusCode"]
    assert [] == listed(client, plan)
    assert "test-key-1" == client.get_api_key(apiKey=keys[0]["id"])["name"]
    for operation in (client.get_usage_plan_key, client.delete_usage_plan_key):
        assert ("NotFoundException", "Invalid Usage Plan Key ID specified") == refusal_of(lambda: operation(**where))  # noqa: B023
    with harness.store.read() as reader:
        assert [] == [*reader.all(UsagePlanKey), *reader.all(PlanOfKey)]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"usagePlanId": "nope"}, ("NotFoundException", "Invalid Usage Plan ID specified")),
        ({"keyId": "nope"}, ("NotFoundException", "Invalid API Key identifier specified")),
        ({"keyType": "TOKEN"}, ("BadRequestException", "Invalid key type specified. Must be one of: [API_KEY]")),
    ],
    ids=str,
)
def test_a_membership_that_cannot_be_is_refused(client, plan, keys, changed, refusal):
    params = {"usagePlanId": plan["id"], "keyId": keys[0]["id"], "keyType": "API_KEY", **changed}
    assert refusal == refusal_of(lambda: client.create_usage_plan_key(**params))


def test_a_key_is_in_a_plan_once(client, plan, keys):
    join(client, plan, keys[0])
    code, message = refusal_of(lambda: join(client, plan, keys[0]))
    assert ("ConflictException", f"API Key {keys[0]['id']} is already in Usage Plan {plan['id']}") == (code, message)


def stage(client, plan, op, text):
    client.update_usage_plan(usagePlanId=plan["id"], patchOperations=[{"op": op, "path": "/apiStages", "value": text}])


def test_a_key_has_one_plan_a_stage_whichever_comes_last(client, api, plan, keys):
    """D: facts 4.3. The key, or the stage."""
    other = client.create_usage_plan(name="silver", apiStages=[{"apiId": api.id, "stage": "dev"}])
    stage(client, plan, "add", f"{api.id}:dev")
    stage(client, plan, "add", f"{api.id}:live")
    join(client, plan, keys[0])
    refusal = (
        "ConflictException",
        f"API Key {keys[0]['id']} cannot reference multiple Usage Plans with the same API Stages: {api.id}:dev",
    )
    assert refusal == refusal_of(lambda: join(client, other, keys[0]))
    join(client, other, keys[1])
    stage(client, other, "remove", f"{api.id}:dev")
    join(client, other, keys[0])
    assert refusal == refusal_of(lambda: stage(client, other, "add", f"{api.id}:dev"))
    client.delete_usage_plan_key(usagePlanId=plan["id"], keyId=keys[0]["id"])
    stage(client, other, "add", f"{api.id}:dev")
    assert ["gold", "silver"] == sorted(each["name"] for each in client.get_usage_plans()["items"])


def test_a_deleted_plan_lets_its_keys_go(harness, client, plan, keys):
    for key in keys:
        join(client, plan, key)
    client.delete_usage_plan(usagePlanId=plan["id"])
    assert [] == client.get_usage_plans(keyId=keys[0]["id"])["items"]
    assert 2 == len(client.get_api_keys()["items"])
    with harness.store.read() as reader:
        assert [] == [*reader.all(UsagePlanKey), *reader.all(PlanOfKey)]
