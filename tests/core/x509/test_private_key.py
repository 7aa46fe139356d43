"""Private keys: what ACM takes, what it does not, and nothing of a key in any message."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from gatewright.core.x509.certificate import CertificateFacts
from gatewright.core.x509.private_key import (
    CertifiedKey,
    KeyMismatchError,
    PrivateKeyError,
    PrivateKeyFault,
    parse_private_key_pem,
    verify_key_matches,
)
from support.ca import CertificateAuthority, key_to_pem, make_key

SUPPORTED = "RSA-1024, RSA-2048, RSA-3072, RSA-4096, EC-prime256v1, EC-secp384r1 and EC-secp521r1 can be used."
EC_KEY = make_key("p256")
CA = CertificateAuthority()


def encrypted(form):
    return EC_KEY.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"secret")).decode()


def refusal(text):
    with pytest.raises(PrivateKeyError) as caught:
        parse_private_key_pem(text.encode())
    return str(caught.value)


@pytest.mark.parametrize("kind", ["rsa1024", "rsa2048", "rsa3072", "p256", "p384", "p521"])
@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_supported_keys_are_read_in_both_formats(kind, form):
    key = make_key(kind)
    assert key.private_numbers() == parse_private_key_pem(key_to_pem(key, form).encode()).private_numbers()


def test_words_and_curve_parameters_before_the_key_are_passed_over():
    parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    text = "Key of the year\n" + parameters + key_to_pem(EC_KEY, PrivateFormat.TraditionalOpenSSL)
    assert EC_KEY.private_numbers() == parse_private_key_pem(text.encode()).private_numbers()


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_an_encrypted_key_is_refused(form):
    assert "The private key is encrypted; it must be given without a passphrase." == refusal(encrypted(form))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The text contains no PEM block; a private key begins with -----BEGIN PRIVATE KEY-----."),
        (
            CA.certificate_pem,
            "The text contains a CERTIFICATE; a private key begins with -----BEGIN PRIVATE KEY-----.",
        ),
        (key_to_pem(EC_KEY) * 2, "The text contains 2 private keys; one is expected."),
        (key_to_pem(make_key("ed25519")), f"The private key is of an unsupported kind; {SUPPORTED}"),
        (key_to_pem(make_key("secp256k1")), f"The private key is EC-secp256k1; {SUPPORTED}"),
        (key_to_pem(rsa.generate_private_key(65_537, 1_536)), f"The private key is RSA-1536; {SUPPORTED}"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_can(text, said):
    assert said == refusal(text)


def test_an_algorithm_that_the_library_does_not_know_is_unsupported():
    # PKCS#8 around the identifier 1.2.3.4.
    unknown = "-----BEGIN PRIVATE KEY-----\nMA4CAQAwBQYDKgMEBAIFAA==\n-----END PRIVATE KEY-----\n"
    assert f"The private key is of an unsupported kind; {SUPPORTED}" == refusal(unknown)


@pytest.mark.parametrize("kind", ["p256", "rsa2048"])
def test_a_damaged_key_is_refused_without_a_byte_of_it(kind):
    lines = key_to_pem(make_key(kind)).splitlines()
    for damaged in (
        [*lines[:1], *lines[2:]],
        [*lines[:-2], lines[-1]],
        [*lines[:-1]],
        [lines[0], "!" + lines[1], *lines[2:]],
    ):
        said = refusal("\n".join(damaged))
        assert "The private key cannot be read: its PEM block is damaged or no key." == said
        for line in lines[1:-1]:
            assert line not in said


@pytest.mark.parametrize(
    ("text", "fault", "bits"),
    [
        (encrypted(PrivateFormat.PKCS8), PrivateKeyFault.ENCRYPTED, 0),
        ("", PrivateKeyFault.UNREADABLE, 0),
        (CA.certificate_pem, PrivateKeyFault.NOT_A_KEY, 0),
        (key_to_pem(make_key("ed25519")), PrivateKeyFault.KIND, 0),
        (key_to_pem(make_key("secp256k1")), PrivateKeyFault.KIND, 0),
        (key_to_pem(rsa.generate_private_key(65_537, 1_536)), PrivateKeyFault.LENGTH, 1_536),
    ],
)
def test_a_refusal_tells_its_kind(text, fault, bits):
    with pytest.raises(PrivateKeyError) as caught:
        parse_private_key_pem(text.encode())
    assert (fault, bits) == (caught.value.fault, caught.value.bits)


def test_a_key_belongs_to_its_certificate():
    leaf = CA.issue("a.example", key="p256")
    facts = CertificateFacts.from_der(leaf.der)
    proof = verify_key_matches(facts, parse_private_key_pem(leaf.key_pem.encode()))
    assert isinstance(proof, CertifiedKey)
    assert facts == proof.certificate
    assert f"<CertifiedKey of {facts!r}>" == repr(proof)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("p256", "The private key and the certificate 'CN=a.example' have different public keys (both EC-prime256v1)."),
        ("rsa2048", "The private key is RSA-2048, and the certificate 'CN=a.example' is for a key of EC-prime256v1."),
    ],
)
def test_another_key_is_refused(kind, said):
    facts = CertificateFacts.from_der(CA.issue("a.example", key="p256").der)
    with pytest.raises(KeyMismatchError) as caught:
        verify_key_matches(facts, make_key(kind))
    assert said == str(caught.value)
