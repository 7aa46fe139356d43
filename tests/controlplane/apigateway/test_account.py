"""The account settings, through a client."""

import pytest

from support.recorded import error_of

ROLE = "arn:aws:iam::000000000000:role/writes-logs"


@pytest.fixture
def client(harness):
    return harness.client("apigateway")


def members(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_a_fresh_account_has_the_installation_s_throttle_and_no_role(client):
    assert {
        "throttleSettings": {"burstLimit": 5_000, "rateLimit": 10_000.0},
        "features": ["UsagePlans"],
        "apiKeyVersion": "4",
    } == members(client.get_account())


def test_the_role_is_kept_for_one_account_and_region(harness, client):
    answer = client.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": ROLE}])
    assert (200, ROLE) == (answer["ResponseMetadata"]["HTTPStatusCode"], answer["cloudwatchRoleArn"])
    assert members(answer) == members(client.get_account())
    assert "cloudwatchRoleArn" not in harness.client("apigateway", region="eu-west-1").get_account()


def test_a_refused_update_changes_nothing(client):
    operations = [
        {"op": "replace", "path": "/cloudwatchRoleArn", "value": ROLE},
        {"op": "remove", "path": "/features", "value": "UsagePlans"},
    ]
    error = error_of(lambda: client.update_account(patchOperations=operations))
    assert "BadRequestException" == error["Error"]["Code"]
    assert "cloudwatchRoleArn" not in client.get_account()
