"""Commands that the doctor prints are read by a shell, and then by the AWS CLI."""

import shlex

import pytest

from gatewright.doctor.commands import aws, replace_operation


@pytest.mark.parametrize("path", ["/throttle/rateLimit", "/~1pets~1{id}/GET/throttling/rateLimit", "/*/*/x"])
def test_a_patch_operation_is_what_the_cli_reads(path):
    shorthand = pytest.importorskip("awscli.shorthand", reason="the AWS CLI that reads the command is not installed")
    *_, operation = shlex.split(aws("apigateway", "update-stage", "--patch-operations", replace_operation(path, "50")))
    assert {"op": "replace", "path": path, "value": "50"} == shorthand.ShorthandParser().parse(operation)
