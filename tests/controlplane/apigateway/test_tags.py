"""Tags, through a client, on each kind of record that can hold them."""

from urllib.parse import quote

import pytest

from gatewright.model.records import DomainName, EndpointConfiguration
from support.control import OTHER_ACCOUNT, REGION, START
from support.recorded import ACCOUNT, error_of

DOMAIN = DomainName(ACCOUNT, REGION, "www.example.com", EndpointConfiguration(("REGIONAL",)), START)


@pytest.fixture
def client(harness):
    return harness.client("apigateway", account=ACCOUNT)


@pytest.fixture
def api_id(client):
    return client.create_rest_api(name="tagged", tags={"team": "pets"})["id"]


@pytest.fixture
def arns(harness, client, api_id):
    root = client.get_rest_api(restApiId=api_id)["rootResourceId"]
    method = {"restApiId": api_id, "resourceId": root, "httpMethod": "GET"}
    client.put_method(**method, authorizationType="NONE")
    client.put_integration(**method, type="MOCK")
    client.create_deployment(restApiId=api_id, stageName="dev")
    with harness.store.transaction() as transaction:
        transaction.put(DOMAIN)
    prefix = f"arn:aws:apigateway:{REGION}::"
    return {
        "api": f"{prefix}/restapis/{api_id}",
        "stage": f"{prefix}/restapis/{api_id}/stages/dev",
        "domain": f"{prefix}/domainnames/www.example.com",
    }


@pytest.mark.parametrize("noun", ["api", "stage", "domain"])
@pytest.mark.parametrize("spelling", [str, lambda arn: quote(arn, safe="")])
def test_tags_are_added_overwritten_and_taken_away(client, arns, noun, spelling):
    arn = spelling(arns[noun])
    before = client.get_tags(resourceArn=arn)["tags"]
    answer = client.tag_resource(resourceArn=arn, tags={"color": "blue", "size": "1"})
    assert 204 == answer["ResponseMetadata"]["HTTPStatusCode"]
    client.tag_resource(resourceArn=arn, tags={"color": "green"})
    assert {**before, "color": "green", "size": "1"} == client.get_tags(resourceArn=arn)["tags"]
    answer = client.untag_resource(resourceArn=arn, tagKeys=["color", "size", "shape"])
    assert 204 == answer["ResponseMetadata"]["HTTPStatusCode"]
    assert before == client.get_tags(resourceArn=arn)["tags"]


def test_tags_are_shown_by_what_they_are_on(client, api_id, arns):
    client.tag_resource(resourceArn=arns["stage"], tags={"color": "blue"})
    assert {"color": "blue"} == client.get_stage(restApiId=api_id, stageName="dev")["tags"]
    assert {"team": "pets"} == client.get_rest_api(restApiId=api_id)["tags"]


def test_a_resource_has_at_most_fifty_tags(client, arns):
    client.tag_resource(resourceArn=arns["api"], tags={f"k{i}": "v" for i in range(49)})
    error = error_of(lambda: client.tag_resource(resourceArn=arns["api"], tags={"one": "more"}))
    assert "LimitExceededException" == error["Error"]["Code"]
    assert 50 == len(client.get_tags(resourceArn=arns["api"])["tags"])
    client.tag_resource(resourceArn=arns["api"], tags={"k0": "other"})


@pytest.mark.parametrize("tags", [{"aws:team": "x"}, {"AWS:team": "x"}, {"": "x"}, {"k" * 129: "x"}, {"k": "v" * 257}])
def test_reserved_and_overlong_tags_are_refused(client, arns, tags):
    error = error_of(lambda: client.tag_resource(resourceArn=arns["api"], tags=tags))
    assert "BadRequestException" == error["Error"]["Code"]
    assert {"team": "pets"} == client.get_tags(resourceArn=arns["api"])["tags"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/restapis/nope", f"Invalid API identifier specified {ACCOUNT}:nope"),
        ("/restapis/{api_id}/stages/nope", "Invalid stage identifier specified"),
        ("/domainnames/nope.example.com", "Invalid domain name identifier specified"),
        ("/apikeys/nope", "Invalid API Key identifier specified"),
        ("/usageplans/nope", "Invalid Usage Plan ID specified"),
        ("/vpclinks/nope", "Invalid Vpc Link identifier specified"),
    ],
)
def test_what_is_not_there_is_not_found(client, api_id, path, message):
    arn = f"arn:aws:apigateway:{REGION}::{path.format(api_id=api_id)}"
    error = error_of(lambda: client.get_tags(resourceArn=arn))
    assert ("NotFoundException", message) == (error["Error"]["Code"], error["Error"]["Message"])


@pytest.mark.parametrize(
    "arn",
    [
        "mine",
        "arn:aws:apigateway:eu-west-1::/restapis/{api_id}",
        "arn:aws:apigateway:us-east-1:000000000000:/restapis/{api_id}",
        "arn:aws:apigateway:us-east-1::/restapis/{api_id}/resources/x",
        "arn:aws:s3:us-east-1::/restapis/{api_id}",
        "arn:aws:apigateway:us-east-1::restapis/{api_id}",
    ],
)
def test_an_arn_of_something_else_is_refused(client, api_id, arn):
    error = error_of(lambda: client.get_tags(resourceArn=arn.format(api_id=api_id)))
    assert ("BadRequestException", "Invalid ARN specified in the request") == (
        error["Error"]["Code"],
        error["Error"]["Message"],
    )


def test_another_account_s_resource_is_not_found(harness, client, api_id):
    assert OTHER_ACCOUNT == ACCOUNT
    stranger = harness.client("apigateway")
    arn = f"arn:aws:apigateway:{REGION}::/restapis/{api_id}"
    assert "NotFoundException" == error_of(lambda: stranger.get_tags(resourceArn=arn))["Error"]["Code"]
