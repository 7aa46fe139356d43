"""Where the revocation list of a private CA is published: as an object of a bucket of the CA's own account.

A list is written when the CA gets its certificate, when its revocation configuration changes, whenever a certificate is
taken back, and before it runs out (`gatewright.controlplane.acmpca.upkeep`). M (RevokeCertificate): that a list could not be written does not undo a revocation; it is logged here, and
the next list says what this one would have said.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatewright.controlplane.acmpca.crl import crl_key, render_crl
from gatewright.controlplane.acmpca.refusals import crl_bucket_unusable
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError
from gatewright.controlplane.s3.access import find_bucket
from gatewright.controlplane.s3.put_object import put_object
from gatewright.model.records import PrivateCertificateAuthority

logger = logging.getLogger(__name__)

# RFC 5280 section 4.2.1.13: the media type of a list that is fetched by HTTP (RFC 2585 section 4).
_MEDIA_TYPE = "application/pkix-crl"


def check_publication(call: Call, authority: PrivateCertificateAuthority) -> None:
    """Raises InvalidArgsException when the list could not be published as configured."""
    bucket = authority.crl_configuration.s3_bucket_name
    if not authority.crl_configuration.enabled or bucket is None:
        return
    try:
        find_bucket(call.transaction, call.account, bucket)
    except ServiceError as error:
        raise crl_bucket_unusable(bucket, error.message) from None


def store_and_publish(call: Call, authority: PrivateCertificateAuthority) -> None:
    """The CA is stored, and its next list lies where its configuration says."""
    bucket = authority.crl_configuration.s3_bucket_name
    if not authority.crl_configuration.enabled or bucket is None or authority.certificate_pem is None:
        call.transaction.put(authority)
        return
    authority = replace(authority, crl_number=authority.crl_number + 1, crl_published_at=call.now)
    call.transaction.put(authority)
    params: Mapping[str, Any] = {
        "Bucket": bucket,
        "Key": crl_key(authority),
        "Body": render_crl(call.transaction, authority, call.now),
        "ContentType": _MEDIA_TYPE,
    }
    try:
        put_object(call, params)
    except ServiceError as error:
        logger.warning(
            "The revocation list of %s could not be written to the bucket %s: %s", authority.arn, bucket, error
        )
