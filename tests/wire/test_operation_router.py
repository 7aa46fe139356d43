"""From a request to its operation. That every operation is found is test_round_trip's; here are the choices and refusals."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.wire.http import HttpRequest
from gatewright.wire.operation_router import RoutedOperation, UnknownOperation, route_operation, select_protocol
from gatewright.wire.services import SERVED, load_service


def route(service: str, method: str, path: str, query: str = "", body: bytes = b"", **headers: str) -> RoutedOperation:
    lowered = {name.replace("_", "-"): value for name, value in headers.items()}
    return route_operation(load_service(service), HttpRequest(method, path, query, lowered, body))


@pytest.mark.parametrize(
    ("method", "target", "operation"),
    [
        ("POST", "/restapis", "CreateRestApi"),
        ("POST", "/restapis?mode=import", "ImportRestApi"),
        ("POST", "/restapis?mode=import&failonwarnings=true", "ImportRestApi"),
        ("POST", "/restapis?mode=other", "CreateRestApi"),
        ("PUT", "/restapis/abc?mode=merge", "PutRestApi"),
        ("POST", "/apikeys?mode=import&format=csv", "ImportApiKeys"),
        ("POST", "/restapis/abc/resources/parent", "CreateResource"),
        ("POST", "/restapis/abc/resources/def/methods/GET", "TestInvokeMethod"),
        ("DELETE", "/restapis/abc/stages/dev/cache/data", "FlushStageCache"),
        ("GET", "/restapis/", "GetRestApis"),
        # Absent required members do not make an operation unknown: their absence is a constraint's business.
        ("DELETE", "/tags/arn", "UntagResource"),
        ("GET", "/usageplans/abc/usage", "GetUsage"),
    ],
)
def test_api_gateway_is_routed_by_method_path_and_constants(method, target, operation):
    path, _, query = target.partition("?")
    assert operation == route("apigateway", method, path, query).operation.name


@pytest.mark.parametrize(
    ("method", "target", "headers", "operation"),
    [
        ("GET", "/", {}, "ListBuckets"),
        ("GET", "/bucket", {}, "ListObjects"),
        ("GET", "/bucket/", {}, "ListObjects"),
        ("GET", "/bucket?list-type=2", {}, "ListObjectsV2"),
        ("GET", "/bucket?versions", {}, "ListObjectVersions"),
        ("GET", "/bucket?analytics", {}, "ListBucketAnalyticsConfigurations"),
        ("GET", "/bucket?analytics&id=x", {}, "GetBucketAnalyticsConfiguration"),
        ("GET", "/bucket?lifecycle", {}, "GetBucketLifecycleConfiguration"),
        ("GET", "/bucket/key", {}, "GetObject"),
        ("GET", "/bucket/key?versionId=1", {}, "GetObject"),
        ("GET", "/bucket/key?uploadId=1", {}, "ListParts"),
        ("GET", "/bucket/key?acl", {}, "GetObjectAcl"),
        ("PUT", "/bucket/key", {}, "PutObject"),
        ("PUT", "/bucket/key", {"x_amz_copy_source": "a/b"}, "CopyObject"),
        ("PUT", "/bucket/key?partNumber=1&uploadId=u", {}, "UploadPart"),
        ("PUT", "/bucket/key?partNumber=1&uploadId=u", {"x_amz_copy_source": "a/b"}, "UploadPartCopy"),
        ("POST", "/bucket?delete", {}, "DeleteObjects"),
        ("POST", "/bucket/key?uploads", {}, "CreateMultipartUpload"),
    ],
)
def test_one_path_of_s3_is_many_operations(method, target, headers, operation):
    path, _, query = target.partition("?")
    assert operation == route("s3", method, path, query, **headers).operation.name


def test_labels_are_decoded_and_a_greedy_one_keeps_its_slashes():
    assert {"Bucket": "b", "Key": "a b//c/"} == route("s3", "GET", "/b/a%20b//c/").labels
    assert {"Bucket": "b", "Key": "/c"} == route("s3", "GET", "/b//c").labels
    tags = route("apigateway", "GET", "/tags/arn%3Aaws%3Aapigateway%3A%3A%2Frestapis%2Fabc")
    assert {"resource_arn": "arn:aws:apigateway::/restapis/abc"} == tags.labels


def test_a_literal_segment_is_preferred_to_a_label():
    assert route("lambda", "GET", "/2015-03-31/event-source-mappings").operation.name == "ListEventSourceMappings"
    assert route("lambda", "GET", "/2018-10-31/layers", "find=LayerVersion").operation.name == "GetLayerVersionByArn"


def test_no_template_has_a_greedy_label_but_at_its_end():
    for name in SERVED:
        model = load_service(name)
        for operation in model.operation_names:
            path = model.operation_model(operation).http["requestUri"].partition("?")[0]
            assert "+}" not in path.removesuffix("+}")


@pytest.mark.parametrize(
    ("service", "method", "path", "message"),
    [
        ("apigateway", "GET", "/nothing", "The service apigateway has no operation at GET /nothing."),
        ("apigateway", "PURGE", "/restapis", "The service apigateway has no operation at PURGE /restapis."),
        ("apigateway", "GET", "/restapis//resources", "no operation at GET /restapis//resources"),
        ("apigateway", "GET", "/restapis/%FF", "not percent-encoded UTF-8"),
        ("cloudfront", "POST", "/2020-05-31/tagging", "no operation at POST /2020-05-31/tagging"),
        ("acm", "POST", "/", "does not begin with this service's prefix"),
        ("iam", "POST", "/", "has no operation ''"),
    ],
)
def test_what_names_no_operation_is_refused_with_a_sentence(service, method, path, message):
    with pytest.raises(UnknownOperation, match=message):
        route(service, method, path)


def test_a_target_with_an_unknown_operation_is_refused():
    with pytest.raises(UnknownOperation, match="The service acm has no operation 'Nonsense'"):
        route("acm", "POST", "/", x_amz_target="CertificateManager.Nonsense")


def test_a_query_call_may_leave_out_the_version_but_not_name_another():
    assert route("iam", "POST", "/", body=b"Action=ListUsers").operation.name == "ListUsers"
    with pytest.raises(UnknownOperation, match="'2000-01-01' is not this service's version 2010-05-08"):
        route("iam", "POST", "/", body=b"Action=ListUsers&Version=2000-01-01")


def test_a_query_call_may_come_by_get():
    assert route("sts", "GET", "/", "Action=GetCallerIdentity&Version=2011-06-15").operation.name == "GetCallerIdentity"


@pytest.mark.parametrize("path", ["/", "/service/Other/operation/ListMetrics", "/service/a/b/c/d/e"])
def test_an_rpc_path_of_another_form_is_refused(path):
    with pytest.raises(UnknownOperation, match="is not /service/<name>/operation/<name>"):
        route("cloudwatch", "POST", path, smithy_protocol="rpc-v2-cbor")


def test_cloudwatch_is_spoken_to_in_three_protocols_told_apart_by_headers():
    model = load_service("cloudwatch")

    def protocol(**headers):
        lowered = {name.replace("_", "-"): value for name, value in headers.items()}
        return select_protocol(model, HttpRequest("POST", "/", "", lowered, b""))

    assert protocol(smithy_protocol="rpc-v2-cbor") == "smithy-rpc-v2-cbor"
    assert protocol(x_amz_target="GraniteServiceVersion20100801.ListMetrics") == "json"
    assert protocol() == "query"


@given(
    st.sampled_from(list(SERVED)),
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", ""]),
    st.lists(st.sampled_from(["restapis", "v2", "apis", "%", "%ff", "", "a", "service", "operation", "tags"])),
    st.text(),
    st.binary(),
    st.dictionaries(st.sampled_from(["x-amz-target", "smithy-protocol"]), st.text() | st.just("rpc-v2-cbor")),
)
def test_any_request_is_an_operation_or_unknown(service, method, segments, query, body, headers):
    request = HttpRequest(method, "/" + "/".join(segments), query, headers, body)
    with suppress(UnknownOperation):
        assert isinstance(route_operation(load_service(service), request), RoutedOperation)
