"""Base path mappings: from a path under a custom domain name to an API and a stage of it (facts 1.8).

They act at once, without a deployment. The v1 control plane knows base paths of one segment; `(none)` is the empty one.
"""

from collections.abc import Mapping
from typing import Any, Final

from gatewright.controlplane.apigateway.domain_names import require_domain_name
from gatewright.controlplane.apigateway.mapping_targets import delete_mapping, put_mapping
from gatewright.controlplane.apigateway.open_endpoints import warn_of_open_endpoints
from gatewright.controlplane.apigateway.pagination import page_under
from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import bad_request, conflict, not_found
from gatewright.core.domains.base_path import NO_BASE_PATH, render_base_path
from gatewright.model.patch import PatchRefused
from gatewright.model.patch_tables.base_path_mapping import (
    INVALID_REST_API,
    TABLE,
    parse_mapping_stage,
    parse_v1_base_path,
)
from gatewright.model.records import BasePathMapping, RestApi, Stage

INVALID_STAGE: Final = "Invalid stage identifier specified"  # R
ALREADY_EXISTS: Final = "Base path already exists for this domain name"  # R
NOT_FOUND: Final = "Invalid base path mapping identifier specified"  # R


def create_base_path_mapping(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The path under the domain name leads to the API."""
    domain = require_domain_name(call, params)
    try:
        base_path = parse_v1_base_path(params.get("basePath"))
    except PatchRefused as refused:
        raise bad_request(refused.message) from refused
    mapping = BasePathMapping(
        account=domain.account,
        region=domain.region,
        domain_name=domain.domain_name,
        base_path=base_path,
        rest_api_id=params["restApiId"],
        stage=parse_mapping_stage(params.get("stage")),
    )
    _check_destination(call, mapping)
    _check_free(call, mapping)
    put_mapping(call.transaction, mapping)
    warn_of_open_endpoints(call, domain, mapping.rest_api_id)
    return render_base_path_mapping(mapping)


def get_base_path_mapping(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One mapping."""
    return render_base_path_mapping(_existing(call, params))


def get_base_path_mappings(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of a domain name's mappings, ordered by base path."""
    domain = require_domain_name(call, params)
    page, position = page_under(call, BasePathMapping, params, domain.domain_name)
    return {"items": [render_base_path_mapping(mapping) for mapping in page], "position": position}


def update_base_path_mapping(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The mapping after the patch operations; a changed base path moves it."""
    previous = _existing(call, params)
    mapping = patched(previous, params, TABLE)
    if (mapping.rest_api_id, mapping.stage) != (previous.rest_api_id, previous.stage):
        _check_destination(call, mapping)
    if mapping.key != previous.key:
        _check_free(call, mapping)
    put_mapping(call.transaction, mapping, previous)
    if mapping.rest_api_id != previous.rest_api_id:
        warn_of_open_endpoints(call, require_domain_name(call, params), mapping.rest_api_id)
    return render_base_path_mapping(mapping)


def delete_base_path_mapping(call: Call, params: Mapping[str, Any]) -> None:
    """The path leads nowhere any more."""
    delete_mapping(call.transaction, _existing(call, params))


def render_base_path_mapping(mapping: BasePathMapping) -> dict[str, Any]:
    """The mapping in the service's member names."""
    return {
        "basePath": render_base_path(mapping.base_path),
        "restApiId": mapping.rest_api_id,
        "stage": mapping.stage,
    }


def _existing(call: Call, params: Mapping[str, Any]) -> BasePathMapping:
    domain = require_domain_name(call, params)
    # Looked up as it is stored, not parsed: a mapping that the v2 control plane made is none of this one's (D).
    base_path = "" if params["basePath"] == NO_BASE_PATH else params["basePath"]
    mapping = (
        call.transaction.get(BasePathMapping, domain.account, domain.region, domain.domain_name, base_path)
        if "/" not in base_path
        else None
    )
    if mapping is None:
        raise not_found(NOT_FOUND)
    return mapping


def _check_destination(call: Call, mapping: BasePathMapping) -> None:
    if call.transaction.get(RestApi, mapping.account, mapping.region, mapping.rest_api_id) is None:
        raise bad_request(INVALID_REST_API)
    stage = mapping.stage
    if stage is not None and (
        call.transaction.get(Stage, mapping.account, mapping.region, mapping.rest_api_id, stage) is None
    ):
        raise bad_request(INVALID_STAGE)


def _check_free(call: Call, mapping: BasePathMapping) -> None:
    if call.transaction.get(BasePathMapping, mapping.account, mapping.region, *mapping.key) is not None:
        raise conflict(ALREADY_EXISTS)
