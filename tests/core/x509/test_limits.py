"""What is asked of a certificate by itself; each limit's twins are among the specimens, their sentences are here."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from gatewright.core.x509.certificate import CertificateFacts
from gatewright.core.x509.limits import find_standing_faults, find_validity_fault
from support.client_chains import DAY, NOW, UNKNOWN_EXTENSION, make, make_client, sign_with_sha1

ROOT = make("Root")
RSA = make("RSA", key="rsa2048")


def sentences(made, *, issues=False):
    faults = find_standing_faults(CertificateFacts.from_der(made.der), issues=issues)
    return [fault.reason.summary.format_map(fault.facts) for fault in faults]


def test_a_good_leaf_and_a_good_ca_have_no_faults():
    assert [] == sentences(make_client("device", ROOT))
    assert [] == sentences(ROOT, issues=True)


@pytest.mark.parametrize(
    ("made", "issues", "sentence"),
    [
        (
            sign_with_sha1(make_client("device", RSA), RSA),
            False,
            (
                "The certificate 'O=Fleet, CN=device' is signed with SHA1WITHRSA; expected is RSA (PKCS #1 v1.5) or ECDSA "
                "over SHA-256, SHA-384 or SHA-512."
            ),
        ),
        (
            make_client("device", ROOT, key="p521"),
            False,
            (
                "The certificate 'O=Fleet, CN=device' has a key of EC-secp521r1; expected is RSA of 2048 bits or more, "
                "P-256 or P-384."
            ),
        ),
        (
            make_client("device", ROOT, extensions=[(UNKNOWN_EXTENSION, True)]),
            False,
            (
                "The certificate 'O=Fleet, CN=device' has a critical extension that the gateway does not process: "
                "1.3.6.1.4.1.55555.1."
            ),
        ),
        (
            make("Below", ROOT, ca=False),
            True,
            (
                "The certificate 'O=Fleet, CN=Below' stands as an issuer and is not a CA's: its basic constraints do not "
                "say CA:TRUE."
            ),
        ),
        (
            make("Below", ROOT, usages=("crl_sign",)),
            True,
            (
                "The certificate 'O=Fleet, CN=Below' stands as an issuer and is not a CA's: its key usage does not allow "
                "keyCertSign."
            ),
        ),
        (
            make_client("device", ROOT, purposes=(ExtendedKeyUsageOID.SERVER_AUTH, x509.ObjectIdentifier("1.2.3"))),
            False,
            (
                "The certificate 'O=Fleet, CN=device' is not for TLS clients: its extended key usage is "
                "TLS_WEB_SERVER_AUTHENTICATION, 1.2.3."
            ),
        ),
        (
            make_client("device", ROOT, usages=("key_encipherment",)),
            False,
            (
                "The certificate 'O=Fleet, CN=device' is not for TLS clients: its key usage does not allow "
                "digitalSignature."
            ),
        ),
    ],
)
def test_each_fault_says_what_was_expected_and_found(made, issues, sentence):
    assert [sentence] == sentences(made, issues=issues)


def test_several_faults_come_in_their_order():
    made = make_client("device", ROOT, key="p521", usages=(), extensions=[(UNKNOWN_EXTENSION, True)])
    assert ["has a key of", "has a critical", "is not for"] == [
        " ".join(sentence.removeprefix("The certificate 'O=Fleet, CN=device' ").split()[: len(start.split())])
        for sentence, start in zip(sentences(made), ("has a key of", "has a critical", "is not for"), strict=True)
    ]


def test_a_certificate_is_valid_from_its_first_to_its_last_second():
    facts = CertificateFacts.from_der(make_client("device", ROOT, days=(-1, 1)).der)
    second = timedelta(seconds=1)
    assert find_validity_fault(facts, NOW - DAY) is None
    assert find_validity_fault(facts, NOW + DAY) is None
    assert "CLIENT_CERT_NOT_YET_VALID" == find_validity_fault(facts, NOW - DAY - second).reason.code
    assert "CLIENT_CERT_EXPIRED" == find_validity_fault(facts, NOW + DAY + second).reason.code
