"""Stages of a REST API: a deployment's name in the world, with settings that act at once (facts 1.10, 10.3).

Two members are kept and do nothing here: `cacheCluster…` (no response cache is served) and `documentationVersion`
(documentation versions are not served, so any label is taken).
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from gatewright.controlplane.apigateway.mapping_targets import domains_leading_to_stage
from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.apigateway.plan_memberships import close_stage
from gatewright.controlplane.apigateway.quotas import MAXIMUM_STAGE_VARIABLES, check_tags
from gatewright.controlplane.apigateway.rest_apis import require_rest_api
from gatewright.controlplane.apigateway.timestamps import shown_instant
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError, bad_request, conflict, limit_exceeded, not_found
from gatewright.model.patch import PatchRefused
from gatewright.model.patch_tables.stage import (
    CACHE_CLUSTER_SIZES,
    TABLE,
    check_cache_cluster_size,
    check_percent_traffic,
    check_stage_name,
    check_variable,
)
from gatewright.model.records import CanarySettings, Deployment, MethodSetting, Stage


def create_stage(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The API has one more stage, on a deployment that exists."""
    api = require_rest_api(call, params["restApiId"])
    stage = new_stage(call, api.id, params["stageName"], params["deploymentId"])
    canary = params.get("canarySettings")
    stage = replace(
        with_settings(stage, params),
        description=params.get("description") or None,
        documentation_version=params.get("documentationVersion") or None,
        canary_settings=parse_canary(canary, canary.get("deploymentId") or stage.deployment_id) if canary else None,
        tags=params.get("tags") or {},
    )
    check_tags(stage.tags)
    check_stage(call, stage, previous=None)
    call.transaction.put(stage)
    return render_stage(stage)


def get_stage(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One stage."""
    return render_stage(require_stage(call, params))


def get_stages(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """All stages of an API (facts 1.1: not paginated), or those on one deployment."""
    api = require_rest_api(call, params["restApiId"])
    stages = call.transaction.list_under(Stage, call.account, call.region, api.id)
    deployment_id = params.get("deploymentId")
    return {"item": [render_stage(each) for each in stages if deployment_id in (None, each.deployment_id)]}


def update_stage(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The stage is what the patch operations made of it, at once."""
    previous = require_stage(call, params)
    stage = replace(patched(previous, params, TABLE), last_updated_date=call.now)
    check_stage(call, stage, previous)
    call.transaction.put(stage)
    return render_stage(stage)


def delete_stage(call: Call, params: Mapping[str, Any]) -> None:
    """The stage is gone, its deployment stays, and no usage plan opens it.

    A stage that a custom domain name leads to is not deleted.
    """
    stage = require_stage(call, params)
    domains = domains_leading_to_stage(call.transaction, stage)
    if domains:
        # C: seen by users of CloudFormation and Terraform.
        raise bad_request(
            f"Deleting stage {stage.stage_name} failed. "
            f"Please remove all base path mappings related to the stage in your domains: {', '.join(domains)}"
        )
    close_stage(call.transaction, stage)
    call.transaction.delete(stage)


def new_stage(call: Call, api_id: str, name: str, deployment_id: str) -> Stage:
    """A stage as a name and a deployment alone make it; it is not stored yet."""
    return Stage(
        account=call.account,
        region=call.region,
        api_id=api_id,
        stage_name=name,
        deployment_id=deployment_id,
        created_date=call.now,
        last_updated_date=call.now,
    )


def with_settings(stage: Stage, params: Mapping[str, Any]) -> Stage:
    """The stage with the settings that CreateStage and CreateDeployment have in common, where they are given."""
    enabled = params.get("cacheClusterEnabled")
    size = params.get("cacheClusterSize") or stage.cache_cluster_size
    if enabled and size is None:
        size = CACHE_CLUSTER_SIZES[0]  # D: the smallest cluster unless told
    tracing = params.get("tracingEnabled")
    return replace(
        stage,
        cache_cluster_enabled=stage.cache_cluster_enabled if enabled is None else enabled,
        cache_cluster_size=size,
        variables=params.get("variables") or stage.variables,
        tracing_enabled=stage.tracing_enabled if tracing is None else tracing,
    )


def parse_canary(settings: Mapping[str, Any], deployment_id: str) -> CanarySettings:
    """`canarySettings` of CreateStage or CreateDeployment on the deployment that the canary shows."""
    return CanarySettings(
        deployment_id=deployment_id,
        percent_traffic=settings.get("percentTraffic") or 0.0,
        stage_variable_overrides=settings.get("stageVariableOverrides") or {},
        use_stage_cache=settings.get("useStageCache") or False,
    )


def check_stage(call: Call, stage: Stage, previous: Stage | None) -> None:
    """Refuses a stage that must not be stored in place of `previous` (None: a new one)."""
    canary = stage.canary_settings
    overrides = canary.stage_variable_overrides if canary else {}
    try:
        check_stage_name(stage.stage_name)
        for variables in (stage.variables or {}, overrides):
            for name, value in variables.items():
                check_variable(name, value)
        if stage.cache_cluster_size is not None:
            check_cache_cluster_size(stage.cache_cluster_size)
        if canary is not None:
            check_percent_traffic(canary.percent_traffic)
    except PatchRefused as refused:
        raise ServiceError(refused.code, refused.message) from refused
    if max(len(stage.variables or {}), len(overrides)) > MAXIMUM_STAGE_VARIABLES:
        # Guess: the sentence; the limit is documented.
        raise limit_exceeded(f"The maximum number of stage variables is {MAXIMUM_STAGE_VARIABLES}")
    if previous is None and _find(call, stage.api_id, stage.stage_name) is not None:
        raise conflict("Stage already exists")  # C: seen by users of Terraform
    for deployment_id in (stage.deployment_id, *([canary.deployment_id] if canary else [])):
        if call.transaction.get(Deployment, call.account, call.region, stage.api_id, deployment_id) is None:
            raise bad_request("Deployment id does not exist")
    destination = stage.access_log_settings.destination_arn if stage.access_log_settings else None
    if destination is not None and destination.split(":")[4] != call.account:
        # Guess: the sentence. A log group of somebody else's is not written to.
        raise bad_request("Invalid ARN specified in the request")
    if stage.client_certificate_id is not None:
        # There are none: client certificates are not served, and a backend that counts on one must not be let down.
        raise bad_request("Invalid client certificate identifier specified")


def render_stage(stage: Stage) -> dict[str, Any]:
    """The members of `Stage`."""
    return {
        "deploymentId": stage.deployment_id,
        "clientCertificateId": stage.client_certificate_id,
        "stageName": stage.stage_name,
        "description": stage.description,
        "cacheClusterEnabled": stage.cache_cluster_enabled,
        "cacheClusterSize": stage.cache_cluster_size,
        "cacheClusterStatus": "AVAILABLE" if stage.cache_cluster_enabled else "NOT_AVAILABLE",
        "methodSettings": {key: _render_method_setting(it) for key, it in stage.method_settings.items()},
        "variables": dict(stage.variables) if stage.variables else None,
        "documentationVersion": stage.documentation_version,
        "accessLogSettings": _render_access_log_settings(stage),
        "canarySettings": _render_canary(stage.canary_settings) if stage.canary_settings else None,
        "tracingEnabled": stage.tracing_enabled,
        "webAclArn": stage.web_acl_arn,
        "tags": dict(stage.tags) or None,
        "createdDate": shown_instant(stage.created_date),
        "lastUpdatedDate": shown_instant(stage.last_updated_date),
    }


def _render_method_setting(setting: MethodSetting) -> dict[str, Any]:
    return {_camel(name): value for name, value in asdict(setting).items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _render_access_log_settings(stage: Stage) -> dict[str, Any] | None:
    settings = stage.access_log_settings
    if settings is None:
        return None
    return {"destinationArn": settings.destination_arn, "format": settings.format}


def _render_canary(canary: CanarySettings) -> dict[str, Any]:
    return {
        "percentTraffic": canary.percent_traffic,
        "deploymentId": canary.deployment_id,
        # R: without overrides the member is absent.
        "stageVariableOverrides": dict(canary.stage_variable_overrides) or None,
        "useStageCache": canary.use_stage_cache,
    }


def _find(call: Call, api_id: str, name: str) -> Stage | None:
    return call.transaction.get(Stage, call.account, call.region, api_id, name)


def require_stage(call: Call, params: Mapping[str, Any]) -> Stage:
    """The caller's stage that `restApiId` and `stageName` name; NotFound otherwise."""
    stage = _find(call, params["restApiId"], params["stageName"])
    if stage is None:
        raise not_found("Invalid stage identifier specified")  # C: seen by users of Terraform
    return stage
