"""Every operation of every served model has exactly one entry, and every one that is not served says so."""

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from gatewright.controlplane import registry
from gatewright.controlplane.unimplemented import NOT_SERVED, SERVICE_REASONS
from gatewright.wire.services import SERVED, load_service
from support.control import ControlHarness
from support.shape_values import fixed_value

# Operations of S3 that look on the wire like another: deprecated ones, and one that only its host name tells apart.
TWINS = {
    "GetBucketLifecycle": "GetBucketLifecycleConfiguration",
    "GetBucketNotification": "GetBucketNotificationConfiguration",
    "ListDirectoryBuckets": "ListBuckets",
    "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
    "PutBucketNotification": "PutBucketNotificationConfiguration",
    # Its host begins with a route, which is taken for a bucket.
    "WriteGetObjectResponse": "CompleteMultipartUpload",
}


@pytest.fixture(scope="module")
def harness():
    return ControlHarness(operations=registry.OPERATIONS)


@pytest.mark.parametrize("service", registry.OPERATIONS)
def test_every_operation_is_registered_or_listed_with_a_reason(service):
    served, left_out = registry.OPERATIONS[service], registry.UNIMPLEMENTED[service]
    assert set(load_service(service).operation_names) == served.keys() | left_out.keys()
    assert set() == served.keys() & left_out.keys()
    assert all(reason and not reason.endswith(".") for reason in left_out.values())


def test_every_served_service_has_tables_of_its_own_or_one_reason():
    assert SERVED.keys() == registry.OPERATIONS.keys() | SERVICE_REASONS.keys()
    assert registry.OPERATIONS.keys() == registry.UNIMPLEMENTED.keys()
    assert set() == registry.OPERATIONS.keys() & SERVICE_REASONS.keys()


@pytest.mark.parametrize("service", SERVED)
def test_every_operation_that_is_not_served_answers_an_error_of_the_service(harness, service):
    client = harness.client(service, validate=False)
    form = NOT_SERVED[service]
    for name in load_service(service).operation_names:
        if {name, TWINS.get(name)} & registry.OPERATIONS.get(service, {}).keys():
            continue
        with pytest.raises(ClientError) as raised:
            getattr(client, xform_name(name))(**minimal_params(service, name))
        answer = raised.value.response
        if load_service(service).operation_model(name).http["method"] == "HEAD":
            # There is no body to read an error from.
            assert form.status == answer["ResponseMetadata"]["HTTPStatusCode"], name
            continue
        assert (form.code, form.status) == (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]), name
        called, _, reason = answer["Error"]["Message"].partition(" is not served by Gatewright yet: ")
        assert registry.unimplemented_reason(service, called) == reason
        assert called == TWINS.get(name, name)


def minimal_params(service, name):
    shape = load_service(service).operation_model(name).input_shape
    params = fixed_value(shape, only_required=True) if shape else {}
    if service == "s3" and "Bucket" in params:
        # botocore checks this one member whatever the configuration.
        params["Bucket"] = "a-bucket"
    return params
