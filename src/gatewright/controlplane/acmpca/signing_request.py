"""Certificate signing requests that callers send: read, and believed only when they are signed by their own key."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gatewright.controlplane.acmpca import refusals
from gatewright.controlplane.acmpca.refusals import malformed_csr
from gatewright.core.x509.issuance import Extension
from gatewright.core.x509.private_key import PrivateKey


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """What a request asks for: proof of its key's possession was checked."""

    subject: x509.Name
    public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey
    extensions: tuple[Extension, ...]

    def is_for(self, key: PrivateKey) -> bool:
        """Whether it was made with this key."""
        mine, given = (
            each.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            for each in (self.public_key, key.public_key())
        )
        return mine == given


def parse_signing_request(pem: bytes) -> SigningRequest:
    """The request of a PEM text; raises MalformedCSRException."""
    try:
        request = x509.load_pem_x509_csr(pem)
        key, subject = request.public_key(), request.subject
        extensions = tuple(Extension(each.value, each.critical) for each in request.extensions)
        is_genuine = request.is_signature_valid
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        raise malformed_csr(refusals.CSR_UNREADABLE) from None
    if not is_genuine:
        raise malformed_csr(refusals.CSR_SIGNATURE)
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise malformed_csr(refusals.CSR_KEY)
    return SigningRequest(subject, key, extensions)
