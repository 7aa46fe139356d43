"""The fault matrix of time: a domain name's certificate that is not valid yet, imported when it was another day there.

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
from support.gateway import running_gateway
from support.record_sets import alias, change

pytestmark = pytest.mark.e2e

HOST = "www.time.test"
NOW = datetime.now(UTC).replace(microsecond=0)
LATE = NOW + timedelta(days=4_000)
SCORE: dict[str, bool] = {"CERT_NOT_YET_VALID": False}


class Site:
    """A domain name with its API and DNS."""

    def __init__(self, gateway, folder: Path) -> None:
        self.gateway, self.folder = gateway, folder
        self.acm, apigateway, route53 = (gateway.client(each) for each in ("acm", "apigateway", "route53"))
        self.authority = CertificateAuthority("Time Root", not_after=LATE)
        (folder / "root.pem").write_text(self.authority.certificate_pem)
        api = ApiBuilder(apigateway)
        api.mock("/pets")
        api.deploy("dev")
        self.arn = import_certificate(self.acm, self.issue())
        made = create_domain(apigateway, HOST, self.arn, api.id, stage="dev")
        zone = route53.create_hosted_zone(Name="time.test", CallerReference="time")["HostedZone"]["Id"]
        change(route53, zone, ("CREATE", alias(HOST, "A", made["regionalDomainName"], made["regionalHostedZoneId"])))

    def issue(self, **how: datetime):
        return self.authority.issue(HOST, **{"not_after": LATE, **how})

    def give_files(self) -> None:
        issued = self.issue()
        (self.folder / "certificate.pem").write_text(issued.certificate_pem)
        (self.folder / "private-key.pem").write_text(issued.key_pem)
        (self.folder / "chain.pem").write_text(issued.chain_pem)

    def doctor(self) -> dict:
        environment = {name: None for name in os.environ if name.startswith(("AWS_", "GATEWRIGHT_"))}
        words = ["doctor", f"https://{HOST}/pets", "--cacert", str(self.folder / "root.pem"), "--json"]
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
        yield Site(gateway, tmp_path_factory.mktemp("site"))
    named = [code for code, reached in SCORE.items() if reached]
    print(
        f"\nfault matrix of time: {len(named)} of {len(SCORE)} faults were named first and mended: {', '.join(named)}"
    )


def codes(report: dict) -> list[str]:
    return [finding["code"] for finding in report["findings"] if finding["outcome"] != "note"]


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
    SCORE["CERT_NOT_YET_VALID"] = True
