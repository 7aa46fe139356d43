"""Identifiers that are drawn a second time are not given a second time."""

import pytest

DRAWS = ["aaaaaa", "aaaaaa", "aaaaaa", "bbbbbb"]


class Drawn:
    """Chance, as the test has it for identifiers of six characters."""

    def __init__(self, chance, draws):
        self._chance = chance
        self.draws = iter(draws)

    def choices(self, alphabet, k):
        return next(self.draws) if k == 6 else self._chance.choices(alphabet, k=k)


@pytest.fixture
def client(harness):
    return harness.client("apigateway")


def draw(harness, draws):
    harness._random = Drawn(harness._random, draws)


def test_two_resources_are_two_and_both_are_found(harness, client):
    api = client.create_rest_api(name="pets")
    draw(harness, DRAWS)
    at = {"restApiId": api["id"], "parentId": api["rootResourceId"]}
    made = [client.create_resource(**at, pathPart=part)["id"] for part in ("cats", "dogs")]
    assert ["aaaaaa", "bbbbbb"] == made
    found = [client.get_resource(restApiId=api["id"], resourceId=each)["path"] for each in made]
    assert ["/cats", "/dogs"] == found


def test_other_apis_have_identifiers_of_their_own(harness, client):
    apis = [client.create_rest_api(name=name) for name in ("cats", "dogs")]
    draw(harness, DRAWS)
    made = [
        client.create_resource(restApiId=api["id"], parentId=api["rootResourceId"], pathPart="x")["id"] for api in apis
    ]
    assert ["aaaaaa", "aaaaaa"] == made


def test_two_validators_are_two(harness, client):
    api = client.create_rest_api(name="pets")["id"]
    draw(harness, DRAWS)
    assert ["aaaaaa", "bbbbbb"] == [
        client.create_request_validator(restApiId=api, name=name)["id"] for name in ("first", "second")
    ]


def test_two_usage_plans_are_two(harness, client):
    draw(harness, DRAWS)
    assert ["aaaaaa", "bbbbbb"] == [client.create_usage_plan(name=name)["id"] for name in ("first", "second")]
    assert {"first", "second"} == {plan["name"] for plan in client.get_usage_plans()["items"]}


def test_who_only_ever_draws_the_same_is_told(harness, client):
    draw(harness, ["aaaaaa"] * 1_000)
    client.create_usage_plan(name="first")
    with pytest.raises(client.exceptions.ClientError, match="InternalFailure"):
        client.create_usage_plan(name="second")


def test_the_resources_of_a_clone_are_as_many(harness, client):
    api = client.create_rest_api(name="pets")
    for part in ("cats", "dogs"):
        client.create_resource(restApiId=api["id"], parentId=api["rootResourceId"], pathPart=part)
    draw(harness, ["model1", "model2", *DRAWS, "cccccc", "dddddd", "eeeeee", "ffffff"])
    clone = client.create_rest_api(name="pets again", cloneFrom=api["id"])["id"]
    items = client.get_resources(restApiId=clone)["items"]
    assert (["/", "/cats", "/dogs"], 3) == ([each["path"] for each in items], len({each["id"] for each in items}))


def test_two_deployments_are_two(harness, client):
    api = client.create_rest_api(name="pets")
    at = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    client.put_method(**at, authorizationType="NONE")
    client.put_integration(**at, type="MOCK")
    draw(harness, DRAWS)
    assert ["aaaaaa", "bbbbbb"] == [client.create_deployment(restApiId=api["id"])["id"] for _ in range(2)]
