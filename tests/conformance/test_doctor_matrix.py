"""The fault matrix: on one healthy gateway each fault is made alone; the doctor names it first, its commands mend it.

A fault is three functions: `breaks` makes it, `mends` does by hand what no command can (a backend is started again, files
that a remedy names are put there), `options` are what the doctor is told beside the target. After the remedy's commands,
run as printed, the same question must find nothing and the request must succeed.
"""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding

from gatewright.cli import main
from support.apis import ApiBuilder, create_domain, import_certificate
from support.backends import EchoBackend, refused_port
from support.ca import CertificateAuthority, issue_self_signed
from support.fault_score import attempt
from support.gateway import bare_environment, running_gateway
from support.https import ask
from support.late_resolver import LateResolver
from support.record_sets import alias, change, plain
from support.warm_aws import warm_aws

pytestmark = pytest.mark.e2e

HOST, SHOP, WILD, BASED, SECURE = (
    "www.matrix.test", "shop.matrix.test", "*.matrix.test", "based.matrix.test", "secure.matrix.test",
)  # fmt: skip


@pytest.fixture(scope="module")
def gateway(authority, tmp_path_factory):
    folder = tmp_path_factory.mktemp("matrix")
    roots = folder / "roots.pem"
    roots.write_text(authority.certificate_pem)
    with running_gateway(folder, "--upstream-ca", str(roots), workers=1) as running:
        yield running


class Site:
    """A healthy installation with its DNS and backend, and what the faults need to know of it."""

    def __init__(self, gateway, authority, backend, folder: Path) -> None:
        self.gateway, self.authority, self.folder = gateway, authority, folder
        self.apigateway, self.acm = gateway.client("apigateway"), gateway.client("acm")
        self.route53, self.s3 = gateway.client("route53"), gateway.client("s3")
        (folder / "root.pem").write_text(authority.certificate_pem)
        self.zone = self.route53.create_hosted_zone(Name="matrix.test", CallerReference="matrix")["HostedZone"]["Id"]
        self.api = ApiBuilder(self.apigateway)
        self.api.mock("/health")
        self.api.mock("/")
        self.api.mock("/signed", authorization="AWS_IAM")
        self.api.mock("/iam", authorization="AWS_IAM")
        self.proxied = self.api.proxy("/pets", "GET", backend.url + "/pets")
        self.api.deploy("dev")
        self.arns = {name: import_certificate(self.acm, authority.issue(name)) for name in (HOST, SHOP, BASED, SECURE)}
        self.domains = {}
        self.make_clients()
        for name, path in ((HOST, ""), (SHOP, ""), (BASED, "v1")):
            self.domains[name] = create_domain(
                self.apigateway, name, self.arns[name], self.api.id, base_path=path, stage="dev"
            )
            self.point(name)

    def make_clients(self) -> None:
        """Clients of a domain name with mutual TLS, of an API of its own whose default endpoint is disabled."""
        self.people = CertificateAuthority("People Root")
        self.s3.create_bucket(Bucket="trust")
        self.s3.put_bucket_versioning(Bucket="trust", VersioningConfiguration={"Status": "Enabled"})
        version = self.upload(self.people.certificate_pem)
        private = ApiBuilder(self.apigateway, "private", disableExecuteApiEndpoint=True)
        private.mock("/private")
        private.deploy("dev")
        self.private = private.id
        mutual = {"truststoreUri": "s3://trust/store.pem", "truststoreVersion": version}
        self.domains[SECURE] = self.apigateway.create_domain_name(
            domainName=SECURE, regionalCertificateArn=self.arns[SECURE], mutualTlsAuthentication=mutual,
            endpointConfiguration={"types": ["REGIONAL"]}, securityPolicy="TLS_1_2",
            ownershipVerificationCertificateArn=self.owned(SECURE),
        )  # fmt: skip
        self.apigateway.create_base_path_mapping(domainName=SECURE, restApiId=private.id, stage="dev")
        self.point(SECURE)
        now = datetime.now(UTC).replace(microsecond=0)
        below = self.people.intermediate("People Issuing CA")
        self.client_files("good", self.people.issue("good", client=True))
        self.client_files("stranger", CertificateAuthority("Other People").issue("stranger", client=True))
        self.client_files("below", below.issue("below", client=True), *below.path)
        self.client_files("weak", self.people.issue("weak", client=True, key="rsa1024"))
        (self.folder / "issuers.pem").write_text(below.certificate_pem)
        old = self.people.issue(
            "old", client=True, not_before=now - timedelta(days=9), not_after=now - timedelta(days=1)
        )
        self.client_files("old", old)
        self.deep = [self.people]
        for number in range(4):
            self.deep.append(self.deep[-1].intermediate(f"People CA {number}"))
        self.client_files("deep", self.deep[-1].issue("deep", client=True))

    def owned(self, name: str) -> str:
        return self.acm.request_certificate(DomainName=name, ValidationMethod="DNS")["CertificateArn"]

    def upload(self, pem: str) -> str:
        return self.s3.put_object(Bucket="trust", Key="store.pem", Body=pem.encode())["VersionId"]

    def client_files(self, name: str, issued, *sent) -> None:
        further = "".join(each.public_bytes(Encoding.PEM).decode() for each in sent)
        (self.folder / f"{name}.pem").write_text(issued.certificate_pem + further)
        (self.folder / f"{name}-key.pem").write_text(issued.key_pem)

    def point(self, name: str, *, action: str = "UPSERT") -> None:
        made = self.domains[name]
        record = alias(name, "A", made["regionalDomainName"], made["regionalHostedZoneId"])
        change(self.route53, self.zone, (action, record))

    def replace_record(self, name: str, record: dict) -> None:
        """Whatever the name has is taken away, and this put there."""
        gone = [("DELETE", each) for each in self.records() if each["Name"].rstrip(".") == name]
        change(self.route53, self.zone, *gone, *([("CREATE", record)] if record else []))

    def records(self) -> list[dict]:
        """What the hosted zone has."""
        return self.route53.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]

    @property
    def default_endpoint(self) -> str:
        return f"{self.api.id}.execute-api.us-east-1.gateway.localhost"

    def give_files(self, issued, chain: str | None = None) -> None:
        """The files that `aws acm import-certificate` of a remedy reads."""
        (self.folder / "certificate.pem").write_text(issued.certificate_pem)
        (self.folder / "private-key.pem").write_text(issued.key_pem)
        (self.folder / "chain.pem").write_text(issued.chain_pem if chain is None else chain)

    def open_signed(self) -> None:
        """The method is opened, as the remedy's words say."""
        self.apigateway.update_method(
            restApiId=self.api.id, resourceId=self.api.resource("/signed"), httpMethod="GET",
            patchOperations=[{"op": "replace", "path": "/authorizationType", "value": "NONE"}],
        )  # fmt: skip
        self.api.deploy("dev")

    def reimport(self, name: str, issued, *, with_chain: bool = True) -> None:
        chain = {"CertificateChain": issued.chain_pem} if with_chain and issued.issuers else {}
        self.acm.import_certificate(
            CertificateArn=self.arns[name], Certificate=issued.certificate_pem, PrivateKey=issued.key_pem, **chain
        )

    def set_uri(self, uri: str) -> None:
        self.patch_integration("/uri", uri)

    def patch_integration(self, path: str, value: str) -> None:
        self.apigateway.update_integration(
            **self.proxied, patchOperations=[{"op": "replace", "path": path, "value": value}]
        )
        self.api.deploy("dev")

    def given(self, options: tuple[str, ...]) -> tuple[str, ...]:
        """The options with the places of this run."""
        return tuple(
            option.format(backend=f"127.0.0.1:{self.backend.port}", resolver=f"127.0.0.1:{self.resolver.port}")
            for option in options
        )

    def use_truststore(self, *pems: str) -> None:
        """The truststore's object is these certificates, and the domain name has it."""
        version = self.upload("".join(pems))
        self.apigateway.update_domain_name(
            domainName=SECURE,
            patchOperations=[{"op": "replace", "path": "/mutualTlsAuthentication/truststoreVersion", "value": version}],
        )

    def doctor(self, *words: str, root: bool = True) -> dict:
        """The doctor's JSON report, from within this process: starting one costs more than a diagnosis."""
        words = tuple(str(self.folder / each) if each.endswith(".pem") else each for each in words)
        environment = {name: None for name in os.environ if name.startswith(("AWS_", "GATEWRIGHT_"))}
        cacert = ("--cacert", str(self.folder / "root.pem")) if root else ()
        ran = CliRunner().invoke(
            main, ["doctor", *words, *cacert, "--json"], env={**environment, **self.gateway.environment}
        )
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exc_info
        report = json.loads(ran.stdout)
        assert {"ok": 0, "problem": 1, "unknown": 2}[report["verdict"]] == ran.exit_code
        return report

    def run(self, commands: list[str]) -> None:
        """As a user's shell runs what was printed."""
        environment = {**self.gateway.environment}
        environment["PATH"] = f"{self.programs}:{environment['PATH']}"
        done = subprocess.run(
            ["/bin/sh", "-ec", "\n".join(commands)], cwd=self.folder, env=environment, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert 0 == done.returncode, done.stderr


@dataclass
class Fault:
    """One broken thing; `restores` takes back what the remedy made."""

    code: str
    breaks: Callable[[Site], object]
    target: str = f"https://{HOST}/pets"
    mends: Callable[[Site], object] = lambda site: None
    options: tuple[str, ...] = ()
    verdict: str = "problem"
    healed: tuple[str, ...] | None = None  # options of the second question, where the client was at fault
    healed_target: str | None = None
    restores: Callable[[Site], object] = lambda site: None
    beside: tuple[str, ...] = ()  # what is true as well and is listed after it

    def __str__(self) -> str:
        return self.code


@pytest.fixture(scope="module")
def site(gateway, authority, backend, tmp_path_factory):
    made = Site(gateway, authority, backend, tmp_path_factory.mktemp("site"))
    made.backend = backend
    time.sleep(0.3)
    with ExitStack() as made.further_backends:
        made.resolver = made.further_backends.enter_context(LateResolver(gateway.dns_port))
        made.programs = made.further_backends.enter_context(warm_aws(tmp_path_factory.mktemp("programs")))
        yield made


def codes(report: dict) -> list[str]:
    return [finding["code"] for finding in report["findings"] if finding["outcome"] != "note"]


def stranger(site: Site):
    return CertificateAuthority("Stranger Root").issue(HOST)


def expiring(site: Site) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    site.reimport(
        HOST, site.authority.issue(HOST, not_before=now - timedelta(days=40), not_after=now + timedelta(seconds=3))
    )
    while datetime.now(UTC) < now + timedelta(seconds=4.2):
        time.sleep(0.1)


def soon(site: Site) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    site.reimport(
        HOST, site.authority.issue(HOST, not_before=now - timedelta(days=80), not_after=now + timedelta(days=9))
    )


def new_files(site: Site) -> None:
    site.give_files(site.authority.issue(HOST))


def whole_chain_files(site: Site) -> None:
    site.give_files(site.issuing.issue(HOST))


def without_chain(site: Site) -> None:
    """ACM asks for a chain and not for the whole of it: the upper one of two intermediates is left out."""
    site.issuing = site.authority.intermediate("Matrix Policy CA").intermediate("Matrix Issuing CA")
    issued = site.issuing.issue(HOST)
    nearest = issued.chain_pem.split("-----BEGIN", 2)[1]
    site.acm.import_certificate(
        CertificateArn=site.arns[HOST], Certificate=issued.certificate_pem, PrivateKey=issued.key_pem,
        CertificateChain="-----BEGIN" + nearest,
    )  # fmt: skip


def no_mapping(site: Site) -> None:
    site.apigateway.delete_base_path_mapping(domainName=HOST, basePath="(none)")


def no_stage(site: Site) -> None:
    """The mapping leaves the stage to the path."""
    no_mapping(site)
    site.apigateway.create_base_path_mapping(domainName=HOST, restApiId=site.api.id)


def stage_again(site: Site) -> None:
    no_mapping(site)
    site.apigateway.create_base_path_mapping(domainName=HOST, restApiId=site.api.id, stage="dev")
    site.apigateway.delete_stage(restApiId=site.api.id, stageName="pets")


def added_later(site: Site) -> None:
    site.api.mock("/added")


def delete_domain(site: Site) -> None:
    site.apigateway.delete_domain_name(domainName=HOST)


def shadow(site: Site) -> None:
    """The name is moved to a wildcard domain name by the DNS alone."""
    arn = import_certificate(site.acm, site.authority.issue(WILD))
    made = create_domain(site.apigateway, WILD, arn, site.api.id, stage="dev")
    site.domains[WILD] = made
    site.replace_record(SHOP, alias(SHOP, "A", made["regionalDomainName"], made["regionalHostedZoneId"]))


def restart_backend(site: Site) -> None:
    site.set_uri(site.backend.url + "/pets")


def closed_backend(site: Site) -> None:
    with refused_port() as port:
        site.set_uri(f"http://127.0.0.1:{port}/pets")


def disable_default(site: Site) -> None:
    patch = [{"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "true"}]
    site.apigateway.update_rest_api(restApiId=site.api.id, patchOperations=patch)
    site.api.deploy("dev")


def secure_backend(issued: Callable[[Site], object], host: str = "localhost"):
    def breaks(site: Site) -> None:
        site.secured = site.further_backends.enter_context(EchoBackend(issued(site), site.folder))
        site.set_uri(f"https://{host}:{site.secured.port}/pets")

    return breaks


def old_uri(site: Site) -> None:
    restart_backend(site)


def expired_leaf(site: Site):
    now = datetime.now(UTC)
    return site.authority.issue("localhost", not_before=now - timedelta(days=9), not_after=now - timedelta(days=1))


def leaf_alone(site: Site):
    return site.authority.intermediate("Backend Issuing CA").issue("localhost")


def slow(site: Site) -> None:
    site.patch_integration("/timeoutInMillis", "50")
    site.set_uri(site.backend.url + "/wait")


def quick_again(site: Site) -> None:
    site.backend.release()


def client(name: str) -> tuple[str, ...]:
    """The doctor's options for a client's files, which lie in the site's folder."""
    return ("--cert", f"{name}.pem", "--key", f"{name}-key.pem")


def strict(site: Site) -> None:
    patch = [
        {"op": "replace", "path": "/securityPolicy", "value": "SecurityPolicy_TLS13_1_2_2021_06"},
        {"op": "replace", "path": "/endpointAccessMode", "value": "STRICT"},
    ]
    for name in (HOST, SHOP):
        site.apigateway.update_domain_name(domainName=name, patchOperations=patch)


def open_default(site: Site) -> None:
    patch = [{"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "false"}]
    site.apigateway.update_rest_api(restApiId=site.private, patchOperations=patch)
    site.apigateway.create_deployment(restApiId=site.private, stageName="dev")


def untrusted_root(site: Site):
    """A leaf that comes with a root that nobody trusts."""
    issued = CertificateAuthority("Backend Root").issue("localhost")
    return SimpleNamespace(key_pem=issued.key_pem, certificate_pem=issued.certificate_pem + issued.chain_pem)


def refused_reimport(site: Site) -> None:
    site.reimport(SECURE, site.authority.issue("other.test"))


def deep_truststore(site: Site) -> None:
    site.use_truststore(*(each.certificate_pem for each in site.deep))


def weak_truststore(site: Site) -> None:
    site.use_truststore(site.people.certificate_pem, CertificateAuthority("Weak Root", key="rsa1024").certificate_pem)


def good_truststore(site: Site) -> None:
    site.use_truststore(site.people.certificate_pem)


def ageing_truststore(site: Site) -> None:
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=9)
    site.use_truststore(
        site.people.certificate_pem, CertificateAuthority("Ageing Root", not_after=ends).certificate_pem
    )


def late(site: Site) -> None:
    site.resolver.late_names = {HOST}


def in_time(site: Site) -> None:
    site.resolver.late_names = set()


GOOD = client("good")
FAULTS = [
    Fault("CERT_DEFAULT_SERVED", lambda site: None, target="https://127.0.0.1/", healed_target=f"https://{HOST}/pets"),
    Fault("CONNECTION_REFUSED", lambda site: None, options=("--address", "127.0.0.1:1"), healed=()),
    Fault("HOST_SNI_MISMATCH", strict, options=("-H", f"Host: {SHOP}"), healed=()),
    Fault("SIGNATURE_MISSING", lambda site: None, target=f"https://{HOST}/signed",
          mends=lambda site: site.open_signed(), restores=lambda site: None),
    Fault("MTLS_NO_CERTIFICATE", lambda site: None, target=f"https://{SECURE}/private", healed=GOOD),
    Fault("MTLS_UNTRUSTED", lambda site: None, target=f"https://{SECURE}/private", options=client("stranger"), healed=GOOD,
          restores=lambda site: None),
    Fault("MTLS_EXPIRED", lambda site: None, target=f"https://{SECURE}/private", options=client("old"), healed=GOOD),
    Fault("MTLS_INTERMEDIATE_MISSING", lambda site: None, target=f"https://{SECURE}/private", options=client("below")),
    Fault("TRUSTSTORE_STALE", lambda site: site.upload(site.people.certificate_pem + CertificateAuthority("New People").certificate_pem),
          target=f"https://{SECURE}/private", options=GOOD, verdict="ok"),
    Fault("DEFAULT_ENDPOINT_OPEN", open_default, target=f"https://{SECURE}/private", options=GOOD, verdict="ok"),
    Fault("MTLS_WEAK_ALGORITHM", lambda site: None, target=f"https://{SECURE}/private", options=client("weak"), healed=GOOD),
    Fault("MTLS_CHAIN_TOO_LONG", deep_truststore, target=f"https://{SECURE}/private", options=client("deep"),
          mends=good_truststore, healed=GOOD, beside=("TRUSTSTORE_WARNING",)),
    Fault("TRUSTSTORE_WARNING", weak_truststore, target=f"https://{SECURE}/private", options=GOOD, verdict="ok",
          mends=lambda site: (site.folder / "truststore.pem").write_text(site.people.certificate_pem)),
    Fault("TRUSTSTORE_ENTRY_EXPIRES", ageing_truststore, target=f"https://{SECURE}/private", options=GOOD, verdict="ok",
          mends=lambda site: (site.folder / "successors.pem").write_text(CertificateAuthority("Ageing Root").certificate_pem),
          restores=good_truststore),
    Fault("DOMAIN_PENDING_CERTIFICATE_REIMPORT", refused_reimport, target=f"https://{SECURE}/private", options=GOOD,
          mends=lambda site: site.give_files(site.authority.issue(SECURE))),
    Fault("TLS_HANDSHAKE_FAILED", lambda site: None, options=("--address", "{backend}"), healed=()),
    Fault("DNS_NOT_PROPAGATED", late, options=("--resolver", "{resolver}"), mends=in_time),
    Fault("DNS_MISSING", lambda site: site.replace_record(HOST, {})),
    Fault("DNS_POINTS_TO_STAGE_URL",
          lambda site: site.replace_record(HOST, plain(HOST, "CNAME", site.default_endpoint))),
    Fault("DNS_POINTS_TO_OTHER_TARGET",
          lambda site: site.replace_record(HOST, plain(HOST, "CNAME", site.domains[SHOP]["regionalDomainName"]))),
    Fault("DNS_POINTS_TO_ADDRESS",
          lambda site: site.replace_record(HOST, plain(HOST, "A", "127.0.0.9"))),
    Fault("CERT_EXPIRED", expiring, mends=new_files),
    Fault("CERT_EXPIRES_SOON", soon, mends=new_files, verdict="ok"),
    Fault("CERT_CHAIN_INCOMPLETE", without_chain, mends=whole_chain_files),
    Fault("CERT_UNTRUSTED", lambda site: site.reimport(HOST, stranger(site)), mends=new_files),
    Fault("CERT_NAME_MISMATCH", lambda site: site.reimport(HOST, site.authority.issue("other.test")), mends=new_files),
    Fault("DOMAIN_NOT_FOUND", delete_domain),
    Fault("MAPPING_MISSING", no_mapping),
    Fault("STAGE_MISSING", no_stage, restores=stage_again),
    Fault("METHOD_MISSING", lambda site: None, target=f"https://{HOST}/nowhere",
          mends=lambda site: (site.api.mock("/nowhere"), site.api.deploy("dev"))),
    Fault("NOT_REDEPLOYED", added_later, target=f"https://{HOST}/added"),
    Fault("DEFAULT_ENDPOINT_DISABLED", disable_default, target="https://{default}/dev/pets"),
    Fault("CERT_SHADOWED_BY_FQDN", shadow, target=f"https://{SHOP}/pets"),
    Fault("BACKEND_UNREACHABLE", closed_backend, mends=restart_backend),
    Fault("BACKEND_SELF_SIGNED", secure_backend(lambda site: issue_self_signed("localhost", usages=True)),
          mends=old_uri),
    Fault("BACKEND_CERT_EXPIRED", secure_backend(expired_leaf), mends=old_uri),
    Fault("BACKEND_NAME_MISMATCH", secure_backend(lambda site: site.authority.issue("localhost"), "127.0.0.1"),
          mends=lambda site: None),
    Fault("BACKEND_UNTRUSTED_ROOT", secure_backend(untrusted_root), mends=old_uri),
    Fault("BACKEND_CHAIN_INCOMPLETE", secure_backend(leaf_alone), mends=old_uri),
    Fault("BACKEND_TIMEOUT", slow, mends=quick_again),
]  # fmt: skip


def read_revision(site: Site) -> int:
    """How often the installation's records have changed."""
    with closing(sqlite3.connect(f"file:{site.gateway.data_dir}/gatewright.db?mode=ro", uri=True)) as database:
        return database.execute("SELECT revision FROM meta").fetchone()[0]


def test_a_diagnosis_changes_nothing(site):
    before = read_revision(site)
    for words in (
        (f"https://{HOST}/pets",),
        (f"https://{HOST}/nowhere",),
        (f"https://{SECURE}/private", *GOOD),
        (f"https://{HOST}/iam",),
        ("www.nowhere.matrix.test",),
    ):
        site.doctor(*words)
    assert before == read_revision(site)
    site.apigateway.update_rest_api(
        restApiId=site.api.id, patchOperations=[{"op": "replace", "path": "/description", "value": "changed"}]
    )
    assert before < read_revision(site), "a change is seen"


def test_healthy_variants_have_no_finding(site):
    for target in (
        f"https://{HOST}/pets",
        HOST,
        f"https://{BASED}/v1/pets?a=1",
        f"https://{HOST}:{site.gateway.https_port}/health",
    ):
        started = time.monotonic()
        report = site.doctor(target)
        took = time.monotonic() - started
        assert ("ok", []) == (report["verdict"], report["findings"]), target
        print(f"healthy {target}: {took:.2f} s")
    report = site.doctor(f"https://{SECURE}/private", *GOOD)
    assert ("ok", []) == (report["verdict"], report["findings"]), report
    report = site.doctor(f"https://{site.default_endpoint}/dev/pets", root=False)
    assert ("ok", []) == (report["verdict"], report["findings"])


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_the_fault_is_named_first_and_its_commands_mend_it(site, fault):
    with attempt(fault.code):
        target = fault.target.format(default=site.default_endpoint)
        root = "default" not in fault.target
        fault.breaks(site)
        report = site.doctor(target, *site.given(fault.options), root=root)
        assert (fault.verdict, [fault.code, *fault.beside]) == (report["verdict"], codes(report)), json.dumps(
            report, indent=1
        )
        fault.mends(site)
        options = site.given(fault.options) if fault.healed is None else fault.healed
        # A domain name that was deleted takes its mappings and its target with it: one round mends one link.
        for _ in range(3):
            commands = report["findings"][0]["remedy"]["commands"] if report["findings"] else []
            if fault.code != "MTLS_UNTRUSTED":  # its remedy is for who wants to let the stranger in
                site.run(commands)
            report = site.doctor(fault.healed_target or target, *options, root=root)
            if not report["findings"]:
                break
        # "ok" says that the request itself was answered: the doctor sends it, and what a refusal's cause is unknown is none.
        assert ("ok", []) == (report["verdict"], report["findings"]), json.dumps(report, indent=1)
        fault.restores(site)


def test_a_request_id_is_explained_by_the_gateways_own_record(site):
    answer = ask(site.gateway.https_port, BASED, "/v2/pets")
    assert 403 == answer.status
    request_id = answer.header("x-amzn-RequestId")
    site.gateway.wait_for(lambda: site.gateway.cli("explain", request_id, check=False).returncode == 0)
    report = site.doctor(request_id, root=False)
    assert ("problem", ["MAPPING_MISSING"]) == (report["verdict"], codes(report))


def test_without_an_aws_environment_the_gateway_of_the_data_directory_is_asked_and_fix_mends(site):
    site.replace_record(HOST, {})
    environment = {**bare_environment(), "GATEWRIGHT_DATA_DIR": str(site.gateway.data_dir)}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    words = [sys.executable, "-m", "gatewright", "doctor", HOST, "--cacert", str(site.folder / "root.pem")]

    def doctor(*more: str, said: str = "") -> subprocess.CompletedProcess:
        return subprocess.run(
            [*words, *more], env=environment, input=said, capture_output=True, text=True, timeout=60, check=False
        )

    refused = doctor("--fix", said="n\n")
    assert 1 == refused.returncode
    assert "DNS_MISSING" in refused.stdout
    assert [] == [each for each in site.records() if each["Name"].startswith(HOST)]
    assert 1 == doctor("--fix", said="y\n").returncode
    assert 0 == doctor().returncode


def signed(
    site: Site, key: str, secret: str, *, region: str = "us-east-1", late: int = 0, alter: bool = False
) -> list[str]:
    """The doctor's -H options of a request to /iam that botocore signed."""
    request = AWSRequest("GET", f"https://{HOST}/iam", headers={"Host": HOST})
    SigV4Auth(Credentials(key, secret), "execute-api", region).add_auth(request)
    headers = dict(request.headers.items())
    if late:
        headers["X-Amz-Date"] = f"{datetime.now(UTC) - timedelta(seconds=late):%Y%m%dT%H%M%SZ}"
    if alter:
        headers["Authorization"] = headers["Authorization"][:-4] + "0000"
    return [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("SIGNATURE_MISMATCH", {"alter": True}),
        ("SIGNATURE_SKEW", {"late": 1_200}),
        ("SIGNATURE_SCOPE", {"region": "eu-west-1"}),
        ("TOKEN_INVALID", {"key": "AKIAIOSFODNN7EXAMPLE"}),
    ],
)
def test_a_signature_that_is_refused_is_explained_and_a_good_one_is_healthy(site, code, how):
    key, secret = site.gateway.credentials
    with attempt(code):
        report = site.doctor(f"https://{HOST}/iam", *signed(site, how.pop("key", key), secret, **how))
        assert ("problem", [code]) == (report["verdict"], codes(report)), report
        report = site.doctor(f"https://{HOST}/iam", *signed(site, key, secret))
        assert ("ok", []) == (report["verdict"], report["findings"]), report
