# A bucket with versions, its settings, and objects in it: from a file, from a text, and a copy.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  skip_metadata_api_check = true
}

variable "file" { type = string }

resource "aws_s3_bucket" "it" {
  bucket        = "of-terraform"
  force_destroy = true
  tags          = { team = "pets" }
}

resource "aws_s3_bucket_versioning" "it" {
  bucket = aws_s3_bucket.it.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_public_access_block" "it" {
  bucket              = aws_s3_bucket.it.id
  block_public_acls   = true
  block_public_policy = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "it" {
  bucket = aws_s3_bucket.it.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}

resource "aws_s3_bucket_ownership_controls" "it" {
  bucket = aws_s3_bucket.it.id
  rule { object_ownership = "BucketOwnerEnforced" }
}

resource "aws_s3_object" "file" {
  bucket       = aws_s3_bucket_versioning.it.bucket
  key          = "a file"
  source       = var.file
  source_hash  = filemd5(var.file)
  content_type = "text/plain"
  tags         = { kind = "file" }
}

resource "aws_s3_object" "text" {
  bucket             = aws_s3_bucket_versioning.it.bucket
  key                = "folder/text"
  content            = "a text"
  checksum_algorithm = "SHA256"
  metadata           = { owner = "pets" }
}

resource "aws_s3_object_copy" "copy" {
  bucket = aws_s3_bucket_versioning.it.bucket
  key    = "folder/copy"
  source = "${aws_s3_object.text.bucket}/${aws_s3_object.text.key}"
}

data "aws_s3_bucket" "it" { bucket = aws_s3_bucket.it.id }

output "version" { value = aws_s3_object.file.version_id }
output "domain" { value = data.aws_s3_bucket.it.bucket_domain_name }
