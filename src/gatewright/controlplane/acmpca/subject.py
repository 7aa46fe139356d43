"""Distinguished names: `ASN1Subject` on the wire, `NameAttribute`s in records, `x509.Name` in certificates."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from gatewright.controlplane.acmpca import refusals
from gatewright.controlplane.acmpca.refusals import invalid_args
from gatewright.model.records import NameAttribute

# M: ASN1Subject, in the model's order, which is taken for the order in the name (U); types as in X.520 and RFC 5280
# appendix A.1.
_TYPES: Mapping[str, x509.ObjectIdentifier] = MappingProxyType(
    {
        "Country": NameOID.COUNTRY_NAME,
        "Organization": NameOID.ORGANIZATION_NAME,
        "OrganizationalUnit": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "DistinguishedNameQualifier": NameOID.DN_QUALIFIER,
        "State": NameOID.STATE_OR_PROVINCE_NAME,
        "CommonName": NameOID.COMMON_NAME,
        "SerialNumber": NameOID.SERIAL_NUMBER,
        "Locality": NameOID.LOCALITY_NAME,
        "Title": NameOID.TITLE,
        "Surname": NameOID.SURNAME,
        "GivenName": NameOID.GIVEN_NAME,
        "Initials": NameOID.INITIALS,
        "Pseudonym": NameOID.PSEUDONYM,
        "GenerationQualifier": NameOID.GENERATION_QUALIFIER,
    }
)


def parse_subject(subject: Mapping[str, Any]) -> tuple[NameAttribute, ...]:
    """The attributes of an `ASN1Subject`; raises InvalidArgsException for one that has none, or mixes its two forms."""
    standard = tuple(NameAttribute(name, subject[name]) for name in _TYPES if subject.get(name))
    custom = tuple(
        NameAttribute(each["ObjectIdentifier"], each["Value"]) for each in subject.get("CustomAttributes") or ()
    )
    if standard and custom:
        raise invalid_args(refusals.CUSTOM_AND_STANDARD)
    return standard or custom


def render_subject(attributes: Sequence[NameAttribute]) -> dict[str, Any]:
    """The `ASN1Subject` again."""
    custom = [{"ObjectIdentifier": each.type, "Value": each.value} for each in attributes if each.type not in _TYPES]
    standard: dict[str, Any] = {each.type: each.value for each in attributes if each.type in _TYPES}
    return standard | ({"CustomAttributes": custom} if custom else {})


def make_name(attributes: Sequence[NameAttribute]) -> x509.Name:
    """The name of a certificate; raises InvalidArgsException for values that X.520 forbids."""
    try:
        return x509.Name(
            [
                x509.NameAttribute(_TYPES.get(each.type) or x509.ObjectIdentifier(each.type), each.value)
                for each in attributes
            ]
        )
    except ValueError as error:
        raise invalid_args(f"The subject is not a distinguished name: {str(error).rstrip('.')}.") from None
