"""The fault matrix of time: certificates that are not valid yet, and a proof of ownership that has run out.

The gateway's clock is moved (`gatewright clock`); the doctor and its client go by this machine's.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from gatewright.cli import main
from support.apis import ApiBuilder, create_domain, import_certificate
from support.ca import CertificateAuthority
from support.fault_score import attempt
from support.gateway import Gateway, running_gateway
from support.pebble import free_port, needs_pebble, running_pebble
from support.record_sets import alias, change

pytestmark = pytest.mark.e2e

HOST = "www.time.test"
NOW = datetime.now(UTC).replace(microsecond=0)
LATE = NOW + timedelta(days=4_000)


class Site:
    """An API, the DNS of `HOST`, and a certificate of the site's own authority for it."""

    def __init__(self, gateway: Gateway, folder: Path) -> None:
        self.gateway, self.folder = gateway, folder
        self.use_clients()
        self.authority = CertificateAuthority("Time Root", not_after=LATE)
        (folder / "root.pem").write_text(self.authority.certificate_pem)
        self.api = ApiBuilder(self.apigateway, "time", disableExecuteApiEndpoint=True)
        self.api.mock("/pets")
        self.api.deploy("dev")
        self.zone = self.route53.create_hosted_zone(Name="time.test", CallerReference="time")["HostedZone"]["Id"]
        self.arn = import_certificate(self.acm, self.issue())

    def use_clients(self) -> None:
        """Those of the gateway as it is started now."""
        self.acm, self.apigateway, self.route53 = map(self.gateway.client, ("acm", "apigateway", "route53"))

    def point(self, made: dict) -> None:
        """The DNS leads to the domain name's target."""
        record = alias(HOST, "A", made["regionalDomainName"], made["regionalHostedZoneId"])
        change(self.route53, self.zone, ("CREATE", record))

    def issue(self, **how: datetime):
        return self.authority.issue(HOST, **{"not_after": LATE, **how})

    def give_files(self) -> None:
        issued = self.issue()
        (self.folder / "certificate.pem").write_text(issued.certificate_pem)
        (self.folder / "private-key.pem").write_text(issued.key_pem)
        (self.folder / "chain.pem").write_text(issued.chain_pem)

    def doctor(self, *options: str) -> dict:
        environment = {name: None for name in os.environ if name.startswith(("AWS_", "GATEWRIGHT_"))}
        words = ["doctor", f"https://{HOST}/pets", "--cacert", str(self.folder / "root.pem"), "--json", *options]
        ran = CliRunner().invoke(main, words, env={**environment, **self.gateway.environment})
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exc_info
        return json.loads(ran.stdout)

    def mend(self, report: dict) -> None:
        """The deciding finding's commands, as a user's shell runs them."""
        environment = {**self.gateway.environment}
        environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
        done = subprocess.run(
            ["/bin/sh", "-ec", "\n".join(report["findings"][0]["remedy"]["commands"])], cwd=self.folder, env=environment,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert 0 == done.returncode, done.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_gateway(tmp_path_factory.mktemp("time"), "--auth", "lenient", workers=1) as gateway:
        made = Site(gateway, tmp_path_factory.mktemp("site"))
        made.point(create_domain(made.apigateway, HOST, made.arn, made.api.id, stage="dev"))
        yield made


def codes(report: dict) -> list[str]:
    return [finding["code"] for finding in report["findings"] if finding["outcome"] != "note"]


@attempt("CERT_NOT_YET_VALID")
def test_a_certificate_of_tomorrow_is_named_and_one_of_today_mends_it(site):
    assert ("ok", []) == (site.doctor()["verdict"], codes(site.doctor()))
    site.gateway.cli("clock", "+30d")
    early = site.issue(not_before=NOW + timedelta(days=20))
    site.acm.import_certificate(
        CertificateArn=site.arn, Certificate=early.certificate_pem, PrivateKey=early.key_pem,
        CertificateChain=early.chain_pem,
    )  # fmt: skip
    site.gateway.cli("clock", "real")
    report = site.doctor()
    assert ("problem", ["CERT_NOT_YET_VALID"]) == (report["verdict"], codes(report)), json.dumps(report, indent=1)
    site.give_files()
    site.mend(report)
    report = site.doctor()
    assert ("ok", []) == (report["verdict"], report["findings"]), json.dumps(report, indent=1)


def require_client_certificates(site: Site, proof: str) -> tuple[str, ...]:
    """The domain name asks for client certificates, and its ownership is proved by that one; the doctor's options for a client."""
    people = CertificateAuthority("Time People", not_after=LATE)
    s3 = site.gateway.client("s3")
    s3.create_bucket(Bucket="time-trust")
    s3.put_object(Bucket="time-trust", Key="store.pem", Body=people.certificate_pem.encode())
    site.point(
        site.apigateway.create_domain_name(
            domainName=HOST, regionalCertificateArn=site.arn, endpointConfiguration={"types": ["REGIONAL"]},
            securityPolicy="TLS_1_2", mutualTlsAuthentication={"truststoreUri": "s3://time-trust/store.pem"},
            ownershipVerificationCertificateArn=proof,
        )
    )  # fmt: skip
    site.apigateway.create_base_path_mapping(domainName=HOST, restApiId=site.api.id, stage="dev")
    person = people.issue("person", client=True, not_after=LATE)
    certificate, key = site.folder / "person.pem", site.folder / "person-key.pem"
    certificate.write_text(person.certificate_pem)
    key.write_text(person.key_pem)
    return ("--cert", str(certificate), "--key", str(key))


@needs_pebble
@attempt("DOMAIN_PENDING_OWNERSHIP_VERIFICATION")
def test_a_proof_of_ownership_that_ran_out_is_named_and_another_one_mends_it(tmp_path):
    """The directory that signed the proof is gone, so that nobody renews it; the next proof is the local authority's."""
    server = f"127.0.0.1:{free_port()}"
    with running_pebble(tmp_path / "pebble", dns=server) as pebble:
        directory = ("--acme-directory", pebble.directory, "--acme-terms", "agreed", "--acme-ca", str(pebble.ca_file))
        with running_gateway(
            tmp_path, "--dns", server, *directory, "--acme-domains", "time.test", workers=1
        ) as gateway:
            site = Site(gateway, tmp_path)
            proof = site.acm.request_certificate(DomainName=HOST, ValidationMethod="DNS")["CertificateArn"]

            def described() -> dict:
                return site.acm.describe_certificate(CertificateArn=proof)["Certificate"]

            gateway.wait_for(lambda: described()["Status"] == "ISSUED", 30, 0.1)
            ends = described()["NotAfter"]
            client = require_client_certificates(site, proof)
            report = site.doctor(*client)
            assert ("ok", []) == (report["verdict"], report["findings"]), json.dumps(report, indent=1)
    with running_gateway(tmp_path, "--auth", "lenient", workers=1) as site.gateway:
        site.use_clients()
        site.gateway.cli("clock", (ends + timedelta(days=1)).isoformat())
        report = site.doctor(*client)
        found = ("problem", ["DOMAIN_PENDING_OWNERSHIP_VERIFICATION"])
        assert found == (report["verdict"], codes(report)), json.dumps(report, indent=1)
        site.mend(report)
        report = site.doctor(*client)
        assert ("ok", []) == (report["verdict"], report["findings"]), json.dumps(report, indent=1)
