"""Deployments of a REST API: frozen copies, and the stages that they are given to (facts 1.10, 10.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gatewright.controlplane.apigateway.creation_order import append, page_by_age, withdraw
from gatewright.controlplane.apigateway.free_ids import draw_free_id
from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.apigateway.quotas import check_deployed_size
from gatewright.controlplane.apigateway.rest_apis import require_rest_api
from gatewright.controlplane.apigateway.stages import check_stage, new_stage, parse_canary, with_settings
from gatewright.controlplane.apigateway.timestamps import shown_instant
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import bad_request, not_found
from gatewright.model.patch_tables.deployment import TABLE
from gatewright.model.records import (
    Authorizer,
    CanarySettings,
    DeployedApi,
    Deployment,
    GatewayResponse,
    Model,
    RequestValidator,
    Resource,
    RestApi,
    Stage,
)


def create_deployment(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The API as it is now is frozen, and the named stage, if any, shows it: at once, or to its canary's share."""
    api = require_rest_api(call, params["restApiId"])
    _check_canary_request(call, api, params)
    deployed = _freeze(call, api, draw_free_id(call, DeployedApi, api.id))
    _check_deployable(api, deployed.resources)
    check_deployed_size(deployed)
    deployment = Deployment(
        account=call.account,
        region=call.region,
        api_id=api.id,
        id=deployed.deployment_id,
        created_date=call.now,
        description=params.get("description") or None,
    )
    call.transaction.put(deployed)
    append(call.transaction, deployment)
    if params.get("stageName"):
        _give_to_stage(call, deployment, params)
    return render_deployment(deployment)


def get_deployment(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One deployment; with `embed=apisummary`, what it froze in outline."""
    deployment = _existing(call, params)
    members = render_deployment(deployment)
    if "apisummary" in (params.get("embed") or ()):
        members["apiSummary"] = _api_summary(call, deployment)
    return members


def get_deployments(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of an API's deployments, the oldest first."""
    api = require_rest_api(call, params["restApiId"])
    page, position = page_by_age(call, Deployment, params, api.id)
    return {"items": [render_deployment(deployment) for deployment in page], "position": position}


def update_deployment(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The deployment has the description that the patch operations gave it."""
    deployment = patched(_existing(call, params), params, TABLE)
    call.transaction.put(deployment)
    return render_deployment(deployment)


def delete_deployment(call: Call, params: Mapping[str, Any]) -> None:
    """The deployment and what it froze are gone; one that a stage shows, to all or to its canary, stays."""
    deployment = _existing(call, params)
    for stage in call.transaction.list_under(Stage, call.account, call.region, deployment.api_id):
        canary = stage.canary_settings
        if deployment.id in (stage.deployment_id, canary and canary.deployment_id):
            raise bad_request("Active stages pointing to this deployment must be moved or deleted")
    call.transaction.delete_under(DeployedApi, call.account, call.region, *deployment.key)
    withdraw(call.transaction, deployment)


def render_deployment(deployment: Deployment) -> dict[str, Any]:
    """The members of `Deployment` without its summary."""
    return {
        "id": deployment.id,
        "description": deployment.description,
        "createdDate": shown_instant(deployment.created_date),
    }


def _existing(call: Call, params: Mapping[str, Any]) -> Deployment:
    key = (params["restApiId"], params["deploymentId"])
    deployment = call.transaction.get(Deployment, call.account, call.region, *key)
    if deployment is None:
        raise not_found("Invalid Deployment identifier specified")  # C
    return deployment


def _check_canary_request(call: Call, api: RestApi, params: Mapping[str, Any]) -> None:
    """R: a canary is released on a stage that is there. The missing space is the service's."""
    if params.get("canarySettings") is None:
        return
    name = params.get("stageName")
    if not name:
        raise bad_request(
            "Invalid deployment content specified.Non null and non empty stageName must be provided for canary "
            f"deployment. Provided value is {'null' if name is None else name}"
        )
    if call.transaction.get(Stage, call.account, call.region, api.id, name) is None:
        raise bad_request(
            f"Invalid deployment content specified.Stage {name} must already be created before making a canary "
            "release deployment"
        )


def _freeze(call: Call, api: RestApi, deployment_id: str) -> DeployedApi:
    where = (call.account, call.region, api.id)
    return DeployedApi(
        account=call.account,
        region=call.region,
        api_id=api.id,
        deployment_id=deployment_id,
        api=api,
        resources=tuple(call.transaction.list_under(Resource, *where)),
        models=tuple(call.transaction.list_under(Model, *where)),
        request_validators=tuple(call.transaction.list_under(RequestValidator, *where)),
        gateway_responses=tuple(call.transaction.list_under(GatewayResponse, *where)),
        authorizers=tuple(call.transaction.list_under(Authorizer, *where)),
    )


def _check_deployable(api: RestApi, resources: Sequence[Resource]) -> None:
    """Refuses what would not answer any call, and what would answer calls that its owner means to be refused."""
    methods = [method for resource in resources for method in resource.resource_methods.values()]
    if not methods:
        raise bad_request("The REST API doesn't contain any methods")
    if any(method.method_integration is None for method in methods):
        raise bad_request("No integration defined for method")
    if api.policy is not None:
        # Ours (docs/divergences.md): an API without its policy is open to those whom the policy keeps out.
        raise bad_request(
            f"REST API {api.id} has a resource policy, and Gatewright does not evaluate resource policies yet. "
            "Nothing was deployed, rather than an API that is left open. Remove the policy to deploy without it."
        )
    if "PRIVATE" in api.endpoint_configuration.types:
        raise bad_request("Private REST API doesn't have a resource policy attached to it")  # C: seen by users


def _give_to_stage(call: Call, deployment: Deployment, params: Mapping[str, Any]) -> None:
    """The stage shows the deployment; it is made if it is not there."""
    name = params["stageName"]
    previous = call.transaction.get(Stage, call.account, call.region, deployment.api_id, name)
    stage = with_settings(previous or new_stage(call, deployment.api_id, name, deployment.id), params)
    if params.get("stageDescription"):
        stage = replace(stage, description=params["stageDescription"])
    canary = _next_canary(stage, deployment, params)
    if canary is None:
        stage = replace(stage, deployment_id=deployment.id)
    stage = replace(stage, canary_settings=canary, last_updated_date=call.now)
    check_stage(call, stage, previous)
    call.transaction.put(stage)


def _next_canary(stage: Stage, deployment: Deployment, params: Mapping[str, Any]) -> CanarySettings | None:
    """The canary that meets the deployment, or None where everybody does.

    Facts 10.3: while a stage has a canary, a deployment without `canarySettings` goes to the canary as well.
    """
    if params.get("canarySettings") is not None:
        return parse_canary(params["canarySettings"], deployment.id)
    if stage.canary_settings is not None:
        return replace(stage.canary_settings, deployment_id=deployment.id)
    return None


def _api_summary(call: Call, deployment: Deployment) -> dict[str, Any]:
    """`{path: {METHOD: {…}}}` of the frozen resources that have methods."""
    deployed = call.transaction.get(DeployedApi, call.account, call.region, *deployment.key)
    assert deployed is not None, "a deployment and what it froze are stored and deleted together"
    return {
        resource.path: {
            verb: {"authorizationType": method.authorization_type, "apiKeyRequired": method.api_key_required}
            for verb, method in resource.resource_methods.items()
        }
        for resource in sorted(deployed.resources, key=lambda each: each.path)
        if resource.resource_methods
    }
