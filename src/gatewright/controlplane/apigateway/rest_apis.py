"""REST APIs: creation with its defaults, reading, change, and deletion with everything that belongs to them.

What this module keeps to:

- Semantic checks come in the order that recorded answers show: description, compression size, endpoint.
- `tags` is shown empty by Get and Update, and absent by Create and the listing when there are none (R: facts 1.5).
- An API that a base path mapping points to cannot be deleted; a deleted one takes its resources, models, validators,
  gateway responses, deployments and stages along.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatewright.controlplane.apigateway.clone import clone_contents
from gatewright.controlplane.apigateway.creation_order import append, forget_deployments, page_by_age, withdraw
from gatewright.controlplane.apigateway.default_models import default_models
from gatewright.controlplane.apigateway.mapping_targets import leads_to_api
from gatewright.controlplane.apigateway.open_endpoints import warn_of_opened_endpoint
from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.apigateway.plan_memberships import close_api
from gatewright.controlplane.apigateway.quotas import check_tags
from gatewright.controlplane.apigateway.resource_tree import plant
from gatewright.controlplane.apigateway.timestamps import shown_instant
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import bad_request, not_found
from gatewright.model.identifiers import make_api_id
from gatewright.model.patch_tables.rest_api import (
    DUALSTACK_ONLY,
    INVALID_COMPRESSION_SIZE,
    MAXIMUM_COMPRESSION_SIZE,
    TABLE,
)
from gatewright.model.records import (
    Authorizer,
    DeployedApi,
    EndpointConfiguration,
    GatewayResponse,
    Model,
    RequestValidator,
    Resource,
    ResourcePath,
    RestApi,
    Stage,
)
from gatewright.model.resource_policy import normalise_resource_policy, render_resource_policy

#: What lies under an API's id and goes with it, besides its deployments.
_CONTENTS = (Resource, ResourcePath, Model, RequestValidator, GatewayResponse, Authorizer, DeployedApi, Stage)


def create_rest_api(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A new API: empty but for its root resource and default models, or with a copy of another's contents."""
    source = require_rest_api(call, params["cloneFrom"]) if params.get("cloneFrom") else None
    # Guess: what the call leaves out, a clone takes from its source; no recorded answer tells.
    given = {**_clonable(source), **params} if source is not None else params
    if given.get("description") == "":
        raise bad_request("Description cannot be an empty string")  # R
    if not given["name"].strip():
        raise bad_request("Name must be specified")  # guess
    size = given.get("minimumCompressionSize")
    if size is not None and not 0 <= size <= MAXIMUM_COMPRESSION_SIZE:
        raise bad_request(INVALID_COMPRESSION_SIZE)
    endpoint = _parse_endpoint_configuration(given.get("endpointConfiguration"))
    tags = given.get("tags") or {}
    check_tags(tags)
    api = RestApi(
        account=call.account,
        region=call.region,
        id=make_api_id(call.random_text),
        name=given["name"],
        root_resource_id=make_api_id(call.random_text),
        created_date=call.now,
        endpoint_configuration=endpoint,
        description=given.get("description"),
        version=given.get("version"),
        api_key_source=given.get("apiKeySource") or "HEADER",
        binary_media_types=tuple(given.get("binaryMediaTypes") or ()),
        minimum_compression_size=size,
        disable_execute_api_endpoint=given.get("disableExecuteApiEndpoint") or False,
        security_policy=given.get("securityPolicy"),
        endpoint_access_mode=given.get("endpointAccessMode"),
        tags=tags,
    )
    api = _with_policy(api, given.get("policy"))
    _check_security_policy(api)
    append(call.transaction, api)
    if source is None:
        plant(
            call.transaction,
            Resource(account=api.account, region=api.region, api_id=api.id, id=api.root_resource_id, path="/"),
        )
        for model in default_models(call, api.id):
            call.transaction.put(model)
    else:
        clone_contents(call, source, api)
    return render_rest_api(api)


def get_rest_api(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One API."""
    return render_rest_api(require_rest_api(call, params["restApiId"]), always_tags=True)


def get_rest_apis(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of the account's APIs in the region, the oldest first."""
    page, position = page_by_age(call, RestApi, params)
    return {"items": [render_rest_api(api) for api in page], "position": position}


def update_rest_api(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The API after the patch operations."""
    previous = require_rest_api(call, params["restApiId"])
    api = patched(previous, params, TABLE)
    _check_security_policy(api)
    call.transaction.put(api)
    warn_of_opened_endpoint(call, previous, api)
    return render_rest_api(api, always_tags=True)


def delete_rest_api(call: Call, params: Mapping[str, Any]) -> None:
    """The API and its contents are gone; refused while a domain name's mapping points to it."""
    api = require_rest_api(call, params["restApiId"])
    if leads_to_api(call.transaction, api):
        # R (published by users of CloudFormation).
        raise bad_request(
            f"Deleting RestApi {api.id} failed. "
            "Please remove all base path mappings related to the RestApi in your domains."
        )
    close_api(call.transaction, api)
    for kind in _CONTENTS:
        call.transaction.delete_under(kind, api.account, api.region, api.id)
    forget_deployments(call.transaction, api)
    withdraw(call.transaction, api)


def require_rest_api(call: Call, api_id: str) -> RestApi:
    """The caller's API of that id; NotFound otherwise."""
    api = call.transaction.get(RestApi, call.account, call.region, api_id)
    if api is None:
        raise not_found(f"Invalid API identifier specified {call.account}:{api_id}")  # R
    return api


def render_rest_api(api: RestApi, *, always_tags: bool = False) -> dict[str, Any]:
    """The API in the service's member names; `always_tags` also shows that there are none."""
    return {
        "id": api.id,
        "name": api.name,
        "description": api.description,
        "createdDate": shown_instant(api.created_date),
        "version": api.version,
        "binaryMediaTypes": list(api.binary_media_types) or None,
        "minimumCompressionSize": api.minimum_compression_size,
        "apiKeySource": api.api_key_source,
        "endpointConfiguration": render_endpoint_configuration(api.endpoint_configuration),
        "policy": None if api.policy is None else render_resource_policy(api.policy),
        "tags": dict(api.tags) if api.tags or always_tags else None,
        "disableExecuteApiEndpoint": api.disable_execute_api_endpoint,
        "rootResourceId": api.root_resource_id,
        "securityPolicy": api.security_policy,
        "endpointAccessMode": api.endpoint_access_mode,
    }


def render_endpoint_configuration(endpoint: EndpointConfiguration) -> dict[str, Any]:
    """How the API can be reached; VPC endpoints only where there are some."""
    return {
        "types": list(endpoint.types),
        "ipAddressType": endpoint.ip_address_type,
        "vpcEndpointIds": list(endpoint.vpc_endpoint_ids) or None,
    }


def _parse_endpoint_configuration(given: Mapping[str, Any] | None) -> EndpointConfiguration:
    """R: EDGE and ipv4 unless told; private APIs are dualstack and nothing else."""
    given = given or {}
    types = tuple(given.get("types", ("EDGE",)))
    if not types:
        raise bad_request("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.")  # R
    if len(types) > 1:
        raise bad_request("Cannot create an api with multiple Endpoint Types.")  # R
    private = types == ("PRIVATE",)
    ip_address_type = given.get("ipAddressType") or ("dualstack" if private else "ipv4")
    if private and ip_address_type != "dualstack":
        raise bad_request(DUALSTACK_ONLY)
    vpc_endpoint_ids = tuple(given.get("vpcEndpointIds") or ())
    if vpc_endpoint_ids and not private:
        raise bad_request("VPCEndpoints can only be specified with PRIVATE apis.")  # guess
    return EndpointConfiguration(types, ip_address_type, vpc_endpoint_ids)


def _with_policy(api: RestApi, policy: str | None) -> RestApi:
    if not policy:
        return api
    try:
        return replace(api, policy=normalise_resource_policy(policy, api.region, api.account, api.id))
    except ValueError as error:
        raise bad_request(str(error)) from error


def _check_security_policy(api: RestApi) -> None:
    """D (facts 1.7): an enhanced policy says how the endpoint may be entered. Guess: the sentence."""
    enhanced = api.security_policy is not None and api.security_policy.startswith("SecurityPolicy_")
    if enhanced and api.endpoint_access_mode is None:
        raise bad_request(f"Endpoint access mode must be specified for security policy {api.security_policy}")


def _clonable(source: RestApi) -> dict[str, Any]:
    """The settings that a clone starts with; its name and tags are its own, a policy names the API that it is of."""
    return {
        "description": source.description,
        "version": source.version,
        "binaryMediaTypes": source.binary_media_types,
        "minimumCompressionSize": source.minimum_compression_size,
        "apiKeySource": source.api_key_source,
        "endpointConfiguration": render_endpoint_configuration(source.endpoint_configuration),
        "disableExecuteApiEndpoint": source.disable_execute_api_endpoint,
        "securityPolicy": source.security_policy,
        "endpointAccessMode": source.endpoint_access_mode,
    }
