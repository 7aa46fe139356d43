"""RequestCertificate over ACME: pebble asks the gateway's own name server, the gateway serves what pebble signed."""

import urllib.request

import dns.message
import dns.query
import pytest

from support.gateway import Gateway, running_gateway
from support.https import served_certificate
from support.named import KEY_FILE, running_named
from support.pebble import free_port, needs_pebble, running_pebble

pytestmark = [pytest.mark.e2e, needs_pebble]

ZONE = "pebble-zone.net"


@pytest.fixture(scope="module")
def name_server():
    return f"127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def pebble(name_server, tmp_path_factory):
    with running_pebble(tmp_path_factory.mktemp("pebble"), dns=name_server) as running:
        yield running


@pytest.fixture(scope="module")
def options(pebble, name_server):
    return (
        "--dns", name_server,
        "--acme-directory", pebble.directory,
        "--acme-terms", "agreed",
        "--acme-contact", f"hostmaster@{ZONE}",
        "--acme-ca", str(pebble.ca_file),
        "--acme-domains", ZONE,
        "--announce-expiry", "on",
    )  # fmt: skip


def wait_until_issued(gateway, acm, arn):
    gateway.wait_for(lambda: describe(acm, arn)["Status"] != "PENDING_VALIDATION", 30, 0.1)
    return describe(acm, arn)


def metrics(gateway):
    with urllib.request.urlopen(f"{gateway.endpoint}/_gatewright/metrics", timeout=5) as answer:
        return answer.read().decode()


def describe(acm, arn):
    return acm.describe_certificate(CertificateArn=arn)["Certificate"]


def test_a_certificate_is_ordered_served_and_renewed(options, pebble, tmp_path):
    gateway = Gateway(tmp_path / "data", *options)
    gateway.start()
    try:
        acm, apigateway = gateway.client("acm"), gateway.client("apigateway")
        gateway.client("route53").create_hosted_zone(Name=ZONE, CallerReference="1")
        arn = acm.request_certificate(
            DomainName=f"api.{ZONE}", SubjectAlternativeNames=[f"*.{ZONE}"], ValidationMethod="DNS"
        )["CertificateArn"]
        # What is not below the directory's domains is the local authority's.
        local = acm.request_certificate(DomainName="www.example.com", ValidationMethod="DNS")["CertificateArn"]
        assert "ISSUED" == describe(acm, local)["Status"]

        certificate = wait_until_issued(gateway, acm, arn)
        assert ("ISSUED", "AMAZON_ISSUED") == (certificate["Status"], certificate["Type"])
        assert ["SUCCESS"] * 2 == [each["ValidationStatus"] for each in certificate["DomainValidationOptions"]]

        apigateway.create_domain_name(
            domainName=f"api.{ZONE}", regionalCertificateArn=arn, endpointConfiguration={"types": ["REGIONAL"]}
        )
        first = served_certificate(gateway.https_port, f"api.{ZONE}")
        assert "ELIGIBLE" == describe(acm, arn)["RenewalEligibility"]

        acm.renew_certificate(CertificateArn=arn)
        gateway.wait_for(lambda: describe(acm, arn)["RenewalSummary"]["RenewalStatus"] == "SUCCESS", 30, 0.1)
        assert first != served_certificate(gateway.https_port, f"api.{ZONE}")
        # Nothing of the challenges is left.
        assert 2 == record_sets(gateway.client("route53"))
    finally:
        gateway.stop()
        print(gateway.log())


def test_an_order_outlives_the_death_of_every_process(options, tmp_path):
    gateway = Gateway(tmp_path / "data", *options)
    gateway.start()
    try:
        acm, route53 = gateway.client("acm"), gateway.client("route53")
        route53.create_hosted_zone(Name=ZONE, CallerReference="1")
        arn = acm.request_certificate(DomainName=f"b.{ZONE}", ValidationMethod="DNS")["CertificateArn"]
        # Somewhere on the way: the challenge is in the DNS.
        gateway.wait_for(lambda: record_sets(route53) == 3, 30, 0.005)
        gateway.kill_tree()
        gateway.start()
        assert "ISSUED" == wait_until_issued(gateway, gateway.client("acm"), arn)["Status"]
        assert 2 == record_sets(gateway.client("route53"))

        # A start looks at once for what ends when.
        gateway.stop()
        gateway.start()
        gateway.wait_for(lambda: f'domain_name="b.{ZONE}",kind="certificate"' in metrics(gateway))
    finally:
        gateway.stop()


def test_challenges_go_to_a_name_server_elsewhere(tmp_path):
    """RFC 2136: BIND has the zone, pebble asks BIND, Gatewright has no hosted zone at all."""
    key = tmp_path / "key"
    key.write_text(KEY_FILE)
    text = f"$TTL 60\n@ SOA ns.{ZONE}. hostmaster.{ZONE}. 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
    with (
        running_named(tmp_path, {ZONE: text}) as port,
        running_pebble(tmp_path / "pebble", dns=f"127.0.0.1:{port}") as pebble,
        running_gateway(
            tmp_path,
            "--acme-directory", pebble.directory, "--acme-terms", "agreed", "--acme-ca", str(pebble.ca_file),
            "--dns-update", f"127.0.0.1:{port}", "--dns-update-key", str(key),
        ) as gateway,
    ):  # fmt: skip
        acm = gateway.client("acm")
        arn = acm.request_certificate(DomainName=ZONE, SubjectAlternativeNames=[f"*.{ZONE}"], ValidationMethod="DNS")[
            "CertificateArn"
        ]
        assert "ISSUED" == wait_until_issued(gateway, acm, arn)["Status"]
        question = dns.message.make_query(f"_acme-challenge.{ZONE}", "TXT")
        gateway.wait_for(lambda: not dns.query.udp(question, "127.0.0.1", port=port, timeout=5).answer)


def record_sets(route53):
    (zone,) = route53.list_hosted_zones()["HostedZones"]
    return zone["ResourceRecordSetCount"]
