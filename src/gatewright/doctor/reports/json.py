"""The report as JSON (DESIGN 9; docs/doctor.md)."""

import json
from collections.abc import Callable

from gatewright.doctor.examine import Diagnosis


def render_json(target: str, diagnosis: Diagnosis, address: Callable[[str], str] = lambda command: command) -> str:
    """One object; `address` completes each command with where it is sent."""
    documents = []
    for finding in diagnosis.findings:
        document = dict(finding.to_document())
        document["remedy"] = {
            "text": finding.remedy.text,
            "commands": [address(each) for each in finding.remedy.commands],
        }
        documents.append(document)
    return json.dumps({"target": target, "verdict": diagnosis.verdict, "findings": documents}, indent=2)
