"""Every recorded case of resources, replayed."""

import pytest

from support.replay import API, ROOT, Kept, Step, replay


def kept(step):
    return Kept(step, "id")


def create(recorded, parent, path_part, *, keep=None, **more):
    return Step("create_resource", recorded, keep=keep, restApiId=API, parentId=parent, pathPart=path_part, **more)


def listing(recorded):
    return Step("get_resources", recorded, restApiId=API)


def patch(recorded, resource, op, path, *value):
    operation = {"op": op, "path": path, **({"value": value[0]} if value else {})}
    return Step("update_resource", recorded, restApiId=API, resourceId=resource, patchOperations=[operation])


def delete(recorded, resource):
    return Step("delete_resource", recorded, restApiId=API, resourceId=resource)


NEW_API = Step("create_rest_api", keep="api", name="pets")

CASES = {
    "test_resource_lifecycle": [
        NEW_API,
        listing("rest-api-root-resource"),
        create("create-resource", ROOT, "pets", keep="pets"),
        listing("rest-api-resources-after-create"),
        create("create-subresource", kept("pets"), "subpets"),
        listing("rest-api-resources-after-create-sub"),
        patch("update-path-part", kept("pets"), "replace", "/pathPart", "dogs"),
        Step("get_resource", "get-resp-after-update-path-part", restApiId=API, resourceId=kept("pets")),
        delete("del-resource", kept("pets")),
        listing("rest-api-resources-after-delete"),
    ],
    "test_update_resource_behaviour": [
        NEW_API,
        create(None, ROOT, "pets", keep="pets"),
        patch("nonexistent-resource", "fake-resource", "replace", "/pathPart", "dogs"),
        patch("invalid-path-part", kept("pets"), "replace", "/invalid", "dogs"),
        patch("invalid-parent-id", kept("pets"), "replace", "/parentId", "fake-parent-id"),
        create("create-subresource", kept("pets"), "subpets", keep="subpets"),
        create("create-subresource-child", kept("subpets"), "pets", keep="child"),
        patch("existing-future-sibling-path", kept("child"), "replace", "/parentId", ROOT),
        delete(None, kept("child")),
        patch("update-parent-id-to-subresource-id", kept("pets"), "replace", "/parentId", kept("subpets")),
        patch("update-parent-id-to-root-id", kept("subpets"), "replace", "/parentId", ROOT),
        patch("update-path-already-exists", kept("subpets"), "replace", "/pathPart", "pets"),
        delete(None, kept("pets")),
        listing("resources-after-deletion"),
        patch("remove-unsupported", kept("subpets"), "remove", "/pathPart"),
        patch("add-unsupported", kept("subpets"), "add", "/pathPart", "added-pets"),
    ],
    "test_update_resource_on_root": [
        NEW_API,
        patch("update-root-path-part", ROOT, "replace", "/pathPart", "dogs"),
        patch("update-root-parent", ROOT, "replace", "/parentId", ROOT),
    ],
    "test_delete_resource": [
        NEW_API,
        create(None, ROOT, "pets", keep="pets"),
        create(None, kept("pets"), "subpets", keep="subpets"),
        delete("delete-resource", kept("pets")),
        listing("get-resources"),
        delete("delete-subresource", kept("subpets")),
    ],
    "test_create_resource_parent_invalid": [
        NEW_API,
        create("wrong-resource-parent-id", "fake-resource-id", "subpets"),
    ],
    "test_create_proxy_resource": [
        NEW_API,
        create("create-base-proxy-resource", ROOT, "{proxy+}"),
        create("create-proxy-sibling-resource", ROOT, "parent", keep="parent", select="id"),
        create("create-proxy-sibling-proxy-child-resource", kept("parent"), "{proxy+}", keep="greedy"),
        create("create-proxy-sibling-static-child-resource", kept("parent"), "child", keep="static"),
        create("create-static-child-proxy-resource", kept("static"), "{proxy+}"),
        listing("all-resources"),
        delete(None, kept("greedy")),
        create("create-proxy-sibling-dynamic-child-resource", kept("parent"), "{child}", keep="dynamic"),
        create("create-dynamic-child-proxy-resource", kept("dynamic"), "{proxy+}"),
        listing("all-resources-2"),
    ],
    "test_create_proxy_resource_validation": [
        NEW_API,
        create("create-base-proxy-resource", ROOT, "{proxy+}", keep="proxy"),
        create("create-proxy-dynamic-sibling-resource", ROOT, "{dynamic}"),
        create("create-proxy-static-child-resource", kept("proxy"), "child"),
        create("create-proxy-dynamic-child-resource", kept("proxy"), "{child}"),
        create(None, ROOT, "parent", keep="parent"),
        create("create-greedy-child-resource", kept("parent"), "{child+}"),
    ],
}


@pytest.mark.parametrize("case", CASES)
def test_the_answers_are_those_of_the_service(harness, shared, case):
    replay(harness, shared, f"TestApiGatewayApiResource::{case}", CASES[case])
