"""Certificates that signed one another, in order.

What this module knows: what makes one certificate the issuer of another (RFC 5280 section 6.1.3: the name chains and
the signature verifies; section 6.1.4 (k) and (n): the issuer is a CA and may sign certificates), and what ACM asks of a
chain at import (facts 13): each certificate is followed by its issuer, the root may be left out, and a self-signed
certificate needs none.

The rules this file keeps: `verify_…` returns the proof or raises; every failure says at which certificate and why. A
link between two certificates is judged alone, so that a path can be built from links in any order. Time is an argument,
and a question apart: a chain is in order whether or not it has expired.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from gatewright.core.x509.certificate import CertificateFacts


class ChainFault(Enum):
    """Why a certificate breaks its chain; the value is the sentence, with the subjects to fill in."""

    ISSUER_DIFFERS = (
        "The certificate {subject!r} names {named!r} as its issuer, and the next in the chain is {issuer!r}."
    )
    ISSUER_NOT_CA = "The certificate {issuer!r} stands as an issuer and is not a certificate authority's."
    ISSUER_MAY_NOT_SIGN = "The certificate {issuer!r} stands as an issuer, and its key usage does not allow signing."
    SIGNATURE_WRONG = "The signature of the certificate {subject!r} was not made with the key of {issuer!r}."
    SIGNATURE_UNSUPPORTED = "The signature of the certificate {subject!r} cannot be checked with the key of {issuer!r}."
    REPEATED = "The certificate {subject!r} stands in the chain twice."
    NOT_YET_VALID = "The certificate {subject!r} is not valid before {not_before}."
    EXPIRED = "The certificate {subject!r} has expired at {not_after}."


class ChainError(ValueError):
    """A certificate breaks the chain; `position` is 0 for the leaf, 1 for its issuer, and so on."""

    def __init__(
        self,
        fault: ChainFault,
        certificate: CertificateFacts,
        issuer: CertificateFacts | None = None,
        position: int = 0,
    ) -> None:
        super().__init__(
            fault.value.format(
                subject=certificate.subject,
                named=certificate.issuer,
                issuer=issuer.subject if issuer else None,
                not_before=f"{certificate.not_before:%Y-%m-%dT%H:%M:%SZ}",
                not_after=f"{certificate.not_after:%Y-%m-%dT%H:%M:%SZ}",
            )
        )
        self.fault = fault
        self.certificate = certificate
        self.issuer = issuer
        self.position = position


class Link(NamedTuple):
    """The proof that `issuer` signed `certificate` and may: made by `verify_issued_by` only."""

    certificate: CertificateFacts
    issuer: CertificateFacts


class OrderedChain(NamedTuple):
    """The proof that each certificate is followed by its issuer: made by `verify_chain_order` only."""

    leaf: CertificateFacts
    links: tuple[Link, ...]

    @property
    def certificates(self) -> tuple[CertificateFacts, ...]:
        """The leaf, its issuer, that one's issuer, and so on."""
        return (self.leaf, *(link.issuer for link in self.links))


def verify_chain_order(leaf: CertificateFacts, chain: Sequence[CertificateFacts]) -> OrderedChain:
    """The proof that the chain begins with the leaf's issuer and goes on in order; raises ChainError if it does not."""
    certificates = (leaf, *chain)
    for position, certificate in enumerate(certificates):
        # A self-signed certificate "signs" its own copy; without this, a leaf could be given as its own chain.
        if certificate in certificates[:position]:
            raise ChainError(ChainFault.REPEATED, certificate, position=position)
    links = []
    for position, issuer in enumerate(chain):
        links.append(verify_issued_by(certificates[position], issuer, position=position))
    return OrderedChain(leaf, tuple(links))


def verify_issued_by(certificate: CertificateFacts, issuer: CertificateFacts, *, position: int = 0) -> Link:
    """The proof that the issuer signed the certificate and may; raises ChainError with the certificate's position."""
    # RFC 5280 section 6.1.3 (a)(4), and 6.1.4 (k), (n); the signature, (a)(1), last, since it costs most.
    if certificate.certificate.issuer != issuer.certificate.subject:
        raise ChainError(ChainFault.ISSUER_DIFFERS, certificate, issuer, position)
    # NOTE: version 1 roots, which have no extensions, are refused with the rest: they are no CAs by what they say.
    if not issuer.is_ca:
        raise ChainError(ChainFault.ISSUER_NOT_CA, certificate, issuer, position + 1)
    if issuer.key_usages and "CERTIFICATE_SIGNING" not in issuer.key_usages:
        raise ChainError(ChainFault.ISSUER_MAY_NOT_SIGN, certificate, issuer, position + 1)
    try:
        certificate.certificate.verify_directly_issued_by(issuer.certificate)
    except InvalidSignature:
        raise ChainError(ChainFault.SIGNATURE_WRONG, certificate, issuer, position) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ChainError(ChainFault.SIGNATURE_UNSUPPORTED, certificate, issuer, position) from None
    return Link(certificate, issuer)


def verify_validity(certificate: CertificateFacts, at: datetime, *, position: int = 0) -> CertificateFacts:
    """The certificate itself when the instant is within its validity (both ends count); raises ChainError otherwise."""
    # RFC 5280 section 4.1.2.5: from notBefore through notAfter, inclusive.
    if at < certificate.not_before:
        raise ChainError(ChainFault.NOT_YET_VALID, certificate, position=position)
    if at > certificate.not_after:
        raise ChainError(ChainFault.EXPIRED, certificate, position=position)
    return certificate
