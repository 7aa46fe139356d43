"""What an account may ask, and how soon GetUsage tells it."""

import pytest

from gatewright.settings.installation import make_settings
from gatewright.settings.metering import Throttle
from support.options import refusal_of

ACCEPTED = [
    ({}, "account_throttle", Throttle(10_000.0, 5_000)),
    ({"account_throttle": "0.5:1"}, "account_throttle", Throttle(0.5, 1)),
    ({}, "usage_lag", 0.0),
    ({"usage_lag": "90"}, "usage_lag", 90.0),
]


@pytest.mark.parametrize(("options", "name", "expected"), ACCEPTED)
def test_limits_become_settings(options, name, expected):
    assert expected == getattr(make_settings(options), name)


REFUSED = [
    ({"account_throttle": "10000"}, "--account-throttle: expected RATE:BURST", "found '10000'"),
    ({"account_throttle": "nan:5"}, "--account-throttle: expected RATE:BURST", "found 'nan:5'"),
    ({"account_throttle": "-1:5"}, "--account-throttle: expected RATE:BURST", "found '-1:5'"),
    ({"usage_lag": "soon"}, "--usage-lag: expected a number of seconds", "found 'soon'"),
    ({"usage_lag": "nan"}, "--usage-lag: expected from 0 to 3600 seconds", "found 'nan'"),
    ({"usage_lag": "-1"}, "--usage-lag: expected from 0 to 3600 seconds", "found '-1'"),
]


@pytest.mark.parametrize(("options", "begins", "contains"), REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence(options, begins, contains):
    sentence = refusal_of(options)
    assert begins in sentence
    assert contains in sentence
