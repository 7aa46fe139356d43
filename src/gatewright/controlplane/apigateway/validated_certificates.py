"""What a domain name with mutual TLS is served with while the certificate of its ARN was imported anew and not accepted.

What this module knows (seed 003): the new certificate "failed validation", and the domain name waits for a valid one
(PENDING_CERTIFICATE_REIMPORT). Clients of it must not meet meanwhile what was refused, so the certificate and the key that
were accepted last are kept for the domain name, and served. What it keeps to:

- There is a `ValidatedCertificate` exactly while the certificate of the ARN is refused. It comes with the import that is
  refused, and goes, with its secret, in the transaction that ends the refusal: a valid import, another certificate or
  another proof of ownership, the end of a conflict with another domain name, of mutual TLS, or of the domain name.
- Several bad imports change nothing: what is kept is what was accepted, not what came before.
- A renewal by ACM has the names and the issuer of what it renews, so nothing is asked of it here.
- Without mutual TLS nothing is asked of an import, and it is served at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from gatewright.controlplane.acm.associations import users_of
from gatewright.controlplane.apigateway import ownership
from gatewright.controlplane.apigateway.domain_status import find_reimport_fault
from gatewright.controlplane.apigateway.domain_upkeep import bring_in_step
from gatewright.model.identifiers import apigateway_arn
from gatewright.model.records import Certificate, DomainName, ValidatedCertificate
from gatewright.store.port import Reader, Transaction


@dataclass(frozen=True, slots=True)
class Replaced:
    """A certificate as it was before it was imported anew, with its private key (PEM)."""

    certificate: Certificate
    key_pem: bytes = field(repr=False)


def follow_reimport(transaction: Transaction, replaced: Replaced, now: float) -> None:
    """The new contents are stored; every domain name with mutual TLS goes on with what it may be served with."""
    before = replaced.certificate
    after = ownership.find_certificate(transaction, before.arn)
    assert after is not None, "it was imported just now"
    for domain in list(_served_with(transaction, before)):
        is_kept = transaction.get(ValidatedCertificate, domain.account, domain.region, *domain.key) is not None
        refused = find_reimport_fault(transaction, domain, after) is not None
        if refused and not is_kept and find_reimport_fault(transaction, domain, before) is None:
            kept = ValidatedCertificate(
                account=domain.account,
                region=domain.region,
                domain_name=domain.domain_name,
                certificate_pem=before.certificate_pem,
                chain_pem=before.chain_pem,
                not_after=before.not_after,
            )
            transaction.put(kept)
            transaction.put_secret(kept.secret_name, replaced.key_pem)
        bring_in_step(transaction, domain, now)
    release_accepted(transaction, now)


def release_accepted(transaction: Transaction, now: float) -> None:
    """Nothing is kept any more for domain names whose certificate is accepted, or that ask for nothing."""
    for kept in list(transaction.all(ValidatedCertificate)):
        domain = transaction.get(DomainName, kept.account, kept.region, *kept.key)
        if domain is not None and _is_refused(transaction, domain):
            continue
        transaction.delete(kept)
        transaction.delete_secret(kept.secret_name)
        if domain is not None and domain.mutual_tls_authentication is not None:
            bring_in_step(transaction, domain, now)


def _is_refused(reader: Reader, domain: DomainName) -> bool:
    server = ownership.find_certificate(reader, domain.regional_certificate_arn)
    return (
        domain.mutual_tls_authentication is not None
        and server is not None
        and find_reimport_fault(reader, domain, server) is not None
    )


def _served_with(reader: Reader, certificate: Certificate) -> Iterator[DomainName]:
    """The domain names with mutual TLS whose server certificate it is."""
    prefix = apigateway_arn(certificate.region, "/domainnames/")
    for arn in users_of(reader, certificate):
        if arn.startswith(prefix):
            domain = reader.get(DomainName, certificate.account, certificate.region, arn.removeprefix(prefix))
            if (
                domain is not None
                and domain.mutual_tls_authentication is not None
                and domain.regional_certificate_arn == certificate.arn
            ):
                yield domain
