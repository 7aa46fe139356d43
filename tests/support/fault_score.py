"""The score of the fault matrices, over all of their modules: which of the doctor's codes were named first and mended.

    with attempt("CERT_EXPIRED"):
        ...  # break it, ask the doctor, run the remedy, ask again

A code has been reached when every attempt at it succeeded; `tests/conformance/conftest.py` prints the score at the end. What
no installation of one's own can be brought to is in `NOT_HERE`, with the reason; those checks have recorded evidence, and
some an account of moto's.
"""

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gatewright.doctor.checks import CHECKS

NOT_HERE: Final = {
    "CERT_NOT_IN_ACM": "DeleteCertificate refuses a certificate that a domain name uses",
    "CERT_WRONG_REGION_FOR_EDGE": "an edge-optimized domain name is refused with a certificate of another region",
    "CLOUDFRONT_AUTHORIZATION_DROPPED": "there are no distributions here",
    "CLOUDFRONT_HOST_FORWARDED": "there are no distributions here",
    "CLOUDFRONT_NOT_DEPLOYED": "there are no distributions here",
    "CLOUDFRONT_OLD_TLS": "there are no distributions here",
    "CLOUDFRONT_ORIGIN_PATH": "there are no distributions here",
    "HTTP_API_NEEDS_ASSUME_ROLE": "there are no HTTP APIs here",
    "IDENTITY_POLICY_DENY": "there are no users with policies here: an account has its root",
    "IDENTITY_POLICY_SILENT": "there are no users with policies here: an account has its root",
    "PRIVATE_DNS_BLOCKS_CUSTOM_DOMAIN": "there are no VPCs here",
    "RESOURCE_POLICY_DENY": "an API with a resource policy cannot be deployed here",
    "RESOURCE_POLICY_SILENT": "an API with a resource policy cannot be deployed here",
    "VPC_ENDPOINT_POLICY_DENY": "there are no VPCs here",
}
PRODUCIBLE: Final = frozenset(check.code for check in CHECKS) - set(NOT_HERE)

_missed: set[str] = set()
_reached: set[str] = set()


@contextmanager
def attempt(code: str) -> Iterator[None]:
    """The code counts when what is inside ends well."""
    try:
        yield
    except BaseException:
        _missed.add(code)
        raise
    _reached.add(code)


def render_score() -> list[str]:
    """How many of all, and which, unless only a few tests were run; nothing when no fault was made."""
    if not (_reached or _missed):
        return []
    named, untried = _reached - _missed, PRODUCIBLE - _reached - _missed
    lines = [
        f"{len(PRODUCIBLE & named)} of the {len(PRODUCIBLE)} codes that can be had here were named first and mended"
    ]
    if len(untried) > len(PRODUCIBLE) / 2:
        return lines
    for title, codes in (
        ("mended", named), ("missed", _missed), ("not tried", untried), ("not to be had", NOT_HERE),
    ):  # fmt: skip
        lines += textwrap.wrap(f"{title}: {', '.join(sorted(codes)) or 'none'}", 120, subsequent_indent="  ")
    return lines
