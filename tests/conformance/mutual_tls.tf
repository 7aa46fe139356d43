# A domain name with mutual TLS, its truststore in a bucket with versions, and an imported certificate, whose owner's proof is
# a certificate that ACM issues.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "truststore_file" {
  type = string
}

variable "certificate_file" {
  type = string
}

variable "certificate_chain_file" {
  type = string
}

variable "private_key_file" {
  type = string
}

provider "aws" {
  skip_metadata_api_check = true
  s3_use_path_style       = true
}

resource "aws_s3_bucket" "truststores" {
  bucket        = "truststores-of-terraform"
  force_destroy = true
}

resource "aws_s3_bucket_versioning" "truststores" {
  bucket = aws_s3_bucket.truststores.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_object" "truststore" {
  bucket  = aws_s3_bucket_versioning.truststores.bucket
  key     = "certificates.pem"
  content = file(var.truststore_file)
}

resource "aws_acm_certificate" "server" {
  certificate_body  = file(var.certificate_file)
  certificate_chain = file(var.certificate_chain_file)
  private_key       = file(var.private_key_file)
}

resource "aws_acm_certificate" "ownership" {
  domain_name       = "www.example.com"
  validation_method = "DNS"
}

resource "aws_acm_certificate_validation" "ownership" {
  certificate_arn = aws_acm_certificate.ownership.arn
}

resource "aws_api_gateway_domain_name" "this" {
  domain_name                            = "www.example.com"
  regional_certificate_arn               = aws_acm_certificate.server.arn
  ownership_verification_certificate_arn = aws_acm_certificate_validation.ownership.certificate_arn
  security_policy                        = "TLS_1_2"

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  mutual_tls_authentication {
    truststore_uri     = "s3://${aws_s3_object.truststore.bucket}/${aws_s3_object.truststore.key}"
    truststore_version = aws_s3_object.truststore.version_id
  }
}
