"""Certificates: pyca and OpenSSL encode them, OpenSSL says what is in them."""

import shutil
import subprocess
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.x509.certificate import (
    CertificateError,
    CertificateFacts,
    ExtendedKeyUsage,
    parse_certificate_pem,
)
from support.ca import CertificateAuthority, issue_self_signed, make_key

ROOT = CertificateAuthority("Root", path_length=1)
LEAF = ROOT.issue("www.example.com", "*.example.com")
BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def facts(issued):
    return CertificateFacts.from_der(issued.der)


def build(*extensions, subject=(), key="p256", signer=None, serial=1, algorithm=None, **how):
    """A self-signed certificate with just these extensions (each with its criticality)."""
    private = make_key(key) if isinstance(key, str) else key
    name = x509.Name(subject)
    builder = (
        x509.CertificateBuilder(name, name, private.public_key(), serial)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    digest = algorithm if algorithm is not None else (None if key == "ed25519" else hashes.SHA256())
    return CertificateFacts.from_der(builder.sign(signer or private, digest, **how).public_bytes(Encoding.DER))


def test_a_leaf_is_read_into_the_words_of_acm():
    found = facts(LEAF)
    assert "CN=www.example.com" == found.subject
    assert "O=Gatewright tests, CN=Root" == found.issuer
    assert ("CN=www.example.com", "CN=Root,O=Gatewright tests") == (found.subject_rfc4514, found.issuer_rfc4514)
    assert ("www.example.com", ("www.example.com", "*.example.com")) == (found.common_name, found.dns_names)
    assert ("EC-prime256v1", "SHA256WITHECDSA") == (found.key_algorithm, found.signature_algorithm)
    assert (False, None, False) == (found.is_ca, found.path_length, found.self_issued)
    assert ("DIGITAL_SIGNATURE",) == found.key_usages
    assert (ExtendedKeyUsage("TLS_WEB_SERVER_AUTHENTICATION", "1.3.6.1.5.5.7.3.1"),) == found.extended_key_usages
    assert LEAF.certificate_pem == found.pem
    assert LEAF.certificate.not_valid_before_utc == found.not_before
    assert LEAF.certificate.not_valid_after_utc == found.not_after


def test_a_root_is_an_authority_that_issued_itself():
    found = CertificateFacts.from_der(ROOT.certificate.public_bytes(Encoding.DER))
    assert (True, 1, True) == (found.is_ca, found.path_length, found.self_issued)
    assert ("DIGITAL_SIGNATURE", "CERTIFICATE_SIGNING", "CRL_SIGNING") == found.key_usages


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("rsa2048", "RSA-2048"),
        ("p256", "EC-prime256v1"),
        ("p384", "EC-secp384r1"),
        ("p521", "EC-secp521r1"),
        ("secp256k1", "EC-secp256k1"),
        ("ed25519", "ED25519"),
    ],
)
def test_key_algorithms_are_spelt_as_described(key, name):
    assert name == facts(ROOT.issue("a.example", key=key)).key_algorithm


@pytest.mark.parametrize(
    ("key", "how", "name"),
    [
        ("rsa2048", {}, "SHA256WITHRSA"),
        ("rsa2048", {"algorithm": hashes.SHA384()}, "SHA384WITHRSA"),
        ("rsa2048", {"rsa_padding": padding.PSS(padding.MGF1(hashes.SHA256()), 32)}, "SHA256WITHRSAANDMGF1"),
        ("p256", {"algorithm": hashes.SHA512()}, "SHA512WITHECDSA"),
        ("ed25519", {}, "ED25519"),
    ],
)
def test_signature_algorithms_are_spelt_as_described(key, how, name):
    assert name == build(key=key, **how).signature_algorithm


def test_a_key_kind_that_acm_has_no_word_for_has_its_own_name():
    key = dsa.generate_private_key(1024)
    assert "DSA" == build(key=key, signer=make_key()).key_algorithm


def test_every_key_usage_has_its_name():
    usage = x509.KeyUsage(*[True] * 9)
    assert (
        "DIGITAL_SIGNATURE",
        "NON_REPUDIATION",
        "KEY_ENCIPHERMENT",
        "DATA_ENCIPHERMENT",
        "KEY_AGREEMENT",
        "CERTIFICATE_SIGNING",
        "CRL_SIGNING",
        "ENCIPHER_ONLY",
        "DECIPHER_ONLY",
    ) == build((usage, True)).key_usages


def test_extended_key_usages_without_a_name_are_custom():
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, x509.ObjectIdentifier("1.2.3.4")])
    assert (
        ExtendedKeyUsage("TLS_WEB_CLIENT_AUTHENTICATION", "1.3.6.1.5.5.7.3.2"),
        ExtendedKeyUsage("CUSTOM", "1.2.3.4"),
    ) == build((purposes, False)).extended_key_usages


def test_a_certificate_without_extensions_has_none_of_their_facts():
    found = build()
    assert (None, (), ()) == (found.common_name, found.dns_names, found.ip_addresses)
    assert (False, None, (), ()) == (found.is_ca, found.path_length, found.key_usages, found.extended_key_usages)


def name_of(text):
    return x509.NameAttribute(NameOID.COMMON_NAME, text)


def sans(*names):
    return x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False


@pytest.mark.parametrize(
    ("common_name", "names", "domain_names"),
    [
        ("b.example", ["a.example", "b.example"], ("b.example", "a.example")),
        ("B Ltd", ["a.example", "b.example", "a.example"], ("a.example", "b.example")),
        ("b.example", [], ("b.example",)),
    ],
)
def test_the_common_name_leads_when_it_is_one_of_the_names(common_name, names, domain_names):
    assert domain_names == build(*([sans(*names)] if names else []), subject=[name_of(common_name)]).domain_names


def test_a_certificate_for_an_address_has_no_domain_names():
    found = build((x509.SubjectAlternativeName([x509.IPAddress(ip_address("::1"))]), False))
    assert (("::1",), ()) == (found.ip_addresses, found.domain_names)


def test_the_last_common_name_is_the_certificates():
    assert "b.example" == build(subject=[name_of("a.example"), name_of("b.example")]).common_name


@pytest.mark.parametrize(("serial", "text"), [(1, "01"), (0xABC, "0a:bc"), (0xFF01, "ff:01")])
def test_the_serial_is_whole_bytes_in_hex(serial, text):
    assert text == build(serial=serial).serial


@pytest.mark.filterwarnings("ignore:Parsed a serial number which wasn't positive")
def test_a_negative_serial_keeps_its_sign():
    assert "-01" == CertificateFacts.from_der(build(serial=1).der.replace(b"\2\1\1", b"\2\1\xff", 1)).serial


def test_certificates_are_equal_when_their_bytes_are():
    assert facts(LEAF) == facts(LEAF)
    assert 1 == len({facts(LEAF), facts(LEAF)})
    assert facts(LEAF) != facts(ROOT.issue("www.example.com", "*.example.com"))


def test_the_repr_can_be_pasted_into_an_issue():
    assert (
        "<CertificateFacts 'CN=a.example' issued by 'CN=a.example', serial 01, EC-prime256v1, "
        "valid 2026-01-01T00:00:00Z to 2026-12-31T23:59:59Z>"
    ) == repr(build(subject=[name_of("a.example")]))


# --- OpenSSL as oracle ------------------------------------------------------------------------------------------------

openssl_only = pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command is not installed")


def openssl(pem, *arguments):
    command = ["openssl", "x509", "-noout", *arguments]
    return subprocess.run(command, input=pem.encode(), capture_output=True, check=True).stdout.decode().strip()


SUBJECT = [
    x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
    x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Köln, West"),
    x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example+Co"),
    x509.NameAttribute(NameOID.EMAIL_ADDRESS, "a@b.example"),
    x509.NameAttribute(NameOID.SERIAL_NUMBER, "7"),
    x509.NameAttribute(NameOID.COMMON_NAME, "www.example.com"),
]


@openssl_only
def test_subject_serial_and_fingerprint_are_what_openssl_prints():
    found = build(subject=SUBJECT, serial=0xFEDCBA9876543210)
    options = "esc_2253,utf8,sep_comma_plus_space,sname"
    assert openssl(found.pem, "-subject", "-nameopt", options).removeprefix("subject=") == found.subject
    options = "esc_2253,utf8,sep_comma_plus,dn_rev,sname"
    assert openssl(found.pem, "-subject", "-nameopt", options).removeprefix("subject=") == found.subject_rfc4514
    assert openssl(found.pem, "-serial").removeprefix("serial=").lower() == found.serial.replace(":", "")
    assert openssl(found.pem, "-fingerprint", "-sha256").partition("=")[2] == found.fingerprint


# --- PEM --------------------------------------------------------------------------------------------------------------


def parse(text):
    return parse_certificate_pem(text.encode())


def test_the_blocks_of_a_text_are_read_in_order():
    windows = ROOT.certificate_pem.replace("\n", "\r\n")
    text = f"subject=one\n{LEAF.certificate_pem}\nwords between\r\n{windows}"
    assert ["CN=www.example.com", "O=Gatewright tests, CN=Root"] == [found.subject for found in parse(text)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The text contains no PEM block; a certificate begins with -----BEGIN CERTIFICATE-----."),
        ("MIIB", "The text contains no PEM block; a certificate begins with -----BEGIN CERTIFICATE-----."),
        (LEAF.certificate_pem + LEAF.key_pem, "Block 2 of the PEM text is a PRIVATE KEY; a CERTIFICATE is expected."),
        (LEAF.certificate_pem + BEGIN, "Block 2 of the PEM text (CERTIFICATE) has no matching END line."),
        (BEGIN + LEAF.certificate_pem, "Block 1 of the PEM text (CERTIFICATE) has no matching END line."),
        (f"{BEGIN}\n-----END X-----", "Block 1 of the PEM text (CERTIFICATE) has no matching END line."),
        (END + LEAF.certificate_pem, "Block 1 of the PEM text ends (CERTIFICATE) without having begun."),
        (f"{LEAF.certificate_pem}{BEGIN}\n!\n{END}", "Block 2 of the PEM text is not base64 between its boundaries."),
        (f"{BEGIN}\nAAA\n{END}", "Block 1 of the PEM text is not base64 between its boundaries."),
    ],
)
def test_an_unreadable_text_is_refused_with_the_blocks_number(text, said):
    with pytest.raises(CertificateError) as caught:
        parse(text)
    assert said == str(caught.value)


@pytest.mark.parametrize("content", ["", "AAAA", "MAMCAQU="])
def test_a_block_that_is_no_certificate_is_refused_with_its_number(content):
    with pytest.raises(CertificateError, match=r"^Block 2 of the PEM text: The certificate cannot be read: .*[^.]\.$"):
        parse(f"{LEAF.certificate_pem}{BEGIN}\n{content}\n{END}\n")


SELF_SIGNED = issue_self_signed("a.example", "b.example")


# pyca reads a serial number that is not positive, and says that it will not for ever.
@pytest.mark.filterwarnings("ignore:Parsed a serial number which wasn't positive")
@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SELF_SIGNED.der) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_bent_certificate_is_facts_or_the_declared_error(changes):
    der = bytearray(SELF_SIGNED.der)
    for at, value in changes:
        der[at] = value
    try:
        found = CertificateFacts.from_der(bytes(der))
    except CertificateError:
        return
    assert isinstance(repr(found) + found.subject_rfc4514 + found.fingerprint, str)
    assert isinstance(found.self_issued, bool)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([BEGIN, END, "\n", "AAAA", "MAMCAQU=", "-----BEGIN X-----", LEAF.certificate_pem]), max_size=8
    )
)
def test_any_text_is_certificates_or_the_declared_error(parts):
    try:
        found = parse("".join(parts))
    except CertificateError as error:
        assert str(error).endswith(".")  # noqa: PT017 - either answer is right
    else:
        assert found
