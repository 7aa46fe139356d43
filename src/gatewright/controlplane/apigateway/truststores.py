"""Truststores of domain names with mutual TLS: read from S3 when the domain name is made or changed, and at no other time.

What this module knows (facts 3.1, 3.5; seed 003):

- `truststoreUri` is `s3://bucket/key`; without a version the object's current one is read, as the caller may read it.
- What was read is copied into a record that the workers get: to overwrite or delete the object changes nothing until a
  request names the truststore again, if only with the URI it has.
- A bad certificate in it becomes a warning that names its subject; mutual TLS is on whatever the warnings say. What is no
  truststore at all, or over a limit, refuses the request, which then changes nothing.

Of our own: revocation lists. When there is an object `{key}.crl` beside the truststore, it is read at the same moment, and
counts until the truststore is read again. It has the lists of one or more CAs, in PEM or (one) in DER.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding

from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError, bad_request
from gatewright.controlplane.s3.reading import ObjectTooLarge, ReadObject, read_object
from gatewright.core.x509 import truststore as bundles
from gatewright.core.x509.revocation import RevocationListError, RevocationLists
from gatewright.model.records import DomainName, MutualTlsAuthentication, Truststore

_URI: Final = re.compile(r"s3://([^/]+)/(.+)", re.DOTALL)

#: What stands behind a truststore's key for the revocation lists beside it.
REVOCATION_SUFFIX: Final = ".crl"
#: Of our own: some 100,000 revoked certificates, which every worker keeps in memory.
MAXIMUM_REVOCATION_BYTES: Final = 4 * 1_048_576

# No text of these has been published: the sentences are guesses, with S3's own words behind the colon.
_S3_REFUSALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "NoSuchBucket": "the bucket does not exist",
        "NoSuchKey": "the bucket has no object of that key",
        "NoSuchVersion": "the object has no version of that id",
        "InvalidArgument": "the object has no version of that id",
        "AccessDenied": "access was denied",
        "MethodNotAllowed": "that version is a delete marker",
    }
)
URI_MISSING: Final = "A truststoreUri must be specified together with a truststoreVersion."  # guess


def read_truststore(call: Call, domain: DomainName) -> tuple[DomainName, Truststore]:
    """The domain name with the warnings of its truststore, and the truststore as it lies in S3 now.

    Raises BadRequest when the object cannot be read or is no truststore.
    """
    mutual_tls = domain.mutual_tls_authentication
    assert mutual_tls is not None, "only a domain name with mutual TLS has a truststore"
    bucket, key = parse_truststore_uri(mutual_tls.truststore_uri)
    version = mutual_tls.truststore_version
    found = _read(call, mutual_tls, bucket, key)
    # Only the text between the boundaries of PEM counts, which is ASCII; comments may be in any character set.
    pem = found.content.decode("utf-8", "replace").replace("\N{REPLACEMENT CHARACTER}", "?")
    try:
        bundle = bundles.Truststore.from_pem(pem.encode())
    except bundles.TruststoreError as error:
        raise bad_request(f"Invalid truststore {mutual_tls.truststore_uri}. {error}") from None  # guess
    warnings = bundles.find_truststore_warnings(bundle, datetime.fromtimestamp(call.now, UTC))
    truststore = Truststore(
        account=domain.account,
        region=domain.region,
        domain_name=domain.domain_name,
        uri=mutual_tls.truststore_uri,
        pem=pem,
        digest=sha256(pem.encode()).hexdigest(),
        read_date=call.now,
        version=found.version_id if version is None else version,
        revocation_lists=_read_revocation_lists(call, bucket, key),
    )
    return replace(
        domain, mutual_tls_authentication=replace(mutual_tls, truststore_warnings=warnings.texts)
    ), truststore


def parse_truststore_uri(uri: str) -> tuple[str, str]:
    """Bucket and key; raises BadRequest for what is no `s3://bucket/key`."""
    if not uri:
        raise bad_request(URI_MISSING)
    parts = _URI.fullmatch(uri)
    if parts is None:
        raise bad_request(f"Invalid truststoreUri: {uri}. It must be s3://bucket-name/key-name.")  # guess
    return parts[1], parts[2]


def _read(call: Call, mutual_tls: MutualTlsAuthentication, bucket: str, key: str) -> ReadObject:
    version = mutual_tls.truststore_version
    try:
        return read_object(call.transaction, call.account, bucket, key, version, largest=bundles.MAXIMUM_BYTES)
    except ObjectTooLarge:
        raise bad_request(
            f"The truststore {mutual_tls.truststore_uri} is larger than {bundles.MAXIMUM_BYTES:,} bytes (1 MB)."  # guess
        ) from None
    except ServiceError as refused:
        why = _S3_REFUSALS.get(refused.code, refused.message)
        which = mutual_tls.truststore_uri if version is None else f"{mutual_tls.truststore_uri} (version {version})"
        raise bad_request(f"The truststore {which} cannot be read from Amazon S3: {why} ({refused.code}).") from None


def _read_revocation_lists(call: Call, bucket: str, key: str) -> str | None:
    """The lists beside the truststore in PEM, or None where there are none; raises BadRequest for what is no list.

    A list that is there and says nothing must not pass for one that revokes nobody.
    """
    uri = f"s3://{bucket}/{key}{REVOCATION_SUFFIX}"
    try:
        found = read_object(
            call.transaction, call.account, bucket, key + REVOCATION_SUFFIX, largest=MAXIMUM_REVOCATION_BYTES
        )
    except ServiceError as refused:
        if refused.code == "NoSuchKey":
            return None
        raise
    except ObjectTooLarge:
        raise bad_request(
            f"The revocation lists {uri} are larger than {MAXIMUM_REVOCATION_BYTES:,} bytes (4 MB)."
        ) from None
    try:
        lists = RevocationLists.from_files([found.content])
    except RevocationListError as error:
        raise bad_request(f"The revocation lists {uri} beside the truststore cannot be used: {error}") from None
    return "".join(
        crl.public_bytes(Encoding.PEM).decode("ascii") for of_issuer in lists.by_issuer.values() for crl in of_issuer
    )
