"""Stages, through a client; the recorded cases first."""

import pytest
from botocore.exceptions import ClientError

from gatewright.controlplane.apigateway.mapping_targets import delete_mapping, put_mapping
from gatewright.model.records import BasePathMapping
from support.control import REGION, START
from support.recorded import ACCOUNT, Recorded, error_of

LOG_GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:stages"


@pytest.fixture
def client(harness):
    return harness.client("apigateway", account=ACCOUNT)


@pytest.fixture
def api_id(client):
    """An API that can be deployed."""
    api = client.create_rest_api(name="stages")
    method = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    client.put_method(**method, authorizationType="NONE")
    client.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    return api["id"]


@pytest.fixture
def deployment_id(client, api_id):
    return client.create_deployment(restApiId=api_id)["id"]


@pytest.fixture
def update(client, api_id):
    def update(*operations, stage="dev"):
        patch = [dict(zip(("op", "path", "value"), operation, strict=False)) for operation in operations]
        return client.update_stage(restApiId=api_id, stageName=stage, patchOperations=patch)

    return update


def test_the_listing_by_deployment_as_recorded(shared, client, api_id):
    recorded = Recorded(shared, "TestApiGatewayStage::test_get_stages_filters_by_deployment_id")
    first = client.create_deployment(restApiId=api_id, stageName="stage1")["id"]
    second = client.create_deployment(restApiId=api_id, stageName="stage2")["id"]
    recorded.check("all-stages", client.get_stages(restApiId=api_id))
    recorded.check("stages-deploy1", client.get_stages(restApiId=api_id, deploymentId=first))
    recorded.check("stages-deploy2", client.get_stages(restApiId=api_id, deploymentId=second))
    recorded.check_complete()


def test_access_log_settings_as_recorded(shared, client, api_id, update):
    recorded = Recorded(shared, "TestApiGatewayStage::test_stage_access_log_settings")
    deployment = client.create_deployment(restApiId=api_id)
    recorded.check("create-deployment", deployment)
    stage = {"restApiId": api_id, "stageName": "dev", "deploymentId": deployment["id"], "description": "dev stage"}
    recorded.check("create-stage", client.create_stage(**stage))
    destination = "/accessLogSettings/destinationArn"
    recorded.check("update-stage-access-log-dest-add", update(("add", destination, LOG_GROUP)))
    recorded.check("update-stage-access-log-dest-replace", update(("replace", destination, LOG_GROUP + "a")))
    line = "$context.requestId $context.identity.sourceIp"
    recorded.check("update-stage-access-log-format-add", update(("add", "/accessLogSettings/format", line)))
    recorded.check("update-stage-access-log-remove-all", update(("remove", "/accessLogSettings")))
    recorded.check_complete()


def test_refused_access_log_settings_as_recorded(shared, client, api_id, update):
    recorded = Recorded(shared, "TestApiGatewayStage::test_stage_access_log_settings_validation")
    deployment = client.create_deployment(restApiId=api_id)
    recorded.check("create-deployment", deployment)
    stage = {"restApiId": api_id, "stageName": "dev", "deploymentId": deployment["id"], "description": "dev stage"}
    recorded.check("create-stage", client.create_stage(**stage))
    for op in ("add", "remove", "replace"):
        for name, path in (("invalid-path", "/accessLogSettings/randomValue"), ("star-and", "/accessLogSettings/*")):
            recorded.check(f"{name}-{op}", lambda op=op, path=path: update((op, path, "updated")))
    for op in ("add", "replace"):
        recorded.check(f"root-and-{op}", lambda op=op: update((op, "/accessLogSettings", "test")))
    destination = "/accessLogSettings/destinationArn"
    recorded.check("update-stage-access-log-dest-add", update(("add", destination, LOG_GROUP)))
    for member in ("destinationArn", "format"):
        path = f"/accessLogSettings/{member}"
        recorded.check(f"update-stage-access-log-{member}-empty", lambda path=path: update(("replace", path, "")))
    recorded.check("update-stage-access-log-dest-remove", lambda: update(("remove", destination)))
    recorded.check_complete()


def test_a_stage_shows_all_that_it_was_made_with(client, api_id, deployment_id):
    made = client.create_stage(
        restApiId=api_id,
        stageName="dev",
        deploymentId=deployment_id,
        description="mine",
        cacheClusterEnabled=True,
        variables={"color": "blue"},
        documentationVersion="v1",
        canarySettings={
            "deploymentId": deployment_id,
            "percentTraffic": 12.5,
            "stageVariableOverrides": {"color": "green"},
        },
        tracingEnabled=True,
        tags={"team": "pets"},
    )
    assert 201 == made["ResponseMetadata"]["HTTPStatusCode"]
    stage = client.get_stage(restApiId=api_id, stageName="dev")
    assert _members(made) == _members(stage)
    assert START == stage["createdDate"].timestamp() == stage["lastUpdatedDate"].timestamp()
    assert {
        "deploymentId": deployment_id,
        "stageName": "dev",
        "description": "mine",
        "cacheClusterEnabled": True,
        "cacheClusterSize": "0.5",
        "cacheClusterStatus": "AVAILABLE",
        "methodSettings": {},
        "variables": {"color": "blue"},
        "documentationVersion": "v1",
        "canarySettings": {
            "deploymentId": deployment_id,
            "percentTraffic": 12.5,
            "stageVariableOverrides": {"color": "green"},
            "useStageCache": False,
        },
        "tracingEnabled": True,
        "tags": {"team": "pets"},
    } == {name: value for name, value in _members(stage).items() if not name.endswith("Date")}


def test_an_update_moves_the_date_and_shows_whole_method_settings(harness, client, api_id, deployment_id, update):
    client.create_stage(restApiId=api_id, stageName="dev", deploymentId=deployment_id)
    harness.advance(60)
    stage = update(
        ("replace", "/*/*/throttling/burstLimit", "123"),
        ("replace", "/~1pets~1{id}/GET/logging/loglevel", "INFO"),
    )
    assert (START, START + 60) == (stage["createdDate"].timestamp(), stage["lastUpdatedDate"].timestamp())
    # Facts 1.5, recorded: any setting makes all of them.
    untouched = {
        "metricsEnabled": False,
        "dataTraceEnabled": False,
        "throttlingBurstLimit": 5_000,
        "throttlingRateLimit": 10_000.0,
        "cachingEnabled": True,
        "cacheTtlInSeconds": 300,
        "cacheDataEncrypted": False,
        "requireAuthorizationForCacheControl": True,
        "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
    }
    assert {
        "*/*": {**untouched, "throttlingBurstLimit": 123},
        "~1pets~1{id}/GET": {**untouched, "loggingLevel": "INFO"},
    } == stage["methodSettings"]
    assert _members(stage) == _members(client.get_stage(restApiId=api_id, stageName="dev"))


def test_a_canary_begins_on_the_stage_s_deployment_and_is_promoted_by_copies(client, api_id, deployment_id):
    client.create_stage(restApiId=api_id, stageName="dev", deploymentId=deployment_id, variables={"size": "1"})
    other = client.create_deployment(restApiId=api_id)["id"]

    def patch(*operations):
        return client.update_stage(restApiId=api_id, stageName="dev", patchOperations=list(operations))

    stage = patch({"op": "replace", "path": "/canarySettings/percentTraffic", "value": "50"})
    assert {"deploymentId": deployment_id, "percentTraffic": 50.0, "useStageCache": False} == stage["canarySettings"]
    patch(
        {"op": "replace", "path": "/canarySettings/deploymentId", "value": other},
        {"op": "replace", "path": "/canarySettings/stageVariableOverrides/color", "value": "green"},
    )
    stage = patch(
        {"op": "replace", "path": "/canarySettings/percentTraffic", "value": "0.0"},
        {"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"},
        {"op": "copy", "from": "/canarySettings/stageVariableOverrides", "path": "/variables"},
    )
    assert (other, {"size": "1", "color": "green"}) == (stage["deploymentId"], stage["variables"])
    assert "canarySettings" not in patch({"op": "remove", "path": "/canarySettings"})


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("/deploymentId", "nope00", "Deployment id does not exist"),
        ("/canarySettings/deploymentId", "nope00", "Deployment id does not exist"),
        ("/clientCertificateId", "abc123", "Invalid client certificate identifier specified"),
    ],
)
def test_a_stage_names_nothing_that_is_not_there(client, api_id, deployment_id, update, path, value, message):
    made = client.create_stage(restApiId=api_id, stageName="dev", deploymentId=deployment_id)
    error = error_of(lambda: update(("replace", "/description", "half"), ("replace", path, value)))
    assert ("BadRequestException", message) == (error["Error"]["Code"], error["Error"]["Message"])
    assert _members(made) == _members(client.get_stage(restApiId=api_id, stageName="dev"))


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"restApiId": "nope"}, "NotFoundException", f"Invalid API identifier specified {ACCOUNT}:nope"),
        ({"deploymentId": "nope"}, "BadRequestException", "Deployment id does not exist"),
        ({"canarySettings": {"deploymentId": "nope"}}, "BadRequestException", "Deployment id does not exist"),
        ({"stageName": "a b"}, "BadRequestException", "Stage name only allows a-zA-Z0-9_"),
        ({"stageName": "taken"}, "ConflictException", "Stage already exists"),
        ({"variables": {"a-b": "c"}}, "BadRequestException", None),
        ({"canarySettings": {"stageVariableOverrides": {"a": "b c"}}}, "BadRequestException", None),
        ({"canarySettings": {"percentTraffic": 101}}, "BadRequestException", None),
        ({"variables": {f"v{i}": "x" for i in range(101)}}, "LimitExceededException", None),
        ({"tags": {"aws:mine": "x"}}, "BadRequestException", None),
    ],
)
def test_a_stage_that_cannot_be_is_not_made(client, api_id, deployment_id, changes, code, message):
    client.create_stage(restApiId=api_id, stageName="taken", deploymentId=deployment_id)
    given = {"restApiId": api_id, "stageName": "dev", "deploymentId": deployment_id, **changes}
    error = error_of(lambda: client.create_stage(**given))
    assert code == error["Error"]["Code"]
    assert message in (None, error["Error"]["Message"])
    assert ["taken"] == [stage["stageName"] for stage in client.get_stages(restApiId=api_id)["item"]]


@pytest.mark.parametrize("operation", ["get_stage", "delete_stage"])
def test_a_stage_that_is_not_there_is_not_found(client, api_id, operation):
    error = error_of(lambda: getattr(client, operation)(restApiId=api_id, stageName="nope"))
    assert ("NotFoundException", "Invalid stage identifier specified") == (
        error["Error"]["Code"],
        error["Error"]["Message"],
    )


def test_a_stage_that_a_domain_name_leads_to_is_not_deleted(harness, client, api_id, deployment_id):
    client.create_stage(restApiId=api_id, stageName="dev", deploymentId=deployment_id)
    client.create_stage(restApiId=api_id, stageName="test", deploymentId=deployment_id)
    mapping = BasePathMapping(ACCOUNT, REGION, "www.example.com", "v1", api_id, "dev")
    with harness.store.transaction() as transaction:
        put_mapping(transaction, mapping)
    error = error_of(lambda: client.delete_stage(restApiId=api_id, stageName="dev"))
    assert (
        "Deleting stage dev failed. Please remove all base path mappings related to the stage in your domains: "
        "www.example.com"
    ) == error["Error"]["Message"]
    assert 202 == client.delete_stage(restApiId=api_id, stageName="test")["ResponseMetadata"]["HTTPStatusCode"]
    with harness.store.transaction() as transaction:
        delete_mapping(transaction, mapping)
    client.delete_stage(restApiId=api_id, stageName="dev")
    assert [] == client.get_stages(restApiId=api_id)["item"]


def _members(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_a_log_group_of_another_account_is_refused(client, api_id, deployment_id, update):
    client.create_stage(restApiId=api_id, stageName="dev", deploymentId=deployment_id)
    elsewhere = LOG_GROUP.replace(LOG_GROUP.split(":")[4], "999999999999")
    with pytest.raises(ClientError, match="Invalid ARN specified in the request"):
        update(("replace", "/accessLogSettings/destinationArn", elsewhere))
