"""What UpdateIntegration changes (facts 1.6), in the plain style of refusal. An integration's type cannot be patched."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gatewright.model.patch import PatchOperation, PatchRefused, PatchRule, PatchTable
from gatewright.model.patch_setters import entry_rule, read_integer, set_boolean, set_optional_text, set_text
from gatewright.model.patch_tables.method import NO_SUCH_CONTENT_TYPE, NO_SUCH_PARAMETER
from gatewright.model.records import Integration

# D (facts 7.2). The upper bound of streaming integrations is 15 minutes.
SHORTEST_TIMEOUT: Final = 50
LONGEST_TIMEOUT: Final = 29_000
LONGEST_STREAMING_TIMEOUT: Final = 900_000


def timeout_refusal(response_transfer_mode: str | None) -> str:
    """R (published by users of CloudFormation); the bound for streaming in it is a guess."""
    return f"Timeout should be between {SHORTEST_TIMEOUT} ms and {longest_timeout(response_transfer_mode)} ms"


def longest_timeout(response_transfer_mode: str | None) -> int:
    """The upper bound that goes with a transfer mode."""
    return LONGEST_STREAMING_TIMEOUT if response_transfer_mode == "STREAM" else LONGEST_TIMEOUT


def _set_timeout(integration: Integration, operation: PatchOperation, _names: Mapping[str, str]) -> Integration:
    """The bounds are checked with the whole integration, since the transfer mode may change in the same call."""
    timeout = read_integer(operation.value)
    if timeout is None:
        raise PatchRefused(timeout_refusal(integration.response_transfer_mode))
    return replace(integration, timeout_in_millis=timeout)


def _set_http_method(integration: Integration, operation: PatchOperation, _names: Mapping[str, str]) -> Integration:
    """D: MOCK has no method of its own; the sentence is a guess."""
    if integration.type == "MOCK":
        raise PatchRefused("Invalid patch path /httpMethod")
    return replace(integration, http_method=operation.value or "")


def _add_cache_key(integration: Integration, operation: PatchOperation, names: Mapping[str, str]) -> Integration:
    """The parameter is in the path (as Terraform sends it) or in the value (as the API reference has it)."""
    name = names.get("name", operation.value)
    if not name or name in integration.cache_key_parameters:
        return integration
    return replace(integration, cache_key_parameters=(*integration.cache_key_parameters, name))


def _remove_cache_key(integration: Integration, operation: PatchOperation, names: Mapping[str, str]) -> Integration:
    name = names.get("name", operation.value)
    return replace(
        integration, cache_key_parameters=tuple(each for each in integration.cache_key_parameters if each != name)
    )


def _replace_cache_key(integration: Integration, operation: PatchOperation, names: Mapping[str, str]) -> Integration:
    without = _remove_cache_key(integration, operation, names)
    return _add_cache_key(without, operation, {})


def read_template(text: str | None) -> str | None:
    """R: an empty template is kept, and shown, as null: the payload passes through."""
    return text or None


TABLE: Final[PatchTable[Integration]] = PatchTable(
    (
        PatchRule("/uri", replace=set_text("uri")),
        PatchRule("/httpMethod", replace=_set_http_method),
        PatchRule("/connectionType", replace=set_optional_text("connection_type")),
        PatchRule("/connectionId", replace=set_optional_text("connection_id")),
        PatchRule("/credentials", replace=set_optional_text("credentials")),
        PatchRule("/integrationTarget", replace=set_optional_text("integration_target")),
        PatchRule("/contentHandling", replace=set_optional_text("content_handling")),
        PatchRule("/passthroughBehavior", replace=set_text("passthrough_behavior")),
        PatchRule("/responseTransferMode", replace=set_optional_text("response_transfer_mode")),
        PatchRule("/timeoutInMillis", replace=_set_timeout),
        PatchRule("/cacheNamespace", replace=set_text("cache_namespace")),
        PatchRule("/tlsConfig/insecureSkipVerification", replace=set_boolean("insecure_skip_verification")),
        PatchRule("/cacheKeyParameters", add=_add_cache_key, remove=_remove_cache_key),
        PatchRule(
            "/cacheKeyParameters/{name}", add=_add_cache_key, replace=_replace_cache_key, remove=_remove_cache_key
        ),
        entry_rule("/requestParameters/{name}", "request_parameters", NO_SUCH_PARAMETER),
        entry_rule("/requestTemplates/{contentType}", "request_templates", NO_SUCH_CONTENT_TYPE, read_template),
    )
)
