"""What the installation and its accounts are called."""

import pytest

from gatewright.settings.installation import make_settings
from support.options import refusal_of

ACCEPTED = [
    ({}, "suffix", "gateway.localhost"),
    ({}, "region", "us-east-1"),
    ({}, "account_id", "000000000000"),
    ({"suffix": "Gateway.Example."}, "suffix", "gateway.example"),
    ({"suffix": "xn--bcher-kva.example"}, "suffix", "xn--bcher-kva.example"),
    ({"region": "us-gov-west-1"}, "region", "us-gov-west-1"),
]


@pytest.mark.parametrize(("options", "name", "expected"), ACCEPTED)
def test_names_become_settings(options, name, expected):
    assert expected == getattr(make_settings(options), name)


REFUSED = [
    ({"suffix": "under_score.example"}, "--suffix: expected a domain name", "found 'under_score.example'"),
    ({"suffix": "bücher.example"}, "--suffix: expected a domain name", "xn--"),
    ({"suffix": "a..b"}, "--suffix: expected a domain name", "found 'a..b'"),
    ({"region": "Frankfurt"}, "--region: expected a region", "found 'Frankfurt'"),
    ({"account_id": "123"}, "--account-id: expected the twelve digits", "found '123'"),
    ({"account_id": "١٢٣٤٥٦٧٨٩٠١٢"}, "--account-id: expected the twelve digits", "found"),
]


@pytest.mark.parametrize(("options", "begins", "contains"), REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence(options, begins, contains):
    sentence = refusal_of(options)
    assert begins in sentence
    assert contains in sentence
