"""Distinguished names: when two are the same name, and when one lies below another.

What this module knows: RFC 5280 section 7.1 compares names after case and white space are folded. We fold what OpenSSL
folds (`X509_NAME`'s canonical encoding): ASCII letters and ASCII white space of the character string types; the rest of
RFC 4518's string preparation is left out there and here. The kind of character string does not matter, so a name that
was re-encoded from PrintableString to UTF8String still chains.
"""

from typing import Final

from cryptography import x509
from cryptography.x509.name import _ASN1Type

#: Attributes of one relative name, sorted: their object identifiers and folded values.
CanonicalPart = tuple[tuple[str, str | bytes], ...]
#: A hashable name: two names are the same when these are equal; a prefix is the name of an ancestor in the directory.
CanonicalName = tuple[CanonicalPart, ...]

# OpenSSL's ASN1_MASK_CANON. Values of other types (NumericString, BIT STRING) are compared as they are.
_FOLDED: Final = frozenset(
    {
        _ASN1Type.UTF8String,
        _ASN1Type.BMPString,
        _ASN1Type.UniversalString,
        _ASN1Type.PrintableString,
        _ASN1Type.T61String,
        _ASN1Type.IA5String,
        _ASN1Type.VisibleString,
    }
)
_WHITE_SPACE: Final = " \t\n\v\f\r"
_FOLD_CASE: Final = str.maketrans({chr(letter): chr(letter + 32) for letter in range(ord("A"), ord("Z") + 1)})


def canonicalize_name(name: x509.Name) -> CanonicalName:
    """The name as it is compared."""
    return tuple(
        tuple(sorted(((part.oid.dotted_string, _fold(part)) for part in relative), key=repr)) for relative in name.rdns
    )


def lies_below(name: CanonicalName, base: CanonicalName) -> bool:
    """The name is the base or lies in the directory below it (RFC 5280 section 4.2.1.10)."""
    return name[: len(base)] == base


def _fold(attribute: "x509.NameAttribute[str | bytes]") -> str | bytes:
    value = attribute.value
    if isinstance(value, bytes) or attribute._type not in _FOLDED:  # noqa: SLF001 - pyca shows the type nowhere else
        return value if isinstance(value, bytes) else value.encode()
    for space in _WHITE_SPACE[1:]:
        value = value.replace(space, " ")
    return " ".join(filter(None, value.split(" "))).translate(_FOLD_CASE)
