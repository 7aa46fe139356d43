"""Revocation lists beside a truststore: who is asked, what an answer is, and OpenSSL's word on the same lists."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import crypto

from gatewright.core.errors import GatewayError
from gatewright.core.x509.client_chain import verify_client_chain
from gatewright.core.x509.revocation import RevocationListError, RevocationLists
from gatewright.core.x509.truststore import Truststore
from support.client_chains import DAY, NOW, Made, make, make_client

ROOT = make("Root")
MIDDLE = make("Middle", ROOT)
CLIENT, OTHER = make_client("device", MIDDLE), make_client("other", MIDDLE)
STORE = Truststore.from_pem((ROOT.pem + MIDDLE.pem).encode())


def make_list(
    issuer: Made,
    *revoked: Made,
    days: tuple[float, float] = (-1, 7),
    signer: Made | None = None,
    extension: tuple[x509.ExtensionType, bool] | None = None,
    digest: hashes.HashAlgorithm | None = None,
    at: float = -0.5,
) -> x509.CertificateRevocationList:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(NOW + days[0] * DAY)
        .next_update(NOW + days[1] * DAY)
    )
    for made in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(made.certificate.serial_number)
        builder = builder.add_revoked_certificate(entry.revocation_date(NOW + at * DAY).build())
    if extension:
        builder = builder.add_extension(extension[0], critical=extension[1])
    key = (signer or issuer).key
    return builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else digest or hashes.SHA256())


def pem(*lists):
    return b"".join(one.public_bytes(Encoding.PEM) for one in lists)


def code_of(*lists, client=CLIENT, store=STORE) -> str | None:
    """The code of the refusal; None when the client is let in."""
    try:
        verify_client_chain(
            client.der, store, NOW, revocation=RevocationLists.from_files([pem(*lists)] if lists else [])
        )
    except GatewayError as error:
        return error.reason.code
    return None


REVOKED, UNKNOWN = "CLIENT_CERT_REVOKED", "CLIENT_CERT_REVOCATION_UNKNOWN"


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ([], None),
        ([make_list(MIDDLE)], None),
        ([make_list(MIDDLE, OTHER)], None),
        ([make_list(MIDDLE, CLIENT)], REVOKED),
        ([make_list(MIDDLE), make_list(ROOT, MIDDLE)], REVOKED),
        ([make_list(ROOT)], None),
        ([make_list(ROOT, CLIENT)], None),
        ([make_list(ROOT, ROOT)], None),
        ([make_list(MIDDLE, days=(-9, -1))], UNKNOWN),
        ([make_list(MIDDLE, CLIENT, days=(-9, -1), at=-8)], REVOKED),
        ([make_list(MIDDLE, days=(1, 9))], UNKNOWN),
        ([make_list(MIDDLE, days=(1, 9)), make_list(MIDDLE, days=(-2, 2))], None),
        ([make_list(MIDDLE, CLIENT, days=(-9, 9)), make_list(MIDDLE, days=(-1, 9))], None),
        ([make_list(MIDDLE, days=(-9, 9)), make_list(MIDDLE, CLIENT, days=(-1, 9))], REVOKED),
        ([make_list(MIDDLE, CLIENT, at=1)], None),
        ([make_list(MIDDLE, signer=ROOT)], UNKNOWN),
        ([make_list(MIDDLE, signer=make("RSA", key="rsa2048"))], UNKNOWN),
        ([make_list(MIDDLE, signer=make("Ed25519", key="ed25519"))], UNKNOWN),
        ([make_list(MIDDLE, digest=hashes.SHA224())], UNKNOWN),
    ],
    ids=lambda value: f"{len(value)} lists" if isinstance(value, list) else str(value),
)
def test_a_client_is_let_in_or_refused_by_its_cas_lists(lists, expected):
    assert expected == code_of(*lists)


def test_the_last_second_of_a_list_counts():
    lists = RevocationLists.from_files([pem(make_list(MIDDLE, days=(-1, 2)))])
    assert NOW + 2 * DAY == verify_client_chain(CLIENT.der, STORE, NOW + 2 * DAY, revocation=lists).not_after
    with pytest.raises(GatewayError, match=UNKNOWN):
        verify_client_chain(CLIENT.der, STORE, NOW + 2 * DAY + timedelta(seconds=1), revocation=lists)


def test_a_list_with_an_algorithm_that_nobody_knows_is_no_answer():
    known, unknown = bytes.fromhex("2a8648ce3d040302"), bytes.fromhex("2a8648ce3d040309")
    altered = make_list(MIDDLE).public_bytes(Encoding.DER).replace(known, unknown)
    with pytest.raises(GatewayError, match=UNKNOWN):
        verify_client_chain(CLIENT.der, STORE, NOW, revocation=RevocationLists.from_files([altered]))


def test_a_certificate_that_may_not_sign_lists_has_no_list():
    silent = make("Silent", ROOT, usages=("key_cert_sign",))
    store = Truststore.from_pem((ROOT.pem + silent.pem).encode())
    assert UNKNOWN == code_of(make_list(silent), client=make_client("device", silent), store=store)


def test_the_refusal_says_when_and_by_whom():
    with pytest.raises(GatewayError) as caught:
        verify_client_chain(
            CLIENT.der, STORE, NOW, revocation=RevocationLists.from_files([pem(make_list(MIDDLE, CLIENT))])
        )
    error = caught.value
    assert "Access denied. Reason: certificate revoked" == error.reason.log
    assert (
        f"The CA 'O=Fleet, CN=Middle' has revoked the certificate 'O=Fleet, CN=device', serial "
        f"{error.facts['serial']}, at {NOW - timedelta(hours=12):%Y-%m-%dT%H:%M:%SZ}."
    ) == error.reason.summary.format_map(error.facts)


def test_the_proof_holds_no_longer_than_the_lists():
    lists = RevocationLists.from_files([pem(make_list(MIDDLE, days=(-1, 5))), pem(make_list(ROOT, days=(-1, 3)))])
    assert NOW + 3 * DAY == verify_client_chain(CLIENT.der, STORE, NOW, revocation=lists).not_after
    assert "<RevocationLists of 2 CAs>" == repr(lists)


def test_a_revoked_certificate_of_a_cross_signed_ca_leaves_its_other_path():
    other = make("Other Root")
    crossed = make("Middle", other, key=MIDDLE.key)
    store = Truststore.from_pem((ROOT.pem + MIDDLE.pem + other.pem + crossed.pem).encode())
    assert code_of(make_list(ROOT, MIDDLE), store=store) is None
    assert REVOKED == code_of(make_list(ROOT, MIDDLE), make_list(other, crossed), store=store)


def test_a_list_is_read_from_der_as_from_pem():
    der = make_list(MIDDLE, CLIENT).public_bytes(Encoding.DER)
    with pytest.raises(GatewayError, match=REVOKED):
        verify_client_chain(CLIENT.der, STORE, NOW, revocation=RevocationLists.from_files([der]))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is no CRL that can be read: "),
        (b"\x30\x00", "The file is no CRL that can be read: "),
        (ROOT.pem.encode(), "Block 1 of the PEM text is no X509 CRL: it is a CERTIFICATE."),
        (b"-----BEGIN X509 CRL-----\n", "Block 1 of the PEM text is no X509 CRL: it has no END line."),
        (
            pem(make_list(MIDDLE), make_list(MIDDLE, extension=(x509.DeltaCRLIndicator(1), True))),
            (
                "Block 2 of the PEM text is a CRL with critical extensions that are not processed (2.5.29.27); expected is "
                "the complete list of the CA that issued the certificates."
            ),
        ),
    ],
)
def test_what_is_no_complete_list_is_refused_whole(data, message):
    with pytest.raises(RevocationListError) as caught:
        RevocationLists.from_files([data])
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("crl", "accepted"),
    [
        (make_list(MIDDLE), True),
        (make_list(MIDDLE, CLIENT), False),
        (make_list(MIDDLE, OTHER), True),
        (make_list(MIDDLE, days=(-9, -1)), False),
        (make_list(MIDDLE, days=(1, 9)), False),
        (make_list(MIDDLE, signer=ROOT), False),
    ],
)
def test_openssl_says_the_same_of_a_list(crl, accepted):
    store = crypto.X509Store()
    for made in (ROOT, MIDDLE):
        store.add_cert(crypto.X509.from_cryptography(made.certificate))
    store.add_crl(crl)
    store.set_flags(crypto.X509StoreFlags.CRL_CHECK)
    store.set_time(NOW.replace(tzinfo=None))
    context = crypto.X509StoreContext(store, crypto.X509.from_cryptography(CLIENT.certificate))
    assert accepted is (code_of(crl) is None)
    if accepted:
        context.verify_certificate()
    else:
        with pytest.raises(crypto.X509StoreContextError):
            context.verify_certificate()
