"""JSON read as the model wants it: what is ignored, what is refused, and in which words."""

import json

import pytest

from gatewright.wire.parse import SerializationError
from support.raw_request import read_as


def read(document: object) -> dict[str, object]:
    return read_as("acm", "RequestCertificate", json.dumps(document).encode())


def recorded_messages(document: object) -> set[str]:
    if not isinstance(document, dict):
        return set()
    error = document.get("Error", {})
    if error.get("Code") == "SerializationException":
        return {error["Message"]}
    return set().union(*map(recorded_messages, document.values()))


def refusal(service: str, operation: str, document: object, labels: dict[str, str] | None = None) -> str:
    with pytest.raises(SerializationError) as caught:
        read_as(service, operation, json.dumps(document).encode(), labels=labels)
    return str(caught.value)


def test_the_recorded_texts_come_out_again(shared):
    recorded = json.loads((shared / "corpora/recorded/apigateway_api.snapshot.json").read_text())
    labels = {"restapi_id": "a", "resource_id": "b", "http_method": "GET", "status_code": "200"}
    made = {
        refusal("apigateway", "PutIntegration", {"requestParameters": {"integration.request.header.x": True}}, labels),
        refusal("apigateway", "PutIntegrationResponse", {"responseTemplates": {"application/json": 1}}, labels),
    }
    assert recorded_messages(recorded) == made


def test_a_patch_value_that_is_a_boolean_is_refused_as_facts_1_1_say():
    text = refusal(
        "apigateway",
        "UpdateRestApi",
        {"patchOperations": [{"op": "replace", "path": "/x", "value": True}]},
        {"restapi_id": "a"},
    )
    assert text == "class java.lang.Boolean can not be converted to an String"


def test_unknown_members_are_ignored():
    assert read({"DomainName": "a", "Nonsense": {"x": [1]}}) == {"DomainName": "a"}


def test_null_is_the_same_as_absent_at_every_depth():
    assert read({"DomainName": None, "SubjectAlternativeNames": ["a", None], "Options": {"Export": None}}) == {
        "SubjectAlternativeNames": ["a"],
        "Options": {},
    }


def test_a_null_in_a_map_of_texts_is_an_empty_text():
    body = b'{"name": "a", "tags": {"k": null, "l": "v"}}'
    assert read_as("apigateway", "CreateRestApi", body) == {"name": "a", "tags": {"k": "", "l": "v"}}


def test_a_map_of_texts_keeps_the_key_of_a_null():
    # Recorded test_put_integration_response_templates: a null and an empty text are answered alike.
    labels = {"restapi_id": "a", "resource_id": "b", "http_method": "GET", "status_code": "200"}
    read_null = read_as("apigateway", "PutIntegrationResponse", b'{"responseTemplates":{"a/b":null}}', labels=labels)
    assert read_null["responseTemplates"] == {"a/b": ""}
    assert read_as("acm", "ListCertificates", b'{"Includes": null}') == {}


def test_a_whole_number_may_be_written_with_a_fraction_of_zero():
    assert read_as("acm", "ListCertificates", b'{"MaxItems": 5.0}') == {"MaxItems": 5}


@pytest.mark.parametrize("body", [b"", b"  ", b"{}"])
def test_an_empty_body_is_an_empty_input(body):
    assert read_as("acm", "ListCertificates", body) == {}


@pytest.mark.parametrize(
    "body", [b"{", b"nonsense", b"\xff", b'{"a": NaN}', b"{'a': 1}", b"[" * 100_000, b"1" * 10_000]
)
def test_what_is_not_json_is_refused(body):
    with pytest.raises(SerializationError, match=r"The request body is not well-formed JSON.|converted to an Object"):
        read_as("acm", "ListCertificates", body)


@pytest.mark.parametrize(
    ("service", "operation", "document", "text"),
    [
        ("acm", "ListCertificates", [], "class java.util.ArrayList can not be converted to an Object"),
        ("acm", "ListCertificates", "x", "class java.lang.String can not be converted to an Object"),
        ("acm", "ListCertificates", {"MaxItems": "5"}, "class java.lang.String can not be converted to an Integer"),
        ("acm", "ListCertificates", {"MaxItems": True}, "class java.lang.Boolean can not be converted to an Integer"),
        ("acm", "ListCertificates", {"NextToken": {}}, "class java.util.LinkedHashMap can not be converted to an String"),
        ("acm", "ListCertificates", {"Includes": 1}, "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an Filters"),
        ("acm", "ListCertificates", {"CertificateStatuses": {}}, "class java.util.LinkedHashMap can not be converted to an List"),
        ("acm", "ImportCertificate", {"Certificate": 1}, "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an ByteBuffer"),
        ("acm", "ImportCertificate", {"Certificate": "!"}, "A blob was expected as base64 text, but the text is not base64."),
        ("logs", "TagLogGroup", {"tags": []}, "class java.util.ArrayList can not be converted to an Map"),
        ("logs", "PutLogEvents", {"logEvents": [{"timestamp": "x"}]}, "class java.lang.String can not be converted to an Long"),
        ("cloudwatch", "GetMetricStatistics", {"StartTime": "x"}, "class java.lang.String can not be converted to an Date"),
        ("cloudwatch", "GetMetricStatistics", {"StartTime": True}, "class java.lang.Boolean can not be converted to an Date"),
        ("cloudwatch", "PutMetricAlarm", {"Threshold": "x"}, "class java.lang.String can not be converted to an Double"),
        ("cloudwatch", "PutMetricAlarm", {"Threshold": 10**400}, "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an Double"),
        ("cloudwatch", "PutMetricAlarm", {"ActionsEnabled": "true"}, "class java.lang.String can not be converted to an Boolean"),
    ],
)  # fmt: skip
def test_a_wrong_type_is_refused_by_its_java_names(service, operation, document, text):
    assert text == refusal(service, operation, document)


def test_infinity_is_a_word():
    assert read_as("cloudwatch", "PutMetricAlarm", b'{"Threshold": "-Infinity"}') == {"Threshold": float("-inf")}
