"""A certificate as a place on a path: who issued it by names, identifiers and signature."""

import pytest
from cryptography import x509

from gatewright.core.x509.certificate import CertificateFacts
from gatewright.core.x509.path_certificate import PathCertificate
from support.client_chains import make, make_client, make_name

ROOT = make("Root")


def place(made):
    return PathCertificate.from_facts(CertificateFacts.from_der(made.der))


def by_serial(issuer, *, serial=None, name=None):
    return x509.AuthorityKeyIdentifier(
        None,
        [x509.DNSName("ignored.example"), x509.DirectoryName(name or issuer.certificate.issuer)],
        serial or issuer.certificate.serial_number,
    )


def test_a_root_is_self_signed_and_a_new_key_certified_with_the_old_is_not():
    rolled = make("Root", ROOT)
    assert (True, True) == (place(ROOT).self_issued, place(ROOT).self_signed)
    assert (True, False) == (place(rolled).self_issued, place(rolled).self_signed)
    bare = make("Root", ROOT, identifiers=False)
    assert not place(bare).self_signed
    # As OpenSSL has it: who names another key as the one that signed is not taken for a root.
    other = x509.AuthorityKeyIdentifier.from_issuer_public_key(make("Other").key.public_key())
    assert not place(make("Root", authority=other)).self_signed
    assert (False, False) == (place(make("Middle", ROOT)).self_issued, place(make("Middle", ROOT)).self_signed)


def test_key_identifiers_choose_where_both_sides_have_them():
    client, bare = place(make_client("device", ROOT)), place(make_client("device", ROOT, identifiers=False))
    other, silent = place(make("Root")), place(make("Root", key=ROOT.key, identifiers=False))
    assert [True, False, True] == [client.names_key_of(issuer) for issuer in (place(ROOT), other, silent)]
    assert [True, False, False] == [client.identifies_key_of(issuer) for issuer in (place(ROOT), other, silent)]
    assert bare.names_key_of(other)
    assert not bare.identifies_key_of(place(ROOT))


@pytest.mark.parametrize(
    ("authority", "named"),
    [
        (by_serial(ROOT), True),
        (by_serial(ROOT, serial=4_711), False),
        (by_serial(ROOT, name=make_name("Other")), False),
        (x509.AuthorityKeyIdentifier(None, [x509.DNSName("a.example")], ROOT.certificate.serial_number), True),
    ],
)
def test_an_issuer_can_be_named_by_its_own_issuer_and_serial_number(authority, named):
    client = place(make_client("device", ROOT, identifiers=False, authority=authority))
    assert named is client.names_key_of(place(ROOT))


def test_two_are_equal_when_their_der_is():
    assert place(ROOT) == place(ROOT)
    assert place(ROOT) != place(make("Root", key=ROOT.key))
    assert {place(ROOT)} == {place(ROOT)}
    assert repr(place(ROOT)).endswith(", self-signed>")
