"""Truststores: what is read of a bundle, what is too much, and each warning with its subject."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.x509 import truststore as truststore_module
from gatewright.core.x509.truststore import (
    MAXIMUM_BYTES,
    Truststore,
    TruststoreError,
    find_truststore_warnings,
)
from support.client_chains import NOW, make, make_client, pooled_key, sign_with_sha1, specimens

ROOT = make("Root")
MIDDLE = make("Middle", ROOT)
# Whole lines, and so is the root's block.
AFTER_ROOT = ROOT.pem.count("\n") + 1
UNREADABLE = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"


def read(*made) -> Truststore:
    return Truststore.from_pem("".join(each if isinstance(each, str) else each.pem for each in made).encode())


def warn(*made) -> tuple[str, ...]:
    return find_truststore_warnings(read(*made), NOW).texts


def test_certificates_are_read_once_each_and_in_their_order():
    store = read("# the fleet's CAs\n", MIDDLE, ROOT, MIDDLE)
    assert ["O=Fleet, CN=Middle", "O=Fleet, CN=Root"] == [entry.facts.subject for entry in store.entries]
    assert [False, True] == [entry.self_signed for entry in store.entries]
    assert f"<Truststore {store.digest.hex()[:12]} of 2 certificates>" == repr(store)


def test_two_truststores_are_the_same_when_their_bundles_are():
    assert read(ROOT, MIDDLE) == read(ROOT, MIDDLE)
    assert read(ROOT, MIDDLE) != read(MIDDLE, ROOT)
    assert {read(ROOT)} == {read(ROOT), read(ROOT)}


def test_windows_line_ends_are_read():
    assert 2 == len(Truststore.from_pem((ROOT.pem + MIDDLE.pem).replace("\n", "\r\n").encode()).entries)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The truststore has no PEM block; a certificate begins with -----BEGIN CERTIFICATE-----."),
        (
            b"#" * (MAXIMUM_BYTES + 1),
            (
                "A truststore may have 1,048,576 bytes (1 MB), and this one has 1,048,577. "
                "Remove certificates that are no longer used, and text outside the PEM blocks."
            ),
        ),
        (
            ROOT.pem.encode() * 1_001,
            "A truststore may have 1,000 certificates, and this one has 1,001. Remove those that are no longer used.",
        ),
    ],
)
def test_what_cannot_be_a_truststore_is_refused_with_what_was_expected_and_found(data, message):
    with pytest.raises(TruststoreError) as caught:
        Truststore.from_pem(data)
    assert message == str(caught.value)


def test_at_the_limits_a_bundle_is_read():
    assert 1 == len(Truststore.from_pem(ROOT.pem.encode() * 1_000).entries)
    assert 1 == len(Truststore.from_pem(ROOT.pem.encode().ljust(MAXIMUM_BYTES, b"\n")).entries)


def test_a_bundle_with_nothing_that_can_be_read_is_refused():
    with pytest.raises(TruststoreError, match=r"None of the 1 blocks of the truststore .* Block 1 of the PEM text"):
        read(UNREADABLE)


def test_a_good_truststore_has_no_warnings():
    assert () == warn(ROOT, MIDDLE)
    assert () == warn(make_client("alone"))
    assert () == warn(make("plain", usages=None))


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (
            [ROOT, make("Late", ROOT, days=(-9, -1))],
            "The certificate 'O=Fleet, CN=Late' has expired at ",
        ),
        (
            [ROOT, make("Early", ROOT, days=(1, 9))],
            "The certificate 'O=Fleet, CN=Early' is not valid before ",
        ),
        (
            [ROOT, make("Small", ROOT, key="rsa1024")],
            (
                "The certificate 'O=Fleet, CN=Small' has a key of RSA-1024; expected is RSA of 2048 bits or more, P-256 or "
                "P-384."
            ),
        ),
        (
            [MIDDLE],
            (
                "The certificate 'O=Fleet, CN=Middle' does not lead to a self-signed root in the truststore, so no client "
                "that it issued is let in: a certificate is missing between 'O=Fleet, CN=Root' and a root."
            ),
        ),
        (
            [ROOT, make_client("device", ROOT)],
            (
                "The certificate 'O=Fleet, CN=device' stands as an issuer and is not a CA's: its basic constraints do not "
                "say CA:TRUE."
            ),
        ),
        (
            [ROOT, UNREADABLE],
            (
                f"Block 2 of the PEM text (line {AFTER_ROOT}, CERTIFICATE) is no certificate: The certificate cannot be read: "
                "its bytes are not the DER form of X.509."
            ),
        ),
        (
            [ROOT, ROOT.key_pem],
            (
                f"Block 2 of the PEM text (line {AFTER_ROOT}, PRIVATE KEY) is no certificate: it is a private key, which nobody but "
                "its owner should have."
            ),
        ),
        (
            [ROOT, ROOT.pem.replace("CERTIFICATE", "TRUSTED CERTIFICATE")],
            (
                f"Block 2 of the PEM text (line {AFTER_ROOT}, TRUSTED CERTIFICATE) is no certificate: a certificate's label is "
                "CERTIFICATE, and this one's is TRUSTED CERTIFICATE."
            ),
        ),
    ],
    ids=["expired", "early", "weak key", "no root", "no CA", "unreadable", "private key", "label"],
)
def test_each_fault_is_warned_of_with_its_subject_and_nothing_else_is(made, text):
    (warning,) = warn(*made)
    assert warning.startswith(text)


def test_a_weak_signature_is_warned_of_on_a_root_too():
    root = make("RSA Root", key="rsa2048")
    (warning,) = warn(sign_with_sha1(root, root))
    assert warning.startswith("The certificate 'O=Fleet, CN=RSA Root' is signed with SHA1WITHRSA; expected is RSA ")


def test_a_self_signed_certificate_that_others_name_as_their_issuer_has_to_be_a_ca():
    lone = make_client("Lone")
    texts = warn(lone, make("Below", lone))
    assert "The certificate 'O=Fleet, CN=Lone' stands as an issuer and is not a CA's: its basic" in texts[0]


def test_the_fifth_ca_is_warned_of_and_the_fourth_is_not():
    chain = [ROOT]
    for number in range(4):
        chain.append(make(f"Level {number + 2}", chain[-1]))
    assert () == warn(*chain[:4])
    assert (
        "The certificate 'O=Fleet, CN=Level 5' is the last of 5 CA certificates from its root, and a path may have 4.",
    ) == warn(*chain)


def test_cas_that_certify_each_other_lead_to_no_root_by_themselves():
    east, west = make("East"), make("West")
    circle = [make("East", west, key=east.key), make("West", east, key=west.key)]
    assert 2 == len(warn(*circle))
    assert () == warn(*circle, west)


def test_a_bundle_that_takes_too_long_is_said_to_be_so(monkeypatch):
    monkeypatch.setattr(truststore_module, "MAXIMUM_SIGNATURES", 3)
    twins = [make("Twin", identifiers=False, key=pooled_key("p256", n)) for n in range(5)]
    texts = warn(*twins, make("Below", twins[4], identifiers=False))
    assert 6 == len(texts)
    assert texts[5].startswith(
        "Whether the certificate 'O=Fleet, CN=Below' leads to a root was not found out: too many"
    )


@pytest.mark.parametrize("specimen", specimens(), ids=str)
def test_a_ca_that_refuses_clients_is_warned_of_and_one_that_does_not_is_not(specimen):
    warned = bool(warn(*specimen.truststore))
    if specimen.expected is not None and specimen.name.startswith(("the intermediate has", "the root ", "critical")):
        assert warned
    if specimen.expected is None and specimen.rule != "twins":
        assert not warned


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_any_bytes_are_a_truststore_or_the_one_declared_error(seed):
    chance = random.Random(seed)
    data = bytearray((ROOT.pem + MIDDLE.pem).encode())
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(data))
        match chance.randrange(3):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randrange(200)]
            case _:
                data[at:at] = chance.choice((b"-----BEGIN CERTIFICATE-----", b"-----END X-----\n", b"\0", b"A"))
    try:
        store = Truststore.from_pem(bytes(data))
    except TruststoreError:
        return
    assert store.entries
    find_truststore_warnings(store, NOW)
