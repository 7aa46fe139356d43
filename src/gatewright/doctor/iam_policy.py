"""Every call that the doctor makes of the AWS APIs, and the permission each needs.

The table is all: a probe can only make a call that stands here, and the least policy is derived from it. API Gateway's
control plane knows one action a verb, `apigateway:GET` (facts 1.1); the truststore is an object in S3.
"""

import json
from typing import Final, NamedTuple


class Permission(NamedTuple):
    """An IAM action and the resources that it is needed on."""

    action: str
    resource: str


_APIGATEWAY: Final = Permission("apigateway:GET", "arn:aws:apigateway:*::/*")
CALLS: Final[dict[tuple[str, str], Permission]] = {
    ("apigateway", "get_domain_name"): _APIGATEWAY,
    ("apigateway", "get_base_path_mappings"): _APIGATEWAY,
    ("apigateway", "get_rest_api"): _APIGATEWAY,
    ("apigateway", "get_rest_apis"): _APIGATEWAY,
    ("apigateway", "get_stages"): _APIGATEWAY,
    ("apigateway", "get_deployment"): _APIGATEWAY,
    ("apigateway", "get_resources"): _APIGATEWAY,
    ("apigateway", "get_integration"): _APIGATEWAY,
    ("apigateway", "get_stage"): _APIGATEWAY,
    ("apigateway", "get_account"): _APIGATEWAY,
    ("apigateway", "get_api_keys"): _APIGATEWAY,
    ("apigateway", "get_usage_plans"): _APIGATEWAY,
    ("apigateway", "get_usage"): _APIGATEWAY,
    ("apigatewayv2", "get_api"): _APIGATEWAY,
    ("logs", "filter_log_events"): Permission(
        "logs:FilterLogEvents", "arn:aws:logs:*:*:log-group:API-Gateway-Execution-Logs_*"
    ),
    ("sts", "get_caller_identity"): Permission("sts:GetCallerIdentity", "*"),
    ("sts", "get_access_key_info"): Permission("sts:GetAccessKeyInfo", "*"),
    ("iam", "simulate_principal_policy"): Permission("iam:SimulatePrincipalPolicy", "*"),
    ("acm", "get_certificate"): Permission("acm:GetCertificate", "*"),
    ("acm", "list_certificates"): Permission("acm:ListCertificates", "*"),
    ("route53", "list_hosted_zones"): Permission("route53:ListHostedZones", "*"),
    ("route53", "list_resource_record_sets"): Permission(
        "route53:ListResourceRecordSets", "arn:aws:route53:::hostedzone/*"
    ),
    ("cloudfront", "list_distributions"): Permission("cloudfront:ListDistributions", "*"),
    ("cloudfront", "get_cache_policy"): Permission("cloudfront:GetCachePolicy", "arn:aws:cloudfront::*:cache-policy/*"),
    ("cloudfront", "get_origin_request_policy"): Permission(
        "cloudfront:GetOriginRequestPolicy", "arn:aws:cloudfront::*:origin-request-policy/*"
    ),
    ("ec2", "describe_vpc_endpoints"): Permission("ec2:DescribeVpcEndpoints", "*"),
    ("s3", "get_object"): Permission("s3:GetObject", "arn:aws:s3:::*/*"),
    ("s3", "head_object"): Permission("s3:GetObject", "arn:aws:s3:::*/*"),
}
#: Reading a version that is not the newest has an action of its own, which no call's name tells.
_VERSION: Final = Permission("s3:GetObjectVersion", "arn:aws:s3:::*/*")


def render_policy() -> str:
    """The least policy as JSON: one statement a resource, every action once."""
    by_resource: dict[str, set[str]] = {}
    for permission in (*CALLS.values(), _VERSION):
        by_resource.setdefault(permission.resource, set()).add(permission.action)
    statements = [
        {"Effect": "Allow", "Action": sorted(actions), "Resource": resource}
        for resource, actions in sorted(by_resource.items())
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)
