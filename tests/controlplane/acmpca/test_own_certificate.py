"""ImportCertificateAuthorityCertificate and GetCertificateAuthorityCertificate, with certificates of others too."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID


def named(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Outside:
    """A CA that is somewhere else."""

    def __init__(self, now, name="Outside root", parent=None, path_length=None) -> None:
        self.now, self.name, self.key = now, named(name), ec.generate_private_key(ec.SECP256R1())
        self.parent = parent or self
        self.pem = self.parent.sign(self.name, self.key.public_key(), path_length=path_length)

    def sign(self, subject, key, *, path_length=None, critical=True, ca=True, days=100, since=-1, more=(), usage=True):
        begins = datetime.fromtimestamp(self.now, UTC) + timedelta(days=since)
        builder = (
            x509.CertificateBuilder(self.name, subject, key, x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca, path_length if ca else None), critical)
            .add_extension(x509.KeyUsage(not usage, *[False] * 4, usage, usage, *[False] * 2), critical=True)
        )
        for extension in more:
            builder = builder.add_extension(extension, critical=True)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()

    def sign_request(self, csr, **more):
        request = x509.load_pem_x509_csr(csr)
        return self.sign(request.subject, request.public_key(), **more)


@pytest.fixture
def install(client):
    def install(arn, certificate, chain=None):
        more = {"CertificateChain": chain} if chain else {}
        client.import_certificate_authority_certificate(CertificateAuthorityArn=arn, Certificate=certificate, **more)

    return install


@pytest.fixture
def outside(harness):
    return Outside(harness.now)


@pytest.fixture
def subordinate(authorities):
    return authorities.create("Subordinate", "SUBORDINATE")


def test_a_ca_becomes_active_and_shows_what_openssl_reads(authorities, client, openssl):
    root = authorities.create("Our Root")
    assert "PENDING_CERTIFICATE" == authorities.describe(root)["Status"]
    pem = authorities.install(root)
    shown = authorities.describe(root)
    certificate = x509.load_pem_x509_certificate(pem.encode())
    assert "ACTIVE" == shown["Status"]
    assert openssl.show(pem, "-serial").partition("=")[2] == shown["Serial"].replace(":", "").upper()
    assert (certificate.not_valid_before_utc, certificate.not_valid_after_utc) == (
        shown["NotBefore"],
        shown["NotAfter"],
    )
    assert "subject=CN=Our Root,O=Example,C=AT" == openssl.show(pem, "-subject", "-nameopt", "RFC2253")
    got = client.get_certificate_authority_certificate(CertificateAuthorityArn=root)
    assert (pem, False) == (got["Certificate"], "CertificateChain" in got)


def test_before_that_it_has_none(authorities, client, refused):
    root = authorities.create()
    told = refused(client.get_certificate_authority_certificate, CertificateAuthorityArn=root)
    assert "InvalidStateException" == told.code
    assert (
        f"The certificate authority {root} is not in the correct state to have a certificate signing request."
        == told.message
    )


def test_a_parent_elsewhere_signs_it(authorities, install, subordinate, outside, make_csr, openssl):
    pem = outside.sign_request(authorities.csr(subordinate), path_length=0)
    install(subordinate, pem, outside.pem)
    issued = authorities.get(authorities.issue(subordinate, make_csr()))
    assert pem + outside.pem == issued.chain
    assert openssl.verify(issued.pem, root=outside.pem, chain=pem, options=[]).ok


def test_a_chain_of_three(harness, authorities, install, subordinate, outside, refused):
    middle = Outside(harness.now, "Middle", outside)
    pem = middle.sign_request(authorities.csr(subordinate))
    for chain in (outside.pem, outside.pem + middle.pem, middle.pem, "no PEM"):
        assert "MalformedCertificateException" == refused(install, subordinate, pem, chain).code
    install(subordinate, pem, middle.pem + outside.pem)
    assert "ACTIVE" == authorities.describe(subordinate)["Status"]


def test_a_path_length_above_is_kept(harness, authorities, install, subordinate, outside, refused):
    middle = Outside(harness.now, "Middle", outside, path_length=0)
    pem = middle.sign_request(authorities.csr(subordinate))
    assert "CertificateMismatchException" == refused(install, subordinate, pem, middle.pem + outside.pem).code


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"ca": False}, "MalformedCertificateException"),
        ({"critical": False}, "MalformedCertificateException"),
        ({"usage": False}, "MalformedCertificateException"),
        ({"more": [x509.PolicyConstraints(0, None)]}, "MalformedCertificateException"),
        (
            {"more": [x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\5\0")]},
            "MalformedCertificateException",
        ),
        ({"since": -2, "days": 1}, "InvalidRequestException"),
        ({"since": 1}, "InvalidRequestException"),
    ],
)
def test_what_is_no_certificate_of_a_ca(authorities, install, subordinate, outside, refused, how, code):
    pem = outside.sign_request(authorities.csr(subordinate), **how)
    assert code == refused(install, subordinate, pem, outside.pem).code
    assert "PENDING_CERTIFICATE" == authorities.describe(subordinate)["Status"]


def test_name_constraints_may_be_critical(authorities, install, subordinate, outside):
    limits = x509.NameConstraints([x509.DNSName("example.com")], None)
    install(subordinate, outside.sign_request(authorities.csr(subordinate), more=[limits]), outside.pem)
    assert "ACTIVE" == authorities.describe(subordinate)["Status"]


def test_a_certificate_of_another_key_or_no_certificate(authorities, install, subordinate, outside, refused):
    other = authorities.create("Other", "SUBORDINATE")
    pem = outside.sign_request(authorities.csr(other))
    assert "CertificateMismatchException" == refused(install, subordinate, pem, outside.pem).code
    for bad in ("no PEM", pem + pem):
        assert "MalformedCertificateException" == refused(install, subordinate, bad, outside.pem).code


def test_roots_are_self_signed_and_subordinates_are_not(authorities, install, subordinate, outside, refused):
    root = authorities.create()
    foreign = outside.sign_request(authorities.csr(root))
    assert "Only a self-signed certificate can be imported as a root CA." == refused(install, root, foreign).message
    own = authorities.get(authorities.issue(root, authorities.csr(root), "RootCACertificate")).pem
    assert "When you import a root CA, there is no chain." == refused(install, root, own, outside.pem).message
    signed = outside.sign_request(authorities.csr(subordinate))
    assert "InvalidRequestException" == refused(install, subordinate, signed).code


def test_an_expired_ca_gets_a_new_certificate_and_a_disabled_one_stays_so(authorities, client, harness):
    root = authorities.root(days=1)
    client.update_certificate_authority(CertificateAuthorityArn=root, Status="DISABLED")
    pem = authorities.client.get_certificate_authority_certificate(CertificateAuthorityArn=root)["Certificate"]
    client.import_certificate_authority_certificate(CertificateAuthorityArn=root, Certificate=pem)
    assert "DISABLED" == authorities.describe(root)["Status"]
    client.update_certificate_authority(CertificateAuthorityArn=root, Status="ACTIVE")
    subordinate = authorities.create("Subordinate", "SUBORDINATE")
    parent = authorities.root()
    authorities.install(subordinate, parent, days=1)
    harness.advance(86_401)
    assert "EXPIRED" == authorities.describe(subordinate)["Status"]
    authorities.install(subordinate, parent, days=2)
    assert "ACTIVE" == authorities.describe(subordinate)["Status"]
