"""The two reports of one diagnosis."""

import json
from pathlib import Path

import pytest

from gatewright.doctor.commands import addressed
from gatewright.doctor.evidence import Evidence
from gatewright.doctor.examine import Diagnosis, examine
from gatewright.doctor.finding import Finding, Outcome, Remedy
from gatewright.doctor.reports.json import render_json
from gatewright.doctor.reports.text import render_text
from gatewright.kb import find_article
from gatewright.model.codec import decode_document

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "doctor"


def specimen(name: str) -> Evidence:
    return decode_document(Evidence, json.loads((GOLDEN / f"{name}.json").read_text()))


def test_the_json_report_has_the_members_that_are_promised():
    evidence = specimen("DNS_POINTS_TO_STAGE_URL.failing")
    report = json.loads(render_json(evidence.question.target, examine(evidence)))
    assert ["target", "verdict", "findings"] == list(report)
    first = report["findings"][0]
    assert ["code", "outcome", "title", "cause", "evidence", "remedy", "article"] == list(first)
    assert ["text", "commands"] == list(first["remedy"])
    assert ("problem", "DNS_POINTS_TO_STAGE_URL", first["code"]) == (report["verdict"], first["code"], first["article"])
    assert first["remedy"]["commands"][0].startswith("aws route53 change-resource-record-sets --hosted-zone-id ")


def test_commands_carry_the_endpoint_and_profile_that_the_doctor_was_given():
    assert "aws --profile 'my own' acm list-certificates" == addressed(
        "aws acm list-certificates", ["--profile", "my own"]
    )
    assert "cat a >> b" == addressed("cat a >> b", ["--profile", "p"])
    assert "cat aws b" == addressed("cat aws b", ["--profile", "p"])
    nested = 'aws s3api a "$(aws s3api b)"'
    assert 'aws --profile p s3api a "$(aws --profile p s3api b)"' == addressed(nested, ["--profile", "p"])
    assert "ARN=$(aws --profile p acm a)" == addressed("ARN=$(aws acm a)", ["--profile", "p"])
    evidence = specimen("MAPPING_MISSING.failing")
    report = render_json("x", examine(evidence), lambda command: addressed(command, ["--region", "eu-west-1"]))
    command = json.loads(report)["findings"][0]["remedy"]["commands"][0]
    assert command.startswith("aws --region eu-west-1 apigateway create-base-path-mapping ")


def test_the_text_says_verdict_cause_remedy_and_article():
    evidence = specimen("MAPPING_MISSING.failing")
    lines = list(render_text(evidence, examine(evidence)))
    assert "https://www.matrix.test/pets has a problem." == lines[0]
    assert "problem  MAPPING_MISSING: No base path mapping fits the path" in lines
    assert "  The domain name www.matrix.test has no base path mapping for /pets." in lines
    assert "  More: gatewright kb MAPPING_MISSING" == lines[-1]


def test_a_healthy_target_is_told_in_two_lines():
    evidence = specimen("MAPPING_MISSING.passing")
    assert ["https://www.matrix.test/pets is healthy.", "  GET /pets was answered 200."] == list(
        render_text(evidence, examine(evidence))
    )


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.failing.json")))
def test_every_finding_leads_to_an_article(name):
    evidence = specimen(name)
    diagnosis = examine(evidence)
    for finding in json.loads(render_json("x", diagnosis))["findings"]:
        assert finding["code"] in find_article(finding["article"]).codes
    lines = list(render_text(evidence, diagnosis))
    assert f"  More: gatewright kb {diagnosis.findings[0].code}" in lines


def test_what_a_server_chose_to_say_does_not_reach_the_terminal_as_it_is():
    finding = Finding("A_CODE", Outcome.PROBLEM, "title", "cause \x1b[2J", ("seen \x07",), Remedy("text"))
    lines = list(render_text(specimen("MAPPING_MISSING.passing"), Diagnosis("problem", (finding,))))
    assert not [line for line in lines if "\x1b" in line or "\x07" in line]
    assert "  cause \\x1b[2J" in lines
