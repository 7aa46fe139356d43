"""Which finding decides, and what is said of what could not be looked at."""

from dataclasses import replace

import pytest

from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.evidence import Api, Domain, Evidence, HttpAnswer, NameAnswer, TcpAttempt, Unknown
from gatewright.doctor.examine import ANSWER_UNEXPLAINED, COULD_NOT_LOOK, examine
from gatewright.doctor.finding import Outcome
from gatewright.doctor.question import Kind, Question, parse_question
from gatewright.doctor.recorded import find_cause_in_text, read_refusal

HEALTHY = Evidence(parse_question("https://www.example.com/pets"), "2026-01-01T00:00:00+00:00")
REFUSED = HttpAnswer(403, {"x-amzn-errortype": "ForbiddenException", "x-amzn-requestid": "an-id"}, "{}")


def test_what_could_not_be_looked_at_is_not_fine_and_names_step_and_action():
    diagnosis = examine(replace(HEALTHY, unknowns=(Unknown("domain", "it is not permitted", "apigateway:GET"),)))
    assert ("unknown", COULD_NOT_LOOK) == (diagnosis.verdict, diagnosis.findings[0].code)
    assert "apigateway:GET" in diagnosis.findings[0].remedy.text
    assert "the step domain could not" in diagnosis.findings[0].cause.lower()


def test_a_problem_decides_before_what_could_not_be_looked_at():
    broken = replace(
        HEALTHY,
        tcp=TcpAttempt("192.0.2.1:443", connected=False, error="connection refused"),
        unknowns=(Unknown("domain", "it is not permitted"),),
    )
    diagnosis = examine(broken)
    assert ("problem", ["CONNECTION_REFUSED", COULD_NOT_LOOK]) == (
        diagnosis.verdict,
        [f.code for f in diagnosis.findings],
    )


def test_a_consequence_is_a_note_beside_its_cause():
    broken = replace(
        HEALTHY,
        domains=(Domain("www.example.com", regional_name="d-abcdefghij.execute-api.us-east-1.amazonaws.com"),),
        name=NameAnswer("192.0.2.53:53", "NOERROR", ("elsewhere.example.net",), ("192.0.2.9",)),
        tcp=TcpAttempt("192.0.2.9:443", connected=False, error="connection refused"),
    )
    outcomes = {finding.code: finding.outcome for finding in examine(broken).findings}
    assert {"DNS_POINTS_TO_OTHER_TARGET": Outcome.PROBLEM, "CONNECTION_REFUSED": Outcome.NOTE} == outcomes


def test_a_refusal_that_nothing_explains_is_unknown_and_a_backends_own_is_not():
    assert (ANSWER_UNEXPLAINED, "unknown") == (
        examine(replace(HEALTHY, http=REFUSED)).findings[0].code,
        examine(replace(HEALTHY, http=REFUSED)).verdict,
    )
    assert ("ok", ()) == examine(replace(HEALTHY, http=HttpAnswer(404, {}, "no such pet")))


def test_a_refusal_leads_to_its_record_if_it_has_an_id():
    said = {"x-amzn-errortype": "ForbiddenException"}
    (without,) = examine(replace(HEALTHY, http=replace(REFUSED, headers=said))).findings
    assert () == without.remedy.commands
    (with_id,) = examine(
        replace(HEALTHY, http=replace(REFUSED, headers={**said, "x-amzn-requestid": "an-id"}))
    ).findings
    assert ("gatewright explain an-id",) == with_id.remedy.commands


def test_a_check_that_fails_is_told_and_hides_no_other():
    def fails(_: Evidence) -> Found | None:
        raise KeyError("x")

    finding = Check("SOME_CODE", Link.DNS, "title", "source", fails).run(HEALTHY)
    assert finding is not None
    assert Outcome.BROKEN is finding.outcome
    assert "bug of Gatewright" in finding.cause


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The security token included in the request is invalid.", "TOKEN_INVALID"),
        ("Signature expired: 20200101T000000Z is now earlier than", "SIGNATURE_SKEW"),
        ("Credential should be scoped to a valid region.", "SIGNATURE_SCOPE"),
        ("The request signature we calculated does not match the signature you provided.", "SIGNATURE_MISMATCH"),
        ("(id) Execution failed due to configuration error: Invalid endpoint address", "BACKEND_UNREACHABLE"),
        ("(id) Execution failed due to a timeout error", "BACKEND_TIMEOUT"),
        ("Access denied. Reason: Could not find issuer for certificate", "MTLS_UNTRUSTED"),
        (
            "Host name 'a.test' does not match the certificate subject provided by the peer (CN=b)",
            "BACKEND_NAME_MISMATCH",
        ),
    ],
)
def test_a_log_line_or_an_error_tells_its_cause(text, code):
    record = find_cause_in_text(text)
    evidence = replace(HEALTHY, question=Question(text, Kind.ERROR), record=record)
    diagnosis = examine(evidence)
    assert ("problem", code) == (diagnosis.verdict, diagnosis.findings[0].code)


def test_of_a_text_that_says_nothing_known_there_is_no_cause():
    assert None is find_cause_in_text("it does not work")


def test_a_journals_record_gives_the_gateways_own_reason():
    line = {"requestId": "an-id", "path": "/v2", "reason": {
        "code": "MAPPING_MISSING", "message": "Forbidden", "facts": {"domain": "www.example.com", "path": "/v2"}}}  # fmt: skip
    diagnosis = examine(replace(HEALTHY, record=read_refusal(line)))
    assert "MAPPING_MISSING" == diagnosis.findings[0].code
    assert "www.example.com has no base path mapping for the path /v2" in diagnosis.findings[0].cause
    assert {} == read_refusal({"requestId": "an-id", "reason": None})


def test_a_host_alone_asks_for_no_resource():
    evidence = replace(HEALTHY, question=parse_question("www.example.com"), http=REFUSED,
                       api=Api("abcdefghij", stage="dev", stages={"dev": "d1"}, deployed={}, current={}))  # fmt: skip
    assert ("ok", ()) == examine(evidence)
