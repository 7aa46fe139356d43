"""`gatewright doctor --profile`: the same checks on an AWS account, with moto's server in the account's place.

The network is a stand-in too: a nameserver and a TLS server of this machine say what AWS's would. moto keeps records and
judges nothing, so the server's answers, and who may call what, are made here; a deployment of moto's has no summary, so
what a method is deployed with cannot be asked for on it.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from click.testing import CliRunner

from gatewright.cli import main
from support.apis import ApiBuilder, create_domain, import_certificate
from support.ca import CertificateAuthority
from support.denying_proxy import DenyingProxy
from support.gateway import bare_environment
from support.moto_account import moto_account
from support.standin_network import FORBIDDEN, StandInDns, StandInServer

pytestmark = pytest.mark.e2e
HOST, CDN, REGION = "www.aws.test", "cdn.aws.test", "us-east-1"
ANSWER = (200, {"Content-Type": "application/json"}, "[]")
#: Managed policies of CloudFront's, by their published ids: AllViewerExceptHostHeader and AllViewer.
ALL_BUT_HOST, ALL_VIEWER = "b689b0a8-53d0-40ab-baf2-68738e2966ac", "216adef6-5c7f-47e4-b989-5492eafa07d3"
THROUGH_CLOUDFRONT = {"Via": "1.1 x.cloudfront.net (CloudFront)", "X-Cache": "Error from cloudfront"}


class Shop:
    """An account with an API, a domain name and a distribution, and the network that leads to them."""

    def __init__(self, account, dns: StandInDns, server: StandInServer, folder: Path) -> None:
        self.account, self.dns, self.server, self.folder = account, dns, server, folder
        self.authority = CertificateAuthority("Shop Root")
        (folder / "root.pem").write_text(self.authority.certificate_pem)
        self.apigateway, self.cloudfront = account.client("apigateway"), account.client("cloudfront")
        self.route53, self.ec2 = account.client("route53"), account.client("ec2")
        self.api = ApiBuilder(self.apigateway)
        self.api.proxy("/pets", "GET", "https://backend.aws.test/pets")
        self.api.deploy("dev")
        self.stage_host = f"{self.api.id}.execute-api.{REGION}.amazonaws.com"
        arn = import_certificate(account.client("acm"), self.authority.issue(HOST))
        self.target = create_domain(self.apigateway, HOST, arn, self.api.id, stage="dev")["regionalDomainName"]
        self.zone = self.route53.create_hosted_zone(Name="aws.test", CallerReference="shop")["HostedZone"]["Id"]
        origin = {"Id": "api", "DomainName": self.stage_host, "OriginPath": "/dev", "CustomOriginConfig": {
            "HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only",
            "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]}}}  # fmt: skip
        behavior = {"TargetOriginId": "api", "ViewerProtocolPolicy": "https-only",
                    "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "OriginRequestPolicyId": ALL_BUT_HOST}  # fmt: skip
        made = self.cloudfront.create_distribution(DistributionConfig={
            "CallerReference": "shop", "Comment": "", "Enabled": True, "Aliases": {"Quantity": 1, "Items": [CDN]},
            "Origins": {"Quantity": 1, "Items": [origin]}, "DefaultCacheBehavior": behavior})["Distribution"]  # fmt: skip
        self.distribution, self.distribution_name = made["Id"], made["DomainName"]
        self.make_healthy()

    def make_healthy(self) -> None:
        """The network as it ought to be."""
        self.dns.records = {
            HOST: ("CNAME", self.target),
            CDN: ("CNAME", self.distribution_name),
            self.target: ("A", "127.0.0.1"),
            self.distribution_name: ("A", "127.0.0.1"),
            self.stage_host: ("A", "127.0.0.1"),
        }
        self.server.certificates = {
            None: self.authority.issue(f"*.execute-api.{REGION}.amazonaws.com"),
            HOST: self.authority.issue(HOST),
            CDN: self.authority.issue(CDN),
        }
        self.server.answers = {(HOST, "/pets"): ANSWER, (CDN, "/pets"): ANSWER}

    def read_distribution(self) -> dict:
        """The distribution's configuration."""
        return self.cloudfront.get_distribution_config(Id=self.distribution)["DistributionConfig"]

    def change_distribution(self, change) -> None:
        """`change` is made to the configuration."""
        config = self.read_distribution()
        change(config)
        self.write_distribution(config)

    def write_distribution(self, config: dict) -> None:
        etag = self.cloudfront.get_distribution_config(Id=self.distribution)["ETag"]
        self.cloudfront.update_distribution(Id=self.distribution, IfMatch=etag, DistributionConfig=config)

    def words(self, target: str) -> list[str]:
        return ["doctor", target, "--profile", "shop", "--resolver", self.dns.address, "--address", self.server.address,
                "--cacert", str(self.folder / "root.pem"), "--json"]  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        """Of a user whose home has the profile, and no installation of Gatewright."""
        home = self.account.write_profile(self.folder, "shop")
        path = f"{Path(sys.executable).parent}:{bare_environment()['PATH']}"
        return {**bare_environment(), **home, "PATH": path, "AWS_PAGER": "", "XDG_DATA_HOME": str(self.folder / "none")}

    def doctor(self, target: str) -> dict:
        """The report of the command, in a process of its own."""
        ran = subprocess.run(
            [sys.executable, "-m", "gatewright", *self.words(target)], env=self.environment, capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip
        report = json.loads(ran.stdout)
        assert {"ok": 0, "problem": 1, "unknown": 2}[report["verdict"]] == ran.returncode, ran.stderr
        return report

    def ask_here(self, monkeypatch, target: str, *options: str, environment: dict[str, str] | None = None) -> dict:
        """The report of the command within this process: starting one costs more than a diagnosis."""
        for name, value in (environment or self.environment).items():
            monkeypatch.setenv(name, value)
        ran = CliRunner().invoke(main, [*self.words(target), *options])
        report = json.loads(ran.stdout)
        assert {"ok": 0, "problem": 1, "unknown": 2}[report["verdict"]] == ran.exit_code
        return report

    def run(self, commands: list[str]) -> None:
        """The remedy, as a user's shell runs what was printed."""
        done = subprocess.run(["/bin/sh", "-ec", "\n".join(commands)], cwd=self.folder, env=self.environment,
                              capture_output=True, text=True, timeout=90, check=False)  # fmt: skip
        assert 0 == done.returncode, done.stderr


@pytest.fixture(scope="module")
def shared_shop(tmp_path_factory):
    with moto_account() as account, StandInDns() as dns, StandInServer() as server:
        yield Shop(account, dns, server, tmp_path_factory.mktemp("shop"))


@pytest.fixture
def shop(shared_shop):
    """Each test begins with a healthy network and leaves the distribution as it was."""
    shared_shop.make_healthy()
    before = shared_shop.read_distribution()
    yield shared_shop
    if before != shared_shop.read_distribution():
        shared_shop.write_distribution(before)


def first(report: dict) -> tuple[str, str | None]:
    return report["verdict"], report["findings"][0]["code"] if report["findings"] else None


@pytest.mark.parametrize("host", [HOST, CDN])
def test_a_healthy_account_has_no_finding(shop, host):
    report = shop.doctor(f"https://{host}/pets")
    assert ("ok", []) == (report["verdict"], report["findings"]), report


def test_a_name_that_leads_to_the_stage_url_is_told_and_the_printed_change_is_the_right_record(shop):
    shop.dns.records[HOST] = ("CNAME", shop.stage_host)
    report = shop.doctor(f"https://{HOST}/pets")
    assert ("problem", "DNS_POINTS_TO_STAGE_URL") == first(report)
    shop.run(report["findings"][0]["remedy"]["commands"])
    records = shop.route53.list_resource_record_sets(HostedZoneId=shop.zone)["ResourceRecordSets"]
    made = [each["AliasTarget"]["DNSName"].rstrip(".") for each in records if each["Name"] == f"{HOST}."]
    assert [shop.target] == made


def test_a_certificate_for_another_name_is_told_and_whether_it_is_acms(shop, monkeypatch):
    """ACM's own does not cover the name, or ACM's does and somebody else has answered."""
    arn, acm = shop.apigateway.get_domain_name(domainName=HOST)["regionalCertificateArn"], shop.account.client("acm")

    def reimport(issued) -> None:
        acm.import_certificate(
            CertificateArn=arn, Certificate=issued.certificate_pem, PrivateKey=issued.key_pem,
            CertificateChain=issued.chain_pem,
        )  # fmt: skip

    other = shop.authority.issue("other.aws.test")
    shop.server.certificates[HOST] = other
    report = shop.ask_here(monkeypatch, f"https://{HOST}/pets")
    assert ("problem", "CERT_NAME_MISMATCH") == first(report)
    assert "somebody else has answered" in report["findings"][0]["cause"]
    assert [] == report["findings"][0]["remedy"]["commands"]
    reimport(other)
    report = shop.ask_here(monkeypatch, f"https://{HOST}/pets")
    assert ("problem", "CERT_NAME_MISMATCH") == first(report)
    assert report["findings"][0]["remedy"]["commands"][0].startswith("aws --profile shop acm import-certificate ")
    reimport(shop.authority.issue(HOST))


def test_a_missing_mapping_is_told_and_the_printed_command_makes_it(shop):
    shop.apigateway.delete_base_path_mapping(domainName=HOST, basePath="(none)")
    shop.server.answers[HOST, "/pets"] = FORBIDDEN
    report = shop.doctor(f"https://{HOST}/pets")
    assert ("problem", "MAPPING_MISSING") == first(report)
    shop.run(report["findings"][0]["remedy"]["commands"])
    assert "dev" == shop.apigateway.get_base_path_mapping(domainName=HOST, basePath="(none)")["stage"]


def set_origin_path(config: dict, path: str = "") -> None:
    config["Origins"]["Items"][0]["OriginPath"] = path


def read_origin_path(config: dict) -> str:
    return config["Origins"]["Items"][0]["OriginPath"]


def test_a_wrong_origin_path_is_told_and_the_printed_commands_correct_it(shop, monkeypatch):
    shop.change_distribution(set_origin_path)
    shop.server.answers[CDN, "/pets"] = (403, {**FORBIDDEN[1], **THROUGH_CLOUDFRONT}, FORBIDDEN[2])
    report = shop.doctor(f"https://{CDN}/pets")
    assert ("problem", "CLOUDFRONT_ORIGIN_PATH") == first(report)
    shop.run(report["findings"][0]["remedy"]["commands"])
    assert "/dev" == read_origin_path(shop.read_distribution())
    # moto's CloudFront serves nothing: what it would answer now is said for it.
    shop.server.answers[CDN, "/pets"] = ANSWER
    assert ("ok", None) == first(shop.ask_here(monkeypatch, f"https://{CDN}/pets"))


def forward_host(config: dict) -> None:
    config["DefaultCacheBehavior"]["OriginRequestPolicyId"] = ALL_VIEWER


def speak_old_tls(config: dict) -> None:
    config["Origins"]["Items"][0]["CustomOriginConfig"]["OriginSslProtocols"] = {"Quantity": 1, "Items": ["TLSv1"]}


def disable(config: dict) -> None:
    config["Enabled"] = False


def drop_authorization(config: dict) -> None:
    del config["DefaultCacheBehavior"]["OriginRequestPolicyId"]


def passes_all_but_host(config: dict) -> bool:
    return ALL_BUT_HOST == config["DefaultCacheBehavior"].get("OriginRequestPolicyId")


def speaks_new_tls(config: dict) -> bool:
    return ["TLSv1.2"] == config["Origins"]["Items"][0]["CustomOriginConfig"]["OriginSslProtocols"]["Items"]


def is_enabled(config: dict) -> bool:
    return config["Enabled"]


@pytest.mark.parametrize(
    ("code", "change", "status", "error_type", "is_mended"),
    [
        ("CLOUDFRONT_HOST_FORWARDED", forward_host, 403, "ForbiddenException", passes_all_but_host),
        ("CLOUDFRONT_AUTHORIZATION_DROPPED", drop_authorization, 403, "MissingAuthenticationTokenException",
         passes_all_but_host),
        ("CLOUDFRONT_OLD_TLS", speak_old_tls, 502, None, speaks_new_tls),
        ("CLOUDFRONT_NOT_DEPLOYED", disable, 403, None, is_enabled),
    ],
)  # fmt: skip
def test_each_change_of_a_distribution_is_one_that_jq_makes_and_cloudfront_takes(
    shop, code, change, status, error_type, is_mended, monkeypatch
):
    """Without the minutes of a roll-out: the change itself is made as printed, and sent as the printed command does."""
    if shutil.which("jq") is None:
        pytest.skip("jq is not on this machine")
    shop.change_distribution(change)
    assert not is_mended(shop.read_distribution())
    shop.server.answers[CDN, "/pets"] = (
        status, {**THROUGH_CLOUDFRONT, **({"x-amzn-ErrorType": error_type} if error_type else {})}, "{}",
    )  # fmt: skip
    report = shop.ask_here(monkeypatch, f"https://{CDN}/pets", "-H", "Authorization: Bearer x")
    assert code == report["findings"][0]["code"], report
    get, edit, update, _ = report["findings"][0]["remedy"]["commands"]
    assert get.startswith(f"aws --profile shop cloudfront get-distribution-config --id {shop.distribution} ")
    assert "--distribution-config file://new-config.json" in update
    (shop.folder / "config.json").write_text(json.dumps(shop.read_distribution(), default=str))
    shop.run([edit])
    shop.write_distribution(json.loads((shop.folder / "new-config.json").read_text()))
    assert is_mended(shop.read_distribution())


@pytest.fixture
def endpoint(shop):
    """A VPC's endpoint for execute-api with private DNS."""
    vpc = shop.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    made = shop.ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName=f"com.amazonaws.{REGION}.execute-api",
        VpcEndpointType="Interface",
        PrivateDnsEnabled=True,
    )["VpcEndpoint"]["VpcEndpointId"]
    shop.dns.records[shop.target] = ("A", "10.0.3.17")
    shop.server.answers[HOST, "/pets"] = FORBIDDEN
    yield made
    shop.ec2.delete_vpc_endpoints(VpcEndpointIds=[made])


def test_private_dns_that_takes_a_public_name_is_told_with_its_endpoint(shop, endpoint, monkeypatch):
    # That the endpoint itself would answer 403 is said by the stand-in: moto has no VPC that anything goes through.
    report = shop.ask_here(monkeypatch, f"https://{HOST}/pets")
    assert ("problem", "PRIVATE_DNS_BLOCKS_CUSTOM_DOMAIN") == first(report)
    command = "aws --profile shop ec2 modify-vpc-endpoint --vpc-endpoint-id {} --no-private-dns-enabled"
    assert [command.format(endpoint)] == report["findings"][0]["remedy"]["commands"]


def led_by_address(shop) -> str:
    """The name answers as an alias does: only the zone tells what it is."""
    shop.dns.records[HOST] = ("A", "127.0.0.1")
    return HOST


def through_endpoint(shop) -> str:
    shop.dns.records[shop.target] = ("A", "10.0.3.17")
    return HOST


def by_a_cache_policy_of_its_own(shop) -> str:
    shop.change_distribution(lambda config: config["DefaultCacheBehavior"].update(CachePolicyId="own"))
    return CDN


@pytest.mark.parametrize(
    ("action", "step", "ask"),
    [
        ("apigateway:GET", "domain", lambda _: HOST),
        ("acm:GetCertificate", "certificate", lambda _: HOST),
        ("route53:ListHostedZones", "zone", led_by_address),
        ("route53:ListResourceRecordSets", "zone", led_by_address),
        ("cloudfront:ListDistributions", "front", lambda _: CDN),
        ("ec2:DescribeVpcEndpoints", "vpc-endpoint", through_endpoint),
        ("cloudfront:GetCachePolicy", "front", by_a_cache_policy_of_its_own),
    ],
)
def test_what_is_not_permitted_is_unknown_and_names_the_action(shop, action, step, ask, tmp_path, monkeypatch):
    host = ask(shop)
    with DenyingProxy(shop.account.endpoint) as way:
        way.denied = action
        home = {**shop.environment, **shop.account.write_profile(tmp_path, "shop", way.endpoint)}
        report = shop.ask_here(monkeypatch, f"https://{host}/pets", environment=home)
    assert action in way.asked
    assert "unknown" == report["verdict"], report
    told = next(each for each in report["findings"] if f"step {step}" in each["evidence"])
    assert ("COULD_NOT_LOOK", "unknown") == (told["code"], told["outcome"])
    assert f"missing permission {action}" in told["evidence"]
    assert action in told["remedy"]["text"]


# -- callers who may not -----------------------------------------------------------------------------------------------

ACCOUNT, OTHER_ACCOUNT = "123456789012", "111122223333"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"


def deny(shop: Shop, user: str = ALICE, why: str = "") -> None:
    """The gateway's sentence for a caller that it knows and that may not; it masks the account."""
    arn = f"arn:aws:execute-api:{REGION}:********9012:{shop.api.id}/dev/GET/pets"
    sentence = f"User: {user} is not authorized to perform: execute-api:Invoke on resource: {arn}{why}"
    body = json.dumps({"Message": sentence})
    shop.server.answers[HOST, "/pets"] = (403, {"x-amzn-ErrorType": "AccessDeniedException"}, body)


def simulated(decision: str, *policies: str) -> tuple[int, dict[str, str], str]:
    """What IAM answers SimulatePrincipalPolicy, which moto does not have."""
    matched = "".join(f"<member><SourcePolicyId>{each}</SourcePolicyId></member>" for each in policies)
    result = (
        "<member><EvalActionName>execute-api:Invoke</EvalActionName><EvalResourceName>*</EvalResourceName>"
        f"<EvalDecision>{decision}</EvalDecision><MatchedStatements>{matched}</MatchedStatements></member>"
    )
    space = 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"'
    return 200, {"Content-Type": "text/xml"}, (
        f"<SimulatePrincipalPolicyResponse {space}><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>"
        f"<EvaluationResults>{result}</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    )  # fmt: skip


@pytest.fixture
def way(shop):
    """The way to the account on which a test can refuse an action, or answer for moto."""
    with DenyingProxy(shop.account.endpoint) as made:
        yield made


@pytest.fixture
def ask_through(shop, way, tmp_path, monkeypatch):
    """The report of the doctor whose profile leads through `way`."""

    def ask(host: str = HOST, *options: str) -> dict:
        home = {**shop.environment, **shop.account.write_profile(tmp_path, "shop", way.endpoint)}
        return shop.ask_here(monkeypatch, f"https://{host}/pets", *options, environment=home)

    return ask


def test_a_silent_identity_policy_is_told_and_the_printed_command_allows_the_call(shop, way, ask_through):
    iam = shop.account.client("iam")
    iam.create_user(UserName="alice")
    deny(shop)
    way.answers["iam:SimulatePrincipalPolicy"] = simulated("implicitDeny")
    report = ask_through()
    assert ("problem", ["IDENTITY_POLICY_SILENT"]) == (report["verdict"], [each["code"] for each in report["findings"]])
    (finding,) = report["findings"]
    assert "simulate-principal-policy: implicitDeny" in finding["evidence"]
    shop.run(finding["remedy"]["commands"])
    (statement,) = iam.get_user_policy(UserName="alice", PolicyName="invoke-api")["PolicyDocument"]["Statement"]
    allowed = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{shop.api.id}/dev/GET/pets"
    assert ("Allow", "execute-api:Invoke", allowed) == tuple(
        statement[each] for each in ("Effect", "Action", "Resource")
    )


def test_an_identity_policy_that_denies_is_named_by_the_simulation(shop, way, ask_through):
    deny(shop, why=" with an explicit deny")
    way.answers["iam:SimulatePrincipalPolicy"] = simulated("explicitDeny", "no-pets")
    report = ask_through()
    assert ("problem", "IDENTITY_POLICY_DENY") == first(report)
    assert report["findings"][0]["cause"].startswith(f"no-pets denies {ALICE} the call explicitly")


@pytest.mark.parametrize("denied", ["iam:SimulatePrincipalPolicy", None])
def test_without_the_simulation_the_refusal_is_judged_and_what_was_not_asked_is_told(shop, way, ask_through, denied):
    """Not permitted, and answered with a page of HTML, which is what moto does."""
    deny(shop)
    way.denied = denied
    report = ask_through()
    silent, unknown = report["findings"]
    assert ("problem", "IDENTITY_POLICY_SILENT", "COULD_NOT_LOOK") == (
        report["verdict"],
        silent["code"],
        unknown["code"],
    )
    assert f"the APIs that were asked are those of account {ACCOUNT}" in silent["evidence"]
    assert (denied in unknown["remedy"]["text"]) if denied else ("no answer of AWS's" in unknown["cause"])


def test_a_resource_policy_that_is_silent_or_denies_is_told_and_the_printed_commands_change_it(shop, monkeypatch):
    def patch(*statements: dict) -> None:
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        patch = [{"op": "replace", "path": "/policy", "value": policy}]
        shop.apigateway.update_rest_api(restApiId=shop.api.id, patchOperations=patch)

    def statements() -> list[tuple[str, str]]:
        policy = json.loads(shop.apigateway.get_rest_api(restApiId=shop.api.id)["policy"])
        return [(each["Effect"], each["Action"]) for each in policy["Statement"]]

    everybody = {"Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    elsewhere = {**everybody, "Effect": "Allow", "Resource": "execute-api:/other/*"}
    patch(elsewhere)
    deny(shop, "anonymous")
    report = shop.ask_here(monkeypatch, f"https://{HOST}/pets")
    assert ("problem", "RESOURCE_POLICY_SILENT") == first(report)
    shop.run(report["findings"][0]["remedy"]["commands"])
    assert [("Allow", "execute-api:Invoke")] * 2 == statements()
    patch({**everybody, "Effect": "Allow"}, {**everybody, "Effect": "Deny"})
    deny(shop, "anonymous", " with an explicit deny")
    report = shop.ask_here(monkeypatch, f"https://{HOST}/pets")
    assert ("problem", "RESOURCE_POLICY_DENY") == first(report)
    shop.run(report["findings"][0]["remedy"]["commands"])
    assert [("Allow", "execute-api:Invoke")] == statements()


@pytest.fixture
def partner(shop) -> tuple[str, str]:
    """The access key of a user of another account."""
    role = {"RoleArn": f"arn:aws:iam::{OTHER_ACCOUNT}:role/any", "RoleSessionName": "doctor"}
    made = shop.account.client("sts").assume_role(**role)["Credentials"]
    theirs = botocore.session.Session().create_client(
        "iam", REGION, endpoint_url=shop.account.endpoint, aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretAccessKey"], aws_session_token=made["SessionToken"],
    )  # fmt: skip
    theirs.create_user(UserName="partner")
    yield tuple(
        theirs.create_access_key(UserName="partner")["AccessKey"][each] for each in ("AccessKeyId", "SecretAccessKey")
    )
    for key in theirs.list_access_keys(UserName="partner")["AccessKeyMetadata"]:
        theirs.delete_access_key(UserName="partner", AccessKeyId=key["AccessKeyId"])
    theirs.delete_user(UserName="partner")


@pytest.mark.parametrize("denied", [None, "sts:GetAccessKeyInfo"])
def test_a_partners_call_of_an_http_api_needs_a_role_and_whose_key_it_is_is_asked_for(
    shop, way, ask_through, partner, denied
):
    http_api = shop.account.client("apigatewayv2").create_api(Name="http", ProtocolType="HTTP")["ApiId"]
    host = f"{http_api}.execute-api.{REGION}.amazonaws.com"
    shop.dns.records[host] = ("A", "127.0.0.1")
    request = AWSRequest("GET", f"https://{host}/pets", headers={"Host": host})
    SigV4Auth(Credentials(*partner), "execute-api", REGION).add_auth(request)
    signed = [word for name, value in request.headers.items() for word in ("-H", f"{name}: {value}")]
    way.denied = denied
    report = ask_through(host, *signed)
    if denied:
        assert ("unknown", "COULD_NOT_LOOK") == first(report), report
        assert denied in report["findings"][0]["remedy"]["text"]
        return
    assert ("problem", "HTTP_API_NEEDS_ASSUME_ROLE") == first(report), report
    assert f"account {OTHER_ACCOUNT}, and the HTTP API {http_api} of {ACCOUNT}" in report["findings"][0]["cause"]
