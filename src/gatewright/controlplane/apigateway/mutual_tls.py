"""Mutual TLS of a domain name: what has to be right when it is turned on, and what is kept beside the record while it is.

`settle_mutual_tls` asks, for a new domain name and for a changed one alike: Regional with TLS_1_2 (facts 3.1), a truststore
that can be read, certificates that prove ownership and clash with no other's. What was found right once is not asked
again because something else changes: a certificate that was re-imported since speaks through `domain_status`.
"""

from dataclasses import replace
from typing import Final

from gatewright.controlplane.apigateway import ownership
from gatewright.controlplane.apigateway.certificate_subjects import hold_subjects, issuer_of, subjects_of
from gatewright.controlplane.apigateway.domain_status import find_certificate_fault
from gatewright.controlplane.apigateway.open_endpoints import warn_of_open_endpoints
from gatewright.controlplane.apigateway.truststores import read_truststore
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import bad_request
from gatewright.model.records import DomainName, Truststore

# Guesses: the rules are documented, the sentences are not.
ONLY_REGIONAL: Final = "Mutual TLS authentication is only supported for domain names of endpoint type REGIONAL."
ONLY_TLS_1_2: Final = "Mutual TLS authentication is only supported with the security policy TLS_1_2."


def settle_mutual_tls(
    call: Call, domain: DomainName, previous: DomainName | None, *, reads_truststore: bool
) -> DomainName:
    """The record as it can be stored, with what lies beside it stored already; raises BadRequest for what cannot be.

    `reads_truststore`: the request speaks of the truststore. When mutual TLS was off before, it is read anyway.
    """
    mutual_tls = domain.mutual_tls_authentication
    turned_on = mutual_tls is not None and (previous is None or previous.mutual_tls_authentication is None)
    recertified = previous is None or _certificates(domain) != _certificates(previous)
    if domain.ownership_verification_certificate_arn is not None and (turned_on or recertified):
        ownership.verify_ownership_certificate(call, domain)
    if mutual_tls is None:
        forget_mutual_tls(call, previous)
        return domain
    # Facts 3.1.
    if domain.endpoint_configuration.types != ("REGIONAL",):
        raise bad_request(ONLY_REGIONAL)
    if domain.security_policy != "TLS_1_2":
        raise bad_request(ONLY_TLS_1_2)
    truststore = None
    if turned_on or reads_truststore:
        domain, truststore = read_truststore(call, domain)
    if turned_on or recertified:
        domain = _validate(call, domain)
    hold_subjects(call.transaction, previous, domain)
    if truststore is not None:
        call.transaction.put(truststore)
    if turned_on:
        warn_of_open_endpoints(call, domain)
    return domain


def forget_mutual_tls(call: Call, domain: DomainName | None) -> None:
    """The domain name asks for client certificates no longer: nothing is left of what lay beside the record."""
    if domain is not None and domain.mutual_tls_authentication is not None:
        hold_subjects(call.transaction, domain, None)
        call.transaction.delete_under(Truststore, domain.account, domain.region, domain.domain_name)


def _validate(call: Call, domain: DomainName) -> DomainName:
    """The record with whom its server certificate is for and from, found right; raises BadRequest when it is not."""
    assert domain.mutual_tls_authentication is not None
    server = ownership.find_certificate(call.transaction, domain.regional_certificate_arn)
    if server is None:
        raise bad_request("The provided certificate does not exist.")  # R
    fault = find_certificate_fault(call.transaction, domain, server)
    if fault is not None:
        raise bad_request(fault)
    ownership.verify_no_others_proof(call, domain, server)
    validated = replace(
        domain.mutual_tls_authentication,
        validated_subjects=subjects_of(server),
        validated_issuer=issuer_of(server),
    )
    return replace(domain, mutual_tls_authentication=validated)


def _certificates(domain: DomainName) -> tuple[str | None, str | None]:
    return domain.regional_certificate_arn, domain.ownership_verification_certificate_arn
