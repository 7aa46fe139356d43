from dataclasses import replace

import pytest

from gatewright.core.logs.execution_log import LogLevel, MethodLogging
from gatewright.core.logs.log_group import LogGroupName
from gatewright.model.compile_stage_logs import compile_stage_logs, parse_setting_key
from gatewright.model.records import AccessLogSettings, MethodSetting, Stage
from support.exchange import make_context, make_method

STAGE = Stage("000000000000", "us-east-1", "abcdefghij", "dev", "d1", 0.0, 0.0)
ARN = "arn:aws:logs:eu-west-1:000000000000:log-group:/aws/access"
FORMAT = "$context.requestId"


@pytest.mark.parametrize(
    "stage",
    [
        STAGE,
        replace(STAGE, access_log_settings=AccessLogSettings(ARN)),
        replace(STAGE, access_log_settings=AccessLogSettings(None, FORMAT)),
        replace(STAGE, access_log_settings=AccessLogSettings(ARN.replace("000000000000", "111111111111"), FORMAT)),
        replace(
            STAGE,
            access_log_settings=AccessLogSettings(
                "arn:aws:firehose:us-east-1:000000000000:deliverystream/amazon-apigateway-x", FORMAT
            ),
        ),
        replace(STAGE, method_settings={"*/*": MethodSetting(logging_level="OFF", data_trace_enabled=True)}),
        replace(STAGE, method_settings={"*/*": MethodSetting(metrics_enabled=True)}),
    ],
)
def test_a_stage_without_logs_costs_nothing(stage):
    assert None is compile_stage_logs(stage)


def test_an_access_log_goes_to_the_group_of_its_arn():
    logs = compile_stage_logs(replace(STAGE, access_log_settings=AccessLogSettings(ARN, FORMAT)))
    assert LogGroupName("000000000000", "eu-west-1", "/aws/access") == logs.access.group


def test_levels_are_of_methods():
    logs = compile_stage_logs(
        replace(
            STAGE,
            method_settings={
                "*/*": MethodSetting(logging_level="ERROR"),
                "pets/GET": MethodSetting(logging_level="INFO", data_trace_enabled=True),
            },
        )
    )
    assert (
        LogGroupName("000000000000", "us-east-1", "API-Gateway-Execution-Logs_abcdefghij/dev") == logs.execution_group
    )
    assert MethodLogging(LogLevel.INFO, data_trace=True) == logs.of(make_context(method=make_method("/pets")))
    assert MethodLogging(LogLevel.ERROR) == logs.of(make_context(method=make_method("/toys")))


@pytest.mark.parametrize(
    ("key", "parsed"),
    [
        ("*/*", ("*", "*")),
        ("pets/GET", ("/pets", "GET")),
        ("~1pets~1{id}/ANY", ("/pets/{id}", "ANY")),
        ("pets/{id}/toys/*", ("/pets/{id}/toys", "*")),
        ("~1/GET", ("/", "GET")),
    ],
)
def test_the_key_of_a_setting(key, parsed):
    assert parsed == parse_setting_key(key)
