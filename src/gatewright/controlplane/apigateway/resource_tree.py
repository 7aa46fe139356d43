"""The stored tree of an API's resources: each resource, and beside it the `ResourcePath` by which it is found.

A `ResourcePath` is keyed by the segments of the path. So one look tells whether a name is taken, all that is under a
resource lies together behind it, and the order of the keys is that of a listing: parents before their children. To
create, move or delete a resource costs what it changes, however large the API is.

Whoever stores a resource under a new path, or deletes one, does so here; a change of its methods alone needs no more
than `Transaction.put`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatewright.controlplane.apigateway.pagination import page_under
from gatewright.controlplane.call import Call
from gatewright.model.records import Resource, ResourcePath, RestApi
from gatewright.store.port import Transaction


def plant(transaction: Transaction, resource: Resource) -> None:
    """The resource, which is new, is stored and found by its path."""
    transaction.put(resource)
    transaction.put(_path_of(resource))


def transplant(transaction: Transaction, before: Resource, after: Resource) -> None:
    """The resource has its new name, parent and path, and all under it has followed."""
    moved = _under(transaction, before)
    transaction.delete_under(ResourcePath, before.account, before.region, *_path_of(before).key)
    plant(transaction, after)
    for entry in moved:
        if entry.resource_id != before.id:
            resource = _resource_at(transaction, entry)
            plant(transaction, replace(resource, path=after.path + resource.path.removeprefix(before.path)))


def uproot(transaction: Transaction, top: Resource) -> None:
    """The resource and all that is under it are gone."""
    for entry in _under(transaction, top):
        transaction.delete_under(Resource, entry.account, entry.region, entry.api_id, entry.resource_id)
    transaction.delete_under(ResourcePath, top.account, top.region, *_path_of(top).key)


def id_at(transaction: Transaction, parent: Resource, path_part: str) -> str | None:
    """The id of the parent's child of this name, if there is one."""
    key = _path_of(parent).key
    entry = transaction.get(ResourcePath, parent.account, parent.region, *key, path_part)
    return None if entry is None else entry.resource_id


def variable_child(transaction: Transaction, parent: Resource) -> Resource | None:
    """The parent's child whose name is a variable, if there is one; there are never two."""
    key = _path_of(parent).key
    # No name has a character beyond the brace: behind it are the variable child and then what is under that.
    found = transaction.list_under(ResourcePath, parent.account, parent.region, *key, after=(*key, "{"), limit=1)
    return _resource_at(transaction, found[0]) if found else None


def has_children(transaction: Transaction, resource: Resource) -> bool:
    """Whether anything is under the resource."""
    key = _path_of(resource).key
    return bool(transaction.list_under(ResourcePath, resource.account, resource.region, *key, after=key, limit=1))


def is_within(resource: Resource, top: Resource) -> bool:
    """Whether the resource is `top` or under it."""
    return f"{resource.path}/".startswith(f"{top.path.removesuffix('/')}/")


def page_of_resources(call: Call, api: RestApi, params: Mapping[str, Any]) -> tuple[list[Resource], str | None]:
    """A page of the API's resources in the order of their paths, and the position of the next, if any."""
    page, position = page_under(call, ResourcePath, params, api.id, separator="/")
    keys = [(api.id, entry.resource_id) for entry in page]
    resources = call.transaction.get_many(Resource, api.account, api.region, keys)
    return [resources[key] for key in keys], position


def _path_of(resource: Resource) -> ResourcePath:
    return ResourcePath(resource.account, resource.region, resource.api_id, resource.path, resource.id)


def _under(transaction: Transaction, top: Resource) -> list[ResourcePath]:
    """`top` first, then everything under it."""
    return transaction.list_under(ResourcePath, top.account, top.region, *_path_of(top).key)


def _resource_at(transaction: Transaction, entry: ResourcePath) -> Resource:
    resource = transaction.get(Resource, entry.account, entry.region, entry.api_id, entry.resource_id)
    assert resource is not None, "a resource and its path are stored and deleted together"
    return resource
