"""Resources: the tree of an API's paths, and the rules that every change of it keeps.

- Siblings have different names, and at most one of them is a path variable.
- Nothing lies under a greedy variable (`{proxy+}`).
- A resource's `path` follows from its ancestors' names; a rename or a move rewrites it for the whole subtree.
- With a resource goes all that is under it.

Of a missing API the service says, wherever a resource is named too, that the resource does not exist (R).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from gatewright.controlplane.apigateway.free_ids import draw_free_id
from gatewright.controlplane.apigateway.methods import render_method
from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.apigateway.resource_lookup import require_resource
from gatewright.controlplane.apigateway.resource_tree import (
    has_children,
    id_at,
    is_within,
    page_of_resources,
    plant,
    transplant,
    uproot,
    variable_child,
)
from gatewright.controlplane.apigateway.rest_apis import require_rest_api
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import bad_request, conflict
from gatewright.model.patch_tables.resource import TABLE
from gatewright.model.records import Resource

_PATH_PART: Final = re.compile(r"[A-Za-z0-9._:-]+|\{[A-Za-z0-9._:-]+\+?\}")
# C: the service's sentence since it takes greedy variables and colons.
_INVALID_PATH_PART: Final = (
    "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning "
    "and the end."
)


def create_resource(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A new child of a resource."""
    parent = require_resource(call, params["restApiId"], params["parentId"])
    path_part = params["pathPart"]
    _check_place(call, path_part, parent)
    resource = Resource(
        account=parent.account,
        region=parent.region,
        api_id=parent.api_id,
        id=draw_free_id(call, Resource, parent.api_id),
        path=_join(parent.path, path_part),
        parent_id=parent.id,
        path_part=path_part,
    )
    plant(call.transaction, resource)
    return render_resource(resource)


def get_resource(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One resource."""
    resource = require_resource(call, params["restApiId"], params["resourceId"])
    return render_resource(resource, embed=params.get("embed"))


def get_resources(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of an API's resources in the order of their paths, so that a parent comes before its children."""
    api = require_rest_api(call, params["restApiId"])
    page, position = page_of_resources(call, api, params)
    return {"items": [render_resource(each, embed=params.get("embed")) for each in page], "position": position}


def update_resource(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The resource under its new name or parent, and its subtree with it."""
    before = require_resource(call, params["restApiId"], params["resourceId"])
    after = patched(before, params, TABLE)
    if (after.parent_id, after.path_part) == (before.parent_id, before.path_part):
        return render_resource(after)
    parent = require_resource(call, before.api_id, after.parent_id or "")
    if is_within(parent, before):
        raise bad_request("Resources cannot be cyclical.")  # R
    _check_place(call, after.path_part or "", parent, moving=before)
    if has_children(call.transaction, before):
        _check_may_have_children(after.path_part)
    after = replace(after, path=_join(parent.path, after.path_part or ""))
    transplant(call.transaction, before, after)
    return render_resource(after)


def delete_resource(call: Call, params: Mapping[str, Any]) -> None:
    """The resource and its subtree are gone."""
    resource = require_resource(call, params["restApiId"], params["resourceId"])
    if resource.parent_id is None:
        raise bad_request("Root resource cannot be deleted")  # guess: the sentence
    uproot(call.transaction, resource)


def render_resource(resource: Resource, *, embed: Sequence[str] | None = None) -> dict[str, Any]:
    """The resource in the service's member names: its verbs alone, or with `embed=methods` its methods whole."""
    whole = "methods" in (embed or ())
    methods = {
        verb: render_method(method) if whole else {} for verb, method in sorted(resource.resource_methods.items())
    }
    return {
        "id": resource.id,
        "parentId": resource.parent_id,
        "pathPart": resource.path_part,
        "path": resource.path,
        "resourceMethods": methods or None,
    }


def _check_place(call: Call, path_part: str, parent: Resource, moving: Resource | None = None) -> None:
    """Refuses a name that cannot be, or cannot be there. All but the first two sentences are recorded (R)."""
    if not path_part:
        raise bad_request("Resource's path part must be specified")  # R (published by users of Terraform)
    if _PATH_PART.fullmatch(path_part) is None:
        raise bad_request(_INVALID_PATH_PART)
    _check_may_have_children(parent.path_part)
    if id_at(call.transaction, parent, path_part) is not None:
        raise conflict(f"Another resource with the same parent already has this name: {path_part}")
    if path_part.startswith("{"):
        sibling = variable_child(call.transaction, parent)
        if sibling is not None and (moving is None or sibling.id != moving.id):
            raise bad_request(
                f"A sibling ({sibling.path_part}) of this resource already has a variable path part -- only one is "
                "allowed"
            )


def _check_may_have_children(path_part: str | None) -> None:
    if path_part is not None and path_part.endswith("+}"):
        raise bad_request(f"Cannot create a child of a resource with a greedy path variable: {path_part}")  # R


def _join(parent_path: str, path_part: str) -> str:
    return parent_path.removesuffix("/") + "/" + path_part
