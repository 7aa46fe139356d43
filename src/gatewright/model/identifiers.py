"""Identifiers and ARNs: their shapes and how they are made (facts 1.3). Randomness is handed in."""

from collections.abc import Callable
from typing import Final

LOWER_ALNUM: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
ALNUM: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
HEX: Final = "0123456789abcdef"

RandomText = Callable[[str, int], str]


def make_api_id(random_text: RandomText) -> str:
    """Ten characters `[a-z0-9]`: REST, HTTP and WebSocket APIs, root resources and API keys."""
    return random_text(LOWER_ALNUM, 10)


def make_short_id(random_text: RandomText) -> str:
    """Six characters `[a-z0-9]`: other resources, deployments, authorizers, models, validators, plans, links."""
    return random_text(LOWER_ALNUM, 6)


def make_uuid(random_text: RandomText) -> str:
    """A version 4 UUID: ACM certificates and request ids."""
    digits = random_text(HEX, 32)
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def make_extended_request_id(random_text: RandomText) -> str:
    """Sixteen characters, base64 of eleven bytes: `x-amz-apigw-id` and `$context.extendedRequestId`."""
    # 88 bits in 15 digits: the last one carries four of them, so its two low bits are zero.
    return random_text(ALNUM + "-_", 14) + random_text("AEIMQUYcgkosw048", 1) + "="


def make_regional_label(random_text: RandomText) -> str:
    """`d-` and ten characters: the first label of a Regional domain's target."""
    return "d-" + random_text(LOWER_ALNUM, 10)


def make_distribution_label(random_text: RandomText) -> str:
    """`d` and thirteen characters: the first label of an edge-optimized domain's target."""
    return "d" + random_text(LOWER_ALNUM, 13)


def apigateway_arn(region: str, path: str) -> str:
    """A control-plane ARN; the account field is empty, as the service has it. `path` begins with a slash."""
    return f"arn:aws:apigateway:{region}::{path}"
