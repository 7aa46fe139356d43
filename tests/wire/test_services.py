"""Whose a request is, and that the table says what the models say."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.wire.http import HttpRequest
from gatewright.wire.services import SERVED, load_service, select_service
from support.botocore_wire import client_request
from support.shape_values import fixed_value


def request(method: str = "GET", path: str = "/", query: str = "", body: bytes = b"", **headers: str) -> HttpRequest:
    return HttpRequest(method, path, query, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@pytest.mark.parametrize("name", SERVED)
def test_the_table_agrees_with_the_model(name):
    served, model = SERVED[name], load_service(name)
    assert served.name == name
    assert served.signing_name == model.signing_name
    assert served.signing_name == model.endpoint_prefix
    assert served.api_version == model.api_version
    assert list(served.protocols) == model.metadata.get("protocols", [model.metadata["protocol"]])
    # Some rest-json models bear a target prefix that nobody sends.
    assert served.target_prefix == (model.metadata.get("targetPrefix") if "json" in served.protocols else None)


@pytest.mark.parametrize("name", [name for name, service in SERVED.items() if service.path_prefixes])
def test_every_path_of_a_service_begins_with_one_of_its_prefixes(name):
    model = load_service(name)
    paths = [model.operation_model(operation).http["requestUri"] for operation in model.operation_names]
    assert [] == [path for path in paths if not path.startswith(SERVED[name].path_prefixes)]


@pytest.mark.parametrize("name", SERVED)
def test_each_signed_request_is_its_services(name):
    model = load_service(name)
    for operation_name in model.operation_names:
        operation = model.operation_model(operation_name)
        params = {} if operation.input_shape is None else fixed_value(operation.input_shape, only_required=True)
        sent = client_request(operation, params, next(p for p in SERVED[name].protocols if "cbor" not in p))
        assert name == select_service(sent, SERVED[name].signing_name), operation_name


def test_v1_and_v2_of_api_gateway_share_a_signing_name_and_differ_by_path():
    assert select_service(request(path="/restapis"), "apigateway") == "apigateway"
    assert select_service(request(path="/v2/apis"), "apigateway") == "apigatewayv2"
    assert select_service(request(path="/unknown"), "apigateway") == "apigateway"


def test_a_signing_name_that_is_not_served_is_nobodys():
    assert select_service(request(path="/restapis"), "dynamodb") is None


@pytest.mark.parametrize(
    ("unsigned", "name"),
    [
        (request("POST", x_amz_target="CertificateManager.ListCertificates"), "acm"),
        (request("POST", x_amz_target="Logs_20140328.DescribeLogGroups"), "logs"),
        (request("POST", "/service/GraniteServiceVersion20100801/operation/ListMetrics"), "cloudwatch"),
        (request(path="/restapis/abc"), "apigateway"),
        (request(path="/v2/apis"), "apigatewayv2"),
        (request("POST", "/@connections/abc="), "apigatewaymanagementapi"),
        (request(path="/2015-03-31/functions/"), "lambda"),
        (request(host="s3.us-east-1.amazonaws.com"), "s3"),
        (request(path="/account", host="assets.s3.localhost:4566"), "s3"),
        (request(path="/account", host="assets.localhost:4566"), "apigateway"),
        (request(host="ACM.us-east-1.amazonaws.com"), "acm"),
        (request("POST", body=b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15"), "sts"),
        (request("GET", query="Action=DescribeVpcs&Version=2016-11-15"), "ec2"),
        (request("POST", body=b"Action=DescribeVpcs&Version=1999-01-01"), None),
        (request("POST", body=b"\xff=\xff"), None),
        (request(), None),
    ],
)
def test_an_unsigned_request_is_known_by_target_path_host_or_version(unsigned, name):
    assert name == select_service(unsigned, None)


def test_a_service_that_is_not_served_has_no_model():
    with pytest.raises(KeyError, match="'dynamodb' is not among the served services"):
        load_service("dynamodb")


def test_a_model_is_loaded_once():
    assert load_service("sts") is load_service("sts")


def test_choosing_a_service_loads_no_model():
    code = (
        "from gatewright.wire import services, http;"
        "services.select_service(http.HttpRequest('GET', '/restapis', '', {}, b''), 'apigateway');"
        "print(services.load_service.cache_info().currsize)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "0\n"


@given(st.text(), st.text(), st.binary(), st.text(), st.one_of(st.none(), st.text()))
def test_any_request_is_somebodys_or_nobodys(path, query, body, header, signing_name):
    stranger = HttpRequest("POST", "/" + path, query, {"x-amz-target": header, "host": header}, body)
    assert select_service(stranger, signing_name) in {*SERVED, None}
    service_path = HttpRequest("POST", "/service/" + path, query, {}, body)
    assert select_service(service_path, None) in {*SERVED, None}
