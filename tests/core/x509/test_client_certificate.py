"""`$context.identity.clientCert`: its formats, with OpenSSL's spelling of names, serial numbers and times beside ours."""

import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from gatewright.core.x509.certificate import CertificateFacts
from gatewright.core.x509.client_certificate import render_client_certificate, render_validity_time
from support.client_chains import make, make_client

NAMES = [
    x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
            x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Washington"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, 'A, B + "C" <d>; e\\f'),
            x509.NameAttribute(NameOID.COMMON_NAME, "#device = 7 "),
        ]
    ),
    x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, "Zoë Ω"), x509.NameAttribute(NameOID.EMAIL_ADDRESS, "a@b.example")]
    ),
    x509.Name([x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, "one")])]),
    x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "line\nbreak")]),
]
ROOT = make("Root")


def facts(made):
    return CertificateFacts.from_der(made.der)


def openssl(made, *options):
    ran = subprocess.run(
        ["openssl", "x509", "-noout", *options], input=made.pem, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip().partition("=")[2]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command is not installed")
@pytest.mark.parametrize("name", NAMES, ids=str)
def test_names_serial_numbers_and_times_are_spelt_as_openssl_does(name):
    made = make_client(name, ROOT, days=(-400.3, 77.9))
    shown = render_client_certificate(facts(made))
    assert openssl(made, "-subject", "-nameopt", "RFC2253") == shown.subject_dn
    assert openssl(made, "-issuer", "-nameopt", "RFC2253") == shown.issuer_dn
    assert openssl(made, "-serial") == shown.serial_number.replace(":", "").upper()
    assert openssl(made, "-startdate") == shown.not_before
    assert openssl(made, "-enddate") == shown.not_after
    assert made.pem == shown.client_cert_pem


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2019, 5, 28, 12, 30, 2, tzinfo=UTC), "May 28 12:30:02 2019 GMT"),
        (datetime(2021, 8, 5, 9, 36, 4, tzinfo=UTC), "Aug  5 09:36:04 2021 GMT"),
    ],
)
def test_times_are_those_that_aws_shows(instant, text):
    assert text == render_validity_time(instant)


def test_events_and_variables_have_the_names_of_the_service():
    shown = render_client_certificate(facts(make_client("device", ROOT)))
    event = shown.as_event()
    assert ["clientCertPem", "subjectDN", "issuerDN", "serialNumber", "validity"] == list(event)
    assert {"notBefore": shown.not_before, "notAfter": shown.not_after} == event["validity"]
    assert ("CN=device,O=Fleet", "CN=Root,O=Fleet") == (event["subjectDN"], event["issuerDN"])
    validity = event.pop("validity")
    assert {**event, **{f"validity.{name}": text for name, text in validity.items()}} == shown.as_variables()
