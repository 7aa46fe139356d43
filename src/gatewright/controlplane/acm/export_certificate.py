"""ExportCertificate: the certificate with its private key, under a passphrase, for use outside."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from gatewright.controlplane.acm import refusals
from gatewright.controlplane.acm.holding import Holding, find_holding, not_issued_of
from gatewright.controlplane.acm.places import store_holding
from gatewright.controlplane.acm.refusals import validation_error
from gatewright.controlplane.call import Call
from gatewright.controlplane.private_keys import key_from_pem

# D: "you can use any ASCII character except #, $, or %".
_NOT_IN_PASSPHRASE = frozenset(b"#$%")


def export_certificate(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Certificate, chain and encrypted key (PKCS#8). From now on it is renewed whether or not something uses it (D)."""
    holding = find_holding(call, params["CertificateArn"])
    passphrase: bytes = params["Passphrase"]
    if not holding.is_exportable:
        raise validation_error(refusals.not_exportable(holding.arn))
    if not passphrase.isascii() or not _NOT_IN_PASSPHRASE.isdisjoint(passphrase):
        raise validation_error(refusals.PASSPHRASE)
    certificate, request = holding.certificate, holding.request
    if certificate is None:
        raise not_issued_of(holding, call.now)
    assert request is not None, "an imported certificate is not exportable"
    pem = call.transaction.get_secret(certificate.secret_name)
    assert pem is not None, "the store keeps the key of each certificate"
    key = key_from_pem(pem).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
    if request.exported_at is None:
        store_holding(call.transaction, Holding(certificate, replace(request, exported_at=call.now)))
    return {
        "Certificate": certificate.certificate_pem,
        "CertificateChain": certificate.chain_pem,
        "PrivateKey": key.decode("ascii"),
    }
