"""What is asked of every bucket, by Terraform first of all."""

import pytest

NOT_THERE = {
    "get_bucket_policy": "NoSuchBucketPolicy",
    "get_bucket_cors": "NoSuchCORSConfiguration",
    "get_bucket_website": "NoSuchWebsiteConfiguration",
    "get_bucket_lifecycle_configuration": "NoSuchLifecycleConfiguration",
    "get_bucket_replication": "ReplicationConfigurationNotFoundError",
    "get_object_lock_configuration": "ObjectLockConfigurationNotFoundError",
}


@pytest.mark.parametrize("operation", NOT_THERE)
def test_what_no_bucket_has_is_refused_in_its_own_words(s3, bucket, refused, operation):
    assert (NOT_THERE[operation], 404) == refused(getattr(s3, operation), Bucket=bucket)
    assert ("NoSuchBucket", 404) == refused(getattr(s3, operation), Bucket="nowhere")


def test_the_owner_may_do_everything_and_nobody_else_anything(s3, bucket, refused):
    grants = s3.get_bucket_acl(Bucket=bucket)["Grants"]
    assert [("CanonicalUser", "FULL_CONTROL")] == [(g["Grantee"]["Type"], g["Permission"]) for g in grants]
    s3.put_bucket_acl(Bucket=bucket, ACL="private")
    assert ("AccessControlListNotSupported", 400) == refused(s3.put_bucket_acl, Bucket=bucket, ACL="public-read")
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is False
    assert "BucketOwner" == s3.get_bucket_request_payment(Bucket=bucket)["Payer"]


def test_public_access_is_blocked_from_the_beginning(s3, bucket, refused):
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert {True} == set(blocked.values())
    less = {**blocked, "BlockPublicAcls": False}
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=less)
    assert less == s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    s3.delete_public_access_block(Bucket=bucket)
    assert ("NoSuchPublicAccessBlockConfiguration", 404) == refused(s3.get_public_access_block, Bucket=bucket)


def test_encryption_is_aes256_and_nothing_else(s3, bucket, refused):
    def rules(algorithm):
        return {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}]}

    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert "AES256" == found["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules("AES256"))
    assert ("NotImplemented", 501) == refused(
        s3.put_bucket_encryption, Bucket=bucket, ServerSideEncryptionConfiguration=rules("aws:kms")
    )
    s3.delete_bucket_encryption(Bucket=bucket)
    assert s3.get_bucket_encryption(Bucket=bucket)
