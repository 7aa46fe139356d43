from gatewright.core.errors import GatewayError
from gatewright.core.reasons import HOST_UNKNOWN, METHOD_MISSING


def test_an_error_shows_its_cause_and_facts():
    assert "GatewayError(HOST_UNKNOWN, host='a')" == repr(GatewayError(HOST_UNKNOWN, host="a"))
    assert "GatewayError(METHOD_MISSING)" == repr(GatewayError(METHOD_MISSING))
