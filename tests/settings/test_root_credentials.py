"""The root's access key, where the operator chooses it."""

import pytest

from gatewright.settings.installation import make_settings
from gatewright.settings.root_credentials import RootCredentials
from support.options import refusal_of

ACCEPTED = [
    ({}, "root_credentials", None),
    (
        {"root_access_key_id": "AKIAIOSFODNN7EXAMPLE", "root_secret_access_key": "wJalrXUtnFEMI/K7MDENG"},
        "root_credentials",
        RootCredentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG"),
    ),
]


@pytest.mark.parametrize(("options", "name", "expected"), ACCEPTED)
def test_a_root_s_key_is_an_id_and_a_secret(options, name, expected):
    assert expected == getattr(make_settings(options), name)


REFUSED = [
    ({"root_access_key_id": "AKIAIOSFODNN7EXAMPLE"}, "GATEWRIGHT_ROOT_SECRET_ACCESS_KEY: expected it", "unset"),
    ({"root_secret_access_key": "a-secret-key"}, "GATEWRIGHT_ROOT_ACCESS_KEY_ID: expected it", "unset"),
    ({"root_access_key_id": "short", "root_secret_access_key": "a-secret-key"}, "16 to 128", "something else"),
    (
        {"root_access_key_id": "AKIAIOSFODNN7EXAMPLE", "root_secret_access_key": "a secret"},
        "8 to 128",
        "something else",
    ),
]


@pytest.mark.parametrize(("options", "begins", "contains"), REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence(options, begins, contains):
    sentence = refusal_of(options)
    assert begins in sentence
    assert contains in sentence
    assert "a-secret-key" not in sentence
