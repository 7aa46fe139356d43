"""The words that stand for a reader's own values in commands, and how to find each.

An article's commands can be typed as they are, but for these words. They are explained here, once, and shown with every
article that has them.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from gatewright.kb.article import Article


class Placeholder(NamedTuple):
    """What the word stands for, and the command that lists candidates, if there is one."""

    meaning: str
    command: str | None = None


PLACEHOLDERS: Final[Mapping[str, Placeholder]] = {
    "api.example.com": Placeholder("your custom domain name", "aws apigateway get-domain-names"),
    "backend.example.com": Placeholder("your backend's host, as the integration's uri names it"),
    "d-abc123def4.execute-api.us-east-1.amazonaws.com": Placeholder(
        "the domain name's Regional target",
        "aws apigateway get-domain-name --domain-name api.example.com --query regionalDomainName",
    ),
    "d111111abcdef8.cloudfront.net": Placeholder(
        "your distribution's domain name",
        "aws cloudfront list-distributions --query 'DistributionList.Items[].DomainName'",
    ),
    "us-east-1": Placeholder("the Region of the API"),
    "amazonaws.com": Placeholder(
        "what the names of endpoints end with: on Gatewright, the value of serve's --suffix (gateway.localhost)"
    ),
    "ACCESS_KEY_ID": Placeholder("the access key that signs", "aws sts get-caller-identity"),
    "ACCOUNT_ID": Placeholder("the twelve digits of the account", "aws sts get-caller-identity --query Account"),
    "API_ID": Placeholder("the REST API's id", "aws apigateway get-rest-apis --query 'items[].[id,name]'"),
    "AUTHORIZER_ID": Placeholder(
        "the authorizer's id", "aws apigateway get-authorizers --rest-api-id API_ID --query 'items[].[id,name]'"
    ),
    "BUCKET": Placeholder("the bucket that holds the truststore", "aws s3api list-buckets --query 'Buckets[].Name'"),
    "CALLER_ACCOUNT_ID": Placeholder("the twelve digits of the caller's account"),
    "CERTIFICATE_ARN": Placeholder("the certificate's ARN", "aws acm list-certificates"),
    "DEPLOYMENT_ID": Placeholder("the deployment's id", "aws apigateway get-deployments --rest-api-id API_ID"),
    "DISTRIBUTION_ID": Placeholder(
        "the distribution's id", "aws cloudfront list-distributions --query 'DistributionList.Items[].[Id,DomainName]'"
    ),
    "ETAG": Placeholder(
        "the version of the configuration that you edit",
        "aws cloudfront get-distribution-config --id DISTRIBUTION_ID --query ETag",
    ),
    "FUNCTION_NAME": Placeholder(
        "the Lambda function's name", "aws lambda list-functions --query 'Functions[].FunctionName'"
    ),
    "HOSTED_ZONE_ID": Placeholder("the hosted zone of your domain", "aws route53 list-hosted-zones"),
    "KEY_ID": Placeholder("the API key's id (not its value)", "aws apigateway get-api-keys"),
    "KEY_VALUE": Placeholder(
        "the API key's value", "aws apigateway get-api-key --api-key KEY_ID --include-value --query value"
    ),
    "MAPPING_PATH": Placeholder(
        "the base path of the mapping, (none) for the empty one",
        "aws apigateway get-base-path-mappings --domain-name api.example.com",
    ),
    "OWNERSHIP_ARN": Placeholder("the ARN of the ownership verification certificate", "aws acm list-certificates"),
    "PLAN_ID": Placeholder("the usage plan's id", "aws apigateway get-usage-plans"),
    "REQUEST_ID": Placeholder("the value of x-amzn-RequestId in the answer"),
    "RESOURCE_ID": Placeholder("the resource's id", "aws apigateway get-resources --rest-api-id API_ID"),
    "ROLE_NAME": Placeholder("the name of the role", "aws iam list-roles --query 'Roles[].RoleName'"),
    "TARGET_ZONE_ID": Placeholder(
        "the hosted zone of the target, which AWS keeps",
        "aws apigateway get-domain-name --domain-name api.example.com --query regionalHostedZoneId",
    ),
    "STAGE": Placeholder("the stage's name", "aws apigateway get-stages --rest-api-id API_ID"),
    "USER_NAME": Placeholder("the name of the IAM user", "aws iam list-users --query 'Users[].UserName'"),
    "VERSION_ID": Placeholder(
        "the version of the object", "aws s3api list-object-versions --bucket BUCKET --prefix certificates.pem"
    ),
    "VPCE_ID": Placeholder("the VPC endpoint's id", "aws ec2 describe-vpc-endpoints"),
}

_WORD = re.compile(
    "|".join(rf"(?<![\w-]){re.escape(word)}(?![\w-])" for word in sorted(PLACEHOLDERS, key=len, reverse=True))
)


def find_placeholders(article: Article) -> Mapping[str, Placeholder]:
    """The placeholders in the article's commands and files, by name."""
    texts = (block.text for block in article.find_blocks() if block.kind in ("sh", "json"))
    found = {match.group() for text in texts for match in _WORD.finditer(text)}
    return {word: PLACEHOLDERS[word] for word in sorted(found)}
