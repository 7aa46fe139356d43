"""GetUsage and UpdateUsage through a client, over a book that a test writes."""

import pytest

from gatewright.controlplane import apigateway, registry
from gatewright.controlplane.apigateway.usage import usage_operations
from support.control import ControlHarness
from support.recorded import ACCOUNT, refusal_of

#: 2023-11-14, the day of the harness.
TODAY = 19_675


class Book:
    """Counts by plan, key and day; a quota is a month's, and an extension holds for the rest of it."""

    def __init__(self):
        self.used = {}
        self.remaining = {}

    def read(self, plan, key_id, days):
        left = self.remaining.get((plan.id, key_id), plan.quota and plan.quota.limit)
        return [(self.used.get((plan.id, key_id, day), 0), left) for day in days]

    def set_remaining(self, plan, key_id, remaining, now):
        assert TODAY == now // 86_400
        self.remaining[plan.id, key_id] = remaining


@pytest.fixture
def book():
    return Book()


@pytest.fixture
def harness(tmp_path, book):
    operations = {**registry.OPERATIONS, "apigateway": {**apigateway.OPERATIONS, **usage_operations(book)}}
    return ControlHarness(tmp_path, operations=operations)


@pytest.fixture
def client(harness):
    return harness.client("apigateway", account=ACCOUNT)


@pytest.fixture
def plan_id(client):
    return client.create_usage_plan(name="gold", quota={"limit": 500, "period": "MONTH"})["id"]


@pytest.fixture
def key_ids(harness, client, plan_id):
    ids = []
    for _ in range(3):
        harness.advance(1)
        ids.append(client.create_api_key()["id"])
        client.create_usage_plan_key(usagePlanId=plan_id, keyId=ids[-1], keyType="API_KEY")
    return ids


def test_each_day_has_what_was_used_and_what_was_left(client, book, plan_id, key_ids):
    book.used[plan_id, key_ids[0], TODAY - 1] = 7
    book.used[plan_id, key_ids[0], TODAY] = 9
    answer = client.get_usage(usagePlanId=plan_id, keyId=key_ids[0], startDate="2023-11-12", endDate="2023-11-14")
    assert {
        "usagePlanId": plan_id,
        "startDate": "2023-11-12",
        "endDate": "2023-11-14",
        "items": {key_ids[0]: [[0, 500], [7, 500], [9, 500]]},
    } == {name: answer[name] for name in answer.keys() - {"ResponseMetadata"}}


def test_all_keys_of_a_plan_have_pages(client, plan_id, key_ids):
    days = {"usagePlanId": plan_id, "startDate": "2023-11-14", "endDate": "2023-11-14"}
    page = client.get_usage(**days, limit=2)
    assert set(key_ids[1:]) == page["items"].keys()
    assert {key_ids[0]} == client.get_usage(**days, limit=2, position=page["position"])["items"].keys()
    paginated = client.get_paginator("get_usage").paginate(**days, PaginationConfig={"PageSize": 1})
    assert set(key_ids) == {key_id for each in paginated for key_id in each["items"]}


def test_without_a_quota_what_is_left_has_no_bound(client, plan_id, key_ids):
    client.update_usage_plan(usagePlanId=plan_id, patchOperations=[{"op": "remove", "path": "/quota"}])
    answer = client.get_usage(usagePlanId=plan_id, keyId=key_ids[0], startDate="2023-11-14", endDate="2023-11-14")
    assert [[0, 2**63 - 1]] == answer["items"][key_ids[0]]


def test_what_is_left_is_extended_for_one_key(client, plan_id, key_ids):
    operations = [{"op": "replace", "path": "/remaining", "value": "1000"}]
    answer = client.update_usage(usagePlanId=plan_id, keyId=key_ids[0], patchOperations=operations)
    assert ({key_ids[0]: [[0, 1000]]}, "2023-11-14") == (answer["items"], answer["startDate"])
    everybody = client.get_usage(usagePlanId=plan_id, startDate="2023-11-14", endDate="2023-11-14")["items"]
    assert {key_ids[0]: [[0, 1000]], key_ids[1]: [[0, 500]], key_ids[2]: [[0, 500]]} == everybody
    assert 500 == client.get_usage_plan(usagePlanId=plan_id)["quota"]["limit"]


def test_a_patch_of_nothing_changes_nothing(client, book, plan_id, key_ids):
    assert {key_ids[0]: [[0, 500]]} == client.update_usage(usagePlanId=plan_id, keyId=key_ids[0])["items"]
    assert {} == book.remaining


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("yesterday", "2023-11-14", "Invalid date specified: yesterday. Dates must be of the form yyyy-MM-dd"),
        ("20231114", "2023-11-14", "Invalid date specified: 20231114. Dates must be of the form yyyy-MM-dd"),
        ("2023-11-14", "2023-11-13", "Invalid date range specified. The start date must not be after the end date"),
        ("2023-08-15", "2023-11-14", "Invalid start date specified. Usage is available for the last 90 days"),
        ("2023-11-14", "2023-11-15", "Invalid end date specified. It must not be in the future"),
    ],
)
def test_days_that_nothing_is_known_of_are_refused(client, plan_id, start, end, message):
    call = {"usagePlanId": plan_id, "startDate": start, "endDate": end}
    assert ("BadRequestException", message) == refusal_of(lambda: client.get_usage(**call))


def test_ninety_days_back_are_told(client, plan_id, key_ids):
    answer = client.get_usage(usagePlanId=plan_id, keyId=key_ids[0], startDate="2023-08-16", endDate="2023-11-14")
    assert 91 == len(answer["items"][key_ids[0]])


@pytest.mark.parametrize("value", ["-1", "many", str(2**31)])
def test_what_cannot_be_left_is_refused(client, plan_id, key_ids, value):
    operations = [{"op": "replace", "path": "/remaining", "value": value}]
    assert ("BadRequestException", f"Invalid value specified for remaining: {value}") == refusal_of(
        lambda: client.update_usage(usagePlanId=plan_id, keyId=key_ids[0], patchOperations=operations)
    )


def test_a_plan_without_a_quota_has_nothing_to_extend(client, plan_id, key_ids):
    client.update_usage_plan(usagePlanId=plan_id, patchOperations=[{"op": "remove", "path": "/quota"}])
    operations = [{"op": "replace", "path": "/remaining", "value": "5"}]
    assert f"Usage Plan {plan_id} has no quota" == refusal_of(
        lambda: client.update_usage(usagePlanId=plan_id, keyId=key_ids[0], patchOperations=operations)
    )[1]  # fmt: skip


def test_unknown_plans_and_keys_are_not_found(client, plan_id):
    days = {"startDate": "2023-11-14", "endDate": "2023-11-14"}
    assert ("NotFoundException", "Invalid Usage Plan ID specified") == refusal_of(
        lambda: client.get_usage(usagePlanId="nope", **days)
    )
    for operation, more in ((client.get_usage, days), (client.update_usage, {})):
        assert ("NotFoundException", "Invalid Usage Plan Key ID specified") == refusal_of(
            lambda: operation(usagePlanId=plan_id, keyId="nope", **more)  # noqa: B023
        )
