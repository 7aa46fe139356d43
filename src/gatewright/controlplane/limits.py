"""How large a request body each service takes before anything in it is looked at.

A body is held in memory while its signature is checked, so the limit is what one unauthenticated client can make the
control process hold. Every row has its reason; services without a row take `DEFAULT_BODY_LIMIT`, and so do those that
answer nothing yet, whatever they will take one day.
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
        # ImportCertificate (M): a chain of up to 2,097,152 bytes, sent in base64, beside certificate and key.
        "acm": 4 * MIB,
        # ImportCertificateAuthorityCertificate (M): as large a chain, in base64, beside the certificate.
        "acm-pca": 4 * MIB,
        # An object of the size that `controlplane.s3` takes, and the heads of its chunks.
        "s3": 104 * MIB,
    }
)


#: What is read of a body before its sender has shown a signature that holds: what API Gateway's limit is anyway.
UNPROVEN_LIMIT = 6 * MIB


def body_limit(service: str | None) -> int:
    """The largest body in bytes that is read for a service; `None` is a request that names no service."""
    return BODY_LIMITS.get(service or "", DEFAULT_BODY_LIMIT)
