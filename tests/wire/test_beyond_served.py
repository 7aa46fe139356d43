"""What the protocols have and no served model uses yet: flat lists and maps in forms, maps in XML, lists in headers."""

from typing import Any

import pytest
from botocore.model import ServiceModel

from gatewright.wire.http import HttpRequest
from gatewright.wire.operation_router import RoutedOperation
from gatewright.wire.parse import SerializationError, parse_request
from gatewright.wire.serialize import serialize_response
from support.botocore_wire import client_reading, client_request

TEXTS = {"type": "list", "member": {"shape": "Text"}}
PAIRS = {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}}
SHAPES: dict[str, Any] = {
    "Text": {"type": "string"},
    "Texts": TEXTS,
    "FlatTexts": TEXTS | {"flattened": True},
    "NamedFlatTexts": TEXTS | {"flattened": True, "member": {"shape": "Text", "locationName": "Item"}},
    "Pairs": PAIRS,
    "FlatPairs": PAIRS | {"flattened": True},
    "NamedPairs": PAIRS
    | {"key": {"shape": "Text", "locationName": "K"}, "value": {"shape": "Text", "locationName": "V"}},
    "Parts": {
        "type": "structure",
        "locationName": "Parts",
        "members": {
            "Flat": {"shape": "FlatTexts"},
            "Named": {"shape": "NamedFlatTexts", "locationName": "Item"},
            "Pairs": {"shape": "Pairs"},
            "FlatPairs": {"shape": "FlatPairs"},
            "NamedPairs": {"shape": "NamedPairs"},
        },
    },
    "WithPayload": {"type": "structure", "payload": "Parts", "members": {"Parts": {"shape": "Parts"}}},
    "Listed": {
        "type": "structure",
        "members": {"List": {"shape": "Texts", "location": "header", "locationName": "X-List"}},
    },
}
PARTS = {
    "Flat": ["a", "b"],
    "Named": ["c", "d"],
    "Pairs": {"e": "f", "g": "h"},
    "FlatPairs": {"i": "j", "k": "l"},
    "NamedPairs": {"m": "n"},
}


def model(protocol: str) -> ServiceModel:
    def operation(name: str, shape: str | None) -> dict[str, Any]:
        shapes = (
            {} if shape is None else {"input": {"shape": shape}, "output": {"shape": shape, "resultWrapper": "Result"}}
        )
        return {"name": name, "http": {"method": "POST", "requestUri": f"/{name}"}, **shapes}

    return ServiceModel(
        {
            "metadata": {
                "protocol": protocol,
                "apiVersion": "2000-01-01",
                "xmlNamespace": "urn:x",
                "endpointPrefix": "x",
            },
            "operations": {
                "Plain": operation("Plain", "Parts"),
                "Payload": operation("Payload", "WithPayload"),
                "Listing": operation("Listing", "Listed"),
                "Nothing": operation("Nothing", None),
            },
            "shapes": SHAPES,
        },
        # rest-xml takes its namespace from a table by the service's name.
        service_name="route53",
    )


@pytest.mark.parametrize(
    ("protocol", "name", "value"),
    [
        ("query", "Plain", PARTS),
        ("rest-xml", "Plain", PARTS),
        ("rest-xml", "Payload", {"Parts": PARTS}),
        ("rest-xml", "Listing", {"List": ["a", "b"]}),
        ("rest-json", "Listing", {"List": ["a", "b"]}),
        ("rest-json", "Nothing", {}),
    ],
)
def test_values_survive_the_way_there_and_back(protocol, name, value):
    operation = model(protocol).operation_model(name)
    request = client_request(operation, value, protocol)
    assert value == parse_request(RoutedOperation(operation, protocol), request)
    response = serialize_response(operation, value, request_id="an-id", protocol=protocol)
    read = client_reading(response, operation.output_shape, protocol)
    del read["ResponseMetadata"]
    assert value == read


def test_an_entry_of_a_map_in_xml_needs_key_and_value():
    operation = model("rest-xml").operation_model("Plain")
    body = b"<Parts><Pairs><entry><key>a</key></entry></Pairs></Parts>"
    with pytest.raises(SerializationError, match="An entry of a map lacks its 'key' or 'value'"):
        parse_request(RoutedOperation(operation, "rest-xml"), HttpRequest("POST", "/Plain", "", {}, body))
