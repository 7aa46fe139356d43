"""Resources beyond the recordings: moves of subtrees, names, embedded methods, pages."""

import pytest

from support.recorded import error_of


@pytest.fixture
def client(harness):
    return harness.client("apigateway", validate=False)


@pytest.fixture
def api(client):
    return client.create_rest_api(name="pets")


def create(client, api, path_part, parent=None):
    return client.create_resource(restApiId=api["id"], parentId=parent or api["rootResourceId"], pathPart=path_part)[
        "id"
    ]


def patch(client, api, resource, *pairs):
    operations = [{"op": "replace", "path": path, "value": value} for path, value in pairs]
    return client.update_resource(restApiId=api["id"], resourceId=resource, patchOperations=operations)


def paths(client, api):
    return [each["path"] for each in client.get_resources(restApiId=api["id"])["items"]]


def test_a_subtree_follows_its_top_to_a_new_name_and_parent(client, api):
    a = create(client, api, "a")
    b = create(client, api, "{b}", a)
    create(client, api, "a", b)
    z = create(client, api, "z")
    patch(client, api, a, ("/pathPart", "new"))
    assert ["/", "/new", "/new/{b}", "/new/{b}/a", "/z"] == paths(client, api)
    moved = patch(client, api, b, ("/parentId", z), ("/pathPart", "{c}"))
    assert ("/z/{c}", z) == (moved["path"], moved["parentId"])
    assert ["/", "/new", "/z", "/z/{c}", "/z/{c}/a"] == paths(client, api)


def test_a_resource_with_children_cannot_become_greedy(client, api):
    a = create(client, api, "a")
    create(client, api, "b", a)
    error = error_of(lambda: patch(client, api, a, ("/pathPart", "{proxy+}")))
    assert "Cannot create a child of a resource with a greedy path variable: {proxy+}" == error["Error"]["Message"]
    assert ["/", "/a", "/a/b"] == paths(client, api)


def test_a_resource_cannot_be_its_own_parent(client, api):
    a = create(client, api, "a")
    assert "Resources cannot be cyclical." == error_of(lambda: patch(client, api, a, ("/parentId", a)))["message"]


def test_the_root_stays(client, api):
    call = {"restApiId": api["id"], "resourceId": api["rootResourceId"]}
    assert "BadRequestException" == error_of(lambda: client.delete_resource(**call))["Error"]["Code"]


@pytest.mark.parametrize("path_part", ["pets", "v1.0", "a-b_c", "events:batch", "{id}", "{proxy+}"])
def test_names_that_a_resource_may_have(client, api, path_part):
    create(client, api, path_part)
    assert ["/", f"/{path_part}"] == paths(client, api)


@pytest.mark.parametrize("path_part", ["a/b", "a b", "{a", "a}", "{}", "{+}", "a+", "{a}b", "é", "pets\n"])
def test_names_that_no_resource_may_have(client, api, path_part):
    message = error_of(lambda: create(client, api, path_part))["message"]
    assert message.startswith("Resource's path part only allow a-zA-Z0-9._-:")


def test_methods_are_shown_whole_only_when_they_are_asked_for(client, api):
    where = {"restApiId": api["id"], "resourceId": api["rootResourceId"]}
    client.put_method(**where, httpMethod="GET", authorizationType="NONE")
    assert {"GET": {}} == client.get_resource(**where)["resourceMethods"]
    method = {"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": False}
    assert {"GET": method} == client.get_resource(**where, embed=["methods"])["resourceMethods"]
    (root,) = client.get_resources(restApiId=api["id"], embed=["methods"])["items"]
    assert {"GET": method} == root["resourceMethods"]


def test_resources_come_in_pages_parents_before_children(client, api):
    for n in range(7):
        create(client, api, f"r{n}")
    pages = list(client.get_paginator("get_resources").paginate(restApiId=api["id"], PaginationConfig={"PageSize": 3}))
    assert [3, 3, 2] == [len(page["items"]) for page in pages]
    assert ["/", *[f"/r{n}" for n in range(7)]] == [each["path"] for page in pages for each in page["items"]]
