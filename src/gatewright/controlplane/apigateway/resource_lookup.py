"""Finding what a call names by API, resource, verb: the resource, its method, the method's integration."""

from dataclasses import replace

from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import not_found
from gatewright.model.records import Integration, Method, Resource


def require_resource(call: Call, api_id: str, resource_id: str) -> Resource:
    """The resource; R: NotFound says the same of an API and of a resource that do not exist."""
    resource = call.transaction.get(Resource, call.account, call.region, api_id, resource_id)
    if resource is None:
        raise not_found("Invalid Resource identifier specified")
    return resource


def require_method(resource: Resource, http_method: str) -> Method:
    """The resource's method for exactly that verb: `ANY` is a verb of its own here."""
    method = resource.resource_methods.get(http_method)
    if method is None:
        raise not_found("Invalid Method identifier specified")
    return method


def require_integration(method: Method) -> Integration:
    """The method's integration."""
    if method.method_integration is None:
        raise not_found("Invalid Integration identifier specified")
    return method.method_integration


def store_method(call: Call, resource: Resource, method: Method) -> None:
    """Stores the resource with this method in place of the one of the same verb."""
    call.transaction.put(replace(resource, resource_methods={**resource.resource_methods, method.http_method: method}))
