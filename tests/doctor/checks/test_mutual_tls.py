"""A truststore in a bucket without versions: what can be told of its age is what the gateway does with a client."""

import json
from dataclasses import replace
from pathlib import Path

from gatewright.doctor.evidence import Evidence, HttpAnswer
from gatewright.doctor.examine import examine
from gatewright.doctor.finding import Finding, Outcome
from gatewright.model.codec import decode_document
from support.ca import CertificateAuthority

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "doctor"
FORBIDDEN = HttpAnswer(403, {"x-amzn-errortype": "ForbiddenException"}, '{"message":"Forbidden"}')
VERSIONED = decode_document(Evidence, json.loads((GOLDEN / "TRUSTSTORE_STALE.passing.json").read_text()))
CHANGED = "2026-11-20T09:00:00+00:00"
KNOWN = replace(
    VERSIONED,
    truststore=replace(VERSIONED.truststore, version=None, newest_version=None, last_modified=CHANGED),
    domains=tuple(replace(each, truststore_version=None) for each in VERSIONED.domains),
)
OTHERS = replace(KNOWN, truststore=replace(KNOWN.truststore, pem=CertificateAuthority("Other People").certificate_pem))


def stale(evidence: Evidence) -> Finding | None:
    return next((each for each in examine(evidence).findings if each.code == "TRUSTSTORE_STALE"), None)


def test_a_gateway_that_agrees_with_the_object_says_nothing():
    assert KNOWN.question.client_certificate
    assert stale(KNOWN) is None
    assert stale(replace(OTHERS, http=FORBIDDEN)) is None


def test_a_client_that_the_object_lets_in_and_the_gateway_does_not_shows_an_older_content():
    diagnosis = examine(replace(KNOWN, http=FORBIDDEN))
    finding = diagnosis.findings[0]
    assert ("problem", "TRUSTSTORE_STALE", Outcome.PROBLEM) == (diagnosis.verdict, finding.code, finding.outcome)
    assert f"no versions, last modified {CHANGED}" in finding.evidence[0]
    assert "path=/mutualTlsAuthentication/truststoreUri,value=s3://" in finding.remedy.commands[0]


def test_a_client_that_is_still_served_and_the_object_refuses_shows_it_too():
    finding = stale(OTHERS)
    assert Outcome.WARNING is finding.outcome
    assert "lets a client in that the object" in finding.cause


def test_without_a_client_to_compare_by_it_cannot_be_told_and_that_is_said():
    nobody = replace(KNOWN, question=replace(KNOWN.question, client_certificate=()), http=HttpAnswer(0, error="closed"))
    finding = stale(nobody)
    assert (Outcome.NOTE, ()) == (finding.outcome, finding.remedy.commands)
    assert "cannot be told" in finding.cause


def test_a_403_for_want_of_a_stage_is_not_taken_for_the_truststores():
    unmapped = replace(KNOWN, http=FORBIDDEN, mappings=(), api=None, integration=None)
    assert stale(unmapped) is None


def test_an_object_that_cannot_be_read_tells_nothing():
    assert stale(replace(KNOWN, truststore=replace(KNOWN.truststore, pem="nothing"), http=FORBIDDEN)) is None
