# A REST API behind a custom domain name with an imported certificate, in Terraform, with the unmodified AWS provider.
#
#   eval "$(gatewright env)"
#   terraform init && terraform apply -var certificate_file=www.pem -var private_key_file=www.key -var backend=http://127.0.0.1:9000

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "domain_name" {
  type    = string
  default = "www.example.com"
}

variable "certificate_file" {
  type        = string
  description = "PEM file with the certificate of the domain name."
}

variable "private_key_file" {
  type        = string
  description = "PEM file with its private key."
}

variable "certificate_chain_file" {
  type        = string
  default     = null
  description = "PEM file with the intermediates and, if you like, the root."
}

variable "backend" {
  type        = string
  description = "Address of the HTTP backend, without a slash at the end."
}

# Everything else (endpoint, credentials, region) comes from the environment that `gatewright env` prints.
provider "aws" {
  skip_metadata_api_check = true
}

resource "aws_api_gateway_rest_api" "pets" {
  name        = "pets"
  description = "Pets, by Terraform"

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  tags = {
    team = "pets"
  }
}

resource "aws_api_gateway_resource" "pets" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  parent_id   = aws_api_gateway_rest_api.pets.root_resource_id
  path_part   = "pets"
}

resource "aws_api_gateway_resource" "pet" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  parent_id   = aws_api_gateway_resource.pets.id
  path_part   = "{id}"
}

resource "aws_api_gateway_method" "get_pet" {
  rest_api_id   = aws_api_gateway_rest_api.pets.id
  resource_id   = aws_api_gateway_resource.pet.id
  http_method   = "GET"
  authorization = "NONE"

  request_parameters = {
    "method.request.path.id" = true
  }
}

resource "aws_api_gateway_integration" "get_pet" {
  rest_api_id             = aws_api_gateway_rest_api.pets.id
  resource_id             = aws_api_gateway_resource.pet.id
  http_method             = aws_api_gateway_method.get_pet.http_method
  type                    = "HTTP_PROXY"
  integration_http_method = "GET"
  uri                     = "${var.backend}/pets/{id}"
  timeout_milliseconds    = 5000

  request_parameters = {
    "integration.request.path.id" = "method.request.path.id"
  }
}

resource "aws_api_gateway_method" "list_pets" {
  rest_api_id   = aws_api_gateway_rest_api.pets.id
  resource_id   = aws_api_gateway_resource.pets.id
  http_method   = "GET"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "list_pets" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  resource_id = aws_api_gateway_resource.pets.id
  http_method = aws_api_gateway_method.list_pets.http_method
  type        = "MOCK"

  request_templates = {
    "application/json" = jsonencode({ statusCode = 200 })
  }
}

resource "aws_api_gateway_method_response" "list_pets" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  resource_id = aws_api_gateway_resource.pets.id
  http_method = aws_api_gateway_method.list_pets.http_method
  status_code = "200"

  response_parameters = {
    "method.response.header.X-Pets" = true
  }
}

resource "aws_api_gateway_integration_response" "list_pets" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  resource_id = aws_api_gateway_resource.pets.id
  http_method = aws_api_gateway_method.list_pets.http_method
  status_code = aws_api_gateway_method_response.list_pets.status_code

  response_parameters = {
    "method.response.header.X-Pets" = "'none yet'"
  }
  response_templates = {
    "application/json" = jsonencode([])
  }

  depends_on = [aws_api_gateway_integration.list_pets]
}

resource "aws_api_gateway_deployment" "pets" {
  rest_api_id = aws_api_gateway_rest_api.pets.id

  # A deployment is a frozen copy: a change of the API's definition makes a new one.
  triggers = {
    redeployment = sha1(join(" ", [filesha1("${path.module}/main.tf"), var.backend]))
  }

  depends_on = [
    aws_api_gateway_integration.get_pet,
    aws_api_gateway_integration_response.list_pets,
  ]

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "dev" {
  rest_api_id   = aws_api_gateway_rest_api.pets.id
  deployment_id = aws_api_gateway_deployment.pets.id
  stage_name    = "dev"

  variables = {
    colour = "green"
  }
}

resource "aws_acm_certificate" "imported" {
  certificate_body  = file(var.certificate_file)
  private_key       = file(var.private_key_file)
  certificate_chain = var.certificate_chain_file == null ? null : file(var.certificate_chain_file)

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_domain_name" "pets" {
  domain_name              = var.domain_name
  regional_certificate_arn = aws_acm_certificate.imported.arn

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_base_path_mapping" "pets" {
  domain_name = aws_api_gateway_domain_name.pets.domain_name
  base_path   = "v1"
  api_id      = aws_api_gateway_rest_api.pets.id
  stage_name  = aws_api_gateway_stage.dev.stage_name
}

output "address" {
  value = "https://${aws_api_gateway_domain_name.pets.domain_name}/${aws_api_gateway_base_path_mapping.pets.base_path}/pets/7"
}

output "dns_target" {
  description = "Where the domain name's CNAME or alias record must point."
  value       = aws_api_gateway_domain_name.pets.regional_domain_name
}
