"""Amazon S3, small: buckets, objects with versions, what the AWS CLI, the SDKs and Terraform need of them.

What it is for: truststores (`mutualTlsAuthentication` names an `s3://` object), and whatever else is as small. What moves
content takes long (`Lengthy`): to seal, hash and keep 100 MB is most of a second.
"""

from collections.abc import Mapping

from gatewright.controlplane.call import Lengthy, Operation
from gatewright.controlplane.s3.bucket_settings import OPERATIONS as SETTINGS
from gatewright.controlplane.s3.bucket_tags import delete_bucket_tagging, get_bucket_tagging, put_bucket_tagging
from gatewright.controlplane.s3.buckets import (
    create_bucket,
    delete_bucket,
    get_bucket_location,
    head_bucket,
    list_buckets,
)
from gatewright.controlplane.s3.copy_object import copy_object
from gatewright.controlplane.s3.delete_object import delete_object, delete_objects
from gatewright.controlplane.s3.get_object import get_object, get_object_attributes, head_object
from gatewright.controlplane.s3.listing import list_object_versions, list_objects, list_objects_v2
from gatewright.controlplane.s3.multipart import (
    abort_multipart_upload,
    complete_multipart_upload,
    create_multipart_upload,
    list_multipart_uploads,
    list_parts,
    upload_part,
    upload_part_copy,
)
from gatewright.controlplane.s3.object_tags import delete_object_tagging, get_object_tagging, put_object_tagging
from gatewright.controlplane.s3.put_object import put_object
from gatewright.controlplane.s3.unimplemented import UNIMPLEMENTED
from gatewright.controlplane.s3.versioning import get_bucket_versioning, put_bucket_versioning

OPERATIONS: Mapping[str, Operation] = {
    "CreateBucket": create_bucket,
    "HeadBucket": head_bucket,
    "ListBuckets": list_buckets,
    "DeleteBucket": delete_bucket,
    "GetBucketLocation": get_bucket_location,
    "GetBucketVersioning": get_bucket_versioning,
    "PutBucketVersioning": put_bucket_versioning,
    "GetBucketTagging": get_bucket_tagging,
    "PutBucketTagging": put_bucket_tagging,
    "DeleteBucketTagging": delete_bucket_tagging,
    "PutObject": Lengthy(put_object),
    "GetObject": Lengthy(get_object),
    "HeadObject": head_object,
    "GetObjectAttributes": get_object_attributes,
    "DeleteObject": delete_object,
    "DeleteObjects": delete_objects,
    "ListObjects": list_objects,
    "ListObjectsV2": list_objects_v2,
    "ListObjectVersions": list_object_versions,
    "CopyObject": Lengthy(copy_object),
    "CreateMultipartUpload": create_multipart_upload,
    "UploadPart": Lengthy(upload_part),
    "UploadPartCopy": Lengthy(upload_part_copy),
    "CompleteMultipartUpload": Lengthy(complete_multipart_upload),
    "AbortMultipartUpload": abort_multipart_upload,
    "ListParts": list_parts,
    "ListMultipartUploads": list_multipart_uploads,
    "GetObjectTagging": get_object_tagging,
    "PutObjectTagging": put_object_tagging,
    "DeleteObjectTagging": delete_object_tagging,
    **SETTINGS,
}

__all__ = ["OPERATIONS", "UNIMPLEMENTED"]
