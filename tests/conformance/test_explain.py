"""What each refusal looks like to a client, byte for byte (facts 2.1 to 2.5), and what `gatewright explain` says of it."""

import base64
import hashlib
import json
import re
import uuid
from dataclasses import dataclass, field

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.apis import ApiBuilder, create_domain, import_certificate
from support.backends import EchoBackend, refused_port
from support.ca import CertificateAuthority
from support.https import Connection, ask, read_answer

pytestmark = pytest.mark.e2e

NAMED, WILD = "www.explain.example", "*.explain.example"
_BEARER = base64.b64encode(hashlib.sha256(b"Bearer abc").digest()).decode()


@dataclass(frozen=True)
class Refused:
    """A request and the whole answer that it must get. `{api}` in host and path is the API's id."""

    name: str
    host: str
    path: str
    code: str
    status: int
    error_type: str
    body: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)


DEFAULT = "{api}.execute-api.us-east-1.gateway.localhost"
FORBIDDEN = (403, "ForbiddenException", '{"message":"Forbidden"}')
NO_TOKEN = (403, "MissingAuthenticationTokenException", '{"message":"Missing Authentication Token"}')
CONFIGURATION = (500, "InternalServerErrorException", '{"message": "Internal server error"}')
_UNPAIRED = (
    "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64)"
)
NO_PAIR = (403, "IncompleteSignatureException", f"""{{"message":"{_UNPAIRED}: '{_BEARER}'."}}""")
REFUSALS = [
    Refused("unknown host", "no.such.example", "/v1/pets", "DOMAIN_NOT_FOUND", *FORBIDDEN),
    Refused("unknown API", DEFAULT.format(api="zzzzzzzzzz"), "/dev/health", "HOST_UNKNOWN", *FORBIDDEN),
    Refused("another region", DEFAULT.replace("us-east-1", "eu-west-1"), "/dev/health", "HOST_UNKNOWN", *FORBIDDEN),
    Refused("unknown stage", DEFAULT, "/prod/health", "STAGE_MISSING", *FORBIDDEN),
    Refused("no stage at all", DEFAULT, "/", "STAGE_MISSING", *FORBIDDEN),
    Refused("mapping without a stage, unknown stage", NAMED, "/any/prod/health", "STAGE_MISSING", *FORBIDDEN),
    Refused("no mapping", NAMED, "/v2/health", "MAPPING_MISSING", *FORBIDDEN),
    Refused("a part of a segment is no mapping", NAMED, "/v10/health", "MAPPING_MISSING", *FORBIDDEN),
    Refused("wildcard domain without mapping", "shop.explain.example", "/v1", "MAPPING_MISSING", *FORBIDDEN),
    Refused("no resource", DEFAULT, "/dev/nothing", "METHOD_MISSING", *NO_TOKEN),
    Refused("no method", DEFAULT, "/dev/health", "METHOD_MISSING", *NO_TOKEN, method="POST"),
    Refused("no OPTIONS by itself", DEFAULT, "/dev/pets", "METHOD_MISSING", *NO_TOKEN, method="OPTIONS"),
    Refused("no resource, by name", NAMED, "/v1/nothing", "METHOD_MISSING", *NO_TOKEN),
    Refused(
        "no resource, bearer", NAMED, "/v1/nothing", "SIGNATURE_REFUSED", *NO_PAIR,
        headers={"Authorization": "Bearer abc"},
    ),
    Refused(
        "IAM, bearer", DEFAULT, "/dev/signed", "SIGNATURE_REFUSED", *NO_PAIR, headers={"Authorization": "Bearer abc"}
    ),
    Refused("IAM, unsigned", DEFAULT, "/dev/signed", "SIGNATURE_MISSING", *NO_TOKEN),
    Refused("backend refuses", NAMED, "/v1/refused", "BACKEND_UNREACHABLE", *CONFIGURATION),
    Refused(
        "backend is slow", NAMED, "/v1/slow", "BACKEND_TIMEOUT",
        504, "InternalServerErrorException", '{"message": "Endpoint request timed out"}',
    ),
    Refused("backend is not trusted", NAMED, "/v1/untrusted", "BACKEND_UNTRUSTED_ROOT", *CONFIGURATION),
    Refused("a required parameter is missing", NAMED, "/v1/picky", "PARAMETERS_MISSING",
        400, "BadRequestException", '{"message": "Missing required request parameters: [x-a, q]"}'),
]  # fmt: skip


@pytest.fixture(scope="module")
def api(gateway, apigateway, acm, authority, backend, tmp_path_factory):
    """One API that can be refused in every way, behind a name, a wildcard and its default endpoint."""
    stranger = CertificateAuthority("Unknown Root").issue("127.0.0.1", "localhost")
    with EchoBackend(stranger, tmp_path_factory.mktemp("backend")) as untrusted, refused_port() as closed:
        made = ApiBuilder(apigateway)
        made.mock("/health")
        made.mock("/signed", authorization="AWS_IAM")
        made.proxy("/pets", "GET", backend.url + "/pets")
        made.proxy("/refused", "GET", f"http://127.0.0.1:{closed}/")
        made.proxy("/slow", "GET", backend.url + "/wait", timeoutInMillis=100)
        made.proxy("/untrusted", "GET", f"https://localhost:{untrusted.port}/")
        validator = apigateway.create_request_validator(restApiId=made.id, validateRequestParameters=True)["id"]
        needed = {"method.request.header.x-a": True, "method.request.querystring.q": True}
        where = made.method("/picky", "GET", requestValidatorId=validator, requestParameters=needed)
        apigateway.put_integration(**where, type="MOCK")
        made.deploy("dev")
        create_domain(apigateway, NAMED, import_certificate(acm, authority.issue(NAMED)), made.id,
                      base_path="v1", stage="dev")  # fmt: skip
        apigateway.create_base_path_mapping(domainName=NAMED, restApiId=made.id, basePath="any")
        create_domain(apigateway, WILD, import_certificate(acm, authority.issue(WILD)))
        yield made
    backend.release()


def send(gateway, api, refused):
    return ask(
        gateway.https_port,
        refused.host.format(api=api.id),
        refused.path,
        method=refused.method,
        headers=refused.headers,
    )


def access_line(gateway, request_id):
    """The journal's record of a request; the gateway writes it at most a moment after the answer."""
    found = []

    def written():
        for file in (gateway.data_dir / "logs" / "requests").glob("*.jsonl"):
            found.extend(json.loads(line) for line in file.read_text().splitlines() if f'"{request_id}"' in line)
        return found

    gateway.wait_for(written)
    assert 1 == len(found), "one line a request"
    return found[0]


@pytest.mark.parametrize("refused", REFUSALS, ids=lambda refused: refused.name)
def test_a_refusal_is_byte_for_byte_the_services_and_can_be_explained(gateway, api, refused):
    answer = send(gateway, api, refused)
    assert (refused.status, refused.body) == (answer.status, answer.body.decode())
    assert refused.error_type == answer.header("x-amzn-ErrorType")
    assert "application/json" == answer.header("Content-Type")
    assert str(len(refused.body)) == answer.header("Content-Length")
    assert "keep-alive" == answer.header("Connection")
    request_id = answer.header("x-amzn-RequestId")
    assert request_id == str(uuid.UUID(request_id))
    assert re.fullmatch(r"[A-Za-z0-9+/_-]{15}=", answer.header("x-amz-apigw-id"))

    line = access_line(gateway, request_id)
    assert (refused.status, refused.method, refused.path) == (line["status"], line["httpMethod"], line["path"])
    assert refused.code == line["reason"]["code"]
    assert answer.header("x-amz-apigw-id") == line["extendedRequestId"]
    assert len(refused.body) == line["responseLength"]


SHOWN = {"unknown host", "no mapping", "IAM, unsigned", "no resource, bearer", "backend is not trusted"}


@pytest.mark.parametrize("refused", [r for r in REFUSALS if r.name in SHOWN], ids=lambda refused: refused.name)
def test_explain_names_the_cause_and_what_mends_it(gateway, api, refused):
    request_id = send(gateway, api, refused).header("x-amzn-RequestId")
    access_line(gateway, request_id)
    explained = gateway.cli("explain", request_id).stdout
    lines = explained.splitlines()
    assert f"refused      {refused.code}" in lines
    assert any(line.startswith("  to mend    ") for line in lines)
    assert any(line.startswith(f"answered     {refused.status}, {len(refused.body)} bytes") for line in lines)
    assert [] == re.findall(r"<[a-z_]+>", explained), "every fact of the sentences was recorded"


def test_explain_shows_no_integration_for_a_request_that_never_met_it(gateway, api):
    request_id = ask(gateway.https_port, DEFAULT.format(api=api.id), "/dev/signed").header("x-amzn-RequestId")
    access_line(gateway, request_id)
    lines = gateway.cli("explain", request_id).stdout.splitlines()
    begun = [line.split()[0] for line in lines[3:] if not line.startswith(" ")]
    assert ["certificate", "handshake", "address", "route", "refused", "answered"] == begun


def test_explain_tells_every_decision_of_a_request_that_succeeded_in_order(gateway, api):
    answer = ask(gateway.https_port, NAMED, "/v1/pets")
    assert 200 == answer.status
    request_id = answer.header("x-amzn-RequestId")
    access_line(gateway, request_id)
    lines = gateway.cli("explain", request_id).stdout.splitlines()
    begun = [line.split()[0] for line in lines[3:]]
    assert ["certificate", "handshake", "address", "route", "integration", "answered"] == begun
    assert f"certificate  The server name {NAMED} is a custom domain name." in lines
    assert any(f"base path v1: API {api.id}, stage dev" in line for line in lines)


def test_explain_of_a_request_that_never_was_says_so_and_fails(gateway, api):
    asked = gateway.cli("explain", str(uuid.uuid4()), check=False)
    assert 2 == asked.returncode
    assert "no request" in asked.stderr


def test_a_disabled_default_endpoint_is_forbidden_once_it_is_deployed(gateway, apigateway, api):
    made = ApiBuilder(apigateway, "disabled")
    made.mock("/health")
    made.deploy("dev")
    host = DEFAULT.format(api=made.id)
    apigateway.update_rest_api(
        restApiId=made.id, patchOperations=[{"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "True"}]
    )
    assert 200 == ask(gateway.https_port, host, "/dev/health").status, "a setting of the deployment"
    made.deploy("dev")
    answer = ask(gateway.https_port, host, "/dev/health")
    assert FORBIDDEN == (answer.status, answer.header("x-amzn-ErrorType"), answer.body.decode())
    assert "DEFAULT_ENDPOINT_DISABLED" == access_line(gateway, answer.header("x-amzn-RequestId"))["reason"]["code"]

    apigateway.create_base_path_mapping(domainName=WILD, restApiId=made.id, basePath="disabled", stage="dev")
    assert 200 == ask(gateway.https_port, "a.explain.example", "/disabled/health").status, "its name still serves it"


def sign(api_id, path, credentials, **change):
    """The headers of a GET that botocore's signer signed for execute-api."""
    host = DEFAULT.format(api=api_id)
    request = AWSRequest("GET", f"https://{host}{path}", headers={"Host": host})
    SigV4Auth(Credentials(*credentials), change.get("service", "execute-api"), "us-east-1").add_auth(request)
    return dict(request.headers.items())


def test_a_signed_request_of_the_apis_account_is_let_through(gateway, api):
    headers = sign(api.id, "/dev/signed", gateway.credentials)
    assert 200 == ask(gateway.https_port, DEFAULT.format(api=api.id), "/dev/signed", headers=headers).status


UNKNOWN_KEY = ("AKIAUNKNOWNUNKNOWN00", "secret")


def test_a_signature_with_an_unknown_key_is_refused_as_the_service_does(gateway, api):
    headers = sign(api.id, "/dev/signed", UNKNOWN_KEY)
    answer = ask(gateway.https_port, DEFAULT.format(api=api.id), "/dev/signed", headers=headers)
    assert (403, "UnrecognizedClientException") == (answer.status, answer.header("x-amzn-ErrorType"))
    assert b'{"message":"The security token included in the request is invalid."}' == answer.body


def test_a_wrong_signature_is_answered_with_what_should_have_been_signed(gateway, api):
    key, _ = gateway.credentials
    headers = sign(api.id, "/dev/signed", (key, "another secret"))
    answer = ask(gateway.https_port, DEFAULT.format(api=api.id), "/dev/signed", headers=headers)
    assert (403, "InvalidSignatureException") == (answer.status, answer.header("x-amzn-ErrorType"))
    message = answer.json()["message"]
    assert message.startswith("The request signature we calculated does not match the signature you provided.")
    assert f"'GET\n/dev/signed\n\nhost:{DEFAULT.format(api=api.id)}\n" in message
    assert gateway.credentials[1] not in answer.body.decode()


def test_a_signature_for_another_service_is_refused(gateway, api):
    headers = sign(api.id, "/dev/signed", gateway.credentials, service="lambda")
    answer = ask(gateway.https_port, DEFAULT.format(api=api.id), "/dev/signed", headers=headers)
    assert (403, "InvalidSignatureException") == (answer.status, answer.header("x-amzn-ErrorType"))
    assert "Credential should be scoped to correct service: 'execute-api'. " == answer.json()["message"]


# -- what never became a request ---------------------------------------------------------------------------------------

LONG = "x" * 10_300
UNREADABLE = [
    ("REQUEST_HEADERS_TOO_LARGE", 431, f"GET /v1/pets HTTP/1.1\r\nHost: {NAMED}\r\nCookie: {LONG}\r\n\r\n", "GET"),
    ("URI_TOO_LONG", 414, f"GET /v1/{LONG} HTTP/1.1\r\nHost: {NAMED}\r\n\r\n", "GET"),
    ("REQUEST_TOO_LARGE", 413, f"POST /v1/pets HTTP/1.1\r\nHost: {NAMED}\r\nContent-Length: 10485761\r\n\r\n", "POST"),
    ("REQUEST_MALFORMED", 400, f"GET /v1/pets HTTP/1.1\r\nHost: {NAMED}\r\nHost: {NAMED}\r\n\r\n", "GET"),
    ("REQUEST_MALFORMED", 400, "\0\0\0 what is this\r\n\r\n", "-"),
]


@pytest.mark.parametrize(("code", "status", "sent", "method"), UNREADABLE)
def test_what_never_became_a_request_leaves_its_line_too_and_can_be_explained(gateway, api, code, status, sent, method):
    with Connection(gateway.https_port, NAMED) as connection:
        connection.socket.sendall(sent.encode())
        answer = read_answer(connection.socket)
    assert status == answer.status
    assert "close" == answer.header("Connection")
    request_id = answer.header("x-amzn-RequestId")
    line = access_line(gateway, request_id)
    assert (status, code, method) == (line["status"], line["reason"]["code"], line["httpMethod"])
    assert len(answer.body) == line["responseLength"]
    assert f"refused      {code}" in gateway.cli("explain", request_id).stdout.splitlines()


def test_every_request_of_a_connection_leaves_one_line(gateway, api):
    paths = [f"/v1/pets?number={number}" for number in range(20)]
    with Connection(gateway.https_port, NAMED) as connection:
        ids = [connection.ask(path).header("x-amzn-RequestId") for path in paths]
    assert len(ids) == len(set(ids))
    for request_id in ids:
        assert (200, "/v1/pets") == tuple(access_line(gateway, request_id)[name] for name in ("status", "path"))
