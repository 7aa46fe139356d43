"""Every served operation, given whatever its model allows, answers something its client can read, and never a failure.

The calls meet an installation in which there is one of everything, and name it often, so that they get past "no such API".
"""

import importlib
import pkgutil
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatewright.controlplane import registry
from gatewright.model import patch_tables
from gatewright.wire.services import default_protocol, load_service
from support.botocore_wire import client_reading, client_request
from support.ca import CertificateAuthority
from support.control import START, ControlHarness
from support.shape_values import values

A_DAY_AGO = datetime.fromtimestamp(START, UTC) - timedelta(days=1)
SERVED = [(service, name) for service, table in registry.OPERATIONS.items() for name in table]


def build():
    """An installation with one of everything, and how its things are called."""
    harness = ControlHarness(lenient=True)
    api = harness.client("apigateway")
    made = api.create_rest_api(name="pets", tags={"team": "a"})
    method = {"restApiId": made["id"], "resourceId": made["rootResourceId"], "httpMethod": "GET"}
    child = api.create_resource(restApiId=made["id"], parentId=made["rootResourceId"], pathPart="pets")
    api.put_method(**method, authorizationType="NONE", requestParameters={"method.request.querystring.q": True})
    api.put_method_response(**method, statusCode="200", responseModels={"application/json": "Empty"})
    api.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    api.put_integration_response(**method, statusCode="200", responseTemplates={"application/json": ""})
    validator = api.create_request_validator(restApiId=made["id"], name="all", validateRequestBody=True)
    api.put_gateway_response(restApiId=made["id"], responseType="DEFAULT_4XX")
    deployment = api.create_deployment(restApiId=made["id"], stageName="dev", variables={"x": "1"})
    names = ("www.example.com", "*.example.com")
    issued = CertificateAuthority(not_before=A_DAY_AGO).issue(*names, not_before=A_DAY_AGO)
    material = {
        "Certificate": issued.certificate_pem.encode(),
        "PrivateKey": issued.key_pem.encode(),
        "CertificateChain": issued.chain_pem.encode(),
    }
    certificate = harness.client("acm").import_certificate(**material)["CertificateArn"]
    api.create_domain_name(
        domainName="www.example.com",
        regionalCertificateArn=certificate,
        endpointConfiguration={"types": ["REGIONAL"]},
    )
    api.create_base_path_mapping(domainName="www.example.com", basePath="v1", restApiId=made["id"], stage="dev")
    spare = harness.client("acm").import_certificate(**material)["CertificateArn"]
    hosted_zone = harness.client("route53").create_hosted_zone(Name="example.com", CallerReference="one")["HostedZone"]
    known = {
        "restApiId": [made["id"]],
        "resourceId": [made["rootResourceId"], child["id"]],
        "parentId": [made["rootResourceId"], child["id"]],
        "authorizationType": ["NONE"],
        "pathPart": ["pets", "{id}", "{proxy+}", "new"],
        "httpMethod": ["GET", "ANY", "POST"],
        "type": ["MOCK", "HTTP", "HTTP_PROXY"],
        "uri": ["https://backend.example.com/{proxy}", "http://127.0.0.1"],
        "statusCode": ["200", "404"],
        "requestValidatorId": [validator["id"]],
        "modelName": ["Empty", "Error"],
        "responseType": ["DEFAULT_4XX", "DEFAULT_5XX"],
        "deploymentId": [deployment["id"]],
        "stageName": ["dev", "prod"],
        "resourceArn": [f"arn:aws:apigateway:us-east-1::/restapis/{made['id']}"],
        "domainName": ["www.example.com", "api.example.com", "*.example.com"],
        "basePath": ["v1", "(none)", "v2"],
        "regionalCertificateArn": [certificate],
        "CertificateArn": [certificate, spare],
        "HostedZoneId": [hosted_zone["Id"]],
        "MaxItems": [1, 10],
        **{name: [value] for name, value in material.items()},
    }
    return harness, known


def patch_operations():
    """Operations on every path of every table, and on some that are in none, with values of every kind."""
    paths = {"", "/", "/x", "no-slash", "/~2", "/a~1b"}
    for module in pkgutil.iter_modules(patch_tables.__path__):
        table = importlib.import_module(f"{patch_tables.__name__}.{module.name}").TABLE
        paths |= {rule.path for rule in table.rules}
    names = {"{name}": "n", "{resource}": "~1", "{method}": "GET", "{content_type}": "application~1json"}
    for placeholder, name in names.items():
        paths |= {path.replace(placeholder, name) for path in paths}
    return st.fixed_dictionaries(
        {
            "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
            "path": st.sampled_from(sorted(paths)),
        },
        optional={
            "value": st.sampled_from(
                ["", "true", "1", "-1", "1e999", "NaN", "٣", "x" * 1200, "{}", "Empty", "GET", "TLS_1_2", "\x00", "a/b"]
            ),
            "from": st.sampled_from(sorted(paths)),
        },
    )


HARNESS, KNOWN = build()
PATCHES = st.lists(patch_operations(), max_size=3)


@st.composite
def inputs(draw, shape):
    params = draw(values(shape)) if shape else {}
    for name in sorted(params.keys() & KNOWN.keys()):
        if draw(st.integers(0, 9)):
            # The first is the one that has everything under it.
            params[name] = draw(st.sampled_from([KNOWN[name][0]] * 3 + KNOWN[name]))
    if "patchOperations" in params:
        params["patchOperations"] = draw(PATCHES)
    return params


@pytest.mark.parametrize(("service", "name"), SERVED)
def test_an_operation_answers_whatever_its_model_allows(service, name, caplog):
    operation = load_service(service).operation_model(name)
    protocol = default_protocol(operation.service_model)

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(inputs(operation.input_shape))
    def check(params):
        request = client_request(operation, params, protocol)
        harness = ControlHarness(lenient=True, store=HARNESS.store.fork())
        answer = harness.dispatch(request)
        assert answer.status < 500, caplog.text
        if answer.status < 300:
            client_reading(answer, operation.output_shape, protocol)
        else:
            assert client_reading(answer, None, protocol)["Error"]["Message"]

    check()
