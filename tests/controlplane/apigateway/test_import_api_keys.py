"""ImportApiKeys through a client, with the files of the documentation and with broken ones."""

import pytest
from sqlalchemy import Engine, event

from support.apis import ApiBuilder
from support.recorded import ACCOUNT, refusal_of

VALUE = "apikey1234abcdefghij0123456789"
SECOND = "apikey1234abcdefghij9876543210"


@pytest.fixture
def client(harness):
    return harness.client("apigateway", account=ACCOUNT)


@pytest.fixture
def plan(client):
    return client.create_usage_plan(name="gold")


def load(client, text, **params):
    return client.import_api_keys(body=text.encode(), format="csv", **params)


def keys(client):
    return {
        each["value"]: (each.get("name"), each.get("description"), each["enabled"])
        for each in client.get_api_keys(includeValues=True)["items"]
    }


def test_the_two_columns_that_must_be_there(client):
    answer = load(client, f"Key,name\n{VALUE},MyFirstApiKey\n")
    assert 201 == answer["ResponseMetadata"]["HTTPStatusCode"]
    assert [each["id"] for each in client.get_api_keys()["items"]] == answer["ids"]
    assert "warnings" not in answer
    assert {VALUE: ("MyFirstApiKey", None, True)} == keys(client)


def test_all_columns_and_a_plan(client, plan):
    load(client, f"Name,key,description,Enabled,usageplanIds\nMyFirstApiKey,{VALUE},An imported key,FALSE,{plan['id']}")
    assert {VALUE: ("MyFirstApiKey", "An imported key", False)} == keys(client)
    assert [VALUE] == [each["value"] for each in client.get_usage_plan_keys(usagePlanId=plan["id"])["items"]]


@pytest.mark.parametrize("quote", ['"', "'"])
def test_several_plans_between_quotes(client, plan, quote):
    other = client.create_usage_plan(name="silver")
    load(client, f"Enabled,Name,key,UsageplanIds\ntrue,k,{VALUE},{quote}{plan['id']}, {other['id']}{quote}\n")
    (key,) = client.get_api_keys()["items"]
    assert {"gold", "silver"} == {each["name"] for each in client.get_usage_plans(keyId=key["id"])["items"]}


def test_a_key_that_is_there_is_overwritten_and_the_later_row_counts(client, plan):
    made = client.create_api_key(name="before", value=VALUE)
    text = f"name,key,usageplanids\nafter,{VALUE},{plan['id']}\nsecond,{SECOND},\nlast,{SECOND},\n"
    for _ in range(2):
        answer = load(client, text)
        assert made["id"] == answer["ids"][0]
        assert 2 == len(answer["ids"])
        assert {VALUE: ("after", None, True), SECOND: ("last", None, True)} == keys(client)


BAD = f"name,key,usageplanids\nshort,abc,\nnone,,\ngood,{VALUE},nope1\n"
BAD_WARNINGS = [
    "Row 2: API Key value should be at least 20 characters",
    "Row 3: API Key value should be at least 20 characters",
    "Row 4: Invalid Usage Plan ID specified: nope1",
]


def test_what_cannot_be_done_is_a_warning(client):
    answer = load(client, BAD)
    assert BAD_WARNINGS == answer["warnings"]
    assert {VALUE: ("good", None, True)} == keys(client)


def test_with_fail_on_warnings_nothing_is_imported(client):
    code, message = refusal_of(lambda: load(client, BAD, failOnWarnings=True))
    assert "BadRequestException" == code
    assert f"Failed to import API Keys due to: {'; '.join(BAD_WARNINGS)}" == message
    assert {} == keys(client)


def test_one_plan_a_key_and_stage_is_a_rule_here_too(client):
    api = ApiBuilder(client)
    api.mock("/pets")
    api.deploy("dev")
    plans = [client.create_usage_plan(name=n, apiStages=[{"apiId": api.id, "stage": "dev"}])["id"] for n in "ab"]
    (warning,) = load(client, f"name,key,usageplanids\nk,{VALUE},'{','.join(plans)}'")["warnings"]
    assert "cannot reference multiple Usage Plans with the same API Stages" in warning
    assert 1 == len(client.get_usage_plan_keys(usagePlanId=plans[0])["items"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n\n", "The API key file is empty"),
        (b"name,value\n", "The API key file has no column key"),
        (b"colour\n", "The API key file has no column name and no column key"),
        (b"name,key\n\xff,x\n", "The API key file is not encoded in UTF-8"),
        (b'name,key\n"open,x\n', "The API key file has a quote that is not closed"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(client, content, message):
    assert ("BadRequestException", message) == refusal_of(lambda: client.import_api_keys(body=content, format="csv"))


def test_rows_of_one_file_see_each_other_and_what_was_there(client, plan):
    old = client.create_api_key(name="old", value=VALUE)
    client.create_usage_plan_key(usagePlanId=plan["id"], keyId=old["id"], keyType="API_KEY")
    other = client.create_usage_plan(name="silver")["id"]
    rows = [
        ("first", VALUE, plan["id"]),
        ("second", VALUE, other),
        ("new", SECOND, other),
        ("renewed", SECOND, f"'{other},{plan['id']}'"),
    ]
    answer = load(client, "name,key,usageplanids\n" + "".join(f"{','.join(row)}\n" for row in rows))
    assert "warnings" not in answer
    assert {VALUE: ("second", None, True), SECOND: ("renewed", None, True)} == keys(client)
    for each in (plan["id"], other):
        members = client.get_usage_plan_keys(usagePlanId=each)["items"]
        assert {VALUE, SECOND} == {member["value"] for member in members}
    names = [each["name"] for each in client.get_api_keys()["items"]]
    assert ["renewed", "second"] == sorted(names), "each has one place among the keys"
    client.delete_api_key(apiKey=old["id"])
    assert [SECOND] == [each["value"] for each in client.get_usage_plan_keys(usagePlanId=plan["id"])["items"]]


def test_a_long_file_asks_the_database_no_more_often_than_a_short_one(client, plan):
    asked = []

    def count(*_):
        asked[-1] += 1

    def statements(rows, name):
        lines = (f"{name},{name}-of-twenty-characters-{number},{plan['id']}\n" for number in range(rows))
        asked.append(0)
        load(client, "name,key,usageplanids\n" + "".join(lines))
        return asked[-1]

    client.create_api_key(name="the first one makes what digests are made with")
    event.listen(Engine, "before_cursor_execute", count)
    try:
        few, many = statements(2, "few"), statements(200, "many")
        again = statements(200, "many")
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert few == many
    assert many >= again
    assert 202 == len(client.get_usage_plan_keys(usagePlanId=plan["id"], limit=500)["items"])
