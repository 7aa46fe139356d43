"""The ACME directory."""

from pathlib import Path

import certifi
import pytest

from gatewright.settings.acme import AcmeSettings
from gatewright.settings.installation import make_settings
from support.options import refusal_of

_DIRECTORY = "https://acme-v02.api.letsencrypt.org/directory"
_ACME = {"acme_directory": _DIRECTORY, "acme_terms": "agreed"}

ACCEPTED = [
    ({}, "acme", None),
    ({"acme_directory": _DIRECTORY, "acme_terms": "agreed"}, "acme", AcmeSettings(_DIRECTORY)),
    (
        {
            "acme_directory": _DIRECTORY,
            "acme_terms": "Agreed",
            "acme_contact": "hostmaster@example.com",
            "acme_ca": certifi.where(),
            "acme_domains": "Example.com, example.net,",
        },
        "acme",
        AcmeSettings(_DIRECTORY, "hostmaster@example.com", Path(certifi.where()), ("example.com", "example.net")),
    ),
]


@pytest.mark.parametrize(("options", "name", "expected"), ACCEPTED)
def test_an_acme_directory_has_all_that_belongs_to_it(options, name, expected):
    assert expected == getattr(make_settings(options), name)


REFUSED = [
    ({"acme_directory": "http://ca/dir"}, "--acme-directory: expected an https URL", "found 'http://ca/dir'"),
    ({"acme_directory": "https://ca/dir"}, "--acme-terms: expected agreed", "found None"),
    ({"acme_directory": "https://ca/dir", "acme_terms": "yes"}, "--acme-terms: expected agreed", "found 'yes'"),
    ({**_ACME, "acme_contact": "me"}, "--acme-contact: expected a mail address", "found 'me'"),
    ({**_ACME, "acme_domains": "*.example.com"}, "--acme-domains: expected domain names", "found '*.example.com'"),
    ({**_ACME, "acme_ca": "/nonexistent.pem"}, "--acme-ca: expected a file of certificates", "No such file"),
    ({"acme_domains": "example.com"}, "--acme-domains: expected --acme-directory beside it", "found none"),
]


@pytest.mark.parametrize(("options", "begins", "contains"), REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence(options, begins, contains):
    sentence = refusal_of(options)
    assert begins in sentence
    assert contains in sentence
