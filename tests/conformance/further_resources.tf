# What examples/terraform leaves out, for test_terraform.py: every further resource of the served operations, with the
# arguments that make the provider patch rather than create.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "backend" {
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
}

resource "aws_api_gateway_account" "this" {}

resource "aws_api_gateway_rest_api" "this" {
  name                         = "further"
  binary_media_types           = ["image/png"]
  minimum_compression_size     = 1024
  api_key_source               = "HEADER"
  disable_execute_api_endpoint = false

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_model" "pet" {
  rest_api_id  = aws_api_gateway_rest_api.this.id
  name         = "Pet"
  description  = "A pet"
  content_type = "application/json"
  schema = jsonencode({
    type = "object"
  })
}

resource "aws_api_gateway_request_validator" "all" {
  rest_api_id                 = aws_api_gateway_rest_api.this.id
  name                        = "all"
  validate_request_body       = true
  validate_request_parameters = true
}

resource "aws_api_gateway_gateway_response" "forbidden" {
  rest_api_id   = aws_api_gateway_rest_api.this.id
  response_type = "MISSING_AUTHENTICATION_TOKEN"
  status_code   = "401"

  response_templates = {
    "application/json" = "{\"nothing\":$context.error.messageString}"
  }
  response_parameters = {
    "gatewayresponse.header.X-Hint" = "'see the documentation'"
  }
}

resource "aws_api_gateway_authorizer" "token" {
  name                             = "token"
  rest_api_id                      = aws_api_gateway_rest_api.this.id
  authorizer_uri                   = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:who/invocations"
  identity_validation_expression   = "Bearer .+"
  authorizer_result_ttl_in_seconds = 60
}

resource "aws_api_gateway_authorizer" "request" {
  name            = "request"
  rest_api_id     = aws_api_gateway_rest_api.this.id
  type            = "REQUEST"
  identity_source = "method.request.header.X-Who,method.request.querystring.who"
  authorizer_uri  = aws_api_gateway_authorizer.token.authorizer_uri
}

resource "aws_api_gateway_method" "post" {
  rest_api_id          = aws_api_gateway_rest_api.this.id
  resource_id          = aws_api_gateway_rest_api.this.root_resource_id
  http_method          = "POST"
  authorization        = "CUSTOM"
  authorizer_id        = aws_api_gateway_authorizer.token.id
  request_validator_id = aws_api_gateway_request_validator.all.id

  request_models = {
    "application/json" = aws_api_gateway_model.pet.name
  }
  request_parameters = {
    "method.request.header.X-Trace"        = true
    "method.request.querystring.page.size" = false
  }
}

resource "aws_api_gateway_integration" "post" {
  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_rest_api.this.root_resource_id
  http_method             = aws_api_gateway_method.post.http_method
  type                    = "HTTP"
  integration_http_method = "POST"
  uri                     = "${var.backend}/"
  passthrough_behavior    = "WHEN_NO_TEMPLATES"
  content_handling        = "CONVERT_TO_TEXT"
  cache_key_parameters    = ["method.request.header.X-Trace"]

  request_parameters = {
    "integration.request.header.X-Static" = "'yes'"
  }
}

resource "aws_api_gateway_method_response" "created" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  resource_id = aws_api_gateway_rest_api.this.root_resource_id
  http_method = aws_api_gateway_method.post.http_method
  status_code = "201"

  response_models = {
    "application/json" = aws_api_gateway_model.pet.name
  }
}

resource "aws_api_gateway_integration_response" "created" {
  rest_api_id       = aws_api_gateway_rest_api.this.id
  resource_id       = aws_api_gateway_rest_api.this.root_resource_id
  http_method       = aws_api_gateway_method.post.http_method
  status_code       = aws_api_gateway_method_response.created.status_code
  selection_pattern = "2\\d{2}"

  depends_on = [aws_api_gateway_integration.post]
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  description = "The only one"
  depends_on  = [aws_api_gateway_integration_response.created]
}

resource "aws_api_gateway_stage" "prod" {
  rest_api_id          = aws_api_gateway_rest_api.this.id
  deployment_id        = aws_api_gateway_deployment.this.id
  stage_name           = "prod"
  xray_tracing_enabled = true

  variables = {
    colour = "green"
  }

  access_log_settings {
    destination_arn = "arn:aws:logs:us-east-1:000000000000:log-group:access"
    format          = "$context.requestId"
  }

  tags = {
    of = "stage"
  }
}

resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.prod.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    throttling_burst_limit = 50
    throttling_rate_limit  = 100.5
  }
}

resource "aws_acm_certificate" "this" {
  certificate_body  = file(var.certificate_file)
  private_key       = file(var.private_key_file)
  certificate_chain = file(var.certificate_chain_file)

  tags = {
    of = "certificate"
  }
}

resource "aws_api_gateway_domain_name" "this" {
  domain_name              = "www.example.com"
  regional_certificate_arn = aws_acm_certificate.this.arn
  security_policy          = "TLS_1_2"

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  tags = {
    of = "domain"
  }
}

resource "aws_api_gateway_base_path_mapping" "root" {
  domain_name = aws_api_gateway_domain_name.this.domain_name
  api_id      = aws_api_gateway_rest_api.this.id
}
