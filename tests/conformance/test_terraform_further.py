"""What `examples/terraform` leaves out: `further_resources.tf` is applied, changed in every resource, and destroyed."""

from pathlib import Path

import pytest

from support.apis import NOTHING_LEFT, leftovers
from support.terraform import Module, write_key_pair

pytestmark = pytest.mark.e2e

FURTHER = Path(__file__).parent / "further_resources.tf"


def test_the_further_resources_apply_change_and_leave_nothing(
    gateway, apigateway, acm, backend, authority, terraform_plugins, tmp_path
):
    files = write_key_pair(authority, tmp_path / "pair")
    module = Module(tmp_path / "module", FURTHER.read_text(), gateway, terraform_plugins, backend=backend.url, **files)
    module.apply()
    assert "" == module.plan()
    for old, new in [
        ('type = "object"', 'type = "array"'),
        ("validate_request_body       = true", "validate_request_body       = false"),
        ('status_code   = "401"', 'status_code   = "404"'),
        ("throttling_burst_limit = 50", "throttling_burst_limit = 60"),
        ('colour = "green"', 'colour = "blue"'),
        ('of = "stage"', 'of = "the stage"'),
        ('of = "domain"', 'of = "the domain"'),
        ('format          = "$context.requestId"', 'format          = "$context.requestId $context.status"'),
        ('content_handling        = "CONVERT_TO_TEXT"', 'content_handling        = "CONVERT_TO_BINARY"'),
        ('"method.request.header.X-Trace"        = true', '"method.request.header.X-Trace"        = false'),
        ('binary_media_types           = ["image/png"]', 'binary_media_types           = ["image/png", "image/gif"]'),
        ("minimum_compression_size     = 1024", "minimum_compression_size     = 2048"),
        ("authorizer_result_ttl_in_seconds = 60", "authorizer_result_ttl_in_seconds = 0"),
        ("method.request.header.X-Who,", "method.request.header.X-Whom,"),
        ("aws_api_gateway_authorizer.token.id", "aws_api_gateway_authorizer.request.id"),
        # What is taken away must be gone too.
        ('  identity_validation_expression   = "Bearer .+"\n', ""),
        ('  description  = "A pet"\n', ""),
        ('\n  selection_pattern = "2\\\\d{2}"', ""),
        ('    "gatewayresponse.header.X-Hint" = "\'see the documentation\'"\n', ""),
        ('    "integration.request.header.X-Static" = "\'yes\'"\n', ""),
        ('    "method.request.querystring.page.size" = false\n', ""),
        ('  cache_key_parameters    = ["method.request.header.X-Trace"]\n', ""),
        ("    metrics_enabled        = true\n", ""),
        ("  xray_tracing_enabled = true\n", ""),
    ]:
        module.change(old, new)
    module.apply()
    assert "" == module.plan()
    module.destroy()
    assert NOTHING_LEFT == leftovers(apigateway, acm)
