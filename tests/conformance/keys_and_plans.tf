# API keys and usage plans, for test_keys_and_plans.py, with the arguments that make the provider patch.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  skip_metadata_api_check = true
}

resource "aws_api_gateway_rest_api" "this" {
  name           = "metered"
  api_key_source = "HEADER"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_method" "root" {
  rest_api_id      = aws_api_gateway_rest_api.this.id
  resource_id      = aws_api_gateway_rest_api.this.root_resource_id
  http_method      = "GET"
  authorization    = "NONE"
  api_key_required = true
}

resource "aws_api_gateway_integration" "root" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  resource_id = aws_api_gateway_rest_api.this.root_resource_id
  http_method = aws_api_gateway_method.root.http_method
  type        = "MOCK"
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  depends_on  = [aws_api_gateway_integration.root]
}

resource "aws_api_gateway_stage" "each" {
  for_each      = toset(["dev", "live"])
  rest_api_id   = aws_api_gateway_rest_api.this.id
  deployment_id = aws_api_gateway_deployment.this.id
  stage_name    = each.key
}

resource "aws_api_gateway_api_key" "made_up" {
  name        = "made-up"
  description = "A value of the service's"
  enabled     = true
  customer_id = "c-1"

  tags = {
    of = "key"
  }
}

resource "aws_api_gateway_api_key" "given" {
  name    = "given"
  value   = "a-value-that-is-long-enough"
  enabled = false
}

resource "aws_api_gateway_usage_plan" "gold" {
  name         = "gold"
  description  = "For friends"
  product_code = "product"

  api_stages {
    api_id = aws_api_gateway_rest_api.this.id
    stage  = aws_api_gateway_stage.each["dev"].stage_name

    throttle {
      path        = "//GET"
      rate_limit  = 2
      burst_limit = 4
    }
  }

  throttle_settings {
    rate_limit  = 5
    burst_limit = 10
  }

  quota_settings {
    limit  = 500
    offset = 2
    period = "WEEK"
  }

  tags = {
    of = "plan"
  }
}

resource "aws_api_gateway_usage_plan" "bare" {
  name = "bare"
}

resource "aws_api_gateway_usage_plan_key" "made_up" {
  key_id        = aws_api_gateway_api_key.made_up.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.gold.id
}

resource "aws_api_gateway_usage_plan_key" "given" {
  key_id        = aws_api_gateway_api_key.given.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.gold.id
}
