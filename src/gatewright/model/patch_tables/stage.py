"""What UpdateStage may change (facts 1.6, 10.3), and which values a stage may hold at all.

Most of the table is like any other. What is not: method settings, whose path begins with a resource path of any depth,
and the refusals, for the service takes every `remove` that it does not know for the removal of a method setting. Both
are recorded, and both live in `_StageTable.find`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from gatewright.core.logs.access_format import identifies_requests
from gatewright.model.patch import PatchOperation, PatchRefused, PatchRule, PatchTable, Setter
from gatewright.model.patch_setters import (
    MAXIMUM_INTEGER,
    clear,
    read_boolean,
    read_integer,
    read_number,
    set_boolean,
    set_optional_text,
)
from gatewright.model.records import AccessLogSettings, CanarySettings, MethodSetting, Stage

# --- values -----------------------------------------------------------------------------------------------------------

#: M: the enum CacheClusterSize, gigabytes.
CACHE_CLUSTER_SIZES: Final = ("0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237")

_STAGE_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
# D: facts 1.10. R (seen by users): names take word characters only.
_VARIABLE_NAME: Final = re.compile(r"\w+", re.ASCII)
_VARIABLE_VALUE: Final = re.compile(r"[A-Za-z0-9\-._~:/?#&=,]+")
_MAXIMUM_VARIABLE_NAME: Final = 64
_MAXIMUM_VARIABLE_VALUE: Final = 512

# D: facts 8.3: a log group without the `:*` at its end, or a Firehose whose name begins in this way.
_LOG_DESTINATION: Final = re.compile(
    r"arn:aws[a-z-]*:logs:[a-z0-9-]+:[0-9]{12}:log-group:[^:*]+"
    r"|arn:aws[a-z-]*:firehose:[a-z0-9-]+:[0-9]{12}:deliverystream/amazon-apigateway-[\w.-]+"
)
_MAXIMUM_LOG_FORMAT_BYTES: Final = 3 * 1024


def check_stage_name(name: str) -> None:
    """Refuses a name that cannot be a path segment of the default endpoint."""
    if not _STAGE_NAME.fullmatch(name):
        # C: the sentence is older than the hyphen, which the service takes today (D).
        raise PatchRefused("Stage name only allows a-zA-Z0-9_")


def check_variable(name: str, value: str | None) -> None:
    """Refuses a stage variable that the service does not take. R (seen by users) but for the two lengths."""
    if not _VARIABLE_NAME.fullmatch(name):
        raise PatchRefused(f"Invalid stage variable name: {name}.  Please use names with only word characters.")
    if not value or not _VARIABLE_VALUE.fullmatch(value):
        raise PatchRefused(
            f"Invalid stage variable value: {value or ''}.  Please use values with alphanumeric characters and the "
            "symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','."
        )
    if len(name) > _MAXIMUM_VARIABLE_NAME:
        raise PatchRefused(f"Stage variable name {name} exceeds {_MAXIMUM_VARIABLE_NAME} characters")
    if len(value) > _MAXIMUM_VARIABLE_VALUE:
        raise PatchRefused(f"The value of stage variable {name} exceeds {_MAXIMUM_VARIABLE_VALUE} characters")


def check_percent_traffic(percent: float) -> float:
    """The share of a canary, if it is one. Guess: the sentence."""
    if not 0.0 <= percent <= 100.0:
        raise PatchRefused("Invalid canary percentTraffic value. Must be between 0.0 and 100.0")
    return percent


def check_cache_cluster_size(size: str) -> str:
    """The size, if there is such a cluster. Guess: the sentence."""
    if size not in CACHE_CLUSTER_SIZES:
        raise PatchRefused(f"Invalid cache cluster size. Must be one of: [{', '.join(CACHE_CLUSTER_SIZES)}]")
    return size


def _read_number(text: str | None, name: str) -> float:
    number = read_number(text)
    if number is None:
        raise PatchRefused(f"Invalid value specified for {name}: {text}")
    return number


# --- members of the stage ---------------------------------------------------------------------------------------------


def _set_cache_cluster_enabled(stage: Stage, operation: PatchOperation, _names: Mapping[str, str]) -> Stage:
    enabled = read_boolean(operation.value)
    # D: the smallest cluster unless told.
    size = stage.cache_cluster_size or (CACHE_CLUSTER_SIZES[0] if enabled else None)
    return replace(stage, cache_cluster_enabled=enabled, cache_cluster_size=size)


def _set_cache_cluster_size(stage: Stage, operation: PatchOperation, _names: Mapping[str, str]) -> Stage:
    return replace(stage, cache_cluster_size=check_cache_cluster_size(operation.value or ""))


def _set_deployment(stage: Stage, operation: PatchOperation, _names: Mapping[str, str]) -> Stage:
    # That the deployment exists is for the caller to see; empty text names none.
    return replace(stage, deployment_id=operation.value or "")


def _set_variable(stage: Stage, operation: PatchOperation, names: Mapping[str, str]) -> Stage:
    check_variable(names["name"], operation.value)
    return replace(stage, variables={**(stage.variables or {}), names["name"]: operation.value or ""})


def _remove_variable(stage: Stage, _operation: PatchOperation, names: Mapping[str, str]) -> Stage:
    # Guess: what is not there is removed already.
    rest = {name: value for name, value in (stage.variables or {}).items() if name != names["name"]}
    return replace(stage, variables=rest or None)


# --- access log -------------------------------------------------------------------------------------------------------


def _access_log_value(operation: PatchOperation) -> str:
    if not operation.value:
        raise PatchRefused("Access Log value must not be empty")  # R
    return operation.value


def _set_log_destination(stage: Stage, operation: PatchOperation, _names: Mapping[str, str]) -> Stage:
    arn = _access_log_value(operation)
    if not _LOG_DESTINATION.fullmatch(arn):
        raise PatchRefused("Invalid ARN specified in the request")
    settings = stage.access_log_settings or AccessLogSettings()
    return replace(stage, access_log_settings=replace(settings, destination_arn=arn))


def _set_log_format(stage: Stage, operation: PatchOperation, _names: Mapping[str, str]) -> Stage:
    text = _access_log_value(operation)
    if not {"\r", "\n"}.isdisjoint(text.removesuffix("\n").removesuffix("\r")):
        # R (seen by users), with the format at its end (C); likewise the sentence after the next.
        raise PatchRefused(
            f"Access Log format must be single line, new line character is allowed only at end of the format: '{text}'"
        )
    if len(text.encode()) > _MAXIMUM_LOG_FORMAT_BYTES:
        # Guess: the sentence; the rule is documented.
        raise PatchRefused(f"Access Log format must be at most {_MAXIMUM_LOG_FORMAT_BYTES} bytes")
    if not identifies_requests(text):
        raise PatchRefused(
            f"Access Log format must include either $context.requestId or $context.extendedRequestId : '{text}'"
        )
    settings = stage.access_log_settings or AccessLogSettings()
    return replace(stage, access_log_settings=replace(settings, format=text))


# --- canary -----------------------------------------------------------------------------------------------------------


def _set_canary(change: Callable[[CanarySettings, PatchOperation, Mapping[str, str]], CanarySettings]) -> Setter[Stage]:
    """R: a replace of any member makes the canary where there is none, on the deployment that the stage has."""

    def setter(stage: Stage, operation: PatchOperation, names: Mapping[str, str]) -> Stage:
        canary = stage.canary_settings or CanarySettings(stage.deployment_id)
        return replace(stage, canary_settings=change(canary, operation, names))

    return setter


def _canary_deployment(canary: CanarySettings, operation: PatchOperation, _names: Mapping[str, str]) -> CanarySettings:
    return replace(canary, deployment_id=operation.value or "")


def _canary_percent(canary: CanarySettings, operation: PatchOperation, _names: Mapping[str, str]) -> CanarySettings:
    percent = _read_number(operation.value, "percentTraffic")
    return replace(canary, percent_traffic=check_percent_traffic(percent))


def _canary_cache(canary: CanarySettings, operation: PatchOperation, _names: Mapping[str, str]) -> CanarySettings:
    return replace(canary, use_stage_cache=read_boolean(operation.value))


def _canary_override(canary: CanarySettings, operation: PatchOperation, names: Mapping[str, str]) -> CanarySettings:
    check_variable(names["name"], operation.value)
    overrides = {**canary.stage_variable_overrides, names["name"]: operation.value or ""}
    return replace(canary, stage_variable_overrides=overrides)


def _promote(stage: Stage, operation: PatchOperation, _names: Mapping[str, str]) -> Stage:
    """`copy` works from the canary to the stage only. R: overrides are laid over the variables that are there."""
    move = (operation.from_, operation.path)
    if move not in _PROMOTIONS:
        raise PatchRefused(
            f"Invalid copy operation with path: {operation.path} and from {operation.from_}. Valid copy:path are "
            "[/deploymentId, /variables] and valid copy:from are "
            "[/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]"
        )
    canary = stage.canary_settings
    if canary is None:
        raise PatchRefused("Promotion not available. Canary does not exist.")
    if operation.path == "/deploymentId":
        return replace(stage, deployment_id=canary.deployment_id)
    return replace(stage, variables={**(stage.variables or {}), **canary.stage_variable_overrides} or None)


_PROMOTIONS: Final = (
    ("/canarySettings/deploymentId", "/deploymentId"),
    ("/canarySettings/stageVariableOverrides", "/variables"),
)

# --- method settings --------------------------------------------------------------------------------------------------


def _read_limit(text: str | None) -> int:
    number = read_integer(text)
    # -1 is what Terraform sends for "no throttle of this method's own", and what the service keeps (C).
    if number is None or not -1 <= number <= MAXIMUM_INTEGER:
        raise PatchRefused(f"Invalid value specified for throttling burst limit: {text}")
    return number


def _read_rate(text: str | None) -> float:
    rate = _read_number(text, "throttling rate limit")
    if rate < -1:
        raise PatchRefused(f"Invalid value specified for throttling rate limit: {text}")
    return rate


def _read_ttl(text: str | None) -> int:
    seconds = read_integer(text)
    # D: facts 10.1, 0 to 3,600 seconds.
    if seconds is None or not 0 <= seconds <= 3_600:
        raise PatchRefused("Invalid cache TTL specified, must be between 0 and 3600")
    return seconds


def _one_of(*choices: str) -> Callable[[str | None], str]:
    def read(text: str | None) -> str:
        if text not in choices:
            raise PatchRefused(f"Invalid value specified: {text}. Must be one of: [{', '.join(choices)}]")
        return text

    return read


#: Facts 1.6: the end of a method setting's path → the attribute, and how its text is read.
_METHOD_SETTINGS: Final[Mapping[str, tuple[str, Callable[[str | None], Any]]]] = {
    "metrics/enabled": ("metrics_enabled", read_boolean),
    "logging/dataTrace": ("data_trace_enabled", read_boolean),
    "logging/loglevel": ("logging_level", _one_of("OFF", "ERROR", "INFO")),
    "throttling/burstLimit": ("throttling_burst_limit", _read_limit),
    "throttling/rateLimit": ("throttling_rate_limit", _read_rate),
    "caching/enabled": ("caching_enabled", read_boolean),
    "caching/dataEncrypted": ("cache_data_encrypted", read_boolean),
    "caching/ttlInSeconds": ("cache_ttl_in_seconds", _read_ttl),
    "caching/requireAuthorizationForCacheControl": ("require_authorization_for_cache_control", read_boolean),
    "caching/unauthorizedCacheControlHeaderStrategy": (
        "unauthorized_cache_control_header_strategy",
        # M: the enum UnauthorizedCacheControlHeaderStrategy.
        _one_of("FAIL_WITH_403", "SUCCEED_WITH_RESPONSE_HEADER", "SUCCEED_WITHOUT_RESPONSE_HEADER"),
    ),
}

#: `/{resource path}/{METHOD}/{setting}`: the key of the setting is the first two as they were sent, so that a `~1` in
#: it stays (AWS CLI reference of update-stage, "~1resource/GET"). `*/*` is every method.
_METHOD_SETTING_PATH: Final = re.compile(
    r"/(?P<key>.+/(?:\*|GET|PUT|POST|DELETE|PATCH|OPTIONS|HEAD|ANY))/(?P<setting>[^/]+/[^/]+)"
)


def _set_method_setting(stage: Stage, operation: PatchOperation, _names: Mapping[str, str]) -> Stage:
    """R: the first setting of a method makes all of them, with the defaults of `MethodSetting`."""
    found = _METHOD_SETTING_PATH.fullmatch(operation.path or "")
    assert found is not None, "_StageTable.find looked"
    attribute, read = _METHOD_SETTINGS[found["setting"]]
    setting = stage.method_settings.get(found["key"], MethodSetting())
    changed = replace(setting, **{attribute: read(operation.value)})
    return replace(stage, method_settings={**stage.method_settings, found["key"]: changed})


def _remove_method_setting(stage: Stage, operation: PatchOperation, _names: Mapping[str, str]) -> Stage:
    key = (operation.path or "").removeprefix("/")
    if key not in stage.method_settings:
        # R, with the space at the end.
        raise PatchRefused(f"Cannot remove method setting {key} because there is no method setting for this method ")
    return replace(stage, method_settings={each: it for each, it in stage.method_settings.items() if each != key})


# --- the table --------------------------------------------------------------------------------------------------------

#: R, with the commas that the service left out.
_KNOWN_PATHS: Final = (
    "/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, "
    "/accessLogSettings/destinationArn, /accessLogSettings/format, "
    "/{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, "
    "/{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit"
    "/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, "
    "/{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, "
    "/{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, "
    "/{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, "
    "/*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, "
    "/*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, "
    "/*/*/caching/enabled, /*/*/caching/dataEncrypted, /*/*/caching/requireAuthorizationForCacheControl, "
    "/*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, /tracingEnabled"
)

_RULES: Final[Sequence[PatchRule[Stage]]] = (
    PatchRule("/description", replace=set_optional_text("description")),
    PatchRule("/deploymentId", replace=_set_deployment),
    PatchRule("/clientCertificateId", replace=set_optional_text("client_certificate_id")),
    PatchRule("/cacheClusterEnabled", replace=_set_cache_cluster_enabled),
    PatchRule("/cacheClusterSize", replace=_set_cache_cluster_size),
    PatchRule("/documentationVersion", replace=set_optional_text("documentation_version")),
    PatchRule("/tracingEnabled", replace=set_boolean("tracing_enabled")),
    # R: the two cannot be removed singly, whatever the API reference says.
    PatchRule("/accessLogSettings/destinationArn", add=_set_log_destination, replace=_set_log_destination),
    PatchRule("/accessLogSettings/format", add=_set_log_format, replace=_set_log_format),
    PatchRule("/accessLogSettings", remove=clear("access_log_settings")),
    PatchRule("/variables/{name}", replace=_set_variable, remove=_remove_variable),
    PatchRule("/canarySettings", remove=clear("canary_settings")),
    PatchRule("/canarySettings/deploymentId", replace=_set_canary(_canary_deployment)),
    PatchRule("/canarySettings/percentTraffic", replace=_set_canary(_canary_percent)),
    PatchRule("/canarySettings/useStageCache", replace=_set_canary(_canary_cache)),
    PatchRule("/canarySettings/stageVariableOverrides/{name}", replace=_set_canary(_canary_override)),
)


class _StageTable(PatchTable[Stage]):
    """The rules, then method settings, then the service's own ways to refuse."""

    def find(self, operation: PatchOperation) -> tuple[Setter[Stage], Mapping[str, str]]:
        """The setter for an operation; raises `PatchRefused`, or answers with a setter that will."""
        if operation.op == "copy":
            return _promote, {}
        try:
            return super().find(operation)
        except PatchRefused:
            return _beyond_the_rules(operation), {}


def _beyond_the_rules(operation: PatchOperation) -> Setter[Stage]:
    if operation.op == "remove":
        return _remove_method_setting
    path = "null" if operation.path is None else operation.path
    if path.split("/")[1:2] == ["accessLogSettings"]:
        raise PatchRefused(
            "Invalid accessLogSettings path. "
            "Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]"
        )
    if operation.op == "add":
        raise PatchRefused(f"Invalid add operation with path: {path}")
    found = _METHOD_SETTING_PATH.fullmatch(path)
    if operation.op == "replace" and found is not None and found["setting"] in _METHOD_SETTINGS:
        return _set_method_setting
    raise PatchRefused(f"Invalid method setting path: {path}. Must be one of: [{_KNOWN_PATHS}]")


TABLE: Final[PatchTable[Stage]] = _StageTable(_RULES)
