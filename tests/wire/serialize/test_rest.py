"""Members of an answer in headers, status and payload."""

from datetime import UTC, datetime

from gatewright.wire.http import HttpResponse
from gatewright.wire.serialize import serialize_response
from gatewright.wire.services import load_service


def answer(service: str, operation: str, result: dict[str, object]) -> HttpResponse:
    return serialize_response(load_service(service).operation_model(operation), result, request_id="an-id")


def test_headers_payload_and_metadata_of_an_object():
    result = {
        "Body": b"\x00\xff",
        "ContentType": "text/plain",
        "LastModified": datetime(2024, 2, 29, 12, 34, 56, 789000, tzinfo=UTC),
        "ContentLength": 2,
        "DeleteMarker": False,
        "Metadata": {"color": "red"},
    }
    assert answer("s3", "GetObject", result) == HttpResponse(
        200,
        [
            ("x-amz-request-id", "an-id"),
            ("x-amz-delete-marker", "false"),
            ("Last-Modified", "Thu, 29 Feb 2024 12:34:56 GMT"),
            ("Content-Length", "2"),
            ("Content-Type", "text/plain"),
            ("x-amz-meta-color", "red"),
        ],
        b"\x00\xff",
    )


def test_a_blob_without_a_type_of_its_own_is_binary():
    assert ("Content-Type", "binary/octet-stream") in answer("s3", "GetObject", {"Body": b"x"}).headers


def test_the_status_may_be_a_member():
    assert answer("lambda", "Invoke", {"StatusCode": 202}).status == 202


def test_no_content_has_no_body_and_no_type():
    response = answer("apigateway", "DeleteMethod", {})
    assert response == HttpResponse(204, [("x-amzn-RequestId", "an-id")], b"")


def test_an_answer_that_is_all_headers_has_no_body():
    response = answer("s3", "HeadObject", {"ETag": '"a"'})
    assert response == HttpResponse(200, [("x-amz-request-id", "an-id"), ("ETag", '"a"')], b"")


def test_a_value_can_not_start_another_header():
    response = answer("s3", "GetObject", {"Body": b"", "ContentDisposition": "a\r\nSet-Cookie: b\x00\tc"})
    assert ("Content-Disposition", "a  Set-Cookie: b \tc") in response.headers
