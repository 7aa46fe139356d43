"""The least policy, and that no probe can make a call that it does not have."""

import ast
import json
from pathlib import Path

import botocore.session

import gatewright.doctor
from gatewright.doctor.iam_policy import CALLS, render_policy


def calls_in_the_source() -> set[tuple[str, str]]:
    """Service and operation of every `AwsApi.call` and of every listing that goes through it page by page."""
    found = set()
    for path in Path(gatewright.doctor.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and name_of(node.func) in {"call", "pages", "_pages"}:
                words = [each.value for each in node.args if isinstance(each, ast.Constant)]
                if words:
                    found.add((words[0], words[1]))
    return found


def name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_the_table_has_exactly_the_calls_that_probes_make():
    assert calls_in_the_source() == set(CALLS)


def test_every_call_only_reads():
    assert {operation.split("_")[0] for _, operation in CALLS} <= {
        "get", "list", "head", "describe", "filter", "simulate",
    }  # fmt: skip


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
