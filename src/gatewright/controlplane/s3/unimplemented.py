"""What S3 does not answer yet, and why."""

from collections.abc import Mapping

_POLICIES = "bucket policies come with IAM policies; until then a bucket is its own account's"
_LOCK = "objects are not locked"
_ANALYTICS = "buckets keep no statistics of their use"
_METADATA = "there are no S3 tables to keep metadata in"
_ANNOTATIONS = "objects have metadata and tags, and no annotations"
_LIFECYCLE = "objects stay until they are deleted"
_WEB = "buckets are read with signed requests, not by browsers"
_EVENTS = "there is nothing to notify: SNS, SQS and EventBridge are not served"
_REPLICATION = "there is no other installation to replicate to"
_EXPRESS = "there are no directory buckets"
_ABAC = "access by tags comes with IAM policies"
_CHARGES = "nothing is charged, accelerated or logged here"
_ENCRYPTION = "every object is encrypted with the one key there is"
_LAMBDA = "Object Lambda access points are not served"
_QUERIES = "objects are read, not queried"
_TORRENT = "AWS ended BitTorrent for S3"

UNIMPLEMENTED: Mapping[str, str] = {
    "CreateBucketMetadataConfiguration": _METADATA,
    "CreateBucketMetadataTableConfiguration": _METADATA,
    "CreateSession": _EXPRESS,
    "DeleteBucketAnalyticsConfiguration": _ANALYTICS,
    "DeleteBucketCors": _WEB,
    "DeleteBucketIntelligentTieringConfiguration": _ANALYTICS,
    "DeleteBucketInventoryConfiguration": _ANALYTICS,
    "DeleteBucketLifecycle": _LIFECYCLE,
    "DeleteBucketMetadataConfiguration": _METADATA,
    "DeleteBucketMetadataTableConfiguration": _METADATA,
    "DeleteBucketMetricsConfiguration": _ANALYTICS,
    "DeleteBucketPolicy": _POLICIES,
    "DeleteBucketReplication": _REPLICATION,
    "DeleteBucketWebsite": _WEB,
    "DeleteObjectAnnotation": _ANNOTATIONS,
    "GetBucketAbac": _ABAC,
    "GetBucketAnalyticsConfiguration": _ANALYTICS,
    "GetBucketIntelligentTieringConfiguration": _ANALYTICS,
    "GetBucketInventoryConfiguration": _ANALYTICS,
    "GetBucketMetadataConfiguration": _METADATA,
    "GetBucketMetadataTableConfiguration": _METADATA,
    "GetBucketMetricsConfiguration": _ANALYTICS,
    "GetObjectAnnotation": _ANNOTATIONS,
    "GetObjectLegalHold": _LOCK,
    "GetObjectRetention": _LOCK,
    "GetObjectTorrent": _TORRENT,
    "ListBucketAnalyticsConfigurations": _ANALYTICS,
    "ListBucketIntelligentTieringConfigurations": _ANALYTICS,
    "ListBucketInventoryConfigurations": _ANALYTICS,
    "ListBucketMetricsConfigurations": _ANALYTICS,
    "ListDirectoryBuckets": _EXPRESS,
    "ListObjectAnnotations": _ANNOTATIONS,
    "PutBucketAbac": _ABAC,
    "PutBucketAccelerateConfiguration": _CHARGES,
    "PutBucketAnalyticsConfiguration": _ANALYTICS,
    "PutBucketCors": _WEB,
    "PutBucketIntelligentTieringConfiguration": _ANALYTICS,
    "PutBucketInventoryConfiguration": _ANALYTICS,
    "PutBucketLifecycle": _LIFECYCLE,
    "PutBucketLifecycleConfiguration": _LIFECYCLE,
    "PutBucketLogging": _CHARGES,
    "PutBucketMetricsConfiguration": _ANALYTICS,
    "PutBucketNotification": _EVENTS,
    "PutBucketNotificationConfiguration": _EVENTS,
    "PutBucketPolicy": _POLICIES,
    "PutBucketReplication": _REPLICATION,
    "PutBucketRequestPayment": _CHARGES,
    "PutBucketWebsite": _WEB,
    "PutObjectAnnotation": _ANNOTATIONS,
    "PutObjectLegalHold": _LOCK,
    "PutObjectLockConfiguration": _LOCK,
    "PutObjectRetention": _LOCK,
    "RenameObject": _EXPRESS,
    "RestoreObject": _LIFECYCLE,
    "SelectObjectContent": _QUERIES,
    "UpdateBucketMetadataAnnotationTableConfiguration": _METADATA,
    "UpdateBucketMetadataInventoryTableConfiguration": _ANALYTICS,
    "UpdateBucketMetadataJournalTableConfiguration": _METADATA,
    "UpdateObjectEncryption": _ENCRYPTION,
    "WriteGetObjectResponse": _LAMBDA,
}
