"""Every check on recorded evidence: one specimen that it fails, and one that it passes.

A specimen is `tests/golden/doctor/{CODE}.failing.json`, the evidence of a diagnosis with that one thing wrong, and its
twin `{CODE}.passing.json` where it is mended.
"""

import json
from pathlib import Path

import pytest

from gatewright.doctor.check import Link
from gatewright.doctor.checks import CHECKS
from gatewright.doctor.evidence import Evidence
from gatewright.doctor.examine import examine
from gatewright.doctor.finding import Outcome
from gatewright.model.codec import decode_document, encode_document

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "doctor"


def specimen(name: str) -> Evidence:
    return decode_document(Evidence, json.loads((GOLDEN / f"{name}.json").read_text()))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_the_failing_specimen_is_named_first_and_the_passing_one_not_at_all(check):
    failing = examine(specimen(f"{check.code}.failing"))
    assert check.code == failing.findings[0].code
    assert check.outcome is failing.findings[0].outcome
    assert ("problem" if check.outcome is Outcome.PROBLEM else "ok") == failing.verdict
    passing = examine(specimen(f"{check.code}.passing"))
    assert check.code not in {finding.code for finding in passing.findings}
    assert ("ok", ()) == passing


def test_every_specimen_belongs_to_a_check_and_has_the_form_of_evidence():
    names = {path.name.removesuffix(".json") for path in GOLDEN.glob("*.json")}
    assert {f"{check.code}.{which}" for check in CHECKS for which in ("failing", "passing")} == names
    for name in names:
        document = json.loads((GOLDEN / f"{name}.json").read_text())
        assert document == encode_document(decode_document(Evidence, document)), name


def test_no_specimen_has_a_private_key():
    assert [] == [path.name for path in GOLDEN.glob("*.json") if "PRIVATE KEY" in path.read_text()]


def test_checks_have_codes_of_their_own_a_source_and_stand_in_the_order_of_the_walk():
    assert len(CHECKS) == len({check.code for check in CHECKS})
    assert all(check.source and check.title for check in CHECKS)
    assert sorted(check.link for check in CHECKS) == [check.link for check in CHECKS]
    codes = {check.code for check in CHECKS}
    assert all(set(check.after) <= codes for check in CHECKS)
    assert {Link.DNS, Link.TLS, Link.DOMAIN, Link.BACKEND} <= {check.link for check in CHECKS}
