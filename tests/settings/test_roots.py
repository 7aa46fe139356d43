"""Files of roots."""

from pathlib import Path

import certifi
import pytest

from gatewright.settings.installation import make_settings
from support.options import refusal_of

ACCEPTED = [
    ({}, "upstream_ca", None),
]


@pytest.mark.parametrize(("options", "name", "expected"), ACCEPTED)
def test_roots_are_those_of_the_system_unless_said(options, name, expected):
    assert expected == getattr(make_settings(options), name)


REFUSED = [
    ({"upstream_ca": "/nonexistent.pem"}, "--upstream-ca: expected a file of certificates", "No such file"),
    ({"upstream_ca": __file__}, "--upstream-ca: expected certificates in PEM", "found none"),
]


@pytest.mark.parametrize(("options", "begins", "contains"), REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence(options, begins, contains):
    sentence = refusal_of(options)
    assert begins in sentence
    assert contains in sentence


def test_roots_for_backends_are_taken_from_a_file_with_certificates():
    assert Path(certifi.where()) == make_settings({"upstream_ca": certifi.where()}).upstream_ca
