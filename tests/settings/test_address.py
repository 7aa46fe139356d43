"""Where the planes listen."""

import pytest

from gatewright.settings.address import Address
from gatewright.settings.installation import make_settings
from support.options import refusal_of

ACCEPTED = [
    ({}, "control", Address("127.0.0.1", 4566)),
    ({}, "https", Address("127.0.0.1", 8443)),
    ({"control": "[::1]:4566"}, "control", Address("::1", 4566)),
    ({"https": "0.0.0.0:443"}, "https", Address("0.0.0.0", 443)),
    ({"https": "localhost:0"}, "https", Address("localhost", 0)),
]


@pytest.mark.parametrize(("options", "name", "expected"), ACCEPTED)
def test_an_address_is_a_host_and_a_port(options, name, expected):
    assert expected == getattr(make_settings(options), name)


REFUSED = [
    ({"control": "4566"}, "--control: expected HOST:PORT", "found '4566'"),
    ({"control": ":4566"}, "--control: expected HOST:PORT", "found ':4566'"),
    ({"control": "::1:4566"}, "--control: expected HOST:PORT", "found '::1:4566'"),
    ({"control": "[127.0.0.1]:4566"}, "--control: expected HOST:PORT", "found '[127.0.0.1]:4566'"),
    ({"https": "127.0.0.1:65536"}, "--https: expected a port from 0 to 65535", "found '65536'"),
    ({"https": "127.0.0.1:https"}, "--https: expected a port from 0 to 65535", "found 'https'"),
]


@pytest.mark.parametrize(("options", "begins", "contains"), REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence(options, begins, contains):
    sentence = refusal_of(options)
    assert begins in sentence
    assert contains in sentence
