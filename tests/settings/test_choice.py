"""Options that take one of a few words."""

import pytest

from gatewright.settings.installation import make_settings
from support.options import refusal_of

ACCEPTED = [
    ({}, "lenient", False),
    ({}, "log_level", "info"),
    ({"auth": "lenient"}, "lenient", True),
    ({"auth": "lenient", "control": "[::1]:1", "https": "localhost:2"}, "lenient", True),
    ({"log_level": "WARNING"}, "log_level", "warning"),
    ({}, "announce_expiry", False),
    ({"announce_expiry": "on"}, "announce_expiry", True),
    ({}, "tells_retry", False),
    ({"retry_after": "on"}, "tells_retry", True),
]


@pytest.mark.parametrize(("options", "name", "expected"), ACCEPTED)
def test_one_of_a_few_words_becomes_a_setting(options, name, expected):
    assert expected == getattr(make_settings(options), name)


REFUSED = [
    ({"auth": "none"}, "--auth: expected enforce or lenient", "found 'none'"),
    ({"announce_expiry": "yes"}, "--announce-expiry: expected on or off", "found 'yes'"),
    ({"log_level": "loud"}, "--log-level: expected one of debug, info, warning, error", "found 'loud'"),
]


@pytest.mark.parametrize(("options", "begins", "contains"), REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence(options, begins, contains):
    sentence = refusal_of(options)
    assert begins in sentence
    assert contains in sentence
