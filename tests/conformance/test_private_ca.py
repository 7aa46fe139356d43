"""A private PKI with the AWS CLI, as the documentation of AWS Private CA prints it: root, subordinate, leaf, revocation."""

import json
import shutil
import subprocess

import pytest

from support.terraform import Module

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not on this machine"),
]

# A root that signs itself, a subordinate below it, and a leaf: what the provider's documentation shows.
PKI = """
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

variable "csr_file" {}

locals { templates = "arn:aws:acm-pca:::template" }

resource "aws_acmpca_certificate_authority" "root" {
  type                            = "ROOT"
  permanent_deletion_time_in_days = 7
  tags                            = { of = "terraform" }
  certificate_authority_configuration {
    key_algorithm     = "EC_prime256v1"
    signing_algorithm = "SHA256WITHECDSA"
    subject { common_name = "Terraform Root" }
  }
}

resource "aws_acmpca_certificate" "root" {
  certificate_authority_arn   = aws_acmpca_certificate_authority.root.arn
  certificate_signing_request = aws_acmpca_certificate_authority.root.certificate_signing_request
  signing_algorithm           = "SHA256WITHECDSA"
  template_arn                = "${local.templates}/RootCACertificate/V1"
  validity {
    type  = "YEARS"
    value = 2
  }
}

resource "aws_acmpca_certificate_authority_certificate" "root" {
  certificate_authority_arn = aws_acmpca_certificate_authority.root.arn
  certificate               = aws_acmpca_certificate.root.certificate
  certificate_chain         = aws_acmpca_certificate.root.certificate_chain
}

resource "aws_acmpca_certificate_authority" "subordinate" {
  type                            = "SUBORDINATE"
  permanent_deletion_time_in_days = 7
  certificate_authority_configuration {
    key_algorithm     = "RSA_2048"
    signing_algorithm = "SHA256WITHRSA"
    subject { common_name = "Terraform Subordinate" }
  }
}

resource "aws_acmpca_certificate" "subordinate" {
  certificate_authority_arn   = aws_acmpca_certificate_authority.root.arn
  certificate_signing_request = aws_acmpca_certificate_authority.subordinate.certificate_signing_request
  signing_algorithm           = "SHA256WITHECDSA"
  template_arn                = "${local.templates}/SubordinateCACertificate_PathLen0/V1"
  validity {
    type  = "YEARS"
    value = 1
  }
  depends_on = [aws_acmpca_certificate_authority_certificate.root]
}

resource "aws_acmpca_certificate_authority_certificate" "subordinate" {
  certificate_authority_arn = aws_acmpca_certificate_authority.subordinate.arn
  certificate               = aws_acmpca_certificate.subordinate.certificate
  certificate_chain         = aws_acmpca_certificate.subordinate.certificate_chain
}

resource "aws_acmpca_permission" "acm" {
  certificate_authority_arn = aws_acmpca_certificate_authority.subordinate.arn
  actions                   = ["IssueCertificate", "GetCertificate", "ListPermissions"]
  principal                 = "acm.amazonaws.com"
}

resource "aws_acmpca_certificate" "leaf" {
  certificate_authority_arn   = aws_acmpca_certificate_authority.subordinate.arn
  certificate_signing_request = file(var.csr_file)
  signing_algorithm           = "SHA256WITHRSA"
  validity {
    type  = "DAYS"
    value = 30
  }
  depends_on = [aws_acmpca_certificate_authority_certificate.subordinate]
}

output "root" { value = aws_acmpca_certificate.root.certificate }
output "leaf" { value = aws_acmpca_certificate.leaf.certificate }
output "chain" { value = aws_acmpca_certificate.leaf.certificate_chain }
"""


def write_csr(folder):
    """A request that OpenSSL made."""
    subprocess.run(
        ["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "leaf.key", "-out", "leaf.csr",
         "-subj", "/CN=www.example.com", "-addext", "subjectAltName=DNS:www.example.com"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder / "leaf.csr"


def verify(folder):
    """OpenSSL's verdict on leaf.pem with chain.pem and root.pem."""
    verdict = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "www.example.com",
         "-CAfile", "root.pem", "-untrusted", "chain.pem", "leaf.pem"],
        cwd=folder, check=False, capture_output=True, text=True,
    )  # fmt: skip
    return verdict.stdout + verdict.stderr


@pytest.mark.skipif(shutil.which("aws") is None, reason="the AWS CLI is not on this machine")
def test_with_the_aws_cli(gateway, tmp_path):
    script = """
    set -eu
    templates=arn:aws:acm-pca:::template
    create() {
        aws acm-pca create-certificate-authority --certificate-authority-type "$1" --certificate-authority-configuration \
            "KeyAlgorithm=$2,SigningAlgorithm=$3,Subject={Country=AT,Organization=Example,CommonName=$1}" \
            --query CertificateAuthorityArn --output text
    }
    csr() {
        aws acm-pca get-certificate-authority-csr --certificate-authority-arn "$1" --output text
    }
    get() {
        aws acm-pca get-certificate --certificate-authority-arn "$1" --certificate-arn "$2" --query "$3" --output text
    }
    issue() {
        aws acm-pca issue-certificate --certificate-authority-arn "$1" --csr "fileb://$2" --signing-algorithm "$3" \
            --template-arn "$templates/$4/V1" --validity "Value=$5,Type=DAYS" --query CertificateArn --output text
    }

    root=$(create ROOT RSA_4096 SHA512WITHRSA)
    csr "$root" > root.csr
    own=$(issue "$root" root.csr SHA512WITHRSA RootCACertificate 3650)
    get "$root" "$own" Certificate > root.pem
    aws acm-pca import-certificate-authority-certificate --certificate-authority-arn "$root" --certificate fileb://root.pem

    below=$(create SUBORDINATE EC_prime256v1 SHA256WITHECDSA)
    csr "$below" > below.csr
    own=$(issue "$root" below.csr SHA512WITHRSA SubordinateCACertificate_PathLen0 1825)
    get "$root" "$own" Certificate > below.pem
    get "$root" "$own" CertificateChain > below-chain.pem
    aws acm-pca import-certificate-authority-certificate --certificate-authority-arn "$below" \
        --certificate fileb://below.pem --certificate-chain fileb://below-chain.pem

    leaf=$(issue "$below" leaf.csr SHA256WITHECDSA EndEntityServerAuthCertificate 365)
    aws acm-pca wait certificate-issued --certificate-authority-arn "$below" --certificate-arn "$leaf"
    get "$below" "$leaf" Certificate > leaf.pem
    get "$below" "$leaf" CertificateChain > chain.pem
    aws acm-pca revoke-certificate --certificate-authority-arn "$below" --revocation-reason KEY_COMPROMISE \
        --certificate-serial "$(openssl x509 -in leaf.pem -noout -serial | cut -d= -f2)"
    aws acm-pca list-certificate-authorities --output json > listed.json
    """
    write_csr(tmp_path)
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env={**gateway.environment, "AWS_DEFAULT_REGION": "eu-west-1"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    assert "leaf.pem: OK\n" == verify(tmp_path)
    listed = json.loads((tmp_path / "listed.json").read_text())["CertificateAuthorities"]
    assert [("ROOT", "ACTIVE"), ("SUBORDINATE", "ACTIVE")] == [(each["Type"], each["Status"]) for each in listed]


def test_with_terraform(gateway, terraform_plugins, tmp_path):
    module = Module(tmp_path / "module", PKI, gateway, terraform_plugins, csr_file=write_csr(tmp_path))
    module.apply()
    assert "" == module.plan()
    for name, pem in module.outputs().items():
        (tmp_path / f"{name}.pem").write_text(pem)
    assert "leaf.pem: OK\n" == verify(tmp_path)
    module.destroy()
    left = gateway.client("acm-pca").list_certificate_authorities()["CertificateAuthorities"]
    assert ["DELETED"] * 2 == [each["Status"] for each in left]
