"""Collections that are listed with the oldest first."""

import pytest

from gatewright.model.records import CreationOrder, Deployment, RestApi
from gatewright.store.relational import RelationalReader


@pytest.fixture
def client(harness):
    return harness.client("apigateway")


@pytest.fixture
def apis(harness, client):
    """Seven APIs, each a second younger than the one before."""
    made = []
    for number in range(7):
        made.append(client.create_rest_api(name=f"api {number}")["id"])
        harness.advance(1)
    return made


def test_pages_give_the_oldest_first_and_what_is_gone_is_left_out(client, apis):
    client.delete_rest_api(restApiId=apis[3])
    pages = list(client.get_paginator("get_rest_apis").paginate(PaginationConfig={"PageSize": 4}))
    assert [apis[:3] + apis[4:5], apis[5:]] == [[item["id"] for item in page["items"]] for page in pages]


def test_no_more_is_read_than_is_shown(client, apis, monkeypatch):
    read = []
    list_under = RelationalReader.list_under

    def counting(self, *where, **part):
        found = list_under(self, *where, **part)
        read.append(len(found))
        return found

    monkeypatch.setattr(RelationalReader, "list_under", counting)
    assert apis[:3] == [item["id"] for item in client.get_rest_apis(limit=3)["items"]]
    assert [4] == read


def test_deployments_are_listed_each_under_its_own_api_and_go_with_it(harness, client, apis):
    kept, gone = apis[:2]
    made = {}
    for api in (kept, gone, kept):
        root = client.get_rest_api(restApiId=api)["rootResourceId"]
        where = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
        if api not in made:
            client.put_method(**where, authorizationType="NONE")
            client.put_integration(**where, type="MOCK")
        made.setdefault(api, []).append(client.create_deployment(restApiId=api)["id"])
        harness.advance(1)
    assert made[kept] == [item["id"] for item in client.get_deployments(restApiId=kept)["items"]]
    client.delete_deployment(restApiId=kept, deploymentId=made[kept][0])
    client.delete_rest_api(restApiId=gone)
    assert made[kept][1:] == [item["id"] for item in client.get_deployments(restApiId=kept)["items"]]
    with harness.store.read() as reader:
        items = {each.id for kind in (RestApi, Deployment) for each in reader.all(kind)}
        assert items == {each.id for each in reader.all(CreationOrder)}
