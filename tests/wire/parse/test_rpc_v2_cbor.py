"""CBOR bodies."""

import pytest

from gatewright.wire.cbor import encode_cbor
from gatewright.wire.parse import SerializationError
from support.raw_request import read_as


def read(document: object) -> dict[str, object]:
    return read_as("cloudwatch", "PutMetricAlarm", encode_cbor(document), protocol="smithy-rpc-v2-cbor")


def test_null_and_unknown_members_are_absent_and_an_integer_is_a_number():
    assert read({"AlarmName": None, "X": 1, "Threshold": 5, "OKActions": ["a", None]}) == {
        "Threshold": 5.0,
        "OKActions": ["a"],
    }


def test_an_empty_body_is_an_empty_input():
    assert read_as("cloudwatch", "PutMetricAlarm", b"", protocol="smithy-rpc-v2-cbor") == {}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "A structure PutMetricAlarmInput was expected, but a list was found."),
        ({"AlarmName": 1}, "A string was expected, but a int was found."),
        ({"Period": True}, "A integer was expected, but a bool was found."),
        ({"Threshold": True}, "A double was expected, but a bool was found."),
        ({"OKActions": {}}, "A list was expected, but a dict was found."),
        ({"Dimensions": [1]}, "A structure Dimension was expected, but a int was found."),
    ],
)
def test_a_wrong_type_is_refused(document, message):
    with pytest.raises(SerializationError, match=message):
        read(document)


def test_a_map_must_be_one():
    document = {"EntityMetricData": [{"Entity": {"Attributes": []}}]}
    with pytest.raises(SerializationError, match=r"A map was expected, but a list was found."):
        read_as("cloudwatch", "PutMetricData", encode_cbor(document), protocol="smithy-rpc-v2-cbor")


def test_what_is_not_cbor_is_refused():
    with pytest.raises(SerializationError, match="claims 1 items, but the data ends"):
        read_as("cloudwatch", "PutMetricAlarm", b"\xa1", protocol="smithy-rpc-v2-cbor")
