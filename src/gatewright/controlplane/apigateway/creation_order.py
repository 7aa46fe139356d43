"""Collections that are listed with the oldest first: the places of their items, kept in that order.

A record's key does not tell its age, so beside each item lies a `CreationOrder` whose key does; a page reads no more
places, and no more items, than it gives. An item's instant of creation never changes, hence neither does its place.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from gatewright.controlplane.apigateway.pagination import page_under
from gatewright.controlplane.call import Call
from gatewright.model.records import CreationOrder, Deployment, RestApi
from gatewright.store.port import Transaction

T = TypeVar("T", RestApi, Deployment)


def append(transaction: Transaction, item: RestApi | Deployment) -> None:
    """The item, which is new, is stored and has its place."""
    transaction.put(item)
    transaction.put(_place_of(item))


def withdraw(transaction: Transaction, item: RestApi | Deployment) -> None:
    """The item and its place are gone."""
    transaction.delete(item)
    transaction.delete(_place_of(item))


def forget_deployments(transaction: Transaction, api: RestApi) -> None:
    """Of an API's deployments neither the records nor the places are left."""
    transaction.delete_under(Deployment, api.account, api.region, api.id)
    transaction.delete_under(CreationOrder, api.account, api.region, _collection(Deployment, api.id))


def page_by_age(call: Call, kind: type[T], params: Mapping[str, Any], *prefix: str) -> tuple[list[T], str | None]:
    """A page of the caller's items whose keys are `prefix` and their id, the oldest first, and the next position."""
    places, position = page_under(call, CreationOrder, params, _collection(kind, *prefix), separator=" ")
    keys = [(*prefix, place.id) for place in places]
    items = call.transaction.get_many(kind, call.account, call.region, keys)
    return [items[key] for key in keys], position


def _collection(kind: type[RestApi] | type[Deployment], *prefix: str) -> str:
    return " ".join((kind.KIND, *prefix))


def _place_of(item: RestApi | Deployment) -> CreationOrder:
    return CreationOrder(
        account=item.account,
        region=item.region,
        collection=_collection(type(item), *item.key[:-1]),
        instant=f"{item.created_date:020.6f}",
        id=item.id,
    )
