"""API keys through a client. What is marked R was recorded from the service between 2024-10-10 and 2025-09-26."""

import json

import pytest
from botocore.exceptions import ClientError

from gatewright.model import codec
from gatewright.model.records import KINDS, ApiKey, ApiKeyValue, UsagePlanKey
from support.apis import ApiBuilder
from support.control import ACCOUNT as OTHER_ACCOUNT
from support.control import REGION
from support.recorded import ACCOUNT, refusal_of

INVALID_PATH = "Invalid patch path  "


@pytest.fixture
def client(harness):
    return harness.client("apigateway", account=ACCOUNT)


@pytest.fixture
def make(harness, client):
    """Makes keys, each a second after the one before."""

    def make(**params):
        harness.advance(1)
        return client.create_api_key(**params)

    return make


def names(answer):
    return [item.get("name") for item in answer["items"]]


def members(answer):
    return answer.keys() - {"ResponseMetadata"}


def test_a_new_key_is_disabled_and_has_a_value_of_forty_characters(client):
    """R: without tags there is no such member; stageKeys is always there."""
    made = client.create_api_key(name="phone")
    assert 201 == made["ResponseMetadata"]["HTTPStatusCode"]
    assert {"id", "value", "name", "enabled", "createdDate", "lastUpdatedDate", "stageKeys"} == members(made)
    assert (False, [], "phone", 10, 40) == (
        made["enabled"], made["stageKeys"], made["name"], len(made["id"]), len(made["value"])
    )  # fmt: skip
    assert made["value"].isalnum()


@pytest.mark.parametrize("params", [{}, {"name": ""}, {"value": ""}, {"description": ""}], ids=str)
def test_what_is_empty_is_not_there_and_an_empty_value_is_made_up(client, params):
    """R"""
    made = client.create_api_key(**params)
    assert {"id", "value", "enabled", "createdDate", "lastUpdatedDate", "stageKeys"} == members(made)
    assert 40 == len(made["value"])


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"name": "a" * 1025}, "Invalid API Key name, can be at most 1024 characters."),
        ({"value": "short"}, "API Key value should be at least 20 characters"),
        ({"value": "a" * 129}, "API Key value exceeds maximum size of 128 characters"),
        ({"description": "a" * 125_001}, "Invalid API Key description specified."),
        ({"value": "with a space " * 3}, "API Key value can only have printable ASCII characters other than the space"),
        ({"value": "sch\u00f6n" * 5}, "API Key value can only have printable ASCII characters other than the space"),
        ({"stageKeys": [{"restApiId": "nope", "stageName": "dev"}]}, "Invalid stage identifier specified"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_key_that_cannot_be_is_refused(client, params, message):
    assert ("BadRequestException", message) == refusal_of(lambda: client.create_api_key(**params))
    assert [] == client.get_api_keys()["items"]


@pytest.mark.parametrize("length", [20, 128])
def test_a_value_may_be_given(client, length):
    value = "-_~!" * (length // 4)
    key = client.create_api_key(value=value, customerId="c-1", description="for tests", enabled=True, tags={"a": "b"})
    assert (value, "c-1", "for tests", True, {"a": "b"}) == tuple(
        key[name] for name in ("value", "customerId", "description", "enabled", "tags")
    )


def test_no_two_keys_of_an_account_in_a_region_have_the_same_value(harness, client):
    value = "v" * 20
    client.create_api_key(value=value)
    assert ("ConflictException", "API Key already exists") == refusal_of(
        lambda: client.create_api_key(value=value, name="another")
    )
    for elsewhere in ({"account": OTHER_ACCOUNT}, {"account": ACCOUNT, "region": "eu-west-1"}):
        assert value == harness.client("apigateway", **elsewhere).create_api_key(value=value)["value"]


def test_the_value_of_a_deleted_key_is_free_again(client):
    value = "v" * 20
    client.delete_api_key(apiKey=client.create_api_key(value=value)["id"])
    assert value == client.create_api_key(value=value)["value"]


def test_a_value_is_shown_to_whoever_asks_for_it(client, make):
    made = make(name="phone")
    assert "value" not in client.get_api_key(apiKey=made["id"])
    assert "value" not in client.get_api_key(apiKey=made["id"], includeValue=False)
    assert made["value"] == client.get_api_key(apiKey=made["id"], includeValue=True)["value"]
    assert "value" not in client.get_api_keys()["items"][0]
    assert made["value"] == client.get_api_keys(includeValues=True)["items"][0]["value"]


def test_a_value_is_in_no_record(harness, client):
    """It is a secret of the store, beside a digest that nobody can try guesses on without the store's own secret."""
    value = "guess-me-guess-me-guess-me"
    plan = client.create_usage_plan(name="gold")
    made = client.create_api_key(value=value, name="phone")
    client.create_usage_plan_key(usagePlanId=plan["id"], keyId=made["id"], keyType="API_KEY")
    with harness.store.read() as reader:
        documents = [stored.document for kind in KINDS.values() for stored in reader.documents(kind)]
        (digest,) = reader.all(ApiKeyValue)
        (record,) = reader.all(ApiKey)
        assert value.encode() == reader.get_secret(record.secret_name)
    assert not [document for document in documents if value in document]
    assert 64 == len(digest.digest)
    assert value not in repr(record) + codec.encode(record)


def test_get_shows_tags_even_if_there_are_none_and_the_listing_does_not(client, make):
    """R"""
    key = make()
    assert {} == client.get_api_key(apiKey=key["id"])["tags"]
    assert "tags" not in client.get_api_keys()["items"][0]


def test_the_newest_key_is_listed_first(client, make):
    """R"""
    for name in ("first", "second", "third"):
        make(name=name)
    assert ["third", "second", "first"] == names(client.get_api_keys())
    page = client.get_api_keys(limit=2)
    assert ["third", "second"] == names(page)
    rest = client.get_api_keys(limit=2, position=page["position"])
    assert ["first"] == names(rest)
    assert "position" not in rest


def test_a_negative_limit_is_no_error(client):
    """R"""
    assert [] == client.get_api_keys(limit=-1)["items"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [("test-key", ["test-key-2", "test-key-1"]), ("test-key-1", ["test-key-1"]), ("TEST-KEY", []), ("st-key", [])],
)
def test_a_name_query_is_the_beginning_of_a_name_as_it_is_spelt(client, make, query, expected):
    """R"""
    for name in ("test-key-1", "test-key-2", "other"):
        make(name=name)
    assert expected == names(client.get_api_keys(nameQuery=query))


def test_a_query_has_pages_too(client, make):
    for number in range(7):
        make(name=f"{'even' if number % 2 == 0 else 'odd'}-{number}", customerId=f"c-{number % 3}")
    page = client.get_api_keys(nameQuery="even", limit=3)
    assert ["even-6", "even-4", "even-2"] == names(page)
    assert ["even-0"] == names(client.get_api_keys(nameQuery="even", limit=3, position=page["position"]))
    assert ["even-6", "odd-3", "even-0"] == names(client.get_api_keys(customerId="c-0"))
    assert ["even-4"] == names(client.get_api_keys(customerId="c-1", nameQuery="even"))


def patch(client, key, *operations):
    return client.update_api_key(
        apiKey=key["id"],
        patchOperations=[dict(zip(("op", "path", "value"), each, strict=False)) for each in operations],
    )


def test_a_patch_changes_the_members_and_never_shows_the_value(harness, client, make):
    """R for the members of the answer."""
    key = make(name="phone")
    harness.advance(60)
    changed = patch(
        client, key, ("replace", "/name", "tablet"), ("replace", "/enabled", "true"),
        ("replace", "/description", "in use"), ("replace", "/customerId", "c-9"),
        ("add", "/labels", "x"), ("remove", "/labels", "x"),
    )  # fmt: skip
    assert ("tablet", True, "in use", "c-9", {}) == tuple(
        changed[name] for name in ("name", "enabled", "description", "customerId", "tags")
    )
    assert "value" not in changed
    assert 60 == (changed["lastUpdatedDate"] - changed["createdDate"]).total_seconds()
    assert key["value"] == client.get_api_key(apiKey=key["id"], includeValue=True)["value"]


def test_enabled_is_true_or_false_whatever_is_said(client, make):
    """R: `not-a-boolean` is false."""
    assert not patch(client, make(enabled=True), ("replace", "/enabled", "not-a-boolean"))["enabled"]


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (
            ("replace", "/id", "new-id"),
            f"{INVALID_PATH}'/id' specified for op 'replace'. Must be one of: [/description, /enabled, /name, /customerId]",
        ),
        (
            ("add", "/value", "x"),
            "Invalid patch path  '/value' specified for op 'add'. Must be one of: [/stages, /labels]",
        ),
        (("replace", "/description", "a" * 125_001), "Invalid API Key description specified."),
        (("replace", "/name", "a" * 1_025), "Invalid API Key name, can be at most 1024 characters."),
        (("add", "/stages", "nope/dev"), "Invalid stage identifier specified"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_patch_that_cannot_be_is_refused(client, make, operation, message):
    """R but for the last two."""
    assert ("BadRequestException", message) == refusal_of(lambda: patch(client, make(), operation))


def test_stages_are_kept_and_shown(client, make):
    api = ApiBuilder(client)
    api.mock("/pets")
    api.deploy("dev")
    api_id = api.id
    key = make(stageKeys=[{"restApiId": api_id, "stageName": "dev"}])
    assert [f"{api_id}/dev"] == key["stageKeys"]
    assert [] == patch(client, key, ("remove", "/stages", f"{api_id}/dev"))["stageKeys"]
    again = (("add", "/stages", f"{api_id}/dev"), ("add", "/stages", f"{api_id}/dev"))
    assert [f"{api_id}/dev"] == patch(client, key, *again)["stageKeys"]


@pytest.mark.parametrize("operation", ["get_api_key", "update_api_key", "delete_api_key"])
def test_an_unknown_key_is_not_found(client, operation):
    assert ("NotFoundException", "Invalid API Key identifier specified") == refusal_of(
        lambda: getattr(client, operation)(apiKey="nope")
    )


def test_a_deleted_key_is_gone_with_its_secret_and_out_of_its_plans(harness, client, make):
    """R: the plan lists it no more."""
    plan, key = client.create_usage_plan(name="gold"), make(name="phone")
    client.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    with harness.store.read() as reader:
        (record,) = reader.all(ApiKey)
    assert 202 == client.delete_api_key(apiKey=key["id"])["ResponseMetadata"]["HTTPStatusCode"]
    assert [] == client.get_api_keys()["items"]
    assert [] == client.get_usage_plan_keys(usagePlanId=plan["id"])["items"]
    with harness.store.read() as reader:
        assert reader.get_secret(record.secret_name) is None
        left = {kind.KIND for kind in KINDS.values() if list(reader.all(kind))}
    assert {"access_key", "usage_plan", "creation_order"} == left


def test_tags_of_a_key(client, make):
    key = make(tags={"a": "1"})
    arn = f"arn:aws:apigateway:{REGION}::/apikeys/{key['id']}"
    client.tag_resource(resourceArn=arn, tags={"b": "2"})
    client.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert {"b": "2"} == client.get_tags(resourceArn=arn)["tags"] == client.get_api_key(apiKey=key["id"])["tags"]


def test_the_keys_of_other_accounts_and_regions_are_not_there(harness, client, make):
    key = make(name="mine")
    for elsewhere in ({"account": OTHER_ACCOUNT}, {"account": ACCOUNT, "region": "eu-west-1"}):
        other = harness.client("apigateway", **elsewhere)
        assert [] == other.get_api_keys()["items"]
        with pytest.raises(ClientError):
            other.get_api_key(apiKey=key["id"])


def test_the_documents_of_a_key_are_json_that_loads_again(harness, client, make):
    plan, key = client.create_usage_plan(name="gold"), make(name="phone", tags={"a": "b"})
    client.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    with harness.store.read() as reader:
        for record in (*reader.all(ApiKey), *reader.all(UsagePlanKey)):
            assert record == codec.decode(type(record), codec.encode(record))
            assert json.loads(codec.encode(record))
