"""What UpdateDomainName may change (facts 1.6, 1.7), refused in the listing style (R: `Invalid patch path  '/…'`).

A setter changes the members that it names and knows nothing of certificates, targets or other domain names: whether
the record that comes out can stand is asked afterwards, once, by whoever stores it. Refused here are the paths of private
domain names, an endpoint type put in the place of another one, and what is not served yet: routing modes that look at
routing rules, since requests would go elsewhere than the domain name says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from gatewright.model.patch import PatchOperation, PatchRefused, PatchRule, PatchTable, RefusalStyle, Setter
from gatewright.model.patch_setters import clear, set_optional_text
from gatewright.model.records import DomainName, MutualTlsAuthentication


class EndpointMembers(NamedTuple):
    """Where a record keeps what belongs to one endpoint type."""

    certificate_name: str
    certificate_arn: str
    target: str
    hosted_zone_id: str


#: The two endpoint types of public domain names.
ENDPOINT_MEMBERS: Final[Mapping[str, EndpointMembers]] = {
    "EDGE": EndpointMembers(
        "certificate_name", "certificate_arn", "distribution_domain_name", "distribution_hosted_zone_id"
    ),
    "REGIONAL": EndpointMembers(
        "regional_certificate_name", "regional_certificate_arn", "regional_domain_name", "regional_hosted_zone_id"
    ),
}

TRUSTSTORE_URI_PATH: Final = "/mutualTlsAuthentication/truststoreUri"
TRUSTSTORE_VERSION_PATH: Final = "/mutualTlsAuthentication/truststoreVersion"
_CERTIFICATE_PATHS: Final = frozenset(
    {"/certificateName", "/certificateArn", "/regionalCertificateName", "/regionalCertificateArn"}
)

#: Where a truststore's URI is put into; whoever stores the record refuses one that has stayed without.
_NO_TRUSTSTORE: Final = MutualTlsAuthentication("")

#: M: the enum RoutingMode.
ROUTING_MODES: Final = ("BASE_PATH_MAPPING_ONLY", "ROUTING_RULE_ONLY", "ROUTING_RULE_THEN_BASE_PATH_MAPPING")

# R (UpdateRestApi)
INVALID_ENDPOINT_TYPE: Final = "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE"
INVALID_IP_ADDRESS_TYPE: Final = "ipAddressType must be either ipv4 or dualstack."
# Ours
PRIVATE_NOT_SERVED: Final = "Private custom domain names are not served by Gatewright yet: they come with private APIs."
ROUTING_RULES_NOT_SERVED: Final = (
    "Routing rules are not served by Gatewright yet: a domain name's routing mode can only be BASE_PATH_MAPPING_ONLY."
)
# Guesses: the rules are documented, the sentences are not.
ONLY_FOR_PRIVATE: Final = "Policies are only supported for private custom domain names."
INVALID_ACCESS_MODE: Final = "Invalid endpoint access mode specified. Valid options are BASIC,STRICT"
INVALID_ROUTING_MODE: Final = f"Invalid routing mode specified. Valid options are {','.join(ROUTING_MODES)}"
ADD_AND_REMOVE_CERTIFICATE: Final = "Cannot add and remove certificates in the same request."
LAST_ENDPOINT_TYPE: Final = "A domain name must have at least one endpoint type."


def names_truststore(operations: Sequence[PatchOperation]) -> bool:
    """Whether the request speaks of the truststore, which is then read, even if it names the same object again."""
    return any(operation.path in (TRUSTSTORE_URI_PATH, TRUSTSTORE_VERSION_PATH) for operation in operations)


def check_together(operations: Sequence[PatchOperation]) -> None:
    """Refuses what cannot travel in one request: to add and to remove certificates, or to add and remove endpoints."""
    certificates = {operation.op for operation in operations if operation.path in _CERTIFICATE_PATHS}
    if {"add", "remove"} <= certificates:
        raise PatchRefused(ADD_AND_REMOVE_CERTIFICATE)
    types = [operation for operation in operations if operation.path == "/endpointConfiguration/types"]
    added = [(operation.value or "").lower() for operation in types if operation.op == "add"]
    removed = [(operation.value or "").lower() for operation in types if operation.op == "remove"]
    if added and removed:
        # R (CloudFormation, 2021)
        raise PatchRefused(
            "Can only perform one update operation at a time. "
            f"Request would delete {removed[0]} endpoint, create {added[0]} endpoint"
        )


def _add_type(record: DomainName, operation: PatchOperation, _names: Mapping[str, str]) -> DomainName:
    added = operation.value or ""
    if added == "PRIVATE":
        raise PatchRefused(PRIVATE_NOT_SERVED)
    if added not in ENDPOINT_MEMBERS:
        raise PatchRefused(INVALID_ENDPOINT_TYPE)
    endpoint = record.endpoint_configuration
    if added in endpoint.types:
        return record
    return replace(record, endpoint_configuration=replace(endpoint, types=(*endpoint.types, added)))


def _remove_type(record: DomainName, operation: PatchOperation, names: Mapping[str, str]) -> DomainName:
    """The endpoint is gone with its certificate and its target (D: the last step of a migration)."""
    removed = names.get("type") or operation.value or ""
    if removed not in ENDPOINT_MEMBERS:
        raise PatchRefused(INVALID_ENDPOINT_TYPE)
    endpoint = record.endpoint_configuration
    types = tuple(each for each in endpoint.types if each != removed)
    if not types:
        raise PatchRefused(LAST_ENDPOINT_TYPE)
    cleared: dict[str, Any] = dict.fromkeys(ENDPOINT_MEMBERS[removed])
    return replace(record, endpoint_configuration=replace(endpoint, types=types), **cleared)


def _replace_type(record: DomainName, operation: PatchOperation, _names: Mapping[str, str]) -> DomainName:
    """R: one type cannot take another's place (Terraform tries it); to put the one that is there changes nothing."""
    if record.endpoint_configuration.types == (operation.value,):
        return record
    raise PatchRefused(f"{operation.path} Invalid request input")


def _set_ip_address_type(record: DomainName, operation: PatchOperation, _names: Mapping[str, str]) -> DomainName:
    if operation.value not in ("ipv4", "dualstack"):
        raise PatchRefused(INVALID_IP_ADDRESS_TYPE)
    endpoint = replace(record.endpoint_configuration, ip_address_type=operation.value)
    return replace(record, endpoint_configuration=endpoint)


def _set_access_mode(record: DomainName, operation: PatchOperation, _names: Mapping[str, str]) -> DomainName:
    """D: the empty mode goes with a return to a policy without one."""
    if operation.value not in ("BASIC", "STRICT", "", None):
        raise PatchRefused(INVALID_ACCESS_MODE)
    return replace(record, endpoint_access_mode=operation.value or None)


def parse_routing_mode(text: str | None) -> str:
    """A routing mode that is served; `PatchRefused` for the others and for what is none."""
    if text not in ROUTING_MODES:
        raise PatchRefused(INVALID_ROUTING_MODE)
    if text != "BASE_PATH_MAPPING_ONLY":
        raise PatchRefused(ROUTING_RULES_NOT_SERVED)
    return text


def _set_routing_mode(record: DomainName, operation: PatchOperation, _names: Mapping[str, str]) -> DomainName:
    return replace(record, routing_mode=parse_routing_mode(operation.value))


def _set_truststore_uri(record: DomainName, operation: PatchOperation, _names: Mapping[str, str]) -> DomainName:
    """S: an empty URI turns mutual TLS off, and the version goes with it."""
    if operation.op == "remove" or not operation.value:
        return replace(record, mutual_tls_authentication=None)
    mutual_tls = record.mutual_tls_authentication or _NO_TRUSTSTORE
    return replace(record, mutual_tls_authentication=replace(mutual_tls, truststore_uri=operation.value))


def _set_truststore_version(record: DomainName, operation: PatchOperation, _names: Mapping[str, str]) -> DomainName:
    """Without a version the object's current one is meant. A URI may come after it in the same request."""
    version = None if operation.op == "remove" else operation.value or None
    if record.mutual_tls_authentication is None and version is None:
        return record
    mutual_tls = record.mutual_tls_authentication or _NO_TRUSTSTORE
    return replace(record, mutual_tls_authentication=replace(mutual_tls, truststore_version=version))


def _refuse_policy(_record: DomainName, _operation: PatchOperation, _names: Mapping[str, str]) -> DomainName:
    raise PatchRefused(ONLY_FOR_PRIVATE)


def _text(path: str, attribute: str) -> PatchRule[DomainName]:
    setter: Setter[DomainName] = set_optional_text(attribute)
    return PatchRule(path, add=setter, replace=setter, remove=clear(attribute))


TABLE: Final[PatchTable[DomainName]] = PatchTable(
    (
        _text("/certificateName", "certificate_name"),
        _text("/certificateArn", "certificate_arn"),
        _text("/regionalCertificateName", "regional_certificate_name"),
        _text("/regionalCertificateArn", "regional_certificate_arn"),
        PatchRule("/endpointConfiguration/types", add=_add_type, remove=_remove_type),
        PatchRule("/endpointConfiguration/types/{type}", replace=_replace_type, remove=_remove_type),
        PatchRule("/endpointConfiguration/ipAddressType", replace=_set_ip_address_type),
        PatchRule("/securityPolicy", replace=set_optional_text("security_policy")),
        PatchRule("/endpointAccessMode", replace=_set_access_mode),
        PatchRule("/routingMode", replace=_set_routing_mode),
        PatchRule("/policy", replace=_refuse_policy),
        PatchRule("/managementPolicy", replace=_refuse_policy),
        PatchRule(
            TRUSTSTORE_URI_PATH,
            add=_set_truststore_uri,
            replace=_set_truststore_uri,
            remove=_set_truststore_uri,
        ),
        PatchRule(
            TRUSTSTORE_VERSION_PATH,
            add=_set_truststore_version,
            replace=_set_truststore_version,
            remove=_set_truststore_version,
        ),
        _text("/ownershipVerificationCertificateArn", "ownership_verification_certificate_arn"),
    ),
    style=RefusalStyle.LISTING,
)
