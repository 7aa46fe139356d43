"""S3's errors: codes, statuses and sentences ("Error responses" of the S3 API reference, D; sentences R where S3 was seen).

S3's model names few of them, so each has its status here. An error may carry further elements (`Key`, `VersionId`, …) and
headers.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gatewright.controlplane.errors import ServiceError

_FORMS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "304": (304, "Not Modified"),
        "AccessControlListNotSupported": (400, "The bucket does not allow ACLs"),
        "AccessDenied": (403, "Access Denied"),
        "BucketAlreadyExists": (
            409,
            (
                "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
                "Please select a different name and try again."
            ),
        ),
        "BucketAlreadyOwnedByYou": (
            409,
            "Your previous request to create the named bucket succeeded and you already own it.",
        ),
        "BucketNotEmpty": (409, "The bucket you tried to delete is not empty"),
        "BadDigest": (400, "The digest you specified did not match the calculated checksum."),
        "EntityTooLarge": (400, "Your proposed upload exceeds the maximum allowed size"),
        "EntityTooSmall": (400, "Your proposed upload is smaller than the minimum allowed size"),
        "IllegalLocationConstraintException": (400, "The location constraint is incompatible with the region."),
        "IllegalVersioningConfigurationException": (
            400,
            "The Versioning element must be specified",
        ),
        "InvalidArgument": (400, "Invalid Argument"),
        "InvalidBucketName": (400, "The specified bucket is not valid."),
        "InvalidLocationConstraint": (400, "The specified location-constraint is not valid"),
        "InvalidPart": (
            400,
            (
                "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
                "specified entity tag may not match the part's entity tag."
            ),
        ),
        "InvalidPartOrder": (
            400,
            "The list of parts was not in ascending order. The parts list must be specified in order by part number.",
        ),
        "InvalidRange": (416, "The requested range is not satisfiable"),
        "InvalidRequest": (400, "Invalid Request"),
        "InvalidStorageClass": (400, "The storage class you specified is not valid"),
        "InvalidTag": (400, "The tag provided was not a valid tag."),
        "KeyTooLongError": (400, "Your key is too long"),
        "MalformedXML": (
            400,
            "The XML you provided was not well-formed or did not validate against our published schema",
        ),
        "MetadataTooLarge": (400, "Your metadata headers exceed the maximum allowed metadata size"),
        "MethodNotAllowed": (405, "The specified method is not allowed against this resource."),
        "NoSuchBucket": (404, "The specified bucket does not exist"),
        "NoSuchKey": (404, "The specified key does not exist."),
        "NoSuchUpload": (
            404,
            (
                "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
                "completed."
            ),
        ),
        "NoSuchVersion": (404, "The specified version does not exist."),
        "NotImplemented": (501, "A header you provided implies functionality that is not implemented"),
        "PreconditionFailed": (412, "At least one of the pre-conditions you specified did not hold"),
        # What a bucket does not have (each of these is the answer of a Get… operation).
        "NoSuchBucketPolicy": (404, "The bucket policy does not exist"),
        "NoSuchCORSConfiguration": (404, "The CORS configuration does not exist"),
        "NoSuchLifecycleConfiguration": (404, "The lifecycle configuration does not exist"),
        "NoSuchPublicAccessBlockConfiguration": (404, "The public access block configuration was not found"),
        "NoSuchTagSet": (404, "The TagSet does not exist"),
        "NoSuchWebsiteConfiguration": (404, "The specified bucket does not have a website configuration"),
        "ObjectLockConfigurationNotFoundError": (404, "Object Lock configuration does not exist for this bucket"),
        "OwnershipControlsNotFoundError": (404, "The bucket ownership controls were not found"),
        "ReplicationConfigurationNotFoundError": (404, "The replication configuration was not found"),
    }
)


def fault(
    code: str, message: str | None = None, *, headers: Mapping[str, str] | None = None, **elements: str | int
) -> ServiceError:
    """The error of that code; `elements` follow its message."""
    status, sentence = _FORMS[code]
    return ServiceError(code, message or sentence, status=status, members=elements, headers=headers)


def invalid_argument(message: str, name: str, value: str | int) -> ServiceError:
    """An argument that cannot be, named with its value."""
    return fault("InvalidArgument", message, ArgumentName=name, ArgumentValue=value)
