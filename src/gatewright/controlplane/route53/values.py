"""What a record's value must look like for its type, and how the service says that it does not.

dnspython knows the presentation formats of all types. The types that people write by hand have the service's own words for
what is wrong (R for A, AAAA and TXT, U for the rest).
"""

import re
from collections.abc import Callable, Mapping
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from types import MappingProxyType
from typing import Final

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from gatewright.controlplane.route53.refusals import fatal_problem, read_name
from gatewright.core.dns.name import NameRefused
from gatewright.core.dns.spelling import to_master_file

#: One or more character strings in quotation marks, each of at most 255 octets; an escape is one.
_CHARACTER_STRING = re.compile(r'"((?:\\[0-3][0-7]{2}|\\[^0-9]|[^"\\\x00-\x08\x0a-\x1f])*)"')
_OCTET = re.compile(r"\\[0-3][0-7]{2}|\\.|.", re.DOTALL)
_MAX_CHARACTER_STRING: Final = 255
#: D: a TXT record's value, all strings of it.
_MAX_VALUE: Final = 4000


def find_problem(record_type: str, value: str) -> str | None:
    """Why the value cannot be one of this type, or None when it can."""
    if len(value) > _MAX_VALUE:
        return fatal_problem("ValueTooLong (Value is too long)", value[:64])
    found = _CHECKS.get(record_type, _nothing)(value)
    if found is not None:
        return found
    try:
        dns.rdata.from_text(
            dns.rdataclass.IN,
            dns.rdatatype.from_text(record_type),
            to_master_file(value),
            origin=dns.name.root,
            relativize=False,
        ).to_wire()
    except (dns.exception.DNSException, ValueError):
        return fatal_problem(f"{record_type}RRDATAInvalid (Value is not a valid {record_type} value)", value)
    return None


def _check_ipv4(value: str) -> str | None:
    try:
        IPv4Address(value)
    except AddressValueError:
        return fatal_problem("ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)", value)
    return None


def _check_ipv6(value: str) -> str | None:
    try:
        IPv6Address(value)
    except AddressValueError:
        return fatal_problem("AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)", value)
    return None


def _check_strings(value: str) -> str | None:
    position = 0
    while position < len(value):
        found = _CHARACTER_STRING.match(value, position)
        if found is None:
            return fatal_problem("InvalidCharacterString (Value should be enclosed in quotation marks)", value)
        if len(_OCTET.findall(found[1])) > _MAX_CHARACTER_STRING:
            return fatal_problem("CharacterStringTooLong (Value is too long)", value)
        position = found.end()
        while position < len(value) and value[position] in " \t":
            position += 1
    return None if value else fatal_problem("InvalidCharacterString (Value should be enclosed in quotation marks)", "")


def _check_name(value: str) -> str | None:
    try:
        read_name(value)
    except NameRefused as refused:
        return str(refused)
    return None


def _nothing(_value: str) -> None:
    return None


_CHECKS: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {
        "A": _check_ipv4,
        "AAAA": _check_ipv6,
        "TXT": _check_strings,
        "SPF": _check_strings,
        "CNAME": _check_name,
        "NS": _check_name,
        "PTR": _check_name,
    }
)
