"""The commands beside a running gateway. One gateway serves the whole module; its data directory has a space."""

import http.client
import json
import socket
import subprocess
import sys

import pytest
from botocore.exceptions import ClientError

from support.gateway import running_gateway

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    with running_gateway(tmp_path_factory.mktemp("data of Jo's")) as running:
        yield running


def exports(text):
    return dict(line.removeprefix("export ").split("=", 1) for line in text.splitlines())


def test_a_shell_evaluates_env_and_finds_the_running_gateway(gateway):
    script = (
        'eval "$("$0" -m gatewright env --data-dir "$1")" && printf "%s\\n" "$AWS_ENDPOINT_URL" "$AWS_ACCESS_KEY_ID"'
    )
    done = subprocess.run(
        ["bash", "-c", script, sys.executable, str(gateway.data_dir)], capture_output=True, text=True, check=True
    )
    assert [gateway.endpoint, gateway.credentials[0]] == done.stdout.splitlines()
    assert "" == done.stderr


def test_serve_json_says_where_it_is(gateway):
    told = json.loads((gateway.data_dir / "serve.json").read_text())
    assert {
        "pid": gateway.process.pid,
        "control": gateway.endpoint,
        "https": gateway.ready["https"],
        "dns": gateway.ready["dns"],
        "suffix": "gateway.localhost",
        "region": "us-east-1",
        "account": "000000000000",
    } == told


def test_ca_prints_the_authority_that_the_default_certificate_was_issued_by(gateway):
    printed = gateway.cli("ca").stdout
    connection = http.client.HTTPConnection("127.0.0.1", gateway.control_port)
    connection.request("GET", "/_gatewright/ca.pem")
    served = connection.getresponse().read().decode()
    connection.close()
    assert served == printed
    host = "abcdefghij.execute-api.us-east-1.gateway.localhost"
    with (
        socket.create_connection(("127.0.0.1", gateway.https_port), timeout=10) as plain,
        gateway.tls_context().wrap_socket(plain, server_hostname=host) as secured,
    ):
        assert ("DNS", "*.execute-api.us-east-1.gateway.localhost") in secured.getpeercert()["subjectAltName"]


def test_another_account_is_made_while_serving_and_owns_nothing_of_the_first(gateway):
    gateway.client("apigateway").create_rest_api(name="mine")
    made = exports(gateway.cli("account", "create", "222222222222").stdout)
    assert gateway.endpoint == made["AWS_ENDPOINT_URL"]
    credentials = (made["AWS_ACCESS_KEY_ID"], made["AWS_SECRET_ACCESS_KEY"].strip("'"))
    identity = gateway.client("sts", credentials=credentials).get_caller_identity()
    assert ("222222222222", "arn:aws:iam::222222222222:root") == (identity["Account"], identity["Arn"])
    assert [] == gateway.client("apigateway", credentials=credentials).get_rest_apis()["items"]
    assert "[222222222222]" in (gateway.data_dir / "credentials").read_text()


def test_an_account_is_made_once(gateway):
    gateway.cli("account", "create", "333333333333")
    again = gateway.cli("account", "create", "333333333333", check=False)
    assert (2, "") == (again.returncode, again.stdout)
    assert "account 333333333333 has root credentials already" in again.stderr


def test_the_default_account_is_there_already(gateway):
    assert 2 == gateway.cli("account", "create", "000000000000", check=False).returncode


def test_a_wrong_secret_is_refused(gateway):
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        gateway.client("sts", credentials=(gateway.credentials[0], "wrong")).get_caller_identity()


def test_explain_tells_what_a_request_met(gateway):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.control_port)
    connection.request("GET", "/_aws/execute-api/abcdefghij/dev/pets")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    request_id = answer.headers["x-amzn-requestid"]
    gateway.wait_for(lambda: gateway.cli("explain", request_id, check=False).returncode == 0)
    told = gateway.cli("explain", request_id).stdout
    assert "/pets" in told
    assert "403" in told
