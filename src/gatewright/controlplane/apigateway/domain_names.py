"""Custom domain names: creation, reading, change, and deletion with their mappings (facts 1.7).

What this module keeps to:

- A domain name is stored and found in its canonical form: lower case, A-labels.
- A name belongs to one account in the whole installation, and once to a region: clients reach all regions through one
  listener, so a second account's name would take the first one's traffic. For the same reason a wildcard and the names
  under it belong to one account (D).
- Edge-optimized domain names are served from here like Regional ones. Private ones and routing rules are refused until
  they can be enforced.
- Which certificates a domain name uses is kept as associations, and what mutual TLS needs beside the record, in step with
  the record, by `_store` alone.
- The status is found anew whenever a domain name is shown or changed (`domain_status`, `domain_rollout`).
"""

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any, Final

from gatewright.controlplane.acm.associations import set_associations
from gatewright.controlplane.apigateway.domain_endpoints import settle
from gatewright.controlplane.apigateway.domain_rollout import status_after_update, status_on_the_way
from gatewright.controlplane.apigateway.domain_status import DomainStatus, current_status
from gatewright.controlplane.apigateway.mapping_targets import delete_mappings_of_domain
from gatewright.controlplane.apigateway.mutual_tls import forget_mutual_tls, settle_mutual_tls
from gatewright.controlplane.apigateway.pagination import page_under
from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.apigateway.quotas import check_tags
from gatewright.controlplane.apigateway.timestamps import shown_instant
from gatewright.controlplane.apigateway.validated_certificates import release_accepted
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError, bad_request, not_found
from gatewright.controlplane.rollout import Place
from gatewright.core.domains.hostname import parse_domain_name, wildcard_of
from gatewright.model.identifiers import apigateway_arn
from gatewright.model.patch import PatchRefused, parse_patch_operations
from gatewright.model.patch_tables.domain_name import (
    INVALID_ENDPOINT_TYPE,
    ONLY_FOR_PRIVATE,
    PRIVATE_NOT_SERVED,
    TABLE,
    check_together,
    names_truststore,
    parse_routing_mode,
)
from gatewright.model.records import DomainName, EndpointConfiguration, MutualTlsAuthentication

#: M: deprecated members, by which a certificate used to be uploaded.
_UPLOADED: Final = ("certificateBody", "certificatePrivateKey", "certificateChain")

ALREADY_EXISTS: Final = "The domain name you provided already exists."  # R
NOT_FOUND: Final = "Invalid domain name identifier specified"  # R
# Guess: the rule is documented, the sentence is not.
LOCKED: Final = (
    "The domain name cannot be updated while its status is PENDING_OWNERSHIP_VERIFICATION. Set "
    "ownershipVerificationCertificateArn to a valid certificate first."
)


def create_domain_name(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The name is served with its certificate from now on; its mappings say by which APIs."""
    name = _parse_new_name(params["domainName"])
    _refuse_unserved(params)
    _check_available(call, name)
    tags = params.get("tags") or {}
    check_tags(tags)
    draft = DomainName(
        account=call.account,
        region=call.region,
        domain_name=name,
        endpoint_configuration=_parse_endpoint_configuration(params.get("endpointConfiguration")),
        created_date=call.now,
        certificate_name=params.get("certificateName") or None,
        certificate_arn=params.get("certificateArn") or None,
        regional_certificate_name=params.get("regionalCertificateName") or None,
        regional_certificate_arn=params.get("regionalCertificateArn") or None,
        security_policy=params.get("securityPolicy") or "TLS_1_2",  # D: of all custom domain names
        endpoint_access_mode=params.get("endpointAccessMode") or None,
        mutual_tls_authentication=_parse_mutual_tls(params.get("mutualTlsAuthentication")),
        ownership_verification_certificate_arn=params.get("ownershipVerificationCertificateArn") or None,
        routing_mode=_parse_routing_mode(params.get("routingMode")),
        tags=tags,
    )
    record = _store(call, draft, previous=None, reads_truststore=True)
    return render_domain_name(record, current_status(call.transaction, record, call.now))


def get_domain_name(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One domain name."""
    return _show(call, require_domain_name(call, params), call.rollout.unacknowledged())


def get_domain_names(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of the account's domain names in the region. Other accounts share private ones only: there are none."""
    if params.get("resourceOwner", "SELF") != "SELF":
        return {"items": []}
    page, position = page_under(call, DomainName, params)
    unacknowledged = call.rollout.unacknowledged()
    return {"items": [_show(call, record, unacknowledged) for record in page], "position": position}


def update_domain_name(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The domain name after the patch operations, which is told to the workers before the answer is sent."""
    previous = require_domain_name(call, params)
    try:
        operations = parse_patch_operations(params.get("patchOperations"))
        check_together(operations)
    except PatchRefused as refused:
        raise ServiceError(refused.code, refused.message) from refused
    draft = patched(previous, params, TABLE)
    if current_status(call.transaction, previous, call.now).locks_updates:
        # Another ownership verification certificate has to end the lock by itself: nothing else may.
        arn = draft.ownership_verification_certificate_arn
        proven = replace(previous, ownership_verification_certificate_arn=arn)
        if current_status(call.transaction, proven, call.now).locks_updates:
            raise bad_request(LOCKED)
    reads_truststore = names_truststore(operations)
    record = _store(call, draft, previous, reads_truststore=reads_truststore)
    status = current_status(call.transaction, record, call.now)
    return render_domain_name(record, status_after_update(status, previous, record, reads_truststore=reads_truststore))


def delete_domain_name(call: Call, params: Mapping[str, Any]) -> None:
    """The name is served no longer; its mappings go with it, its certificates are free."""
    record = require_domain_name(call, params)
    delete_mappings_of_domain(call.transaction, record)
    forget_mutual_tls(call, record)
    set_associations(call.transaction, domain_name_arn(record), before=_certificates(record), after=())
    call.transaction.delete(record)
    release_accepted(call.transaction, call.now)


def require_domain_name(call: Call, params: Mapping[str, Any]) -> DomainName:
    """The caller's domain name that `domainName` names in any spelling; NotFound otherwise."""
    # M: only private custom domain names have an id.
    if params.get("domainNameId"):
        raise not_found(NOT_FOUND)
    try:
        name = parse_domain_name(params["domainName"])
    except ValueError:
        raise not_found(NOT_FOUND) from None
    record = call.transaction.get(DomainName, call.account, call.region, name)
    if record is None:
        raise not_found(NOT_FOUND)
    return record


def domain_name_arn(record: DomainName) -> str:
    """`arn:aws:apigateway:{region}::/domainnames/{name}`."""
    return apigateway_arn(record.region, f"/domainnames/{record.domain_name}")


def render_domain_name(record: DomainName, status: DomainStatus) -> dict[str, Any]:
    """The domain name in the service's member names. D: public ones show an ARN too, without an account."""
    uploaded = record.certificate_upload_date
    mutual_tls = record.mutual_tls_authentication
    return {
        "domainName": record.domain_name,
        "domainNameArn": domain_name_arn(record),
        "certificateName": record.certificate_name,
        "certificateArn": record.certificate_arn,
        "certificateUploadDate": None if uploaded is None else shown_instant(uploaded),
        "regionalDomainName": record.regional_domain_name,
        "regionalHostedZoneId": record.regional_hosted_zone_id,
        "regionalCertificateName": record.regional_certificate_name,
        "regionalCertificateArn": record.regional_certificate_arn,
        "distributionDomainName": record.distribution_domain_name,
        "distributionHostedZoneId": record.distribution_hosted_zone_id,
        "endpointConfiguration": {
            "types": list(record.endpoint_configuration.types),
            "ipAddressType": record.endpoint_configuration.ip_address_type,
        },
        "domainNameStatus": status.status,
        "domainNameStatusMessage": status.message,
        "securityPolicy": record.security_policy,
        "endpointAccessMode": record.endpoint_access_mode,
        "tags": dict(record.tags),
        "mutualTlsAuthentication": None if mutual_tls is None else _render_mutual_tls(mutual_tls),
        "ownershipVerificationCertificateArn": record.ownership_verification_certificate_arn,
        "routingMode": record.routing_mode,
    }


def _show(call: Call, record: DomainName, unacknowledged: Container[Place]) -> dict[str, Any]:
    status = current_status(call.transaction, record, call.now)
    return render_domain_name(record, status_on_the_way(status, record, unacknowledged))


def _render_mutual_tls(mutual_tls: MutualTlsAuthentication) -> dict[str, Any]:
    # R (Terraform's provider): without a version and without warnings these members are absent.
    return {
        "truststoreUri": mutual_tls.truststore_uri,
        "truststoreVersion": mutual_tls.truststore_version,
        "truststoreWarnings": list(mutual_tls.truststore_warnings) or None,
    }


def _store(call: Call, draft: DomainName, previous: DomainName | None, *, reads_truststore: bool) -> DomainName:
    settled = settle(call, draft, previous)
    settled = settle_mutual_tls(call, settled, previous, reads_truststore=reads_truststore)
    status = current_status(call.transaction, settled, call.now)
    record = replace(settled, domain_name_status=status.status, domain_name_status_message=status.message)
    call.transaction.put(record)
    set_associations(
        call.transaction,
        domain_name_arn(record),
        before=_certificates(previous) if previous else (),
        after=_certificates(record),
    )
    release_accepted(call.transaction, call.now)
    return record


def _certificates(record: DomainName) -> tuple[str | None, ...]:
    return (record.certificate_arn, record.regional_certificate_arn, record.ownership_verification_certificate_arn)


def _parse_new_name(text: str) -> str:
    if not text:
        raise bad_request("No Domain Name specified")  # C
    try:
        return parse_domain_name(text)
    except ValueError as error:
        # Guess: that it is a BadRequest; the sentence is ours and names the rule.
        raise bad_request(f"Invalid domain name specified. {error}") from None


def _refuse_unserved(params: Mapping[str, Any]) -> None:
    """Refuses, rather than forgets, what this installation would not enforce."""
    if "PRIVATE" in ((params.get("endpointConfiguration") or {}).get("types") or ()):
        raise bad_request(PRIVATE_NOT_SERVED)
    if params.get("policy"):
        raise bad_request(ONLY_FOR_PRIVATE)
    if any(params.get(member) for member in _UPLOADED):
        # M: deprecated, "Certificate Manager is the only supported source".
        raise bad_request(
            "Certificates are not uploaded with a domain name. Import yours into AWS Certificate Manager and specify "
            "its ARN."
        )


def _parse_mutual_tls(given: Mapping[str, Any] | None) -> MutualTlsAuthentication | None:
    """What is asked for; an empty URI alone asks for nothing, as in an update."""
    given = given or {}
    uri, version = given.get("truststoreUri") or "", given.get("truststoreVersion") or None
    return MutualTlsAuthentication(uri, version) if uri or version else None


def _parse_routing_mode(given: str | None) -> str:
    try:
        return parse_routing_mode(given or "BASE_PATH_MAPPING_ONLY")  # D: unless told
    except PatchRefused as refused:
        raise ServiceError(refused.code, refused.message) from refused


def _parse_endpoint_configuration(given: Mapping[str, Any] | None) -> EndpointConfiguration:
    """D: EDGE unless told, as for APIs."""
    given = given or {}
    types = tuple(given.get("types", ("EDGE",)))
    if not types or len(set(types)) != len(types):
        raise bad_request(INVALID_ENDPOINT_TYPE)
    return EndpointConfiguration(types, given.get("ipAddressType") or "ipv4")


def _check_available(call: Call, name: str) -> None:
    """Refuses a name that is taken in this region or by another account, and one that another account's wildcard has."""
    holders = call.transaction.find(DomainName, name)
    if any(holder.region == call.region or holder.account != call.account for holder in holders):
        raise bad_request(ALREADY_EXISTS)
    if any(other.account != call.account for other in _overlapping(call, name)):
        # D: refused; the sentence is a guess, that of a name which is taken.
        raise bad_request(ALREADY_EXISTS)


def _overlapping(call: Call, name: str) -> list[DomainName]:
    """The names under a wildcard, or the wildcard over a name, whoever has them."""
    if name.startswith("*."):
        # A new wildcard is rare enough to look at every name once.
        return [other for other in call.transaction.all(DomainName) if wildcard_of(other.domain_name) == name]
    wildcard = wildcard_of(name)
    return call.transaction.find(DomainName, wildcard) if wildcard else []
