"""Deployments, through a client: what is frozen, what is refused, and which stage or canary shows it."""

import json

import pytest

from gatewright.model.records import DeployedApi
from support.control import REGION, START
from support.recorded import ACCOUNT, error_of


@pytest.fixture
def client(harness):
    return harness.client("apigateway", account=ACCOUNT)


@pytest.fixture
def api(client):
    api = client.create_rest_api(name="deployed")
    put_method(client, api)
    client.create_resource(restApiId=api["id"], parentId=api["rootResourceId"], pathPart="without-methods")
    return api


def put_method(client, api, verb="GET", **members):
    method = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": verb}
    client.put_method(**method, **{"authorizationType": "NONE", **members})
    client.put_integration(**method, type="MOCK")


def deployed(harness, api, deployment):
    with harness.store.read() as view:
        return view.get(DeployedApi, ACCOUNT, REGION, api["id"], deployment["id"])


def message_of(call):
    return error_of(call)["Error"]["Message"]


def test_a_deployment_shows_its_id_date_and_description(client, api):
    made = client.create_deployment(restApiId=api["id"], description="first")
    assert 201 == made["ResponseMetadata"]["HTTPStatusCode"]
    assert {"id", "createdDate", "description", "ResponseMetadata"} == set(made)
    assert (START, "first") == (made["createdDate"].timestamp(), made["description"])
    again = client.get_deployment(restApiId=api["id"], deploymentId=made["id"])
    assert (made["id"], made["createdDate"]) == (again["id"], again["createdDate"])
    assert [made["id"]] == [each["id"] for each in client.get_deployments(restApiId=api["id"])["items"]]
    assert [] == client.get_stages(restApiId=api["id"])["item"]


def test_deployments_come_in_pages_the_oldest_first(harness, client, api):
    made = []
    for _ in range(3):
        made.append(client.create_deployment(restApiId=api["id"])["id"])
        harness.advance(1)
    first = client.get_deployments(restApiId=api["id"], limit=2)
    rest = client.get_deployments(restApiId=api["id"], limit=2, position=first["position"])
    assert made == [each["id"] for each in first["items"] + rest["items"]]
    assert "position" not in rest


def test_what_changes_later_is_not_in_it(harness, client, api):
    client.create_request_validator(restApiId=api["id"], name="both")
    client.put_gateway_response(restApiId=api["id"], responseType="THROTTLED", statusCode="503")
    made = client.create_deployment(restApiId=api["id"], stageName="dev")
    frozen = deployed(harness, api, made)
    put_method(client, api, "POST", apiKeyRequired=True)
    client.delete_gateway_response(restApiId=api["id"], responseType="THROTTLED")
    assert frozen == deployed(harness, api, made)
    assert ("deployed", ["GET"], ["Empty", "Error"], ["both"], ["503"]) == (
        frozen.api.name,
        [verb for resource in frozen.resources for verb in resource.resource_methods],
        [model.name for model in frozen.models],
        [validator.name for validator in frozen.request_validators],
        [response.status_code for response in frozen.gateway_responses],
    )
    second = client.create_deployment(restApiId=api["id"], stageName="dev")
    summaries = [
        client.get_deployment(restApiId=api["id"], deploymentId=each["id"], embed=["apisummary"])["apiSummary"]
        for each in (made, second)
    ]
    plain = {"authorizationType": "NONE", "apiKeyRequired": False}
    assert [{"/": {"GET": plain}}, {"/": {"GET": plain, "POST": {**plain, "apiKeyRequired": True}}}] == summaries


def test_a_named_stage_is_made_and_then_moved(harness, client, api):
    first = client.create_deployment(
        restApiId=api["id"], stageName="dev", stageDescription="mine", variables={"color": "blue"}
    )
    stage = client.get_stage(restApiId=api["id"], stageName="dev")
    assert (first["id"], "mine", {"color": "blue"}) == (stage["deploymentId"], stage["description"], stage["variables"])
    harness.advance(5)
    second = client.create_deployment(restApiId=api["id"], stageName="dev", tracingEnabled=True)
    moved = client.get_stage(restApiId=api["id"], stageName="dev")
    assert (second["id"], "mine", {"color": "blue"}, True, START, START + 5) == (
        moved["deploymentId"],
        moved["description"],
        moved["variables"],
        moved["tracingEnabled"],
        moved["createdDate"].timestamp(),
        moved["lastUpdatedDate"].timestamp(),
    )


def test_a_canary_takes_its_own_deployment_and_every_later_one(client, api):
    first = client.create_deployment(restApiId=api["id"], stageName="dev")
    canary = {"percentTraffic": 50, "stageVariableOverrides": {"color": "green"}}
    second = client.create_deployment(restApiId=api["id"], stageName="dev", canarySettings=canary)
    stage = client.get_stage(restApiId=api["id"], stageName="dev")
    assert first["id"] == stage["deploymentId"]
    shown = {**canary, "percentTraffic": 50.0, "useStageCache": False}
    assert {**shown, "deploymentId": second["id"]} == stage["canarySettings"]
    third = client.create_deployment(restApiId=api["id"], stageName="dev")
    stage = client.get_stage(restApiId=api["id"], stageName="dev")
    assert first["id"] == stage["deploymentId"]
    assert {**shown, "deploymentId": third["id"]} == stage["canarySettings"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            None,
            (
                "Invalid deployment content specified.Non null and non empty stageName must be provided for canary "
                "deployment. Provided value is null"
            ),
        ),
        (
            "",
            (
                "Invalid deployment content specified.Non null and non empty stageName must be provided for canary "
                "deployment. Provided value is "
            ),
        ),
        (
            "non-existing",
            (
                "Invalid deployment content specified.Stage non-existing must already be created before making a canary "
                "release deployment"
            ),
        ),
    ],
)
def test_a_canary_needs_a_stage_that_is_there(client, api, name, message):
    # Recorded by the upstream suite of the corpus (test_create_canary_deployment_validation).
    stage = {} if name is None else {"stageName": name}
    canary = {"percentTraffic": 50}
    assert message == message_of(lambda: client.create_deployment(restApiId=api["id"], canarySettings=canary, **stage))
    assert [] == client.get_deployments(restApiId=api["id"])["items"]


def test_a_deployment_that_a_stage_shows_is_not_deleted(harness, client, api):
    first = client.create_deployment(restApiId=api["id"], stageName="dev")
    second = client.create_deployment(restApiId=api["id"], stageName="dev", canarySettings={"percentTraffic": 1})
    for each in (first, second):
        name = {"restApiId": api["id"], "deploymentId": each["id"]}
        assert "Active stages pointing to this deployment must be moved or deleted" == message_of(
            lambda name=name: client.delete_deployment(**name)
        )
    client.delete_stage(restApiId=api["id"], stageName="dev")
    client.create_stage(restApiId=api["id"], stageName="other", deploymentId=second["id"])
    assert deployed(harness, api, first) is not None
    answer = client.delete_deployment(restApiId=api["id"], deploymentId=first["id"])
    assert 202 == answer["ResponseMetadata"]["HTTPStatusCode"]
    assert deployed(harness, api, first) is None
    assert [second["id"]] == [each["id"] for each in client.get_deployments(restApiId=api["id"])["items"]]


def test_the_description_is_updated(client, api):
    # Recorded by the upstream suite of the corpus (test_update_rest_api_deployment).
    made = client.create_deployment(restApiId=api["id"], description="first")
    changed = client.update_deployment(
        restApiId=api["id"],
        deploymentId=made["id"],
        patchOperations=[{"op": "replace", "path": "/description", "value": "new-description"}],
    )
    assert "new-description" == changed["description"]
    assert made["createdDate"] == changed["createdDate"]


def test_an_api_that_could_not_answer_is_not_deployed(client):
    api = client.create_rest_api(name="empty")
    assert "The REST API doesn't contain any methods" == message_of(
        lambda: client.create_deployment(restApiId=api["id"], stageName="dev")
    )
    put_method(client, api)
    client.put_method(restApiId=api["id"], resourceId=api["rootResourceId"], httpMethod="PUT", authorizationType="NONE")
    assert "No integration defined for method" == message_of(
        lambda: client.create_deployment(restApiId=api["id"], stageName="dev")
    )
    assert [] == client.get_stages(restApiId=api["id"])["item"]


def test_an_api_whose_policy_would_not_be_kept_is_not_deployed(client):
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "execute-api:Invoke",
                "Resource": "execute-api:/*",
                "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
            }
        ],
    }
    api = client.create_rest_api(name="guarded", policy=json.dumps(policy))
    put_method(client, api)
    message = message_of(lambda: client.create_deployment(restApiId=api["id"], stageName="dev"))
    assert "Gatewright does not evaluate resource policies yet" in message
    assert "left open" in message
    assert [] == client.get_deployments(restApiId=api["id"])["items"]


def test_a_private_api_without_a_policy_is_not_deployed(client):
    api = client.create_rest_api(name="private", endpointConfiguration={"types": ["PRIVATE"]})
    put_method(client, api)
    assert "Private REST API doesn't have a resource policy attached to it" == message_of(
        lambda: client.create_deployment(restApiId=api["id"])
    )


def test_a_refused_stage_leaves_no_deployment_behind(client, api):
    error = error_of(lambda: client.create_deployment(restApiId=api["id"], stageName="not a stage"))
    assert "BadRequestException" == error["Error"]["Code"]
    assert [] == client.get_deployments(restApiId=api["id"])["items"]


@pytest.mark.parametrize("operation", ["get_deployment", "delete_deployment"])
def test_a_deployment_that_is_not_there_is_not_found(client, api, operation):
    error = error_of(lambda: getattr(client, operation)(restApiId=api["id"], deploymentId="nope00"))
    assert ("NotFoundException", "Invalid Deployment identifier specified") == (
        error["Error"]["Code"],
        error["Error"]["Message"],
    )


def test_an_api_that_is_too_large_is_not_deployed(client, api, monkeypatch):
    monkeypatch.setattr("gatewright.controlplane.apigateway.quotas.MAXIMUM_DEPLOYED_BYTES", 100)
    error = error_of(lambda: client.create_deployment(restApiId=api["id"], stageName="dev"))
    assert "BadRequestException" == error["Error"]["Code"]
    assert error["Error"]["Message"].startswith(f"REST API {api['id']} is too large to be deployed")
    assert ([], []) == (
        client.get_deployments(restApiId=api["id"])["items"],
        client.get_stages(restApiId=api["id"])["item"],
    )
