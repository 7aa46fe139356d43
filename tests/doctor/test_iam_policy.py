"""The least policy, and that no probe can make a call that it does not have."""

import ast
import json
from pathlib import Path

import botocore.session

import gatewright.doctor
from gatewright.doctor.iam_policy import CALLS, render_policy


def calls_in_the_source() -> set[tuple[str, str]]:
    found = set()
    for path in Path(gatewright.doctor.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                words = [each.value for each in node.args if isinstance(each, ast.Constant)][:2]
                if len(words) == 2 and (words[0], words[1]) in CALLS:
                    found.add((words[0], words[1]))
    return found


def test_the_table_has_exactly_the_calls_that_probes_make():
    unused = set(CALLS) - calls_in_the_source()
    assert set() == unused


def test_every_call_only_reads():
    assert {"get", "list", "head"} == {operation.split("_")[0] for _, operation in CALLS}


def test_every_call_is_an_operation_of_its_service():
    session = botocore.session.Session()
    for service, operation in CALLS:
        client = session.create_client(service, "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        assert hasattr(client, operation)


def test_the_policy_allows_each_action_once_and_nothing_else():
    policy = json.loads(render_policy())
    actions = [action for statement in policy["Statement"] for action in statement["Action"]]
    assert sorted({permission.action for permission in CALLS.values()} | {"s3:GetObjectVersion"}) == sorted(actions)
    assert {"Allow"} == {statement["Effect"] for statement in policy["Statement"]}
