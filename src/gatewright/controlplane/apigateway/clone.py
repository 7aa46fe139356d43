"""The contents of one API as those of another, for CreateRestApi with `cloneFrom`.

Identifiers are drawn anew, and whatever names one of the old is given the new: parents, request validators, authorizers, and cache
namespaces that were left at their default, the resource's id. Deployments and stages stay behind (D: a clone is not
deployed).
"""

from collections.abc import Mapping
from dataclasses import replace

from gatewright.controlplane.apigateway.free_ids import draw_distinct_ids
from gatewright.controlplane.apigateway.resource_tree import plant
from gatewright.controlplane.call import Call
from gatewright.model.identifiers import make_short_id
from gatewright.model.records import Authorizer, GatewayResponse, Method, Model, RequestValidator, Resource, RestApi


def clone_contents(call: Call, source: RestApi, target: RestApi) -> None:
    """Everything that `source` holds is also, under new identifiers, in `target`."""
    transaction, where = call.transaction, (source.account, source.region)
    for model in transaction.list_under(Model, *where, source.id):
        transaction.put(replace(model, api_id=target.id, id=make_short_id(call.random_text)))
    for response in transaction.list_under(GatewayResponse, *where, source.id):
        transaction.put(replace(response, api_id=target.id))
    validators: dict[str, str] = {}
    for validator in transaction.list_under(RequestValidator, *where, source.id):
        validators[validator.id] = make_short_id(call.random_text)
        transaction.put(replace(validator, api_id=target.id, id=validators[validator.id]))
    authorizers: dict[str, str] = {}
    for authorizer in transaction.list_under(Authorizer, *where, source.id):
        authorizers[authorizer.id] = make_short_id(call.random_text)
        transaction.put(replace(authorizer, api_id=target.id, id=authorizers[authorizer.id]))
    resources = transaction.list_under(Resource, *where, source.id)
    drawn = iter(draw_distinct_ids(call, len(resources)))
    ids = {
        resource.id: target.root_resource_id if resource.parent_id is None else next(drawn) for resource in resources
    }
    for resource in resources:
        methods = {
            verb: _clone_method(method, validators, authorizers, resource.id, ids[resource.id])
            for verb, method in resource.resource_methods.items()
        }
        plant(
            transaction,
            replace(
                resource,
                api_id=target.id,
                id=ids[resource.id],
                parent_id=None if resource.parent_id is None else ids[resource.parent_id],
                resource_methods=methods,
            ),
        )


def _clone_method(
    method: Method, validators: Mapping[str, str], authorizers: Mapping[str, str], old_id: str, new_id: str
) -> Method:
    cloned = replace(
        method,
        request_validator_id=validators.get(method.request_validator_id or ""),
        authorizer_id=authorizers.get(method.authorizer_id or ""),
    )
    integration = cloned.method_integration
    if integration is None or integration.cache_namespace != old_id:
        return cloned
    return replace(cloned, method_integration=replace(integration, cache_namespace=new_id))
