"""Certificates signed by the installation's own authority, at once: whoever asks is taken at their word.

D (ACM User Guide, "Certificate characteristics"): 198 days; server authentication only, since 2025. A client trusts them
when it trusts the local authority, whose certificate lies beside the data and is the chain here.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gatewright.core.x509.issuance import (
    SIGNING_ALGORITHMS,
    Extension,
    family_of,
    issue_certificate,
    issuer_of,
    key_usage,
)
from gatewright.core.x509.private_key import PrivateKey
from gatewright.model.identifiers import HEX, RandomText
from gatewright.model.records import CertificateAuthority
from gatewright.store.port import Reader

LIFE: Final = timedelta(days=198)
#: A client's clock may be somewhat behind ours.
BACKDATED: Final = timedelta(hours=1)

#: X.520's ub-common-name (RFC 5280 appendix A.1).
COMMON_NAME_MAX: Final = 64


def issue_locally(
    reader: Reader, names: tuple[str, ...], key: PrivateKey, *, now: float, random_text: RandomText
) -> tuple[str, str]:
    """A certificate for these names, the first of which is its common name, and its chain, in PEM."""
    authority = reader.get(CertificateAuthority, "", "")
    assert authority is not None, "an installation makes its authority before it serves"
    secret = reader.get_secret(authority.secret_name)
    assert secret is not None, "the store keeps the key of the authority that it keeps"
    signing_key = load_pem_private_key(secret, password=None)
    assert isinstance(signing_key, PrivateKey), "the authority's key is ECDSA"
    issuer = x509.load_pem_x509_certificate(authority.certificate_pem.encode())
    not_before = datetime.fromtimestamp(int(now), UTC) - BACKDATED
    certificate = issue_certificate(
        issuer_of(issuer, signing_key),
        SIGNING_ALGORITHMS["SHA256WITHECDSA"],
        subject=subject_of(names),
        public_key=key.public_key(),
        serial=int(random_text("1234567", 1) + random_text(HEX, 31), 16),
        not_before=not_before,
        # What outlives its issuer is refused by its clients.
        not_after=min(not_before + LIFE, issuer.not_valid_after_utc),
        extensions=(
            Extension(x509.BasicConstraints(ca=False, path_length=None), critical=True),
            Extension(key_usage(*_usages(key)), critical=True),
            Extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])),
            alternative_names(names),
        ),
    )
    return certificate.public_bytes(Encoding.PEM).decode("ascii"), authority.certificate_pem


def subject_of(names: tuple[str, ...]) -> x509.Name:
    """The first name, as the common name; a name that is too long for that leaves the subject empty."""
    fits = len(names[0]) <= COMMON_NAME_MAX
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])] if fits else [])


def alternative_names(names: tuple[str, ...]) -> Extension:
    """RFC 5280 section 4.2.1.6: critical where the subject is empty."""
    return Extension(
        x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=len(names[0]) > COMMON_NAME_MAX
    )


def _usages(key: PrivateKey) -> tuple[str, ...]:
    # RFC 8446 and RFC 5246: a server signs; with RSA it may also be sent an encrypted key.
    return ("digital_signature", "key_encipherment") if family_of(key) == "RSA" else ("digital_signature",)
