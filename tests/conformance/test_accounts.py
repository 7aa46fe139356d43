"""Several accounts in one installation: none sees, uses or touches what is another's."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from support.apis import ApiBuilder, create_domain, import_certificate
from support.gateway import bare_environment
from support.https import ask, trust

pytestmark = pytest.mark.e2e

OTHER = "111122223333"


def exports(text):
    """The variables that a POSIX shell would have after `eval` of the text."""
    shown = subprocess.run(
        ["sh", "-c", f"{text}\nenv -0"], capture_output=True, check=True, env={"PATH": "/usr/bin:/bin"}, timeout=20
    )  # fmt: skip
    variables = dict(entry.split("=", 1) for entry in shown.stdout.decode().split("\0") if entry)
    return {name: value for name, value in variables.items() if name.startswith("AWS_")}


@pytest.fixture(scope="module")
def other(gateway):
    """The root credentials of a second account, made while the gateway runs."""
    return exports(gateway.cli("account", "create", OTHER).stdout)


@pytest.fixture(scope="module")
def strangers(gateway, other):
    """Clients of the second account, by service."""
    pair = (other["AWS_ACCESS_KEY_ID"], other["AWS_SECRET_ACCESS_KEY"])
    sts = gateway.client("sts", credentials=pair)
    gateway.wait_for(lambda: may_call(sts))
    return {name: gateway.client(name, credentials=pair) for name in ("apigateway", "acm", "sts")}


def may_call(sts):
    try:
        return bool(sts.get_caller_identity())
    except ClientError:
        return False


@pytest.fixture(scope="module")
def api(gateway, apigateway, acm, authority):
    made = ApiBuilder(apigateway)
    made.mock("/open")
    made.mock("/signed", authorization="AWS_IAM")
    made.deploy("dev")
    arn = import_certificate(acm, authority.issue("mine.example"))
    create_domain(apigateway, "mine.example", arn, made.id, stage="dev")
    return made


def test_env_points_the_unmodified_aws_cli_here(gateway):
    variables = exports(gateway.cli("env").stdout)
    assert {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"} == set(variables)
    assert gateway.endpoint == variables["AWS_ENDPOINT_URL"]
    aws = Path(sys.executable).with_name("aws")
    if not aws.exists():
        pytest.skip("the AWS CLI is not in this virtual environment")
    asked = subprocess.run(
        [aws, "sts", "get-caller-identity", "--query", "[Account,Arn]", "--output", "text"],
        env=bare_environment(**variables, AWS_PAGER=""),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ["000000000000", "arn:aws:iam::000000000000:root"] == asked.stdout.split()


def test_an_account_is_someone_else(strangers):
    identity = strangers["sts"].get_caller_identity()
    assert (OTHER, f"arn:aws:iam::{OTHER}:root") == (identity["Account"], identity["Arn"])


def test_the_credentials_of_every_account_are_kept_for_their_owner_alone(gateway, other):
    path = gateway.data_dir / "credentials"
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    text = path.read_text()
    assert f"[{OTHER}]" in text
    assert other["AWS_SECRET_ACCESS_KEY"] in text
    assert gateway.credentials[1] in text
    assert other["AWS_SECRET_ACCESS_KEY"] not in gateway.log()


def test_an_account_sees_nothing_of_anothers(strangers, api):
    assert [] == strangers["apigateway"].get_rest_apis()["items"]
    assert [] == strangers["apigateway"].get_domain_names()["items"]
    assert [] == strangers["acm"].list_certificates(Includes={"keyTypes": ["EC_prime256v1"]})["CertificateSummaryList"]


def test_an_account_can_neither_read_nor_change_nor_delete_anothers(strangers, acm, apigateway, api):
    client = strangers["apigateway"]
    refused = [
        (client.get_rest_api, {"restApiId": api.id}),
        (client.get_resources, {"restApiId": api.id}),
        (client.create_deployment, {"restApiId": api.id, "stageName": "theirs"}),
        (client.update_rest_api, {"restApiId": api.id, "patchOperations": [{"op": "replace", "path": "/name", "value": "x"}]}),
        (client.delete_rest_api, {"restApiId": api.id}),
        (client.get_domain_name, {"domainName": "mine.example"}),
        (client.get_base_path_mappings, {"domainName": "mine.example"}),
        (client.delete_domain_name, {"domainName": "mine.example"}),
        (client.create_base_path_mapping, {"domainName": "mine.example", "restApiId": api.id, "basePath": "x"}),
        (client.tag_resource, {"resourceArn": f"arn:aws:apigateway:us-east-1::/restapis/{api.id}", "tags": {"a": "b"}}),
    ]  # fmt: skip
    for operation, arguments in refused:
        with pytest.raises(ClientError) as caught:
            operation(**arguments)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] in {403, 404}, operation.__name__
    arn = acm.list_certificates(Includes={"keyTypes": ["EC_prime256v1"]})["CertificateSummaryList"][0]["CertificateArn"]
    for operation in (
        strangers["acm"].describe_certificate,
        strangers["acm"].get_certificate,
        strangers["acm"].delete_certificate,
    ):
        with pytest.raises(ClientError):
            operation(CertificateArn=arn)
    kept = apigateway.get_rest_api(restApiId=api.id)
    assert ("pets", {}) == (kept["name"], kept.get("tags", {}))


def test_an_account_cannot_map_anothers_api_nor_use_anothers_certificate(strangers, acm, authority, api):
    client = strangers["apigateway"]
    own = import_certificate(strangers["acm"], authority.issue("theirs.example"))
    create_domain(client, "theirs.example", own)
    with pytest.raises(ClientError, match=r"BadRequest|NotFound"):
        client.create_base_path_mapping(domainName="theirs.example", restApiId=api.id, stage="dev")
    arn = import_certificate(acm, authority.issue("stolen.example"))
    with pytest.raises(ClientError, match=r"BadRequest|AccessDenied|NotFound"):
        create_domain(client, "stolen.example", arn)


def test_a_name_that_one_account_has_is_refused_to_another(strangers, authority, api):
    arn = import_certificate(strangers["acm"], authority.issue("mine.example"))
    with pytest.raises(ClientError, match="already exists"):
        create_domain(strangers["apigateway"], "mine.example", arn)


def signed_headers(api, credentials):
    host = f"{api.id}.execute-api.us-east-1.gateway.localhost"
    request = AWSRequest("GET", f"https://{host}/dev/signed", headers={"Host": host})
    SigV4Auth(Credentials(*credentials), "execute-api", "us-east-1").add_auth(request)
    return host, dict(request.headers.items())


def test_a_signature_of_another_account_does_not_open_an_iam_method(gateway, other, strangers, api):
    context = trust(gateway.ca_file)
    host, headers = signed_headers(api, gateway.credentials)
    assert 200 == ask(gateway.https_port, host, "/dev/signed", headers=headers, context=context).status

    host, headers = signed_headers(api, (other["AWS_ACCESS_KEY_ID"], other["AWS_SECRET_ACCESS_KEY"]))
    answer = ask(gateway.https_port, host, "/dev/signed", headers=headers, context=context)
    assert (403, "AccessDeniedException") == (answer.status, answer.header("x-amzn-ErrorType"))
    said = answer.json()
    assert ["Message"] == list(said)
    assert said["Message"].startswith(
        f"User: arn:aws:iam::{OTHER}:root is not authorized to perform: execute-api:Invoke"
    )
    assert f":{api.id}/dev/GET/signed" in said["Message"]
    # What needs no signature is open to everybody.
    assert 200 == ask(gateway.https_port, host, "/dev/open", context=context).status
