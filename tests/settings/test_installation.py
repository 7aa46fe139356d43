"""Which options go together."""

import pytest

from gatewright.settings.installation import make_settings
from support.options import refusal_of

ACCEPTED = [
    ({}, "dns_is_chosen", False),
    ({"dns": "127.0.0.1:8053"}, "dns_is_chosen", True),
]


@pytest.mark.parametrize(("options", "name", "expected"), ACCEPTED)
def test_what_was_said_is_told_from_what_was_not(options, name, expected):
    assert expected == getattr(make_settings(options), name)


REFUSED = [
    ({"https": "127.0.0.1:4566"}, "--https: expected another address than that of --control", "127.0.0.1:4566"),
    ({"auth": "lenient", "control": "0.0.0.0:4566"}, "--control: expected a loopback address", "found 0.0.0.0:4566"),
    ({"auth": "lenient", "https": "gate.example:1"}, "--https: expected a loopback address", "found gate.example:1"),
    ({"cache": "redis://cache", "usage_lag": "60"}, "--usage-lag: expected 0 beside --cache", "leave one out"),
]


@pytest.mark.parametrize(("options", "begins", "contains"), REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence(options, begins, contains):
    sentence = refusal_of(options)
    assert begins in sentence
    assert contains in sentence


def test_a_secret_is_in_no_repr():
    settings = make_settings({"root_access_key_id": "AKIAIOSFODNN7EXAMPLE", "root_secret_access_key": "a-secret-key"})
    assert "a-secret-key" not in repr(settings)
    assert "a-secret" not in repr(make_settings({"cache": "redis://:a-secret@cache"}))


def test_two_free_ports_are_two_addresses():
    settings = make_settings({"control": "127.0.0.1:0", "https": "127.0.0.1:0"})
    assert (0, 0) == (settings.control.port, settings.https.port)
