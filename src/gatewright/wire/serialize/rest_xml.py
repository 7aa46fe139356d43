"""The rest-xml protocol: HTTP locations as in `rest`, the body an XML document.

The root is named, in this order, by the payload member's location name, by the table of Amazon S3's names below, by the
shape. Clients take any root; people and older tools read the names in the API references.
"""

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from botocore.model import OperationModel, ServiceModel, Shape

from gatewright.wire.http import HttpResponse
from gatewright.wire.serialize.rest import serialize_rest_response
from gatewright.wire.serialize.xml_value import add_members, add_namespace, render_xml
from gatewright.wire.xml import printable

# Models give rest-xml services no namespace of their own; these stand in the examples of their API references.
_NAMESPACES = {
    "s3": "http://s3.amazonaws.com/doc/2006-03-01/",
    "route53": "https://route53.amazonaws.com/doc/2013-04-01/",
    "cloudfront": "http://cloudfront.amazonaws.com/doc/2020-05-31/",
}

# Amazon S3 API reference, "Response Syntax" of each operation: the root is not the name of the model's output shape.
_S3_ROOTS = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "CreateSession": "CreateSessionResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycle": "LifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLocation": "LocationConstraint",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotification": "NotificationConfiguration",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListBucketAnalyticsConfigurations": "ListBucketAnalyticsConfigurationResult",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListDirectoryBuckets": "ListAllMyDirectoryBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListParts": "ListPartsResult",
}


def serialize(operation: OperationModel, result: Mapping[str, Any], status: int, request_id: str) -> HttpResponse:
    """The answer to a rest-xml call."""
    service = operation.service_model
    if result.get("ContentRange") is not None:
        # RFC 9110 section 15.3.7: part of a content is sent as such. S3's models know one status an operation.
        status = 206
    return serialize_rest_response(
        operation,
        result,
        status=status,
        headers=[request_id_header(service, request_id)],
        # Amazon S3's own content type differs from route53's and cloudfront's.
        content_type="application/xml" if service.service_name == "s3" else "text/xml",
        render_body=_render_body,
    )


def request_id_header(service: ServiceModel, request_id: str) -> tuple[str, str]:
    """The header in which a rest-xml service tells the request id; Amazon S3 has a name of its own for it."""
    return ("x-amz-request-id" if service.service_name == "s3" else "x-amzn-RequestId", request_id)


def rest_xml_namespace(service: ServiceModel) -> str:
    """The default namespace of a service's documents."""
    return _NAMESPACES[service.service_name]


def _render_body(operation: OperationModel, shape: Shape, payload: str | None, values: Mapping[str, Any]) -> bytes:
    service = operation.service_model
    root = Element(_root_name(operation, shape, payload), {"xmlns": rest_xml_namespace(service)})
    add_namespace(root, shape)
    if service.service_name == "s3" and operation.name == "GetBucketLocation":
        # The one S3 output whose only member is the text of the root; empty for us-east-1.
        root.text = printable(values.get("LocationConstraint") or "")
    else:
        add_members(root, shape, values)
    return render_xml(root)


def _root_name(operation: OperationModel, shape: Shape, payload: str | None) -> str:
    name: str = shape.serialization.get("name", shape.name)
    if payload is None and operation.service_model.service_name == "s3":
        return _S3_ROOTS.get(operation.name, name)
    return name
