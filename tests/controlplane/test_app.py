"""One call through the whole line: what is answered, what is refused and how, and what a refusal leaves behind."""

import asyncio
import json
import logging
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatewright.controlplane.errors import ServiceError, bad_request
from gatewright.controlplane.limits import body_limit
from gatewright.model.records import AccountSettings
from gatewright.store.port import StoreError
from gatewright.wire.http import HttpRequest
from support.control import ACCOUNT, REGION, ControlHarness


def put_settings(call):
    call.transaction.put(AccountSettings(call.account, call.region, "arn:aws:iam::000000000000:role/logs"))


def stored_settings(harness):
    with harness.store.read() as reader:
        return reader.get(AccountSettings, ACCOUNT, REGION)


def with_operation(name, operate, **options):
    return ControlHarness(operations={"apigateway": {name: operate}}, **options)


def refused(call, /, *args, **params):
    with pytest.raises(ClientError) as raised:
        call(*args, **params)
    return raised.value.response


# --- what is answered ---


def test_an_operation_gets_the_caller_the_place_and_the_instant():
    seen = []
    harness = with_operation("GetAccount", lambda call, params: seen.append((call, params)))
    harness.advance(60)
    answer = harness.client("apigateway", region="eu-west-1").get_account()
    [(call, params)] = seen
    assert ("apigateway", "GetAccount", ACCOUNT, "eu-west-1") == (
        call.service,
        call.operation,
        call.account,
        call.region,
    )
    assert "arn:aws:iam::000000000000:root" == call.principal.arn
    assert {} == params
    assert harness.now == call.now
    assert call.request_id == answer["ResponseMetadata"]["RequestId"]


def test_every_answer_of_api_gateway_has_both_request_ids():
    answer = with_operation("GetAccount", lambda call, params: {}).client("apigateway").get_account()
    refusal = refused(with_operation("GetAccount", fail_with(bad_request("no"))).client("apigateway").get_account)
    for metadata in (answer["ResponseMetadata"], refusal["ResponseMetadata"]):
        assert 36 == len(metadata["HTTPHeaders"]["x-amzn-requestid"])
        assert 16 == len(metadata["HTTPHeaders"]["x-amz-apigw-id"])
        assert metadata["HTTPHeaders"]["x-amz-apigw-id"].endswith("=")


def test_other_services_have_no_api_gateway_request_id(harness):
    metadata = harness.client("sts").get_caller_identity()["ResponseMetadata"]
    assert "x-amz-apigw-id" not in metadata["HTTPHeaders"]


def test_a_reading_operation_may_await():
    async def get_account(call, params):
        await asyncio.sleep(0)
        return {"apiKeyVersion": "4"}

    assert "4" == with_operation("GetAccount", get_account).client("apigateway").get_account()["apiKeyVersion"]


def test_every_call_is_observed():
    seen = []
    harness = ControlHarness(observe=lambda *facts: seen.append(facts[:3]))
    harness.client("sts").get_caller_identity()
    refused(harness.client("iam").list_users)
    harness.raw("GET", "/")
    assert [("sts", "GetCallerIdentity", 200), ("iam", "ListUsers", 400), ("", "", 403)] == seen


# --- what is changed ---


def fail_with(error, *, after=lambda call: None):
    def operate(call, params):
        after(call)
        raise error

    return operate


def test_a_change_is_committed_before_it_is_announced_and_announced_before_the_answer(tmp_path):
    def update_account(call, params):
        put_settings(call)
        return {}

    harness = with_operation("UpdateAccount", update_account, folder=tmp_path)
    announced = []

    async def published(revision):
        await asyncio.sleep(0)
        announced.append((revision, stored_settings(harness)))

    harness.context = replace(harness.context, published=published)
    harness.client("apigateway").update_account()
    assert [(harness.store.revision(), stored_settings(harness))] == announced
    assert announced[0][1] is not None
    harness.store.close()


@pytest.mark.parametrize("error", [bad_request("no"), ZeroDivisionError(), StoreError("The disk is full.")])
def test_an_operation_that_raises_in_the_middle_leaves_no_change(error, tmp_path):
    harness = with_operation("UpdateAccount", fail_with(error, after=put_settings), folder=tmp_path)
    before = harness.store.revision()
    refused(harness.client("apigateway").update_account)
    assert None is stored_settings(harness)
    assert before == harness.store.revision()
    assert [] == harness.published
    harness.store.close()


def test_an_answer_that_cannot_be_written_leaves_no_change(tmp_path):
    def update_account(call, params):
        put_settings(call)
        return {"noSuchMember": 1}

    harness = with_operation("UpdateAccount", update_account, folder=tmp_path)
    assert 500 == refused(harness.client("apigateway").update_account)["ResponseMetadata"]["HTTPStatusCode"]
    assert None is stored_settings(harness)
    harness.store.close()


def test_a_change_stands_when_announcing_it_fails(caplog):
    def update_account(call, params):
        put_settings(call)
        return {}

    async def published(revision):
        raise ConnectionError("a worker is gone")

    harness = with_operation("UpdateAccount", update_account, published=published)
    harness.client("apigateway").update_account()
    assert None is not stored_settings(harness)
    assert "Announcing the change of request" in caplog.text


def test_an_operation_named_like_one_that_reads_cannot_write():
    def get_account(call, params):
        put_settings(call)

    harness = with_operation("GetAccount", get_account)
    assert "InternalFailure" == refused(harness.client("apigateway").get_account)["Error"]["Code"]
    assert None is stored_settings(harness)


# --- what is refused ---


def test_an_error_of_an_operation_comes_out_as_the_modelled_exception():
    error = ServiceError("TooManyRequestsException", "Slow down", members={"retryAfterSeconds": "7"})
    client = with_operation("GetAccount", fail_with(error)).client("apigateway")
    with pytest.raises(client.exceptions.TooManyRequestsException) as raised:
        client.get_account()
    assert "Slow down" == raised.value.response["Error"]["Message"]
    assert 429 == raised.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert "7" == raised.value.response["retryAfterSeconds"]


def test_a_failure_of_ours_is_answered_with_500_and_logged_without_values(caplog):
    def get_rest_api(call, params):
        raise KeyError(params["restApiId"])

    harness = with_operation("GetRestApi", get_rest_api)
    answer = refused(harness.client("apigateway").get_rest_api, restApiId="the-secret-value")
    assert ("InternalFailure", 500) == (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"])
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert answer["ResponseMetadata"]["RequestId"] in record.message
    assert "apigateway GetRestApi failed" in record.message
    assert "in get_rest_api" in record.message
    assert "KeyError" in record.message
    assert "the-secret-value" not in caplog.text
    assert "the-secret-value" not in json.dumps(answer["Error"])


def test_a_refusal_that_cannot_be_written_is_a_failure_of_ours():
    error = ServiceError("NoSuchCodeInTheModel", "no", members={"retryAfterSeconds": "7"})
    answer = refused(with_operation("GetAccount", fail_with(error)).client("apigateway").get_account)
    assert "InternalFailure" == answer["Error"]["Code"]


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"text"', b"\xff", b'{"name": "\\ud800"}', b"[" * 100_000])
def test_a_body_that_is_not_the_json_it_should_be_is_a_serialization_error(harness, body):
    answer = harness.raw("POST", "/restapis", body=body, sign="apigateway")
    assert 400 == answer.status
    assert ("x-amzn-ErrorType", "SerializationException") in answer.headers


def test_a_value_of_the_wrong_type_is_a_serialization_error_in_the_recorded_words():
    harness = with_operation("UpdateRestApi", fail_with(AssertionError()))
    body = b'{"patchOperations": [{"op": "replace", "path": "/name", "value": true}]}'
    answer = harness.raw("PATCH", "/restapis/abc", body=body, sign="apigateway")
    assert 400 == answer.status
    assert {"message": "class java.lang.Boolean can not be converted to an String"} == json.loads(answer.body)


def test_an_input_that_breaks_the_constraints_is_a_validation_error():
    client = with_operation("CreateRestApi", fail_with(AssertionError())).client("apigateway", validate=False)
    error = refused(client.create_rest_api)["Error"]
    assert "ValidationException" == error["Code"]
    assert error["Message"].startswith("1 validation error detected: Value null at 'createRestApiInput.name'")


def test_a_path_that_is_no_operation_is_refused_like_an_unsigned_call(harness):
    answer = harness.raw("GET", "/restapis/abc/nonsense", sign="apigateway")
    assert (403, b'{"message":"Missing Authentication Token"}') == (answer.status, answer.body)
    assert ("x-amzn-ErrorType", "MissingAuthenticationTokenException") in answer.headers


def test_a_target_that_is_no_operation_is_unknown(harness):
    answer = harness.raw("POST", "/", headers={"X-Amz-Target": "CertificateManager.Nonsense"}, sign="acm")
    assert (400, "UnknownOperationException") == (answer.status, json.loads(answer.body)["__type"])


def test_an_action_that_is_no_operation_is_invalid(harness):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = harness.raw("POST", "/", headers=form, body=b"Action=Nonsense&Version=2011-06-15", sign="sts")
    assert 400 == answer.status
    assert b"<Code>InvalidAction</Code>" in answer.body


@pytest.mark.parametrize(
    ("service", "method", "path", "status", "code"),
    [
        ("apigateway", "POST", "/restapis", 413, b"RequestEntityTooLargeException"),
        ("acm", "POST", "/", 413, b"RequestEntityTooLargeException"),
        ("sts", "POST", "/", 413, b"RequestEntityTooLarge"),
        ("s3", "PUT", "/bucket/key", 400, b"EntityTooLarge"),
    ],
)
def test_a_body_over_the_limit_of_the_service_is_refused(harness, service, method, path, status, code):
    answer = harness.raw(method, path, body=b" " * (body_limit(service) + 1), sign=service)
    assert status == answer.status
    assert code in answer.body + b"".join(value.encode() for _, value in answer.headers)
    answer = harness.raw(method, path, body=b" " * 1024, sign=service)
    assert code not in answer.body + b"".join(value.encode() for _, value in answer.headers)


# --- whatever is sent ---

_SIGNING_NAMES = ["apigateway", "execute-api", "acm", "acm-pca", "s3", "sts", "logs", "route53", "lambda", "monitoring"]
_HEADERS = {
    "authorization": st.one_of(
        st.text(max_size=30),
        st.sampled_from(_SIGNING_NAMES).map(
            lambda name: (
                f"AWS4-HMAC-SHA256 Credential=123456789012/20231114/us-east-1/{name}/aws4_request,"
                " SignedHeaders=host;x-amz-date, Signature=00"
            )
        ),
    ),
    "x-amz-date": st.sampled_from(["20231114T221320Z", "yesterday"]),
    "x-amz-target": st.sampled_from(["CertificateManager.ImportCertificate", "CertificateManager.X", "\udcff"]),
    "content-type": st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/\udce4"]),
    "smithy-protocol": st.just("rpc-v2-cbor"),
    "host": st.sampled_from(["localhost:4566", "s3.us-east-1.amazonaws.com", "[", ""]),
}
_PATHS = st.one_of(
    st.sampled_from(
        [
            "/",
            "/restapis",
            "/restapis/%FF",
            "/restapis/a/resources/b",
            "/v2/apis",
            "/tags/arn%3Aaws",
            "/@connections/%2F",
            "/domainnames/*.example.com",
            "/2013-04-01/hostedzone",
            "/2015-03-31/functions",
            "/service/ACMPrivateCA/operation/GetPolicy",
        ]
    ),
    st.text(max_size=20).map(lambda text: "/" + text),
    st.binary(max_size=20).map(lambda raw: "/" + raw.decode("utf-8", "surrogateescape")),
)
_DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "patchOperations", "tags", "Certificate", "op", "path"]), inner)
    ),
    max_leaves=8,
)
_BODIES = st.one_of(
    st.binary(max_size=60),
    _DOCUMENTS.map(lambda document: json.dumps(document).encode()),
    st.sampled_from([b"Action=GetCallerIdentity&Version=2011-06-15", b"Action=%FF&Version=2016-11-15", b"<a><b/></a>"]),
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "BREW"]),
    path=_PATHS,
    query=st.one_of(st.just(""), st.text(max_size=20), st.just("tagKeys=a&limit=x&position=%FF&mode=import")),
    headers=st.fixed_dictionaries({}, optional=_HEADERS),
    body=_BODIES,
    lenient=st.booleans(),
)
def test_whatever_is_sent_gets_an_answer_and_never_a_failure(method, path, query, headers, body, lenient):
    harness = LENIENT if lenient else STRICT
    # Without a host that a client would have, lenient mode takes every request for a web page's.
    headers = {"host": "localhost:4566", **headers}
    answer = harness.dispatch(HttpRequest(method, path, query, headers, body))
    assert 200 <= answer.status < 500 or answer.status == 501
    for name, value in answer.headers:
        assert "\n" not in name + value


STRICT, LENIENT = ControlHarness(), ControlHarness(lenient=True)
