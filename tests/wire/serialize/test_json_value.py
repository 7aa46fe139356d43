"""JSON as the services write it."""

from datetime import UTC, datetime

from gatewright.wire.serialize import serialize_response
from gatewright.wire.services import load_service

INSTANT = datetime(2024, 2, 29, 12, 34, 56, tzinfo=UTC)


def body(service: str, operation: str, result: dict[str, object]) -> bytes:
    return serialize_response(load_service(service).operation_model(operation), result, request_id="an-id").body


def test_v1_writes_epoch_seconds_as_a_number():
    assert body("apigateway", "GetRestApi", {"createdDate": INSTANT}) == b'{"createdDate":1709210096}'
    half = INSTANT.replace(microsecond=500_000)
    assert body("apigateway", "GetRestApi", {"createdDate": half}) == b'{"createdDate":1709210096.5}'


def test_v2_writes_iso_8601():
    assert body("apigatewayv2", "GetApi", {"CreatedDate": INSTANT}) == b'{"createdDate":"2024-02-29T12:34:56Z"}'


def test_the_collections_of_v1_are_called_item_on_the_wire():
    assert body("apigateway", "GetRestApis", {"items": [{"id": "a"}]}) == b'{"item":[{"id":"a"}]}'


def test_text_is_utf_8_and_blobs_are_base64():
    assert body("apigateway", "GetRestApi", {"name": "ü"}) == '{"name":"ü"}'.encode()
    assert body("acm-pca", "GetCertificate", {"Certificate": "x"}) == b'{"Certificate":"x"}'
    assert body("cloudwatch", "GetMetricWidgetImage", {"MetricWidgetImage": b"\x00"}) == b'{"MetricWidgetImage":"AA=="}'


def test_numbers_that_json_has_not_are_words():
    values = [float("nan"), float("inf"), float("-inf"), 0.5]
    written = body("cloudwatch", "GetMetricData", {"MetricDataResults": [{"Values": values}]})
    assert written == b'{"MetricDataResults":[{"Values":["NaN","Infinity","-Infinity",0.5]}]}'
