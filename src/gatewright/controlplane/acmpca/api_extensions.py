"""`ApiPassthrough`'s extensions, and the key usage of a CSR, as X.509 has them."""

import base64
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from gatewright.controlplane.acmpca.refusals import invalid_args
from gatewright.controlplane.acmpca.subject import make_name, parse_subject
from gatewright.core.x509.issuance import Extension, key_usage

#: M: KeyUsage's members, by pyca's names for the bits.
KEY_USAGES: Mapping[str, str] = MappingProxyType(
    {
        "DigitalSignature": "digital_signature",
        "NonRepudiation": "content_commitment",
        "KeyEncipherment": "key_encipherment",
        "DataEncipherment": "data_encipherment",
        "KeyAgreement": "key_agreement",
        "KeyCertSign": "key_cert_sign",
        "CRLSign": "crl_sign",
        "EncipherOnly": "encipher_only",
        "DecipherOnly": "decipher_only",
    }
)

# M: ExtendedKeyUsageType. The last three: Microsoft's smart card logon and document signing, and RFC 6962 section 3.1.
_PURPOSES: Mapping[str, x509.ObjectIdentifier] = MappingProxyType(
    {
        "SERVER_AUTH": ExtendedKeyUsageOID.SERVER_AUTH,
        "CLIENT_AUTH": ExtendedKeyUsageOID.CLIENT_AUTH,
        "CODE_SIGNING": ExtendedKeyUsageOID.CODE_SIGNING,
        "EMAIL_PROTECTION": ExtendedKeyUsageOID.EMAIL_PROTECTION,
        "TIME_STAMPING": ExtendedKeyUsageOID.TIME_STAMPING,
        "OCSP_SIGNING": ExtendedKeyUsageOID.OCSP_SIGNING,
        "SMART_CARD_LOGIN": x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.2"),
        "DOCUMENT_SIGNING": x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),
        "CERTIFICATE_TRANSPARENCY": x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.4"),
    }
)

# X.690 section 8.14: an OtherName's value is any DER; the API gives text, which is a UTF8String here.
_UTF8_STRING = 0x0C
_LONGEST_SHORT_LENGTH = 0x7F


def parse_extensions(extensions: Mapping[str, Any]) -> tuple[Extension, ...]:
    """The extensions of an `ApiPassthrough`; raises InvalidArgsException for what X.509 cannot say."""
    try:
        return tuple(_extensions(extensions))
    except ValueError as error:
        raise invalid_args(f"The extensions of ApiPassthrough are not valid: {str(error).rstrip('.')}.") from None


def parse_key_usage(usage: Mapping[str, bool]) -> x509.KeyUsage:
    """The extension; raises InvalidArgsException for bits that contradict one another."""
    try:
        return key_usage(*(KEY_USAGES[name] for name, is_set in usage.items() if is_set))
    except ValueError as error:
        raise invalid_args(f"The key usage is not valid: {str(error).rstrip('.')}.") from None


def _extensions(extensions: Mapping[str, Any]) -> Iterator[Extension]:
    if names := extensions.get("SubjectAlternativeNames"):
        yield Extension(x509.SubjectAlternativeName([_general_name(name) for name in names]))
    if usage := extensions.get("KeyUsage"):
        # RFC 5280 section 4.2.1.3: "conforming CAs SHOULD mark this extension as critical".
        yield Extension(parse_key_usage(usage), critical=True)
    if purposes := extensions.get("ExtendedKeyUsage"):
        yield Extension(x509.ExtendedKeyUsage([_purpose(purpose) for purpose in purposes]))
    if policies := extensions.get("CertificatePolicies"):
        yield Extension(x509.CertificatePolicies([_policy(policy) for policy in policies]))
    for custom in extensions.get("CustomExtensions") or ():
        oid = x509.ObjectIdentifier(custom["ObjectIdentifier"])
        value = x509.UnrecognizedExtension(oid, base64.b64decode(custom["Value"], validate=True))
        yield Extension(value, custom.get("Critical", False))


def _general_name(name: Mapping[str, Any]) -> x509.GeneralName:
    match [(kind, value) for kind, value in name.items() if value is not None]:
        case [("DnsName", str(text))]:
            return x509.DNSName(text)
        case [("Rfc822Name", str(text))]:
            return x509.RFC822Name(text)
        case [("UniformResourceIdentifier", str(text))]:
            return x509.UniformResourceIdentifier(text)
        case [("IpAddress", str(text))]:
            return x509.IPAddress(ip_address(text))
        case [("RegisteredId", str(text))]:
            return x509.RegisteredID(x509.ObjectIdentifier(text))
        case [("DirectoryName", subject)]:
            return x509.DirectoryName(make_name(parse_subject(subject)))
        case [("OtherName", other)]:
            return x509.OtherName(x509.ObjectIdentifier(other["TypeId"]), _utf8_string(other["Value"]))
        case [("EdiPartyName", _)]:
            raise ValueError("EdiPartyName is not served by Gatewright")
    raise ValueError("a general name has exactly one form")


def _utf8_string(text: str) -> bytes:
    content = text.encode()
    if len(content) <= _LONGEST_SHORT_LENGTH:
        return bytes((_UTF8_STRING, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((_UTF8_STRING, 0x80 | len(length))) + length + content


def _purpose(purpose: Mapping[str, str]) -> x509.ObjectIdentifier:
    match purpose:
        case {"ExtendedKeyUsageType": name, **rest} if not rest:
            return _PURPOSES[name]
        case {"ExtendedKeyUsageObjectIdentifier": oid, **rest} if not rest:
            return x509.ObjectIdentifier(oid)
    raise ValueError("an extended key usage has either a type or an object identifier")


def _policy(policy: Mapping[str, Any]) -> x509.PolicyInformation:
    # M: CPS is the only qualifier, and its URI is pyca's plain string (RFC 5280 section 4.2.1.4).
    uris = [each["Qualifier"]["CpsUri"] for each in policy.get("PolicyQualifiers") or ()]
    return x509.PolicyInformation(x509.ObjectIdentifier(policy["CertPolicyId"]), uris or None)
