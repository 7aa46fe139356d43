"""The DNS of a running gateway, asked with dig: what the AWS CLI and Terraform changed is answered at once."""

import json
import os
import socket
import subprocess

import dns.message
import dns.query
import pytest

from support.gateway import Gateway, running_gateway
from support.named import KEY_FILE, need, running_named
from support.record_sets import alias, change, plain
from support.terraform import Module

pytestmark = pytest.mark.e2e


def dig(gateway, *words):
    need("dig")
    done = subprocess.run(
        ["dig", "@127.0.0.1", "-p", str(gateway.dns_port), "+time=5", "+tries=1", *words],
        capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    return done.stdout


def short(gateway, *words):
    return dig(gateway, "+short", *words).split()


@pytest.fixture(scope="module")
def route53(gateway):
    return gateway.client("route53")


def test_a_change_by_the_cli_is_answered_when_it_returns(gateway):
    def aws(*words):
        done = subprocess.run(
            ["aws", "route53", *words], env=gateway.environment, capture_output=True, text=True, check=True, timeout=60
        )
        return json.loads(done.stdout or "null")

    zone = aws("create-hosted-zone", "--name", "cli.test", "--caller-reference", "cli")["HostedZone"]["Id"]
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": plain("www.cli.test", "A", "192.0.2.1")}]}
    made = aws("change-resource-record-sets", "--hosted-zone-id", zone, "--change-batch", json.dumps(batch))
    assert ["192.0.2.1"] == short(gateway, "www.cli.test")
    aws("wait", "resource-record-sets-changed", "--id", made["ChangeInfo"]["Id"])
    assert ["192.0.2.1"] == short(gateway, "+tcp", "WWW.cli.TEST")
    answer = aws("test-dns-answer", "--hosted-zone-id", zone, "--record-name", "www.cli.test", "--record-type", "A")
    assert ["192.0.2.1"] == answer["RecordData"]
    assert "status: NXDOMAIN" in dig(gateway, "nowhere.cli.test")
    assert "status: REFUSED" in dig(gateway, "www.elsewhere.test")


def test_names_of_our_own_lead_to_the_listener(gateway, apigateway, acm, authority):
    pair = authority.issue("www.own.test", "*.own.test")
    certificate = acm.import_certificate(
        Certificate=pair.certificate_pem, PrivateKey=pair.key_pem, CertificateChain=pair.chain_pem
    )["CertificateArn"]
    regional = apigateway.create_domain_name(
        domainName="www.own.test", regionalCertificateArn=certificate, endpointConfiguration={"types": ["REGIONAL"]}
    )
    edge = apigateway.create_domain_name(
        domainName="edge.own.test", certificateArn=certificate, endpointConfiguration={"types": ["EDGE"]}
    )
    for target in (
        regional["regionalDomainName"],
        edge["distributionDomainName"],
        "abcdefghij.execute-api.us-east-1.gateway.localhost",
        "ns-1.dns.gateway.localhost",
    ):
        assert ["127.0.0.1"] == short(gateway, target), target
    client = gateway.client("route53")
    zone = client.create_hosted_zone(Name="own.test", CallerReference="own")["HostedZone"]["Id"]
    change(
        client,
        zone,
        ("CREATE", alias("www.own.test", "A", regional["regionalDomainName"], regional["regionalHostedZoneId"])),
        ("CREATE", alias("edge.own.test", "A", edge["distributionDomainName"], edge["distributionHostedZoneId"])),
        ("CREATE", plain("cname.own.test", "CNAME", regional["regionalDomainName"])),
    )
    assert ["127.0.0.1"] == short(gateway, "www.own.test")
    assert ["127.0.0.1"] == short(gateway, "edge.own.test")
    assert [regional["regionalDomainName"] + ".", "127.0.0.1"] == short(gateway, "cname.own.test")
    apigateway.delete_domain_name(domainName="edge.own.test")
    assert [] == short(gateway, "edge.own.test")


def test_every_type_that_is_served_and_wildcards_are_answered(gateway, route53):
    zone = route53.create_hosted_zone(Name="types.test", CallerReference="types")["HostedZone"]["Id"]
    change(
        route53,
        zone,
        ("CREATE", plain("www.types.test", "A", "192.0.2.1")),
        ("CREATE", plain("www.types.test", "AAAA", "2001:db8::1")),
        ("CREATE", plain("text.types.test", "TXT", '"one" "two"', '"three"')),
        ("CREATE", plain("types.test", "CAA", '0 issue "ca.test"')),
        ("CREATE", plain("*.types.test", "CNAME", "www.types.test")),
    )
    assert ["192.0.2.1"] == short(gateway, "www.types.test", "A")
    assert ["2001:db8::1"] == short(gateway, "www.types.test", "AAAA")
    assert ['"one" "two"', '"three"'] == sorted(dig(gateway, "+short", "text.types.test", "TXT").splitlines())
    assert '0 issue "ca.test"' == dig(gateway, "+short", "types.test", "CAA").strip()
    assert ["www.types.test.", "192.0.2.1"] == short(gateway, "any.types.test")
    assert [] == short(gateway, "text.types.test", "A"), "a name that exists is not the wildcard's"


def test_a_batch_of_which_one_change_is_refused_changes_nothing(gateway, route53):
    zone = route53.create_hosted_zone(Name="batch.test", CallerReference="batch")["HostedZone"]["Id"]
    with pytest.raises(route53.exceptions.InvalidChangeBatch):
        change(
            route53,
            zone,
            ("CREATE", plain("good.batch.test", "A", "192.0.2.1")),
            ("CREATE", plain("batch.test", "CNAME", "elsewhere.test")),
        )
    assert [] == short(gateway, "good.batch.test")


def test_what_does_not_fit_a_datagram_comes_over_tcp(gateway, route53):
    zone = route53.create_hosted_zone(Name="big.test", CallerReference="big")["HostedZone"]["Id"]
    change(route53, zone, ("CREATE", plain("big.test", "TXT", *[f'"{n:03}{"x" * 200}"' for n in range(30)])))
    assert "flags: qr aa tc" in dig(gateway, "+ignore", "big.test", "TXT")
    assert "flags: qr aa tc" in dig(gateway, "+ignore", "+noedns", "big.test", "TXT")
    assert 30 == len(short(gateway, "big.test", "TXT"))


MODULE = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

resource "aws_route53_zone" "zone" {
  name    = "tf.test"
  comment = "by Terraform"
  tags    = { team = "pets" }
}

resource "aws_route53_record" "www" {
  zone_id = aws_route53_zone.zone.zone_id
  name    = "www"
  type    = "A"
  ttl     = 300
  records = ["192.0.2.1", "192.0.2.2"]
}

resource "aws_route53_record" "wildcard" {
  zone_id = aws_route53_zone.zone.zone_id
  name    = "*.tf.test"
  type    = "CNAME"
  ttl     = 60
  records = ["www.tf.test"]
}

resource "aws_route53_record" "text" {
  zone_id = aws_route53_zone.zone.zone_id
  name    = "text.tf.test"
  type    = "TXT"
  ttl     = 60
  records = ["some text", "other"]
}

resource "aws_route53_record" "caa" {
  zone_id = aws_route53_zone.zone.zone_id
  name    = "tf.test"
  type    = "CAA"
  ttl     = 60
  records = ["0 issue \\"letsencrypt.org\\""]
}

resource "aws_route53_record" "apex" {
  zone_id = aws_route53_zone.zone.zone_id
  name    = "tf.test"
  type    = "A"
  alias {
    name                   = "www.tf.test"
    zone_id                = aws_route53_zone.zone.zone_id
    evaluate_target_health = false
  }
  depends_on = [aws_route53_record.www]
}
"""


@pytest.mark.skipif(
    "GATEWRIGHT_SLOW_TESTS" not in os.environ,
    reason="the AWS provider waits half a minute for each change of a zone; set GATEWRIGHT_SLOW_TESTS to wait with it",
)
def test_terraform_applies_plans_nothing_changes_and_destroys(gateway, route53, terraform_plugins, tmp_path):
    module = Module(tmp_path / "module", MODULE, gateway, terraform_plugins)
    module.apply()
    assert "" == module.plan()
    assert ["192.0.2.1", "192.0.2.2"] == sorted(short(gateway, "tf.test"))
    assert {"www.tf.test.", "192.0.2.1", "192.0.2.2"} == set(short(gateway, "x.tf.test"))
    module.change('records = ["192.0.2.1", "192.0.2.2"]', 'records = ["192.0.2.3"]')
    module.apply()
    assert "" == module.plan()
    assert ["192.0.2.3"] == short(gateway, "www.tf.test")
    module.destroy()
    assert [] == [zone for zone in route53.list_hosted_zones()["HostedZones"] if zone["Name"] == "tf.test."]
    assert "status: REFUSED" in dig(gateway, "www.tf.test")


def test_zones_are_answered_for_after_a_kill_and_a_start(unstarted):
    unstarted.start()
    client = unstarted.client("route53")
    zone = client.create_hosted_zone(Name="kept.test", CallerReference="kept")["HostedZone"]["Id"]
    change(client, zone, ("CREATE", plain("www.kept.test", "A", "192.0.2.1")))
    unstarted.kill_tree()
    unstarted.start()
    assert ["192.0.2.1"] == short(unstarted, "www.kept.test")
    unstarted.stop()


def test_the_dns_can_be_off_and_elsewhere_and_give_other_addresses(tmp_path):
    with running_gateway(tmp_path, "--dns", "off", workers=1) as gateway:
        assert "off" == gateway.ready["dns"]
    need("dig")
    with running_gateway(tmp_path, "--advertise", "192.0.2.80,2001:db8::80", "--dns", "[::1]:0", workers=1) as gateway:
        where = ["dig", "@::1", "-p", str(gateway.dns_port), "+short", "x.execute-api.us-east-1.gateway.localhost"]
        for record_type, address in (("A", "192.0.2.80"), ("AAAA", "2001:db8::80")):
            done = subprocess.run([*where, record_type], capture_output=True, text=True, check=True)
            assert address == done.stdout.strip()


def test_an_address_that_is_taken_is_refused(tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        gateway = Gateway(tmp_path / "data", "--dns", f"127.0.0.1:{taken.getsockname()[1]}", workers=1)
        gateway.spawn()
        assert 1 == gateway.wait()
        assert "--dns: another process listens on 127.0.0.1:" in gateway.log()


def test_a_dns_server_elsewhere_is_told_of_changes_and_of_what_was_there_before(tmp_path):
    theirs = "$TTL 60\n@ IN SOA ns hostmaster 1 7200 900 1209600 60\n@ IN NS ns\nns IN A 127.0.0.1\n"
    (tmp_path / "named").mkdir()
    key = tmp_path / "key"
    key.write_text(KEY_FILE)
    with running_gateway(tmp_path, workers=1) as gateway:
        client = gateway.client("route53")
        zone = client.create_hosted_zone(Name="told.test", CallerReference="told")["HostedZone"]["Id"]
        change(client, zone, ("CREATE", plain("before.told.test", "A", "192.0.2.1")))
    with running_named(tmp_path / "named", {"told.test": theirs}) as port:

        def answered(name):
            response = dns.query.tcp(dns.message.make_query(name, "A"), "127.0.0.1", port=port, timeout=5)
            return [str(each) for rrset in response.answer for each in rrset]

        options = ("--dns-update", f"127.0.0.1:{port}", "--dns-update-key", str(key), "--dns", "off")
        with running_gateway(tmp_path, *options, workers=1) as gateway:
            gateway.wait_for(lambda: answered("before.told.test") == ["192.0.2.1"])
            change(gateway.client("route53"), zone, ("CREATE", plain("after.told.test", "A", "192.0.2.2")))
            gateway.wait_for(lambda: answered("after.told.test") == ["192.0.2.2"])
            assert "ERROR" not in gateway.log()
            assert "c2VjcmV0IG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXMhISE=" not in gateway.log()
