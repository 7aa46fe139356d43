"""Which operation answers which call, and which operations of the served services answer that they are not here yet.

Two tables by service. Every operation of every served model is in exactly one of them; a test walks the models. A
service with a folder of its own has its tables there, the others have one reason for all their operations.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gatewright.controlplane import acm, acmpca, apigateway, cloudwatch, logs, route53, s3, sts
from gatewright.controlplane.call import Operation
from gatewright.controlplane.unimplemented import SERVICE_REASONS

OPERATIONS: Mapping[str, Mapping[str, Operation]] = MappingProxyType(
    {
        "apigateway": apigateway.OPERATIONS,
        "acm": acm.OPERATIONS,
        "acm-pca": acmpca.OPERATIONS,
        "cloudwatch": cloudwatch.OPERATIONS,
        "logs": logs.OPERATIONS,
        "route53": route53.OPERATIONS,
        "s3": s3.OPERATIONS,
        "sts": sts.OPERATIONS,
    }
)

UNIMPLEMENTED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "apigateway": apigateway.UNIMPLEMENTED,
        "acm": acm.UNIMPLEMENTED,
        "acm-pca": acmpca.UNIMPLEMENTED,
        "cloudwatch": cloudwatch.UNIMPLEMENTED,
        "logs": logs.UNIMPLEMENTED,
        "route53": route53.UNIMPLEMENTED,
        "s3": s3.UNIMPLEMENTED,
        "sts": sts.UNIMPLEMENTED,
    }
)


def unimplemented_reason(service: str, operation: str) -> str:
    """Why an operation that is not in `OPERATIONS` is not answered."""
    if service in SERVICE_REASONS:
        return SERVICE_REASONS[service]
    return UNIMPLEMENTED[service][operation]
