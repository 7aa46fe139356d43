"""How large a request body each service takes before anything in it is looked at.

A body is held in memory while its signature is checked, so the limit is what one unauthenticated client can make the
control process hold. Every row has its reason; services without a row take `DEFAULT_BODY_LIMIT`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

KIB = 1024
MIB = 1024 * KIB

# The front end of AWS's query services takes 1 MiB as well ("RequestEntityTooLarge" of STS and IAM, C); no call of a
# service without a row here carries a document.
DEFAULT_BODY_LIMIT = 1 * MIB

BODY_LIMITS: Mapping[str, int] = MappingProxyType(
    {
        # Quotas page of API Gateway (D): "size of the API definition file" 6 MB, for ImportRestApi and PutRestApi.
        "apigateway": 6 * MIB,
        # ImportApi and ReimportApi carry the same documents as a JSON string, where each quote takes two bytes.
        "apigatewayv2": 12 * MIB,
        # ImportCertificate (M): a chain of up to 2,097,152 bytes, sent in base64, beside certificate and key.
        "acm": 4 * MIB,
        # ImportCertificateAuthorityCertificate (M): the same chain length.
        "acm-pca": 4 * MIB,
        # PutLogEvents (D): a batch of up to 1,048,576 bytes, which JSON escapes may double.
        "logs": 3 * MIB,
        # CreateFunction (D): a package of up to 50 MB, sent in base64.
        "lambda": 70 * MIB,
        # A truststore is some hundred KiB; 16 MiB leaves room for what else is kept beside it. AWS takes 5 GB (D).
        "s3": 16 * MIB,
    }
)


def body_limit(service: str | None) -> int:
    """The largest body in bytes that is read for a service; `None` is a request that names no service."""
    return BODY_LIMITS.get(service or "", DEFAULT_BODY_LIMIT)
