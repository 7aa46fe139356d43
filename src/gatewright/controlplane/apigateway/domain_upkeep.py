"""What domain names with mutual TLS need without anybody calling: that a change of their status is told.

The status itself is always found from the records and the clock (`domain_status`). Here the record that workers and
backups have is brought in step with it, and the log says what happened: an ownership verification certificate has expired,
a re-imported certificate is not accepted, or all is well again. That is looked for from time to time, and at once where a
certificate is imported anew (`validated_certificates`) or renewed. A certificate that was re-imported with other names, and
accepted, holds those names from here on.
"""

import logging
from dataclasses import replace

from gatewright.controlplane.acm.associations import users_of
from gatewright.controlplane.apigateway import ownership
from gatewright.controlplane.apigateway.certificate_subjects import hold_subjects, subjects_of
from gatewright.controlplane.apigateway.domain_status import AVAILABLE, current_status
from gatewright.model.identifiers import apigateway_arn
from gatewright.model.records import Certificate, DomainName
from gatewright.store.port import Reader, Store, Transaction

logger = logging.getLogger(__name__)


def look_after_domain_names(store: Store, now: float) -> None:
    """Brings every record in step with its status; where all are, nothing is written."""
    with store.read() as reader:
        stale = [
            domain
            for domain in reader.all(DomainName)
            if domain.mutual_tls_authentication is not None and _in_step(reader, domain, now) != domain
        ]
    for seen in stale:
        with store.transaction() as transaction:
            domain = transaction.get(DomainName, seen.account, seen.region, *seen.key)
            if domain is not None:
                bring_in_step(transaction, domain, now)


def follow_renewal(transaction: Transaction, certificate: Certificate, now: float) -> None:
    """The certificate was renewed; the domain names that may have waited for it are brought in step."""
    prefix = apigateway_arn(certificate.region, "/domainnames/")
    for arn in users_of(transaction, certificate):
        name = arn.removeprefix(prefix)
        domain = transaction.get(DomainName, certificate.account, certificate.region, name)
        if domain is not None and domain.mutual_tls_authentication is not None:
            bring_in_step(transaction, domain, now)


def bring_in_step(transaction: Transaction, domain: DomainName, now: float) -> None:
    """The record of a domain name with mutual TLS says what its status is, and the log when that is another."""
    current = _in_step(transaction, domain, now)
    if current == domain:
        return
    hold_subjects(transaction, domain, current)
    transaction.put(current)
    if current.domain_name_status != domain.domain_name_status:
        _tell(current)


def _in_step(reader: Reader, domain: DomainName, now: float) -> DomainName:
    status = current_status(reader, domain, now)
    mutual_tls = domain.mutual_tls_authentication
    server = ownership.find_certificate(reader, domain.regional_certificate_arn)
    if mutual_tls is not None and server is not None and status == AVAILABLE:
        mutual_tls = replace(mutual_tls, validated_subjects=subjects_of(server))
    return replace(
        domain,
        mutual_tls_authentication=mutual_tls,
        domain_name_status=status.status,
        domain_name_status_message=status.message,
    )


def _tell(domain: DomainName) -> None:
    if domain.domain_name_status == AVAILABLE.status:
        logger.info("Domain name %s is AVAILABLE again.", domain.domain_name)
    else:
        logger.warning(
            "Domain name %s is %s: %s", domain.domain_name, domain.domain_name_status, domain.domain_name_status_message
        )
