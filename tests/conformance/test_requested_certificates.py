"""Certificates that ACM issues, with the AWS CLI and Terraform as their documentation shows them."""

import json
import shutil
import subprocess

import dns.message
import dns.query
import pytest

from support.https import ask, served_certificate
from support.terraform import Module

pytestmark = pytest.mark.e2e

# As the provider's documentation has it, but for the records: it waits a quarter of a minute for each that it makes or removes
# in Route 53. `test_the_validation_record_can_be_put_into_its_zone` has those.
MODULE = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

resource "aws_acm_certificate" "shop" {
  domain_name               = "shop.example"
  subject_alternative_names = ["*.shop.example"]
  validation_method         = "DNS"
  key_algorithm             = "EC_prime256v1"
  tags                      = { of = "terraform" }
  options { certificate_transparency_logging_preference = "DISABLED" }
  lifecycle { create_before_destroy = true }
}

resource "aws_acm_certificate_validation" "shop" {
  certificate_arn         = aws_acm_certificate.shop.arn
  validation_record_fqdns = [for option in aws_acm_certificate.shop.domain_validation_options : option.resource_record_name]
}

resource "aws_api_gateway_domain_name" "shop" {
  domain_name              = "www.shop.example"
  regional_certificate_arn = aws_acm_certificate_validation.shop.certificate_arn
  endpoint_configuration { types = ["REGIONAL"] }
}

output "certificate" { value = aws_acm_certificate.shop.arn }
"""


def test_terraform_requests_validates_and_uses_one(gateway, acm, terraform_plugins, tmp_path):
    module = Module(tmp_path / "module", MODULE, gateway, terraform_plugins)
    module.apply()
    assert "" == module.plan()
    arn = module.outputs()["certificate"]
    assert ["arn:aws:apigateway:us-east-1::/domainnames/www.shop.example"] == describe(acm, arn)["InUseBy"]
    # The local authority's word is enough for who trusts it.
    assert 403 == ask(gateway.https_port, "www.shop.example", "/", context=gateway.tls_context()).status

    module.change('of = "terraform"', 'of = "more"')
    module.change('preference = "DISABLED"', 'preference = "ENABLED"')
    module.apply()
    assert "" == module.plan()
    options = describe(acm, arn)["Options"]
    assert (arn, "ENABLED") == (module.outputs()["certificate"], options["CertificateTransparencyLoggingPreference"])

    module.destroy()
    assert [] == acm.list_certificates(Includes={"keyTypes": ["EC_prime256v1"]})["CertificateSummaryList"]


@pytest.mark.skipif(shutil.which("aws") is None, reason="the AWS CLI is not on this machine")
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not on this machine")
def test_the_aws_cli_requests_uses_exports_and_renews_one(gateway, acm, tmp_path):
    script = """
    set -eu
    arn=$(aws acm request-certificate --domain-name www.example.org --validation-method DNS --idempotency-token abc \
        --subject-alternative-names '*.example.org' --options Export=ENABLED --query CertificateArn --output text)
    aws acm wait certificate-validated --certificate-arn "$arn"
    aws apigateway create-domain-name --domain-name www.example.org --regional-certificate-arn "$arn" \
        --endpoint-configuration types=REGIONAL > /dev/null
    printf 'pass phrase' > passphrase
    aws acm export-certificate --certificate-arn "$arn" --passphrase fileb://passphrase --output json > exported.json
    if aws acm delete-certificate --certificate-arn "$arn" 2> refused; then exit 1; fi
    grep -q ResourceInUseException refused
    echo "$arn" > arn
    """
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=gateway.environment, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    arn = (tmp_path / "arn").read_text().strip()
    (tmp_path / "key.pem").write_text(json.loads((tmp_path / "exported.json").read_text())["PrivateKey"])
    opened = subprocess.run(
        ["openssl", "pkey", "-in", "key.pem", "-passin", "file:passphrase", "-noout"], cwd=tmp_path, check=False
    )
    assert 0 == opened.returncode

    # Renewed under its ARN, and the workers serve the new one at once.
    before = served_certificate(gateway.https_port, "www.example.org")
    acm.renew_certificate(CertificateArn=arn)
    gateway.wait_for(lambda: describe(acm, arn)["RenewalSummary"]["RenewalStatus"] == "SUCCESS")
    assert before != served_certificate(gateway.https_port, "www.example.org")


def test_the_validation_record_can_be_put_into_its_zone(gateway, acm):
    arn = acm.request_certificate(
        DomainName="shop.test", SubjectAlternativeNames=["*.shop.test"], ValidationMethod="DNS"
    )["CertificateArn"]
    first, second = (each["ResourceRecord"] for each in describe(acm, arn)["DomainValidationOptions"])
    assert first == second

    route53 = gateway.client("route53")
    zone = route53.create_hosted_zone(Name="shop.test", CallerReference="1")["HostedZone"]["Id"]
    record = {"Name": first["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": first["Value"]}]}
    route53.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    )
    question = dns.message.make_query(first["Name"], "CNAME")
    answer = dns.query.udp(question, "127.0.0.1", port=gateway.dns_port, timeout=5)
    assert [first["Value"]] == [str(each) for each in answer.answer[0]]


def describe(acm, arn):
    return acm.describe_certificate(CertificateArn=arn)["Certificate"]
