"""The paths beside the resources: after whatever was done to a tree, they say what the resources say."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatewright.model.records import Resource, ResourcePath
from gatewright.store.relational import RelationalReader
from support.control import ControlHarness

# Names around the slash and the brace in the order of characters, and more than one variable.
NAMES = st.sampled_from(["a", "a-b", "a.b", "z", "{x}", "{y}", "{x+}"])
WHICH = st.integers(0, 9)
STEPS = st.one_of(
    st.tuples(st.just("create"), WHICH, NAMES),
    st.tuples(st.just("rename"), WHICH, NAMES),
    st.tuples(st.just("move"), WHICH, WHICH),
    st.tuples(st.just("delete"), WHICH, st.none()),
    st.tuples(st.just("clone"), st.none(), st.none()),
)


def take(client, api, step):
    """Carries the step out, where the tree allows it; the API to go on with."""
    what, which, more = step
    where, items = {"restApiId": api}, client.get_resources(restApiId=api)["items"]
    if what == "clone":
        return client.create_rest_api(name="clone", cloneFrom=api)["id"]
    chosen = items[which % len(items)]
    call = {**where, "resourceId": chosen["id"]}
    match what:
        case "create":
            allowed = may_be(more, chosen, items)
            answer = succeeds(client, client.create_resource, **where, parentId=chosen["id"], pathPart=more)
        case "rename" | "move":
            parent, name = (
                (chosen.get("parentId"), more) if what == "rename" else (items[more % len(items)]["id"], None)
            )
            allowed = may_become(chosen, parent, name or chosen.get("pathPart"), items)
            changed = ("/pathPart", name) if what == "rename" else ("/parentId", parent)
            operations = [{"op": "replace", "path": changed[0], "value": changed[1]}]
            answer = succeeds(client, client.update_resource, **call, patchOperations=operations)
        case "delete":
            allowed = "parentId" in chosen
            answer = succeeds(client, client.delete_resource, **call)
    assert allowed == answer, step
    return api


def succeeds(client, operation, **params):
    try:
        operation(**params)
    except (client.exceptions.BadRequestException, client.exceptions.ConflictException):
        return False
    return True


def may_be(name, parent, items, *, apart_from=None):
    """Whether the parent may have a child of this name, besides those it has."""
    names = [each["pathPart"] for each in items if each.get("parentId") == parent["id"] and each["id"] != apart_from]
    second_variable = name.startswith("{") and any(each.startswith("{") for each in names)
    return name not in names and not second_variable and not parent.get("pathPart", "").endswith("+}")


def may_become(resource, parent_id, name, items):
    """Whether the resource may have this name under this parent."""
    if "parentId" not in resource:
        return False
    if (parent_id, name) == (resource["parentId"], resource["pathPart"]):
        return True
    parent = next(each for each in items if each["id"] == parent_id)
    if f"{parent['path']}/".startswith(f"{resource['path']}/"):
        return False
    has_children = any(each.get("parentId") == resource["id"] for each in items)
    return may_be(name, parent, items, apart_from=resource["id"]) and not (has_children and name.endswith("+}"))


def path_of(resource, resources):
    """The path as names and parents alone tell it."""
    if resource.parent_id is None:
        return ""
    return f"{path_of(resources[resource.parent_id], resources)}/{resource.path_part}"


@given(st.lists(STEPS, max_size=25))
@example([("create", 0, "z"), ("create", 1, "a"), ("create", 0, "{x}")])
@settings(max_examples=40, deadline=None)
def test_the_paths_are_those_of_the_resources(steps):
    harness = ControlHarness()
    client = harness.client("apigateway")
    api = client.create_rest_api(name="pets")["id"]
    for step in steps:
        api = take(client, api, step)
    with harness.store.read() as reader:
        stored, paths = list(reader.all(Resource)), list(reader.all(ResourcePath))
    assert sorted((each.api_id, each.path, each.id) for each in stored) == sorted(
        (each.api_id, each.path, each.resource_id) for each in paths
    )
    resources = {each.id: each for each in stored if each.api_id == api}
    for each in resources.values():
        assert (path_of(each, resources) or "/") == each.path
    children = [(each.parent_id, each.path_part) for each in resources.values()]
    assert len(children) == len(set(children))
    variable = [parent for parent, name in children if name and name.startswith("{")]
    assert len(variable) == len(set(variable))
    greedy = {each.id for each in resources.values() if (each.path_part or "").endswith("+}")}
    assert not greedy & {each.parent_id for each in resources.values()}

    listed = [each["path"] for each in client.get_resources(restApiId=api)["items"]]
    assert sorted((each.path for each in resources.values()), key=lambda path: path.split("/")) == listed
    pages = client.get_paginator("get_resources").paginate(restApiId=api, PaginationConfig={"PageSize": 2})
    assert listed == [each["path"] for page in pages for each in page["items"]]


class TestWhatIsRead:
    """One API of 60 resources: what does not concern a call is not read."""

    @pytest.fixture
    def client(self, harness):
        return harness.client("apigateway")

    @pytest.fixture
    def api(self, client):
        api = client.create_rest_api(name="pets")
        for number in range(60):
            client.create_resource(restApiId=api["id"], parentId=api["rootResourceId"], pathPart=f"r{number:02}")
        return {"restApiId": api["id"]}, api["rootResourceId"]

    @pytest.fixture
    def read(self, api, monkeypatch):
        read = []
        list_under = RelationalReader.list_under

        def counting(self, *where, **part):
            found = list_under(self, *where, **part)
            read.append(len(found))
            return found

        monkeypatch.setattr(RelationalReader, "list_under", counting)
        return read

    def test_to_create_a_resource(self, client, api, read):
        where, root = api
        client.create_resource(**where, parentId=root, pathPart="{id}")
        assert 1 >= sum(read)

    def test_to_rename_a_resource(self, client, api, read):
        where, root = api
        resource = client.create_resource(**where, parentId=root, pathPart="old")["id"]
        operations = [{"op": "replace", "path": "/pathPart", "value": "new"}]
        client.update_resource(**where, resourceId=resource, patchOperations=operations)
        assert 1 >= sum(read)

    def test_to_give_a_page(self, client, api, read):
        where, _ = api
        assert 10 == len(client.get_resources(**where, limit=10)["items"])
        assert [11] == read
