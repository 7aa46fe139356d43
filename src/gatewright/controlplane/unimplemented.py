"""What is not answered yet, and how that is said in each service's own errors.

Three tables: why a whole service is absent (a service with its own folder has a finer table there), the error that
each service models for "you cannot do this", and the sentence. A client then fails with an exception of the service,
at once and without retries, and reads why.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from gatewright.controlplane.errors import ServiceError

#: Services that are recognised, so that a client is told, but have no operation yet.
SERVICE_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "apigatewayv2": "HTTP and WebSocket APIs come after REST APIs",
        "apigatewaymanagementapi": "callbacks to connected clients come with WebSocket APIs",
        "iam": "users, roles and policies come with IAM authorization",
        "lambda": "functions come with the Lambda integrations",
        "cloudfront": "distributions come with edge-optimized endpoints",
        "elbv2": "load balancers come with VPC links",
        "ec2": "VPC endpoints come with private APIs",
    }
)


class NotServed(NamedTuple):
    """The error that says so. `modelled` is False where the service's model has none that fits."""

    code: str
    status: int
    modelled: bool = True


#: The nearest error of each service (M where modelled); none of them makes an SDK try again.
NOT_SERVED: Mapping[str, NotServed] = MappingProxyType(
    {
        "apigateway": NotServed("BadRequestException", 400),
        "apigatewayv2": NotServed("BadRequestException", 400),
        "apigatewaymanagementapi": NotServed("ForbiddenException", 403),
        "acm": NotServed("ValidationException", 400),
        "acm-pca": NotServed("InvalidRequestException", 400),
        # "Error responses" of the S3 API reference (D).
        "s3": NotServed("NotImplemented", 501, modelled=False),
        "iam": NotServed("InvalidInput", 400),
        # "Common errors" of the query services (D): the action or operation requested is invalid.
        "sts": NotServed("InvalidAction", 400, modelled=False),
        "logs": NotServed("InvalidOperationException", 400),
        "route53": NotServed("InvalidInput", 400),
        "lambda": NotServed("InvalidParameterValueException", 400),
        "cloudfront": NotServed("UnsupportedOperation", 400),
        "elbv2": NotServed("OperationNotPermitted", 400),
        # "Error codes for the Amazon EC2 API" (D); its model holds no errors at all.
        "ec2": NotServed("UnsupportedOperation", 400, modelled=False),
        "cloudwatch": NotServed("InvalidParameterValue", 400),
    }
)


def not_served(service: str, operation: str, reason: str) -> ServiceError:
    """The error for an operation that the service has and we do not."""
    form = NOT_SERVED[service]
    return ServiceError(form.code, f"{operation} is not served by Gatewright yet: {reason}", status=form.status)
