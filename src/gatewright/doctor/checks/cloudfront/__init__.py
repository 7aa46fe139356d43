"""A distribution in front of the API: does it ask the right place, in the right way, with the right headers?"""

from typing import Final

from gatewright.doctor.checks.cloudfront.headers import CLOUDFRONT_AUTHORIZATION_DROPPED, CLOUDFRONT_HOST_FORWARDED
from gatewright.doctor.checks.cloudfront.origin_path import CLOUDFRONT_ORIGIN_PATH
from gatewright.doctor.checks.cloudfront.origin_tls import CLOUDFRONT_OLD_TLS
from gatewright.doctor.checks.cloudfront.status import CLOUDFRONT_NOT_DEPLOYED

CLOUDFRONT_CHECKS: Final = (
    CLOUDFRONT_NOT_DEPLOYED,
    CLOUDFRONT_OLD_TLS,
    CLOUDFRONT_HOST_FORWARDED,
    CLOUDFRONT_ORIGIN_PATH,
    CLOUDFRONT_AUTHORIZATION_DROPPED,
)
