"""`$context.identity.clientCert`: what mappings, events and access logs are told of a client's certificate.

What this module knows: the variables and their formats (facts 3.4). The order of a name's parts is not published; ours
is that of `openssl x509 -nameopt RFC2253` (the most specific first, no space after the comma), with characters beyond
ASCII escaped byte by byte as there, so that a name can stand in a header.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from gatewright.core.x509.certificate import CertificateFacts

# `%b` would follow the locale.
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class ClientCertificateVariables(NamedTuple):
    """The variables, spelt as they are shown."""

    client_cert_pem: str
    subject_dn: str
    issuer_dn: str
    serial_number: str
    not_before: str
    not_after: str

    def as_event(self) -> Mapping[str, Any]:
        """`requestContext.identity.clientCert` of an event 1.0, `requestContext.authentication.clientCert` of 2.0."""
        return nest_variables(self.as_variables())

    def as_variables(self) -> Mapping[str, str]:
        """By the name after `$context.identity.clientCert.`."""
        return {
            "clientCertPem": self.client_cert_pem,
            "subjectDN": self.subject_dn,
            "issuerDN": self.issuer_dn,
            "serialNumber": self.serial_number,
            "validity.notBefore": self.not_before,
            "validity.notAfter": self.not_after,
        }


def nest_variables(variables: Mapping[str, str]) -> Mapping[str, Any]:
    """`clientCert` as an event has it, of what `as_variables` gives."""
    return {
        "clientCertPem": variables["clientCertPem"],
        "subjectDN": variables["subjectDN"],
        "issuerDN": variables["issuerDN"],
        "serialNumber": variables["serialNumber"],
        "validity": {"notBefore": variables["validity.notBefore"], "notAfter": variables["validity.notAfter"]},
    }


def render_client_certificate(certificate: CertificateFacts) -> ClientCertificateVariables:
    """The variables of a certificate."""
    return ClientCertificateVariables(
        client_cert_pem=certificate.pem,
        subject_dn=_escape(certificate.subject_rfc4514),
        issuer_dn=_escape(certificate.issuer_rfc4514),
        serial_number=certificate.serial,
        not_before=render_validity_time(certificate.not_before),
        not_after=render_validity_time(certificate.not_after),
    )


def render_validity_time(instant: datetime) -> str:
    """`Aug  5 09:36:04 2021 GMT`: the day padded to two columns; the instant is in UTC."""
    return f"{_MONTHS[instant.month - 1]} {instant.day:2d} {instant:%H:%M:%S} {instant.year} GMT"


def _escape(name: str) -> str:
    return "".join(each if " " <= each <= "~" else "".join(f"\\{byte:02X}" for byte in each.encode()) for each in name)
