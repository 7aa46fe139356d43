import pytest

from gatewright.core.connection_facts import ClientVerdict
from gatewright.core.context import MethodFacts
from gatewright.core.logs.execution_log import NO_LOGGING, LogLevel, MethodLogging
from gatewright.core.logs.log_group import LogGroupName
from gatewright.core.logs.stage_logs import StageLogs
from gatewright.core.reasons import CLIENT_CERT_EXPIRED
from support.exchange import make_context, make_request

GROUP = LogGroupName("000000000000", "us-east-1", "g")
INFO, ERROR, TRACE = MethodLogging(LogLevel.INFO), MethodLogging(LogLevel.ERROR), MethodLogging(LogLevel.INFO, True)


def logging_of(levels, path="/pets", asked="GET", verb="GET"):
    return StageLogs(None, GROUP, levels).of(make_context(make_request(asked), method=MethodFacts("r", path, "", verb)))


@pytest.mark.parametrize(
    ("levels", "asked", "expected"),
    [
        ({("*", "*"): INFO}, {}, INFO),
        ({("*", "*"): INFO, ("/pets", "GET"): ERROR}, {}, ERROR),
        ({("*", "*"): INFO, ("/pets", "GET"): NO_LOGGING}, {}, NO_LOGGING),
        ({("*", "*"): INFO, ("/pets", "POST"): ERROR}, {}, INFO),
        ({("*", "*"): INFO, ("/pets/{id}", "GET"): ERROR}, {"path": "/pets/{id}"}, ERROR),
        ({("/pets", "ANY"): TRACE}, {"verb": "ANY"}, TRACE),
        ({("/pets", "ANY"): TRACE, ("/pets", "GET"): ERROR}, {"verb": "ANY"}, ERROR),
        ({("/pets", "GET"): ERROR}, {"asked": "POST", "verb": "POST"}, NO_LOGGING),
        ({}, {}, NO_LOGGING),
    ],
)
def test_a_method_s_own_setting_comes_before_that_of_all(levels, asked, expected):
    assert expected == logging_of(levels, **asked)


@pytest.mark.parametrize(("reason", "expected"), [(CLIENT_CERT_EXPIRED, INFO), (None, NO_LOGGING)])
def test_without_a_method_only_a_refused_client_is_logged(reason, expected):
    logs = StageLogs(None, GROUP, {("*", "*"): INFO})
    assert expected == logs.of(make_context(client=ClientVerdict("i", 0.0, reason=reason)))
