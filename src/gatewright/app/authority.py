"""The local certificate authority: made at first start, it issues the certificate of the default endpoints.

What this module knows: which extensions the certificates need, so that OpenSSL also in its strict mode, Go and Python
accept the chain (RFC 5280 4.2.1, and the Baseline Requirements' limit on a server certificate's life). What it keeps to:

- Keys are ECDSA P-256 and leave this module only as secrets of the store, PKCS#8 in PEM.
- Who finds a certificate that will do keeps it: a start changes nothing that need not change.
- The instant is handed in; serial numbers and keys are random.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gatewright.core.x509.issuance import (
    SIGNING_ALGORITHMS,
    Extension,
    issue_certificate,
    issuer_of,
    key_usage,
    self_issuer,
)
from gatewright.model.records import CertificateAuthority, DefaultCertificate
from gatewright.store.port import Store, StoreError, Transaction

#: A root that users have put into their trust stores should not trouble them again soon.
AUTHORITY_LIFE: Final = timedelta(days=3650)

#: Long enough to be seldom in the way, and one day less than the 398 that clients have come to expect of a server
#: certificate at most (CA/Browser Forum Baseline Requirements 6.3.2, ballot SC31).
DEFAULT_CERTIFICATE_LIFE: Final = timedelta(days=397)

#: Six weeks in which any start or daily look renews it, before a client could notice.
RENEW_WITH_LEFT: Final = timedelta(days=45)

#: A client's clock may be somewhat behind ours on the day of the first start.
BACKDATED: Final = timedelta(hours=1)

#: X.520's ub-common-name (RFC 5280 appendix A.1).
_COMMON_NAME_MAX: Final = 64

_ALGORITHM: Final = SIGNING_ALGORITHMS["SHA256WITHECDSA"]

_AUTHORITY_NAME: Final = x509.Name(
    [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Gatewright"),
        x509.NameAttribute(NameOID.COMMON_NAME, "Gatewright local CA"),
    ]
)


def ensure_authority(store: Store, now: float) -> CertificateAuthority:
    """The authority of this installation, made at first start.

    Near its end it is issued anew with the same name and key, so that what it has issued stays good under the new one.
    """
    with store.transaction() as transaction:
        present = transaction.get(CertificateAuthority, "", "")
        if present is not None and _lasts(present.not_after, now):
            return present
        key = generate_private_key(SECP256R1()) if present is None else _load_key(transaction, present.secret_name)
        certificate = _issue_authority(key, now)
        authority = CertificateAuthority(
            account="",
            region="",
            certificate_pem=_to_pem(certificate),
            not_after=certificate.not_valid_after_utc.timestamp(),
        )
        transaction.put(authority)
        transaction.put_secret(authority.secret_name, _key_to_pem(key))
        return authority


def ensure_default_certificate(store: Store, region: str, suffix: str, now: float) -> DefaultCertificate:
    """The certificate for `*.execute-api.{region}.{suffix}`, issued by the authority, good for some time to come.

    It is issued anew when it nears its end, when the suffix is another one now, and when the authority is.
    """
    authority = ensure_authority(store, now)
    base = f"execute-api.{region}.{suffix}"
    names = (f"*.{base}", base)
    with store.transaction() as transaction:
        present = transaction.get(DefaultCertificate, "", region)
        if present is not None and _lasts(present.not_after, now) and _still_fits(present, names, authority):
            return present
        key = generate_private_key(SECP256R1())
        certificate = _issue_default(key, names, authority, _load_key(transaction, authority.secret_name), now)
        issued = DefaultCertificate(
            account="",
            region=region,
            certificate_pem=_to_pem(certificate),
            chain_pem=authority.certificate_pem,
            not_after=certificate.not_valid_after_utc.timestamp(),
        )
        transaction.put(issued)
        transaction.put_secret(issued.secret_name, _key_to_pem(key))
        return issued


def authority_pem(store: Store) -> str:
    """The authority's certificate, for clients to trust; `StoreError` before the first start."""
    with store.read() as reader:
        authority = reader.get(CertificateAuthority, "", "")
    if authority is None:
        raise StoreError("there is no certificate authority yet: `gatewright serve` makes one at its first start")
    return authority.certificate_pem


def _lasts(not_after: float, now: float) -> bool:
    return not_after - now >= RENEW_WITH_LEFT.total_seconds()


def _still_fits(present: DefaultCertificate, names: tuple[str, ...], authority: CertificateAuthority) -> bool:
    certificate = x509.load_pem_x509_certificate(present.certificate_pem.encode())
    covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    same_names = set(covered.get_values_for_type(x509.DNSName)) == set(names)
    return same_names and present.chain_pem == authority.certificate_pem


def _issue_authority(key: EllipticCurvePrivateKey, now: float) -> x509.Certificate:
    not_before = datetime.fromtimestamp(int(now), UTC) - BACKDATED
    return issue_certificate(
        self_issuer(_AUTHORITY_NAME, key),
        _ALGORITHM,
        subject=_AUTHORITY_NAME,
        public_key=key.public_key(),
        serial=x509.random_serial_number(),
        not_before=not_before,
        not_after=not_before + AUTHORITY_LIFE,
        extensions=(
            Extension(x509.BasicConstraints(ca=True, path_length=0), critical=True),
            # RFC 5280 4.2.1.3: an authority signs certificates and revocation lists.
            Extension(key_usage("key_cert_sign", "crl_sign"), critical=True),
        ),
    )


def _issue_default(
    key: EllipticCurvePrivateKey,
    names: tuple[str, ...],
    authority: CertificateAuthority,
    authority_key: EllipticCurvePrivateKey,
    now: float,
) -> x509.Certificate:
    issuer = x509.load_pem_x509_certificate(authority.certificate_pem.encode())
    not_before = datetime.fromtimestamp(int(now), UTC) - BACKDATED
    # A long suffix does not fit a common name; the subject is then empty and the names critical (RFC 5280 4.2.1.6).
    has_common_name = len(names[0]) <= _COMMON_NAME_MAX
    return issue_certificate(
        issuer_of(issuer, authority_key),
        _ALGORITHM,
        subject=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])] if has_common_name else []),
        public_key=key.public_key(),
        serial=x509.random_serial_number(),
        not_before=not_before,
        not_after=min(not_before + DEFAULT_CERTIFICATE_LIFE, issuer.not_valid_after_utc),
        extensions=(
            Extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=not has_common_name),
            Extension(x509.BasicConstraints(ca=False, path_length=None), critical=True),
            # RFC 5280 4.2.1.3: a TLS server with an EC key signs handshakes.
            Extension(key_usage("digital_signature"), critical=True),
            Extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])),
        ),
    )


def _load_key(transaction: Transaction, secret_name: str) -> EllipticCurvePrivateKey:
    pem = transaction.get_secret(secret_name)
    if pem is None:
        raise StoreError(f"the secret {secret_name} is missing from the store though its certificate is there")
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, EllipticCurvePrivateKey), "this module makes EC keys only"
    return key


def _to_pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def _key_to_pem(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
