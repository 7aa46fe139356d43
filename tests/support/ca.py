"""A throw-away certificate authority for tests.

    ca = CertificateAuthority()
    leaf = ca.issue("www.example.com", "*.example.com", key="p256")
    leaf.certificate_pem, leaf.key_pem, leaf.chain_pem      # text, as one would give it to ACM

Every certificate differs only in what the test names; the rest is what a public CA would put there. Made with pyca's
builders, so that the code under test meets certificates that somebody else encoded. RSA keys are drawn once a size and
process and then reused, since drawing one costs more than a test; `fresh_key=True` asks for another.
"""

import functools
import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

_MAKERS = {
    "rsa1024": lambda: rsa.generate_private_key(65_537, 1_024),
    "rsa2048": lambda: rsa.generate_private_key(65_537, 2_048),
    "rsa3072": lambda: rsa.generate_private_key(65_537, 3_072),
    "rsa4096": lambda: rsa.generate_private_key(65_537, 4_096),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "secp256k1": lambda: ec.generate_private_key(ec.SECP256K1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}
_serials = itertools.count(0x1000)


@functools.cache
def _shared_key(kind: str) -> PrivateKey:
    return _MAKERS[kind]()


def make_key(kind: str = "p256", *, fresh: bool = False) -> PrivateKey:
    """A private key of one of the kinds above; RSA keys are shared unless a fresh one is asked for."""
    return _MAKERS[kind]() if fresh or not kind.startswith("rsa") else _shared_key(kind)


def key_to_pem(key: PrivateKey, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    """The key's unencrypted PEM; `PrivateFormat.TraditionalOpenSSL` gives the `RSA`/`EC PRIVATE KEY` kinds."""
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


@dataclass(frozen=True)
class Issued:
    """A certificate, its key, and the issuers between it and the root, leaf's issuer first, the root last."""

    certificate: x509.Certificate
    key: PrivateKey
    issuers: tuple[x509.Certificate, ...]

    @property
    def certificate_pem(self) -> str:
        """The leaf alone."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        """The unencrypted PKCS#8 key."""
        return key_to_pem(self.key)

    @property
    def chain_pem(self) -> str:
        """What ACM calls the certificate chain: the issuers, nearest first, without the leaf."""
        return "".join(issuer.public_bytes(Encoding.PEM).decode() for issuer in self.issuers)

    @property
    def der(self) -> bytes:
        """The leaf in DER."""
        return self.certificate.public_bytes(Encoding.DER)


class CertificateAuthority:
    """A root, or with `parent` an intermediate; `issue` makes leaves and `intermediate` makes authorities below."""

    def __init__(
        self,
        name: str = "Test Root",
        *,
        parent: "CertificateAuthority | None" = None,
        key: str = "p256",
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        path_length: int | None = None,
    ) -> None:
        self.key = make_key(key, fresh=True)
        self._parent = parent
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Gatewright tests"),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )
        builder = (
            _begin(subject, parent.certificate.subject if parent else subject, self.key, not_before, not_after)
            .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
            .add_extension(_key_usage("digital_signature", "key_cert_sign", "crl_sign"), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
        )
        signer = parent.key if parent else self.key
        if parent:
            builder = builder.add_extension(_authority_key_identifier(parent), critical=False)
        self.certificate = builder.sign(signer, _hash_for(signer))

    @property
    def certificate_pem(self) -> str:
        """The authority's own certificate: what a client trusts, when this is the root."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def path(self) -> tuple[x509.Certificate, ...]:
        """This authority and those above it, the root last."""
        return (self.certificate, *(self._parent.path if self._parent else ()))

    def intermediate(self, name: str = "Test Intermediate", **how: object) -> "CertificateAuthority":
        """An authority whose certificate this one signed; keyword arguments as for the class."""
        return CertificateAuthority(name, parent=self, **how)  # type: ignore[arg-type]

    def issue(
        self,
        *names: str,
        key: str | PrivateKey = "p256",
        common_name: str | None = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        client: bool = False,
        key_usages: tuple[str, ...] = ("digital_signature",),
        fresh_key: bool = False,
    ) -> Issued:
        """A leaf whose subject alternative names are `names` (none: no SAN at all); the first is the common name."""
        leaf_key = make_key(key, fresh=fresh_key) if isinstance(key, str) else key
        common_name = common_name if common_name is not None else next(iter(names), "")
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else [])
        purpose = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
        builder = (
            _begin(subject, self.certificate.subject, leaf_key, not_before, not_after)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(*key_usages), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(leaf_key.public_key()), critical=False)
            .add_extension(_authority_key_identifier(self), critical=False)
        )
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
            )
        return Issued(builder.sign(self.key, _hash_for(self.key)), leaf_key, self.path)


def issue_self_signed(*names: str, key: str = "p256", usages: bool = False) -> Issued:
    """A leaf that signed itself, as `openssl req -x509` makes it; its chain is empty. `usages` as an issued leaf's."""
    leaf_key = make_key(key)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    builder = (
        _begin(subject, subject, leaf_key, None, None)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    )
    if usages:
        builder = builder.add_extension(_key_usage("digital_signature"), critical=True).add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
    return Issued(builder.sign(leaf_key, _hash_for(leaf_key)), leaf_key, ())


def _begin(
    subject: x509.Name,
    issuer: x509.Name,
    key: PrivateKey,
    not_before: datetime | None,
    not_after: datetime | None,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC).replace(microsecond=0)
    end = not_after or now + timedelta(days=90)
    start = not_before or min(now, end) - timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(next(_serials))
        .not_valid_before(start)
        .not_valid_after(end)
    )


def _key_usage(*names: str) -> x509.KeyUsage:
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: name in names for name in every})


def _authority_key_identifier(authority: CertificateAuthority) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())


def _hash_for(signer: PrivateKey) -> hashes.HashAlgorithm | None:
    return None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
