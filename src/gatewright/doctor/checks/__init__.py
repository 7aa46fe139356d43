"""Every check, in the order of the walk from client to backend; of two of one link the likelier cause stands first."""

from typing import Final

from gatewright.doctor.check import Check
from gatewright.doctor.checks.address import ADDRESS_CHECKS
from gatewright.doctor.checks.api_key import API_KEY_CHECKS
from gatewright.doctor.checks.authorization import AUTHORIZATION_CHECKS
from gatewright.doctor.checks.backend import BACKEND_CHECKS
from gatewright.doctor.checks.cloudfront import CLOUDFRONT_CHECKS
from gatewright.doctor.checks.connection import CONNECTION_CHECKS
from gatewright.doctor.checks.dns import DNS_CHECKS
from gatewright.doctor.checks.domain import DOMAIN_CHECKS
from gatewright.doctor.checks.mutual_tls import MUTUAL_TLS_CHECKS
from gatewright.doctor.checks.permission import PERMISSION_CHECKS
from gatewright.doctor.checks.served_certificate import CERTIFICATE_CHECKS
from gatewright.doctor.checks.throttle import THROTTLE_CHECKS
from gatewright.doctor.checks.vpc_endpoint import VPC_ENDPOINT_CHECKS

CHECKS: Final[tuple[Check, ...]] = tuple(
    sorted(
        (
            *VPC_ENDPOINT_CHECKS,
            *DNS_CHECKS,
            *CLOUDFRONT_CHECKS,
            *CONNECTION_CHECKS,
            *CERTIFICATE_CHECKS,
            *DOMAIN_CHECKS,
            *MUTUAL_TLS_CHECKS,
            *ADDRESS_CHECKS,
            *AUTHORIZATION_CHECKS,
            *PERMISSION_CHECKS,
            *API_KEY_CHECKS,
            *THROTTLE_CHECKS,
            *BACKEND_CHECKS,
        ),
        key=lambda check: check.link,
    )
)
