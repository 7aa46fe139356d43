"""Collections that are listed by age: the places of their items, kept in that order.

A record's key does not tell its age, so beside each item lies a `CreationOrder` whose key does; a page reads no more
places, and no more items, than it gives. An item's instant of creation never changes, hence neither does its place.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from gatewright.controlplane.apigateway.pagination import MAXIMUM_LIMIT, cut_page, page_limit, page_under
from gatewright.controlplane.call import Call
from gatewright.model.records import ApiKey, CreationOrder, Deployment, RestApi, UsagePlan, UsagePlanKey
from gatewright.store.port import Transaction

Item: TypeAlias = RestApi | Deployment | ApiKey | UsagePlan | UsagePlanKey
T = TypeVar("T", RestApi, Deployment, ApiKey, UsagePlan, UsagePlanKey)


def append(transaction: Transaction, item: Item) -> None:
    """The item, which is new, is stored and has its place."""
    transaction.put_many((item, place_of(item)))


def withdraw(transaction: Transaction, item: Item) -> None:
    """The item and its place are gone."""
    transaction.delete(item)
    transaction.delete(place_of(item))


def forget_deployments(transaction: Transaction, api: RestApi) -> None:
    """Of an API's deployments neither the records nor the places are left."""
    transaction.delete_under(Deployment, api.account, api.region, api.id)
    transaction.delete_under(CreationOrder, api.account, api.region, _collection(Deployment, api.id))


def forget_keys(transaction: Transaction, plan: UsagePlan) -> None:
    """Of a usage plan's keys neither the records nor the places are left."""
    transaction.delete_under(UsagePlanKey, plan.account, plan.region, plan.id)
    transaction.delete_under(CreationOrder, plan.account, plan.region, _collection(UsagePlanKey, plan.id))


def page_by_age(
    call: Call,
    kind: type[T],
    params: Mapping[str, Any],
    *prefix: str,
    newest_first: bool = False,
    select: Callable[[list[T]], list[T]] | None = None,
) -> tuple[list[T], str | None]:
    """A page of the caller's items whose keys are `prefix` and their id, the oldest first, and the next position.

    `select` leaves those that are listed at all. Who asks for few of many waits for all of them to be read.
    """
    if select is None:
        places, position = _places(call, kind, params, prefix, newest_first=newest_first)
        return [item for _, item in _items(call, kind, places, prefix)], position
    found: list[tuple[str, T]] = []
    ahead = params.get("position")
    while True:
        chunk = {"position": ahead, "limit": MAXIMUM_LIMIT}
        places, ahead = _places(call, kind, chunk, prefix, newest_first=newest_first)
        pairs = _items(call, kind, places, prefix)
        wanted = {item.id for item in select([item for _, item in pairs])}
        found += [pair for pair in pairs if pair[1].id in wanted]
        if ahead is None or len(found) > page_limit(params):
            break
    page, position = cut_page(found, params, lambda pair: pair[0])
    return [item for _, item in page], position


def _places(
    call: Call, kind: type[T], params: Mapping[str, Any], prefix: tuple[str, ...], *, newest_first: bool
) -> tuple[list[CreationOrder], str | None]:
    return page_under(call, CreationOrder, params, _collection(kind, *prefix), separator=" ", descending=newest_first)


def _items(call: Call, kind: type[T], places: list[CreationOrder], prefix: tuple[str, ...]) -> list[tuple[str, T]]:
    """The items of these places, each with what a position says of it."""
    keys = [(*prefix, place.id) for place in places]
    items = call.transaction.get_many(kind, call.account, call.region, keys)
    return [(f"{place.instant} {place.id}", items[key]) for place, key in zip(places, keys, strict=True)]


def _collection(kind: type[Item], *prefix: str) -> str:
    return " ".join((kind.KIND, *prefix))


def place_of(item: Item) -> CreationOrder:
    """The place that lies beside the item."""
    return CreationOrder(
        account=item.account,
        region=item.region,
        collection=_collection(type(item), *item.key[:-1]),
        instant=f"{item.created_date:020.6f}",
        id=item.id,
    )
