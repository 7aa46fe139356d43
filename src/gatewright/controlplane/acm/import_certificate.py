"""ImportCertificate: a new certificate, or new material under an ARN that is in use already (facts 13).

A re-import keeps what others hold on to: the ARN, the tags, the date of creation, the associations. So a certificate is
rotated without touching the domain names that use it; those that serve it learn of the new record and of its new
secret by the same change. Domain names with mutual TLS may refuse what was imported, and go on with what they had.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatewright.controlplane.acm import refusals
from gatewright.controlplane.acm.associations import parse_certificate_arn
from gatewright.controlplane.acm.description import read_certificate
from gatewright.controlplane.acm.holding import Holding, get_holding
from gatewright.controlplane.acm.material import Material, verify_material
from gatewright.controlplane.acm.places import store_holding
from gatewright.controlplane.acm.refusals import validation_error
from gatewright.controlplane.acm.tags import TAG_RULES
from gatewright.controlplane.apigateway.validated_certificates import Replaced, follow_reimport
from gatewright.controlplane.call import Call
from gatewright.core.x509.certificate import CertificateFacts
from gatewright.model.identifiers import make_uuid
from gatewright.model.records import Certificate
from gatewright.store.port import Reader


def import_certificate(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The certificate, its chain and its key are kept; the answer is the ARN."""
    previous = _find_previous(call, params)
    material = verify_material(
        params["Certificate"], params["PrivateKey"], params.get("CertificateChain"), now=call.now
    )
    if previous is None:
        certificate = _new_certificate(call, material, TAG_RULES.add({}, params.get("Tags") or ()))
    else:
        check_reimport(read_certificate(previous.certificate_pem), material.certificate)
        certificate = _renewed(previous, material, call.now)
    replaced = None if previous is None else _take_down(call.transaction, previous)
    call.transaction.put_secret(certificate.secret_name, material.key_pem)
    store_holding(call.transaction, Holding(certificate))
    if replaced is not None:
        follow_reimport(call.transaction, replaced, call.now)
    return {"CertificateArn": certificate.arn}


def _find_previous(call: Call, params: Mapping[str, Any]) -> Certificate | None:
    arn = params.get("CertificateArn")
    if arn is None:
        return None
    if params.get("Tags") is not None:
        raise validation_error(refusals.TAGS_ON_REIMPORT)
    parts = parse_certificate_arn(arn)
    if parts is None:
        raise refusals.not_a_certificate_arn(arn)
    previous = (
        get_holding(call.transaction, call.account, call.region, parts.id)
        if (parts.account, parts.region) == (call.account, call.region)
        else None
    )
    if previous is None:
        raise refusals.reimport_target_not_found(arn)
    if previous.request is not None:
        raise validation_error(refusals.NOT_IMPORTED)
    return previous.certificate


def _new_certificate(call: Call, material: Material, tags: Mapping[str, str]) -> Certificate:
    return Certificate(
        account=call.account,
        region=call.region,
        id=make_uuid(call.random_text),
        created_at=call.now,
        imported_at=call.now,
        tags=tags,
        **_contents(material),
    )


def _renewed(previous: Certificate, material: Material, now: float) -> Certificate:
    return replace(previous, imported_at=now, **_contents(material))


def _take_down(reader: Reader, previous: Certificate) -> Replaced:
    key_pem = reader.get_secret(previous.secret_name)
    assert key_pem is not None, "a certificate is stored with its key"
    return Replaced(previous, key_pem)


def _contents(material: Material) -> dict[str, Any]:
    """The members of a record that its material decides."""
    return {
        "certificate_pem": material.certificate_pem,
        "chain_pem": material.chain_pem,
        "domain_name": material.domain_name,
        "subject_alternative_names": material.subject_alternative_names,
        "not_before": material.certificate.not_before.timestamp(),
        "not_after": material.certificate.not_after.timestamp(),
    }


def check_reimport(old: CertificateFacts, new: CertificateFacts) -> None:
    """Refuses what a re-import may not change (D: "Reimport a certificate", ACM user guide).

    Domain names may all be other ones, as long as there is one: the service was seen to take example.org in place of
    example.com (acceptance tests of the Terraform provider), and a certificate without any was refused before.
    """
    if old.key_algorithm != new.key_algorithm:
        raise validation_error(refusals.KEY_CHANGED)
    removed = set(old.key_usages) - set(new.key_usages)
    # D: key encipherment may be dropped from an ECDSA certificate, for which it never meant anything.
    if old.key_algorithm.startswith("EC-"):
        removed.discard("KEY_ENCIPHERMENT")
    if removed:
        raise validation_error(refusals.KEY_USAGE_REMOVED)
    # D: client authentication may be dropped, since public authorities no longer give it.
    purposes = {usage.oid for usage in old.extended_key_usages if usage.name != "TLS_WEB_CLIENT_AUTHENTICATION"}
    if purposes - {usage.oid for usage in new.extended_key_usages}:
        raise validation_error(refusals.EXTENDED_KEY_USAGE_REMOVED)
