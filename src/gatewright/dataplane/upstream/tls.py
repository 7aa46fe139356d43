"""TLS towards backends: verified against the system's roots and those of `--upstream-ca`, TLS 1.2 or newer (facts 7.7).

`tlsConfig.insecureSkipVerification` would let an unknown root pass while dates and names are still checked. Until that
finer check is built the flag changes nothing, because the other way to be wrong is to verify nothing
(docs/divergences.md).
"""

import ssl

import certifi

from gatewright.core.errors import GatewayError
from gatewright.core.integration.uri import Endpoint
from gatewright.core.reasons import (
    BACKEND_CERT_EXPIRED,
    BACKEND_NAME_MISMATCH,
    BACKEND_TLS_FAILED,
    BACKEND_UNTRUSTED_ROOT,
)

# OpenSSL's X509_V_ERR_* (openssl/x509_vfy.h): not yet valid, expired; name mismatches of host and address.
_OUTSIDE_VALIDITY = frozenset({9, 10})
_WRONG_NAME = frozenset({62, 64})


def make_client_context(upstream_ca: str | None) -> ssl.SSLContext:
    """The context for all backends. `upstream_ca`: a PEM file of further roots."""
    context = ssl.create_default_context()
    if not context.get_ca_certs() and not context.cert_store_stats()["x509_ca"]:
        # A system without a bundle of its own (a slim container): Mozilla's, as certifi packs it.
        context.load_verify_locations(certifi.where())
    if upstream_ca is not None:
        context.load_verify_locations(upstream_ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def translate_tls_error(error: ssl.SSLError, endpoint: Endpoint) -> GatewayError:
    """The reason behind a failed handshake with a backend."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message
        if error.verify_code in _OUTSIDE_VALIDITY:
            return GatewayError(BACKEND_CERT_EXPIRED, endpoint=endpoint, why=why)
        if error.verify_code in _WRONG_NAME:
            return GatewayError(BACKEND_NAME_MISMATCH, endpoint=endpoint, host=endpoint.host, subject=why, why=why)
        return GatewayError(BACKEND_UNTRUSTED_ROOT, endpoint=endpoint, why=why)
    return GatewayError(BACKEND_TLS_FAILED, endpoint=endpoint, why=error.reason or str(error))
