"""Specimens of mutual TLS: a truststore, a client's certificate with its key, and what the gateway must say of it.

    for specimen in specimens():
        specimen.truststore_pem, specimen.client_pem, specimen.key_pem, specimen.expected

One chain a rule, the good twin and the bad twin side by side. `expected` is None where the client comes in, else what
stands in the log after `Access denied. Reason: `. The same table goes through the pure verifier, OpenSSL, pyca and real
handshakes. `client_pem` is the leaf followed by what else the client sends.

Made once a process, with keys from a small pool; `Maker` is there for tests that need a chain of their own.
"""

import functools
import itertools
import ssl
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from support.ca import PrivateKey, key_to_pem, make_key

#: Whole seconds, and real time, since OpenSSL's handshakes read the clock.
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
UNKNOWN_EXTENSION = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.1"), b"\x05\x00")
_serials = itertools.count(0x7000)


@functools.cache
def pooled_key(kind: str, number: int) -> PrivateKey:
    """A key of that kind; the same one for the same number."""
    return make_key(kind, fresh=True)


def make_name(common_name: str, *, kind: _ASN1Type = _ASN1Type.UTF8String, organization: str = "Fleet") -> x509.Name:
    """`O=Fleet, CN=…`, in that kind of character string."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization, kind),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name, kind),
        ]
    )


@dataclass(frozen=True)
class Made:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def key_pem(self) -> str:
        return key_to_pem(self.key)


def make(
    name: str | x509.Name,
    issuer: Made | None = None,
    *,
    key: str | PrivateKey = "p256",
    ca: bool | None = True,
    path_length: int | None = None,
    days: tuple[float, float] = (-1, 90),
    usages: Sequence[str] | None = ("key_cert_sign", "crl_sign"),
    purposes: Sequence[x509.ObjectIdentifier] = (),
    identifiers: bool = True,
    digest: hashes.HashAlgorithm | None = None,
    pss: bool = False,
    issuer_name: x509.Name | None = None,
    authority: x509.AuthorityKeyIdentifier | None = None,
    names: Sequence[x509.GeneralName] = (),
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
) -> Made:
    """A CA's certificate unless told otherwise; without an issuer, self-signed. `ca` None: no basic constraints."""
    own_key = pooled_key(key, next(_serials)) if isinstance(key, str) else key
    subject = make_name(name) if isinstance(name, str) else name
    signer = issuer.key if issuer else own_key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name or (issuer.certificate.subject if issuer else subject))
        .public_key(own_key.public_key())
        .serial_number(next(_serials))
        .not_valid_before(NOW + days[0] * DAY)
        .not_valid_after(NOW + days[1] * DAY)
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
    if usages is not None:
        builder = builder.add_extension(_key_usage(usages), critical=True)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    if identifiers:
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(own_key.public_key()), critical=False)
        authority = authority or x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    if authority:
        builder = builder.add_extension(authority, critical=False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    if isinstance(signer, ed25519.Ed25519PrivateKey):
        return Made(builder.sign(signer, None), own_key)
    how = {"rsa_padding": padding.PSS(padding.MGF1(hashes.SHA256()), 32)} if pss else {}
    return Made(builder.sign(signer, digest or hashes.SHA256(), **how), own_key)


def make_client(name: str | x509.Name, issuer: Made | None = None, **how: object) -> Made:
    """A leaf for TLS clients, with a DNS name; keyword arguments as for `make`."""
    plain = {
        "ca": False,
        "usages": ("digital_signature",),
        "purposes": (ExtendedKeyUsageOID.CLIENT_AUTH,),
        "names": (x509.DNSName("device.example"),),
    }
    return make(name, issuer, **{**plain, **how})  # type: ignore[arg-type]


def show_certificate(context: ssl.SSLContext, client: Made, sent: Sequence[Made] = ()) -> None:
    """Let a client's context send this certificate, and those with it."""
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(client.key_pem + "".join(made.pem for made in (client, *sent)))
        file.flush()
        context.load_cert_chain(file.name)


def sign_with_sha1(made: Made, issuer: Made) -> Made:
    """The certificate signed anew with SHA-1, which pyca no longer does; the issuer's key is RSA, and so is it today."""
    # sha256WithRSAEncryption and sha1WithRSAEncryption (RFC 8017 appendix A.2.4) differ in their last byte.
    sha256, sha1 = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")
    body = made.certificate.tbs_certificate_bytes.replace(sha256, sha1, 1)
    assert isinstance(issuer.key, rsa.RSAPrivateKey)
    signature = issuer.key.sign(body, padding.PKCS1v15(), hashes.SHA1())
    der = made.der.replace(sha256, sha1)[: -len(signature)] + signature
    return Made(x509.load_der_x509_certificate(der), made.key)


@dataclass(frozen=True)
class Specimen:
    """`rule` and `name` say what it shows; `expected` is None (let in) or the log's text after `Reason: `."""

    rule: str
    name: str
    truststore: tuple[Made, ...]
    client: Made
    expected: str | None
    sent: tuple[Made, ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.rule}: {self.name}"

    @property
    def truststore_pem(self) -> str:
        """The bundle as it is put into S3."""
        return "".join(made.pem for made in self.truststore)

    @property
    def client_pem(self) -> str:
        """What the client sends: its certificate first."""
        return "".join(made.pem for made in (self.client, *self.sent))

    @property
    def key_pem(self) -> str:
        """The client's private key."""
        return self.client.key_pem


NO_ISSUER = "Could not find issuer for certificate"
WEAK_SIGNATURE = "Client cert using an insecure Signature Algorithm"
WEAK_KEY = "Client cert using an insecure Key"
SELF_SIGNED = "self signed certificate"
BAD_SIGNATURE = "certificate signature failure"
NOT_CA = "invalid CA certificate"
PURPOSE = "unsupported certificate purpose"
UNKNOWN = "unhandled critical extension"
PATH_LENGTH = "path length constraint exceeded"
TOO_LONG = "certificate chain too long"
NOT_PERMITTED = "permitted subtree violation"
EXCLUDED = "excluded subtree violation"
EARLY = "certificate is not yet valid"
LATE = "certificate has expired"


@functools.cache
def specimens() -> tuple[Specimen, ...]:
    """The whole table."""
    found: list[Specimen] = []

    def add(
        rule: str, name: str, store: Sequence[Made], client: Made, expected: str | None, sent: Sequence[Made] = ()
    ) -> None:
        found.append(Specimen(rule, name, tuple(store), client, expected, tuple(sent)))

    root = make("Root")
    middle = make("Middle", root)
    client = make_client("device", middle)

    add("path", "the issuer and the root are in the truststore", [root, middle], client, None)
    add("path", "the order of the bundle does not matter", [middle, root], client, None)
    add("path", "the root issued the leaf", [root], make_client("device", root), None)
    add("path", "the intermediate is sent by the client only", [root], client, NO_ISSUER, [middle])
    add("path", "the root is missing", [middle], client, NO_ISSUER)
    add("path", "the root is missing and sent by the client", [middle], client, NO_ISSUER, [root])
    add("path", "a stranger's truststore", [make("Stranger")], client, NO_ISSUER)
    add("path", "the leaf itself is in the truststore, its root is not", [client], client, NO_ISSUER)

    alone = make_client("alone")
    plain = make("plain", usages=None)
    add("self-signed", "in the truststore", [root, alone], alone, None)
    add("self-signed", "in the truststore, made by openssl req -x509", [plain], plain, None)
    add("self-signed", "not in the truststore", [root], alone, SELF_SIGNED)
    add(
        "self-signed", "a twin with the same name and key is", [make_client("alone", key=alone.key)], alone, SELF_SIGNED
    )

    add("integrity", "another CA with the issuer's name and no key identifiers",
        [root, make("Middle", root, identifiers=False)],
        make_client("device", middle, identifiers=False), BAD_SIGNATURE)  # fmt: skip
    add("integrity", "another CA with the issuer's name and its own key identifier",
        [root, make("Middle", root)], client, NO_ISSUER)  # fmt: skip
    lying = x509.AuthorityKeyIdentifier.from_issuer_public_key(middle.key.public_key())
    forger = make("Middle", root)
    add("integrity", "a forger who names the issuer's key", [root, middle],
        make_client("device", forger, authority=lying), BAD_SIGNATURE)  # fmt: skip
    add("integrity", "the intermediate was not made by the root", [root, make("Middle", make("Root"), key=middle.key,
        authority=x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key()))],
        client, BAD_SIGNATURE)  # fmt: skip

    for days, name, reason in (
        ((-9, -1), "expired", LATE),
        ((1, 9), "not yet valid", EARLY),
    ):
        add("validity", f"the leaf is {name}", [root, middle], make_client("device", middle, days=days), reason)
        late = make("Middle", root, days=days)
        add("validity", f"the intermediate is {name}", [root, late], make_client("device", late), reason)
        late_root = make("Root", days=days)
        add("validity", f"the root is {name}", [late_root], make_client("device", late_root), reason)
        lone = make_client("alone", days=days)
        add("validity", f"the self-signed leaf is {name}", [lone], lone, reason)

    chain = [root]
    for number in range(4):
        chain.append(make(f"Level {number + 2}", chain[-1]))
    add("depth", "four CAs", chain[:4], make_client("device", chain[3]), None)
    add("depth", "five CAs", chain, make_client("device", chain[4]), TOO_LONG)

    for digest in (hashes.SHA256(), hashes.SHA384(), hashes.SHA512()):
        add("signature", f"the leaf has {digest.name}", [root, middle],
            make_client("device", middle, digest=digest), None)  # fmt: skip
    rsa_root = make("RSA Root", key="rsa2048")
    rsa_middle = make("RSA Middle", rsa_root, key="rsa2048")
    add("signature", "the leaf has SHA-1", [rsa_root, rsa_middle],
        sign_with_sha1(make_client("device", rsa_middle), rsa_middle), WEAK_SIGNATURE)  # fmt: skip
    add("signature", "the leaf has SHA-224", [root, middle],
        make_client("device", middle, digest=hashes.SHA224()), WEAK_SIGNATURE)  # fmt: skip
    add("signature", "the intermediate has SHA-1", [rsa_root, sign_with_sha1(rsa_middle, rsa_root)],
        make_client("device", rsa_middle), WEAK_SIGNATURE)  # fmt: skip
    add("signature", "the root has SHA-1", [sign_with_sha1(rsa_root, rsa_root), rsa_middle],
        make_client("device", rsa_middle), WEAK_SIGNATURE)  # fmt: skip
    add("signature", "RSA with PKCS #1 v1.5", [rsa_root], make_client("device", rsa_root), None)
    add("signature", "RSA with PSS", [rsa_root], make_client("device", rsa_root, pss=True), WEAK_SIGNATURE)
    edwards = make("Edwards Root", key="ed25519")
    add("signature", "Ed25519", [edwards], make_client("device", edwards), WEAK_SIGNATURE)

    for kind, reason in (
        ("rsa2048", None),
        ("rsa3072", None),
        ("p256", None),
        ("p384", None),
        ("rsa1024", WEAK_KEY),
        ("p521", WEAK_KEY),
        ("secp256k1", WEAK_KEY),
        ("ed25519", WEAK_KEY),
    ):
        add("key", f"the leaf has {kind}", [root, middle], make_client("device", middle, key=kind), reason)
        if kind != "ed25519":
            under = make("Middle", root, key=kind)
            add("key", f"the intermediate has {kind}", [root, under], make_client("device", under), reason)

    for name, how, reason in (
        ("CA:FALSE", {"ca": False}, NOT_CA),
        ("no basic constraints", {"ca": None}, NOT_CA),
        ("a key usage without keyCertSign", {"usages": ("digital_signature",)}, NOT_CA),
        ("no key usage", {"usages": None}, None),
    ):
        under = make("Middle", root, **how)  # type: ignore[arg-type]
        add("CA", f"the intermediate has {name}", [root, under], make_client("device", under), reason)
    add("CA", "the leaf is a CA's certificate", [root, middle], make("device", middle, usages=None), None)
    add("CA", "the leaf is an intermediate of the truststore", [root, middle],
        make("Middle", root, key=middle.key, usages=("digital_signature", "key_cert_sign")), None)  # fmt: skip

    limited = make("Limited", root, path_length=0)
    below = make("Below", limited)
    add("path length", "0, and the leaf is next", [root, limited], make_client("device", limited), None)
    add("path length", "0, and a CA is next", [root, limited, below], make_client("device", below), PATH_LENGTH)
    top = make("Root", path_length=1)
    first = make("First", top)
    second = make("Second", first)
    add("path length", "1 at the root, one CA", [top, first], make_client("device", first), None)
    add("path length", "1 at the root, two CAs", [top, first, second], make_client("device", second), PATH_LENGTH)
    rolled = make("Limited", limited)
    add("path length", "0, and the same CA's new key is next", [root, limited, rolled],
        make_client("device", rolled), None)  # fmt: skip

    server = (ExtendedKeyUsageOID.SERVER_AUTH,)
    both = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
    for name, how, reason in (
        ("clientAuth among others", {"purposes": both}, None),
        ("no extended key usage", {"purposes": ()}, None),
        ("anyExtendedKeyUsage", {"purposes": (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)}, None),
        ("serverAuth only", {"purposes": server}, PURPOSE),
        ("no key usage", {"usages": None}, None),
        ("a key usage without digitalSignature", {"usages": ("key_encipherment",)}, PURPOSE),
    ):
        add("purpose", f"the leaf has {name}", [root, middle], make_client("device", middle, **how), reason)
    for name, purposes, reason in (("clientAuth", both, None), ("serverAuth only", server, PURPOSE)):
        under = make("Middle", root, purposes=purposes)
        add("purpose", f"the intermediate has {name}", [root, under], make_client("device", under), reason)

    for critical, reason in ((False, None), (True, UNKNOWN)):
        word = "critical" if critical else "not critical"
        extension = [(UNKNOWN_EXTENSION, critical)]
        add("extension", f"unknown and {word} on the leaf", [root, middle],
            make_client("device", middle, extensions=extension), reason)  # fmt: skip
        under = make("Middle", root, extensions=extension)
        add("extension", f"unknown and {word} on the intermediate", [root, under],
            make_client("device", under), reason)  # fmt: skip
    asking = make("Middle", root, extensions=[(x509.PolicyConstraints(0, None), True)])
    add("extension", "critical policy constraints", [root, asking], make_client("device", asking), UNKNOWN)

    _add_names(add, root)
    _add_twins(add, root, middle, client)
    return tuple(found)


def _add_names(add: Callable[..., None], root: Made) -> None:
    def constrained(permitted: Sequence[x509.GeneralName] = (), excluded: Sequence[x509.GeneralName] = ()) -> Made:
        constraints = x509.NameConstraints(permitted or None, excluded or None)
        return make("Constrained", root, extensions=[(constraints, True)])

    dns, mail, uri = x509.DNSName, x509.RFC822Name, x509.UniformResourceIdentifier
    for kind, base, inside, outside in (
        ("DNS", dns("fleet.example"), dns("a.fleet.example"), dns("a.other.example")),
        ("DNS", dns("fleet.example"), dns("fleet.example"), dns("notfleet.example")),
        ("mail", mail("fleet.example"), mail("a@fleet.example"), mail("a@b.fleet.example")),
        ("mail", mail(".fleet.example"), mail("a@b.fleet.example"), mail("a@fleet.example")),
        ("mail", mail("a@fleet.example"), mail("a@FLEET.example"), mail("b@fleet.example")),
        ("URI", uri("fleet.example"), uri("spiffe://fleet.example/a"), uri("spiffe://b.fleet.example/a")),
        ("URI", uri(".fleet.example"), uri("spiffe://b.fleet.example/a"), uri("spiffe://fleet.example/a")),
    ):
        ca = constrained([base])
        add("names", f"{inside.value}, permitted {kind} {base.value}", [root, ca],
            make_client("device", ca, names=[inside]), None)  # fmt: skip
        add("names", f"{outside.value}, permitted {kind} {base.value}", [root, ca],
            make_client("device", ca, names=[outside]), NOT_PERMITTED)  # fmt: skip
        ca = constrained((), [base])
        add("names", f"{outside.value}, excluded {kind} {base.value}", [root, ca],
            make_client("device", ca, names=[outside]), None)  # fmt: skip
        add("names", f"{inside.value}, excluded {kind} {base.value}", [root, ca],
            make_client("device", ca, names=[inside]), EXCLUDED)  # fmt: skip
    fleet = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "FLEET")])
    ca = constrained([x509.DirectoryName(fleet)])
    add("names", "a subject below the permitted directory name", [root, ca],
        make_client("device", ca), None)  # fmt: skip
    add("names", "a subject beside the permitted directory name", [root, ca],
        make_client(make_name("device", organization="Other"), ca), NOT_PERMITTED)  # fmt: skip
    ca = constrained([dns("fleet.example")])
    add("names", "a common name that is a host name, without DNS names", [root, ca],
        make_client("a.other.example", ca, names=()), NOT_PERMITTED)  # fmt: skip
    add("names", "a common name that is none, without DNS names", [root, ca],
        make_client("device 7", ca, names=()), None)  # fmt: skip


def _add_twins(add: Callable[..., None], root: Made, middle: Made, client: Made) -> None:
    printable = make_name("  MIDDLE ", kind=_ASN1Type.PrintableString, organization="fleet")
    add("chaining", "the issuer's name in another case and kind of string", [root, middle],
        make_client("device", middle, issuer_name=printable), None)  # fmt: skip
    add("chaining", "the issuer's name with a letter more", [root, middle],
        make_client("device", middle, issuer_name=make_name("Middles")), NO_ISSUER)  # fmt: skip
    other = make("Other Root")
    crossed = make("Middle", other, key=middle.key)
    add("twins", "cross-signed by two roots, both there", [other, crossed, root, middle], client, None)
    add("twins", "cross-signed, and the other root is missing", [crossed, root, middle], client, None)
    late = make("Middle", root, key=middle.key, days=(-9, -1))
    add("twins", "an expired certificate of the same CA first", [late, root, middle], client, None)
    rekeyed = make("Middle", root)
    add("twins", "the CA's new key beside the old one", [rekeyed, root, middle], client, None)
    bare = make("Bare", root, identifiers=False)
    twin = make("Bare", root, identifiers=False)
    add("twins", "two keys of one CA without key identifiers", [twin, root, bare],
        make_client("device", bare, identifiers=False), None)  # fmt: skip
    east, west = make("East"), make("West")
    east_by_west = make("East", west, key=east.key)
    west_by_east = make("West", east, key=west.key)
    add("twins", "two CAs that certify each other, without a root", [east_by_west, west_by_east],
        make_client("device", east), NO_ISSUER)  # fmt: skip
    shown = make("East", west, key=east.key, usages=("digital_signature", "key_cert_sign"))
    add("twins", "one of two CAs that certify each other is the client", [shown, west_by_east], shown, NO_ISSUER)
    add("twins", "two CAs that certify each other, with one root", [east_by_west, west_by_east, west],
        make_client("device", east), None)  # fmt: skip


def _key_usage(names: Sequence[str]) -> x509.KeyUsage:
    every = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip
    return x509.KeyUsage(**{name: name in names for name in every})
