"""DescribeCertificate, GetCertificate, ListCertificateDomainValidations, DeleteCertificate (facts 13)."""

from collections.abc import Mapping
from typing import Any

from gatewright.controlplane.acm.associations import users_of
from gatewright.controlplane.acm.description import (
    read_certificate,
    render_imported,
    render_issued,
    render_pending,
)
from gatewright.controlplane.acm.holding import current_status, find_holding, not_issued_of
from gatewright.controlplane.acm.places import forget_holding
from gatewright.controlplane.acm.refusals import certificate_in_use
from gatewright.controlplane.acm.validation import render_validations
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError
from gatewright.model.records import CertificateOrder

__all__ = [
    "current_status",
    "delete_certificate",
    "describe_certificate",
    "get_certificate",
    "list_certificate_domain_validations",
    "read_certificate",
]


def describe_certificate(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Everything about one certificate but the certificate itself."""
    holding = find_holding(call, params["CertificateArn"])
    certificate, request = holding.certificate, holding.request
    if certificate is None:
        assert request is not None, "nothing is held without a request or a certificate"
        return {"Certificate": render_pending(request, holding.status(call.now))}
    in_use_by = users_of(call.transaction, certificate)
    if request is None:
        return {"Certificate": render_imported(certificate, in_use_by=in_use_by, now=call.now)}
    return {"Certificate": render_issued(request, certificate, in_use_by=in_use_by, now=call.now)}


def get_certificate(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The PEM of the certificate and of its chain; the private key never leaves here."""
    holding = find_holding(call, params["CertificateArn"])
    if holding.certificate is None:
        raise not_issued_of(holding, call.now)
    return {"Certificate": holding.certificate.certificate_pem, "CertificateChain": holding.certificate.chain_pem}


def list_certificate_domain_validations(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """How each name is validated; there is nothing of an imported or a private certificate."""
    holding = find_holding(call, params["CertificateArn"])
    if "NextToken" in params:
        # Every answer is whole, so nobody was given a token.
        raise ServiceError("InvalidArgsException", "The NextToken is not valid.")
    validations = [] if holding.request is None else render_validations(holding.request, holding.status(call.now))
    return {
        "DomainValidationSummaryList": [
            {"DomainName": each["DomainName"], "ActiveValidationConfiguration": _configuration(each)}
            for each in validations
        ]
    }


def _configuration(validation: Mapping[str, Any]) -> dict[str, Any]:
    method = validation["ValidationMethod"]
    challenge = (
        {"DnsValidationChallenge": {"ResourceRecord": validation["ResourceRecord"]}}
        if method == "DNS"
        else {
            "EmailValidationChallenge": {
                "ValidationEmails": validation["ValidationEmails"],
                "ValidationDomain": validation["ValidationDomain"],
            }
        }
    )
    return {
        "ValidationMethod": method,
        "ValidationChallenge": challenge,
        "ValidationStatus": validation["ValidationStatus"],
    }


def delete_certificate(call: Call, params: Mapping[str, Any]) -> None:
    """The certificate, its private key and its request are gone, unless something uses them."""
    holding = find_holding(call, params["CertificateArn"])
    certificate, record = holding.certificate, holding.record
    if certificate is not None:
        if users_of(call.transaction, certificate):
            raise certificate_in_use(certificate.arn, certificate.account)
        call.transaction.delete_secret(certificate.secret_name)
    call.transaction.delete_under(CertificateOrder, record.account, record.region, record.id)
    forget_holding(call.transaction, holding)
