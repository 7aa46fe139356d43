"""Who is let in, as whom, and how each kind of service says no."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from gatewright.controlplane import registry
from gatewright.controlplane.authenticate import REGIONS
from gatewright.core.sigv4.refusal import Cause, ProtocolFamily, render_refusal
from gatewright.core.sigv4.refusal import SignatureRefused as Refused
from gatewright.model.records import AccessKeyRecord
from gatewright.wire.services import SERVED
from support.control import ACCOUNT, ENDPOINT, OTHER_ACCOUNT, ROOT_KEYS, ControlHarness

# One cheap operation of a service of each protocol.
PROBES = {
    "apigateway": "get_account",
    "acm": "list_certificates",
    "sts": "get_caller_identity",
    "ec2": "describe_vpcs",
    "route53": "list_hosted_zones",
    "s3": "list_buckets",
    "cloudwatch": "list_metrics",
}
FAMILIES = {
    "apigateway": ProtocolFamily.REST_JSON,
    "acm": ProtocolFamily.JSON,
    "sts": ProtocolFamily.QUERY,
    "ec2": ProtocolFamily.EC2,
    "route53": ProtocolFamily.REST_XML,
    "s3": ProtocolFamily.S3,
    "cloudwatch": ProtocolFamily.JSON,
}


def refusal_of(client, service):
    with pytest.raises(ClientError) as raised:
        getattr(client, PROBES[service])()
    answer = raised.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def form_of(cause, service):
    form = render_refusal(Refused(cause, ""), FAMILIES[service])
    return form.code, form.status


@pytest.fixture(scope="module")
def memory():
    return ControlHarness(operations=registry.OPERATIONS)


@pytest.mark.parametrize("service", PROBES)
def test_a_wrong_secret_is_refused_in_the_words_of_the_service(memory, service):
    assert form_of(Cause.MISMATCH, service) == refusal_of(memory.client(service, secret="not-the-secret"), service)


@pytest.mark.parametrize("service", PROBES)
def test_an_unknown_key_is_refused_in_the_words_of_the_service(memory, service):
    assert form_of(Cause.UNKNOWN_KEY, service) == refusal_of(memory.client(service, key="AKIAUNKNOWN"), service)


@pytest.mark.parametrize("service", PROBES)
@pytest.mark.parametrize(("off", "cause"), [(901, Cause.TOO_OLD), (-901, Cause.NOT_YET_CURRENT)])
def test_a_clock_that_is_more_than_fifteen_minutes_off_is_refused(service, off, cause):
    harness = ControlHarness(skew=timedelta(minutes=15))
    harness.now = datetime.now(UTC).timestamp() + off + (5 if off > 0 else -5)
    assert form_of(cause, service) == refusal_of(harness.client(service), service)


def test_a_clock_that_is_fourteen_minutes_off_is_let_in():
    harness = ControlHarness(skew=timedelta(minutes=15))
    for off in (-840, 840):
        harness.now = datetime.now(UTC).timestamp() + off
        assert ACCOUNT == harness.client("sts").get_caller_identity()["Account"]


def test_a_region_that_is_no_region_is_a_wrong_scope(memory):
    client = memory.client("sts", region="nowhere")
    assert form_of(Cause.WRONG_SCOPE, "sts") == refusal_of(client, "sts")


def test_an_unsigned_call_is_refused_whatever_it_calls(memory):
    answer = memory.raw("GET", "/restapis")
    assert (403, b'{"message":"Missing Authentication Token"}') == (answer.status, answer.body)
    answer = memory.raw("POST", "/", body=b"Action=GetCallerIdentity&Version=2011-06-15")
    assert 403 == answer.status
    assert b"<Code>MissingAuthenticationToken</Code>" in answer.body


def test_an_authorization_header_that_cannot_be_read_is_refused(memory):
    answer = memory.raw("GET", "/restapis", headers={"Authorization": "Bearer abc"})
    assert ("x-amzn-ErrorType", "IncompleteSignatureException") in answer.headers


def test_a_changed_body_is_refused(memory):
    sent = []
    client = memory.client("apigateway")
    client.meta.events.register_first("before-send", lambda request, **_: sent.append(request))
    client.meta.events.register_first("before-send", lambda request, **_: setattr(request, "body", b'{"name": "b"}'))
    with pytest.raises(ClientError) as raised:
        client.create_rest_api(name="a")
    assert "InvalidSignatureException" == raised.value.response["Error"]["Code"]


def test_the_region_and_the_account_are_those_of_the_signature():
    seen = []
    harness = ControlHarness(operations={"apigateway": {"GetAccount": lambda call, params: seen.append(call)}})
    harness.client("apigateway", region="ap-southeast-2", account=OTHER_ACCOUNT).get_account()
    assert [("ap-southeast-2", OTHER_ACCOUNT)] == [(call.region, call.account) for call in seen]


def test_a_presigned_call_is_let_in_until_it_expires():
    harness = ControlHarness()
    url = harness.client("sts").generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    target = url.removeprefix(ENDPOINT)
    harness.now = datetime.now(UTC).timestamp() + 50
    assert f"<Account>{ACCOUNT}</Account>".encode() in harness.raw("GET", target).body
    harness.advance(20)
    answer = harness.raw("GET", target)
    assert form_of(Cause.PRESIGNED_EXPIRED, "sts")[1] == answer.status
    assert b"<Account>" not in answer.body


def test_an_inactive_key_is_unknown(harness):
    key, _ = ROOT_KEYS[ACCOUNT]
    with harness.store.transaction() as transaction:
        transaction.put(AccessKeyRecord(ACCOUNT, "", key, "arn:aws:iam::000000000000:root", ACCOUNT, 0.0, active=False))
    assert form_of(Cause.UNKNOWN_KEY, "sts") == refusal_of(harness.client("sts"), "sts")


def test_a_new_secret_acts_at_once(harness):
    key, _ = ROOT_KEYS[ACCOUNT]
    harness.client("sts").get_caller_identity()
    with harness.store.transaction() as transaction:
        transaction.put_secret(f"access-key/{key}", b"rotated")
    assert form_of(Cause.MISMATCH, "sts") == refusal_of(harness.client("sts"), "sts")
    assert ACCOUNT == harness.client("sts", secret="rotated").get_caller_identity()["Account"]


def test_an_operation_that_needs_no_signature_is_reached_without_one(memory):
    client = memory.client("sts")
    with pytest.raises(ClientError) as raised:
        client.assume_role_with_web_identity(RoleArn="arn:" + "x" * 20, RoleSessionName="me", WebIdentityToken="token")
    assert "AssumeRoleWithWebIdentity is not served" in raised.value.response["Error"]["Message"]


@pytest.mark.parametrize("service", SERVED)
def test_lenient_takes_any_credentials(service):
    harness = ControlHarness(lenient=True, operations={})
    client = harness.client(service, key="anything", secret="goes")
    signing_name = client.meta.service_model.signing_name
    answer = harness.raw("GET", "/", headers={"Authorization": authorization("anything", signing_name)})
    assert b"signature" not in answer.body.lower()
    assert b"security token" not in answer.body.lower()


def authorization(key, signing_name, region="us-east-1"):
    return (
        f"AWS4-HMAC-SHA256 Credential={key}/20231114/{region}/{signing_name}/aws4_request,"
        " SignedHeaders=host;x-amz-date, Signature=00"
    )


@pytest.mark.parametrize(
    ("key", "account"),
    [("222222222222", "222222222222"), ("22222222222", ACCOUNT), ("test", ACCOUNT), ("٣" * 12, ACCOUNT)],
)
def test_lenient_takes_twelve_digits_for_an_account(key, account):
    harness = ControlHarness(lenient=True)
    headers = {"Authorization": authorization(key, "sts"), "X-Amz-Date": "20231114T221320Z"}
    answer = harness.raw("POST", "/", headers=headers, body=b"Action=GetCallerIdentity&Version=2011-06-15")
    assert f"<Account>{account}</Account>".encode() in answer.body


def test_lenient_takes_unsigned_calls_for_the_default_account_and_region():
    seen = []
    operations = {"apigateway": {"GetAccount": lambda call, params: seen.append(call)}}
    harness = ControlHarness(lenient=True, operations=operations)
    for headers in ({}, {"Authorization": "Bearer abc"}, {"Authorization": authorization("a", "apigateway", "?")}):
        assert 200 == harness.raw("GET", "/account", headers=headers).status
    assert {(ACCOUNT, "us-east-1", f"arn:aws:iam::{ACCOUNT}:root")} == {
        (call.account, call.region, call.principal.arn) for call in seen
    }


@pytest.mark.parametrize("name", ["us-east-1", "eu-central-2", "us-gov-west-1", "us-isob-east-1", "cn-northwest-1"])
def test_a_region_of_every_partition_is_well_formed(name):
    assert name in REGIONS


@pytest.mark.parametrize(
    "name", ["", "us-east", "US-EAST-1", "us-east-1a", "us-east-1\n", "../us-east-1", "aws-global"]
)
def test_other_names_are_no_regions(name):
    assert name not in REGIONS
