"""What UpdateRestApi changes (facts 1.6), in the plain style of refusal (R)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gatewright.model.patch import ADD_REMOVE_REPLACE_ONLY, PatchOperation, PatchRefused, PatchRule, PatchTable
from gatewright.model.patch_setters import (
    clear,
    read_integer,
    set_boolean,
    set_choice,
    set_optional_text,
    set_text,
)
from gatewright.model.records import RestApi
from gatewright.model.resource_policy import normalise_resource_policy

# R
INVALID_COMPRESSION_SIZE: Final = "Invalid minimum compression size, must be between 0 and 10485760"
MAXIMUM_COMPRESSION_SIZE: Final = 10_485_760
# R
DUALSTACK_ONLY: Final = "Only dualstack ipAddressType is supported for Private APIs."


def _set_compression(api: RestApi, operation: PatchOperation, _names: Mapping[str, str]) -> RestApi:
    """R: no value, or an empty one, switches compression off."""
    if not operation.value:
        return replace(api, minimum_compression_size=None)
    size = read_integer(operation.value)
    if size is None or not 0 <= size <= MAXIMUM_COMPRESSION_SIZE:
        raise PatchRefused(INVALID_COMPRESSION_SIZE)
    return replace(api, minimum_compression_size=size)


def _set_policy(api: RestApi, operation: PatchOperation, _names: Mapping[str, str]) -> RestApi:
    """An empty value takes the policy away (D: aws_api_gateway_rest_api_policy is deleted so)."""
    if not operation.value:
        return replace(api, policy=None)
    try:
        return replace(api, policy=normalise_resource_policy(operation.value, api.region, api.account, api.id))
    except ValueError as error:
        raise PatchRefused(str(error)) from error


def _add_media_type(api: RestApi, _operation: PatchOperation, names: Mapping[str, str]) -> RestApi:
    """R: the list is patched like an object, the type is in the path; `-` is no index but a type named so."""
    if names["type"] in api.binary_media_types:
        return api
    return replace(api, binary_media_types=(*api.binary_media_types, names["type"]))


def _replace_media_type(api: RestApi, operation: PatchOperation, names: Mapping[str, str]) -> RestApi:
    """R: the new type comes last, whatever place the old one had."""
    rest = tuple(each for each in api.binary_media_types if each not in (names["type"], operation.value))
    return replace(api, binary_media_types=(*rest, operation.value) if operation.value else rest)


def _remove_media_type(api: RestApi, _operation: PatchOperation, names: Mapping[str, str]) -> RestApi:
    return replace(api, binary_media_types=tuple(each for each in api.binary_media_types if each != names["type"]))


def _set_endpoint_type(api: RestApi, operation: PatchOperation, _names: Mapping[str, str]) -> RestApi:
    """R: the segment after `types` says nothing; an API has one type. A private API is dualstack at once (R)."""
    if operation.value not in ("REGIONAL", "EDGE", "PRIVATE"):
        raise PatchRefused("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")
    endpoint = replace(api.endpoint_configuration, types=(operation.value,))
    if operation.value == "PRIVATE":
        return replace(api, endpoint_configuration=replace(endpoint, ip_address_type="dualstack"))
    return replace(api, endpoint_configuration=replace(endpoint, vpc_endpoint_ids=()))


def _set_ip_address_type(api: RestApi, operation: PatchOperation, _names: Mapping[str, str]) -> RestApi:
    if operation.value not in ("ipv4", "dualstack"):
        raise PatchRefused("ipAddressType must be either ipv4 or dualstack.")  # R
    if operation.value == "ipv4" and "PRIVATE" in api.endpoint_configuration.types:
        raise PatchRefused(DUALSTACK_ONLY)
    return replace(api, endpoint_configuration=replace(api.endpoint_configuration, ip_address_type=operation.value))


def _change_vpc_endpoint(api: RestApi, operation: PatchOperation, _names: Mapping[str, str]) -> RestApi:
    """D: for private APIs only. The value is one endpoint's id; the sentence is a guess."""
    endpoint = api.endpoint_configuration
    if "PRIVATE" not in endpoint.types:
        raise PatchRefused("VPCEndpoints can only be specified with PRIVATE apis.")
    rest = tuple(each for each in endpoint.vpc_endpoint_ids if each != operation.value)
    added = (operation.value,) if operation.op == "add" and operation.value else ()
    return replace(api, endpoint_configuration=replace(endpoint, vpc_endpoint_ids=(*rest, *added)))


TABLE: Final[PatchTable[RestApi]] = PatchTable(
    (
        PatchRule("/name", replace=set_text("name")),
        PatchRule(
            "/description",
            add=set_optional_text("description"),
            replace=set_optional_text("description"),
            remove=clear("description"),
        ),
        PatchRule(
            "/apiKeySource",
            # Guess: worded as the sentence about endpoint types is.
            replace=set_choice(
                "api_key_source",
                ("HEADER", "AUTHORIZER"),
                "Invalid ApiKeySource specified. Valid options are HEADER,AUTHORIZER",
            ),
        ),
        PatchRule(
            "/binaryMediaTypes/{type}", add=_add_media_type, replace=_replace_media_type, remove=_remove_media_type
        ),
        PatchRule("/minimumCompressionSize", replace=_set_compression),
        PatchRule("/policy", replace=_set_policy),
        PatchRule("/disableExecuteApiEndpoint", replace=set_boolean("disable_execute_api_endpoint")),
        PatchRule("/securityPolicy", replace=set_optional_text("security_policy")),
        PatchRule("/endpointAccessMode", replace=set_optional_text("endpoint_access_mode")),
        PatchRule(
            "/endpointConfiguration/types/{currentType}",
            replace=_set_endpoint_type,
            unsupported=ADD_REMOVE_REPLACE_ONLY,
        ),
        PatchRule("/endpointConfiguration/ipAddressType", replace=_set_ip_address_type),
        PatchRule("/endpointConfiguration/vpcEndpointIds", add=_change_vpc_endpoint, remove=_change_vpc_endpoint),
    )
)
