"""What a method of an API points at by its id, and so keeps from being deleted: authorizers and request validators."""

from collections.abc import Callable

from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import conflict
from gatewright.model.records import Authorizer, Method, RequestValidator, Resource


def refuse_while_pointed_at(
    call: Call, record: Authorizer | RequestValidator, noun: str, pointer: Callable[[Method], str | None]
) -> None:
    """Raises for the first method whose `pointer` is the record.

    Guess: that it is refused, and the words, after those recorded for a model.
    """
    for resource in call.transaction.list_under(Resource, call.account, call.region, record.api_id):
        for method in resource.resource_methods.values():
            if pointer(method) == record.id:
                raise conflict(
                    f"Cannot delete {noun} '{record.id}', is referenced in method: {resource.path}/{method.http_method}"
                )
