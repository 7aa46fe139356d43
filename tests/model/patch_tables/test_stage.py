"""UpdateStage's patch table: each path on a record, without a store."""

import pytest

from gatewright.model.patch import PatchOperation, PatchRefused, apply_patch
from gatewright.model.patch_tables.stage import TABLE, check_stage_name, check_variable
from gatewright.model.records import AccessLogSettings, CanarySettings, MethodSetting, Stage

STAGE = Stage("000000000000", "us-east-1", "api0000000", "dev", "dep111", 0.0, 0.0)
CANARY = CanarySettings("dep222", 50.0, {"color": "green"})
LOG_GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:stage-log"

INVALID_EMPTY_VALUE = (
    "Invalid stage variable value: .  Please use values with alphanumeric characters and the symbols "
    "' ', -', '.', '_', ':', '/', '?', '&', '=', and ','."
)


def patch(op, path, value=None, from_=None, stage=STAGE):
    return apply_patch(stage, [PatchOperation(op, path, value, from_)], TABLE)


def replaced(**changes):
    return {**{name: getattr(STAGE, name) for name in STAGE.__slots__}, **changes}


@pytest.mark.parametrize(
    ("path", "value", "attribute", "expected"),
    [
        ("/description", "mine", "description", "mine"),
        ("/description", "", "description", None),
        ("/deploymentId", "dep333", "deployment_id", "dep333"),
        ("/clientCertificateId", "abc", "client_certificate_id", "abc"),
        ("/documentationVersion", "v1", "documentation_version", "v1"),
        ("/tracingEnabled", "true", "tracing_enabled", True),
        ("/cacheClusterSize", "6.1", "cache_cluster_size", "6.1"),
        ("/variables/color", "blue", "variables", {"color": "blue"}),
        ("/canarySettings/deploymentId", "dep333", "canary_settings", CanarySettings("dep333")),
        ("/canarySettings/percentTraffic", "12.5", "canary_settings", CanarySettings("dep111", 12.5)),
        ("/canarySettings/useStageCache", "true", "canary_settings", CanarySettings("dep111", use_stage_cache=True)),
        (
            "/canarySettings/stageVariableOverrides/color",
            "red",
            "canary_settings",
            CanarySettings("dep111", stage_variable_overrides={"color": "red"}),
        ),
        (
            "/accessLogSettings/format",
            "$context.requestId\n",
            "access_log_settings",
            AccessLogSettings(None, "$context.requestId\n"),
        ),
        ("/accessLogSettings/destinationArn", LOG_GROUP, "access_log_settings", AccessLogSettings(LOG_GROUP)),
    ],
)
def test_a_replace_changes_one_member_and_nothing_else(path, value, attribute, expected):
    stage = patch("replace", path, value)
    assert replaced(**{attribute: expected}) == {name: getattr(stage, name) for name in stage.__slots__}


def test_an_enabled_cache_has_the_smallest_size_unless_told_and_keeps_it_when_disabled():
    enabled = patch("replace", "/cacheClusterEnabled", "true")
    assert (True, "0.5") == (enabled.cache_cluster_enabled, enabled.cache_cluster_size)
    disabled = patch("replace", "/cacheClusterEnabled", "false", stage=enabled)
    assert (False, "0.5") == (disabled.cache_cluster_enabled, disabled.cache_cluster_size)


@pytest.mark.parametrize(
    ("setting", "value", "attribute", "expected"),
    [
        ("metrics/enabled", "true", "metrics_enabled", True),
        ("logging/dataTrace", "true", "data_trace_enabled", True),
        ("logging/loglevel", "ERROR", "logging_level", "ERROR"),
        ("throttling/burstLimit", "7", "throttling_burst_limit", 7),
        ("throttling/burstLimit", "-1", "throttling_burst_limit", -1),
        ("throttling/rateLimit", "2.5", "throttling_rate_limit", 2.5),
        ("throttling/rateLimit", " .5 ", "throttling_rate_limit", 0.5),
        ("throttling/rateLimit", "1e3", "throttling_rate_limit", 1_000.0),
        ("throttling/rateLimit", "-1", "throttling_rate_limit", -1.0),
        ("caching/enabled", "false", "caching_enabled", False),
        ("caching/dataEncrypted", "true", "cache_data_encrypted", True),
        ("caching/ttlInSeconds", "3600", "cache_ttl_in_seconds", 3600),
        ("caching/requireAuthorizationForCacheControl", "false", "require_authorization_for_cache_control", False),
        (
            "caching/unauthorizedCacheControlHeaderStrategy",
            "FAIL_WITH_403",
            "unauthorized_cache_control_header_strategy",
            "FAIL_WITH_403",
        ),
    ],
)
@pytest.mark.parametrize("key", ["*/*", "pets/GET", "~1pets~1{id}/GET", "pets/{id}/GET"])
def test_a_method_setting_makes_the_whole_record_under_the_key_as_it_was_sent(key, setting, value, attribute, expected):
    stage = patch("replace", f"/{key}/{setting}", value)
    assert {key: MethodSetting(**{attribute: expected})} == stage.method_settings


def test_a_second_setting_of_a_method_leaves_the_first():
    stage = patch("replace", "/*/*/metrics/enabled", "true")
    stage = patch("replace", "/*/*/throttling/burstLimit", "3", stage=stage)
    assert {"*/*": MethodSetting(metrics_enabled=True, throttling_burst_limit=3)} == stage.method_settings


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("logging/loglevel", "DEBUG"),
        ("throttling/burstLimit", "-2"),
        ("throttling/burstLimit", "many"),
        ("throttling/rateLimit", "-2.0"),
        ("throttling/rateLimit", "nan"),
        ("throttling/rateLimit", "1e999"),
        ("throttling/burstLimit", "2147483648"),
        ("caching/ttlInSeconds", "3601"),
        ("caching/ttlInSeconds", None),
        ("caching/unauthorizedCacheControlHeaderStrategy", "succeed"),
    ],
)
def test_a_method_setting_refuses_a_value_that_it_cannot_have(setting, value):
    with pytest.raises(PatchRefused):
        patch("replace", f"/*/*/{setting}", value)


def test_a_method_setting_is_removed_as_a_whole():
    stage = patch("replace", "/~1pets/GET/metrics/enabled", "true")
    assert {} == patch("remove", "/~1pets/GET", stage=stage).method_settings


def test_a_variable_is_removed_and_with_the_last_one_the_member():
    stage = patch("replace", "/variables/color", "blue")
    assert patch("remove", "/variables/color", stage=stage).variables is None


def test_a_promotion_copies_the_canary_s_deployment_and_lays_its_overrides_over_the_variables():
    stage = patch("replace", "/variables/size", "1")
    stage = patch("replace", "/variables/color", "blue", stage=stage)
    stage = apply_patch(
        Stage(**{**{name: getattr(stage, name) for name in stage.__slots__}, "canary_settings": CANARY}),
        [
            PatchOperation("copy", "/deploymentId", None, "/canarySettings/deploymentId"),
            PatchOperation("copy", "/variables", None, "/canarySettings/stageVariableOverrides"),
        ],
        TABLE,
    )
    assert ("dep222", {"size": "1", "color": "green"}) == (stage.deployment_id, stage.variables)
    assert CANARY == stage.canary_settings


@pytest.mark.parametrize(
    ("op", "path", "value", "message"),
    [
        # Recorded by the upstream suite of the corpus (canary and stage cases).
        (
            "remove",
            "/canarySettings/badPath",
            None,
            "Cannot remove method setting canarySettings/badPath because there is no method setting for this method ",
        ),
        ("add", "/canarySettings/deploymentId", "d", "Invalid add operation with path: /canarySettings/deploymentId"),
        (
            "remove",
            "/*/*",
            None,
            "Cannot remove method setting */* because there is no method setting for this method ",
        ),
        ("replace", "/accessLogSettings/format", "", "Access Log value must not be empty"),
        # Seen by users.
        (
            "replace",
            "/variables/owner:name",
            "x",
            "Invalid stage variable name: owner:name.  Please use names with only word characters.",
        ),
        (
            "replace",
            "/variables/color",
            "",
            INVALID_EMPTY_VALUE,
        ),
        (
            "replace",
            "/accessLogSettings/format",
            "$context.requestId\n$context.status",
            (
                "Access Log format must be single line, new line character is allowed only at end of the format: "
                "'$context.requestId\n$context.status'"
            ),
        ),
        (
            "replace",
            "/accessLogSettings/format",
            "$context.requestIds $context.status",
            (
                "Access Log format must include either $context.requestId or $context.extendedRequestId : "
                "'$context.requestIds $context.status'"
            ),
        ),
        (
            "replace",
            "/accessLogSettings/format",
            "$context.requestId" + "x" * 3_055,
            "Access Log format must be at most 3072 bytes",
        ),
    ],
)
def test_a_refusal_has_the_service_s_words(op, path, value, message):
    with pytest.raises(PatchRefused) as refused:
        patch(op, path, value)
    assert message == refused.value.message


@pytest.mark.parametrize("path", ["/documentation_version", "/tags/tag1", "/canarySettings", "/a/b/metrics/enabled"])
def test_an_unknown_path_is_answered_with_the_known_ones(path):
    with pytest.raises(PatchRefused) as refused:
        patch("replace", path, "x")
    assert refused.value.message.startswith(
        f"Invalid method setting path: {path}. Must be one of: [/deploymentId, /description, /cacheClusterEnabled, "
    )
    assert refused.value.message.endswith("/variables/{variable_name}, /tracingEnabled]")


@pytest.mark.parametrize("path", ["/accessLogSettings", "/accessLogSettings/*", "/accessLogSettings/randomValue"])
@pytest.mark.parametrize("op", ["add", "replace"])
def test_of_the_access_log_only_its_two_members_are_set(op, path):
    # Recorded: test_stage_access_log_settings_validation.
    with pytest.raises(PatchRefused) as refused:
        patch(op, path, "x")
    assert (
        "Invalid accessLogSettings path. "
        "Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]"
    ) == refused.value.message


@pytest.mark.parametrize("op", ["move", "test", "copy", None])
def test_no_other_operation_does_anything(op):
    with pytest.raises(PatchRefused):
        patch(op, "/description", "x")


def test_a_copy_in_another_direction_is_refused_before_the_canary_is_missed():
    with pytest.raises(PatchRefused, match="Invalid copy operation with path: /canarySettings/stageVariableOverrides"):
        patch("copy", "/canarySettings/stageVariableOverrides", from_="/variables")
    with pytest.raises(PatchRefused, match=r"Promotion not available\. Canary does not exist\."):
        patch("copy", "/variables", from_="/canarySettings/stageVariableOverrides")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/accessLogSettings/destinationArn", LOG_GROUP + ":*"),
        ("/accessLogSettings/destinationArn", "arn:aws:firehose:us-east-1:000000000000:deliverystream/mine"),
        ("/accessLogSettings/format", "$context.status"),
        ("/accessLogSettings/format", "$context.requestIdentity"),
        ("/accessLogSettings/format", "$context.requestId " + "x" * 3_072),
        ("/canarySettings/percentTraffic", "100.1"),
        ("/canarySettings/percentTraffic", "half"),
        ("/canarySettings/stageVariableOverrides/color", ""),
        ("/cacheClusterSize", "1"),
        ("/variables/" + "n" * 65, "x"),
        ("/variables/n", "x" * 513),
    ],
)
def test_values_beyond_the_documented_limits_are_refused(path, value):
    with pytest.raises(PatchRefused):
        patch("replace", path, value)


def test_a_firehose_of_the_right_name_may_take_the_access_log():
    arn = "arn:aws:firehose:us-east-1:000000000000:deliverystream/amazon-apigateway-mine"
    assert AccessLogSettings(arn) == patch("add", "/accessLogSettings/destinationArn", arn).access_log_settings


def test_stage_names_are_one_path_segment():
    check_stage_name("a-B_9" + "x" * 123)
    for name in ("", "$default", "a.b", "x" * 129):
        with pytest.raises(PatchRefused, match="Stage name only allows a-zA-Z0-9_"):
            check_stage_name(name)


def test_a_variable_at_its_limits_is_fine():
    check_variable("n" * 64, "x" * 512)
