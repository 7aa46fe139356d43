import json
import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatewright.model import codec
from gatewright.model.records import (
    KINDS,
    BasePathMapping,
    CanarySettings,
    DeployedApi,
    DomainName,
    EndpointConfiguration,
    Method,
    MethodSetting,
    Resource,
    RestApi,
    Stage,
)

API = RestApi("1", "us-east-1", "abcdefghij", "pets", "rootrootro", 1.5, EndpointConfiguration(("REGIONAL",)))
STAGE = Stage("1", "us-east-1", "abcdefghij", "dev", "depl00", 1.0, 2.0)


def values_of(annotation: Any) -> st.SearchStrategy[Any]:
    """Any value that the annotation allows; floats only those that JSON can hold."""
    if annotation is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    if annotation is str:
        return st.text(st.characters(exclude_categories=()), max_size=8)  # half surrogate pairs too
    if is_dataclass(annotation):
        hints = get_type_hints(annotation)
        return st.builds(annotation, **{field.name: values_of(hints[field.name]) for field in fields(annotation)})
    arguments = get_args(annotation)
    if get_origin(annotation) is tuple:
        return st.lists(values_of(arguments[0]), max_size=2).map(tuple)
    if get_origin(annotation) is Mapping:
        return st.dictionaries(values_of(str), values_of(arguments[1]), max_size=2)
    if get_origin(annotation) is types.UnionType:
        return st.one_of(*map(values_of, arguments))
    return st.none() if annotation is types.NoneType else st.from_type(annotation)


@pytest.mark.parametrize("kind", KINDS)
def test_every_record_of_every_kind_comes_back_equal_from_its_text(kind: str):
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(values_of(KINDS[kind]))
    def check(record):
        text = codec.encode(record)
        assert record == codec.decode(type(record), text)
        assert record == codec.decode_kind(kind, text)
        assert text.isascii()
        assert "\n" not in text

    check()


def test_nested_records_come_back_as_their_classes_and_arrays_as_tuples():
    method = Method("GET", request_parameters={"method.request.path.id": True}, authorization_scopes=("a", "b"))
    resource = Resource("1", "us-east-1", API.id, "abc123", "/pets", resource_methods={"GET": method})
    deployed = DeployedApi("1", "us-east-1", API.id, "depl00", API, (resource,))
    read = codec.decode(DeployedApi, codec.encode(deployed))
    assert deployed == read
    assert isinstance(read.resources[0].resource_methods["GET"], Method)
    assert ("a", "b") == read.resources[0].resource_methods["GET"].authorization_scopes


def test_absent_members_take_little_room():
    assert {"account", "region", "domain_name", "base_path", "rest_api_id"} == set(
        json.loads(codec.encode(BasePathMapping("1", "us-east-1", "www.example.com", "", "abcdefghij")))
    )


def test_a_member_that_this_release_does_not_know_is_skipped():
    document = json.loads(codec.encode(API)) | {"colour": {"name": "blue"}}
    assert API == codec.decode(RestApi, json.dumps(document))


def test_a_member_that_an_earlier_release_did_not_write_takes_its_default():
    document = json.loads(codec.encode(API))
    del document["api_key_source"], document["tags"]
    assert API == codec.decode(RestApi, json.dumps(document))


def test_an_integer_is_a_float_where_a_float_is_expected():
    document = json.loads(codec.encode(API)) | {"created_date": 7}
    read = codec.decode(RestApi, json.dumps(document))
    assert replace(API, created_date=7.0) == read
    assert float is type(read.created_date)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"name": 5}, "rest_api.name: expected a string, found an integer"),
        ({"name": None}, "rest_api.name: expected a string, found null"),
        ({"created_date": "now"}, "rest_api.created_date: expected a number, found a string"),
        ({"created_date": True}, "rest_api.created_date: expected a number, found a boolean"),
        ({"minimum_compression_size": 1.5}, "rest_api.minimum_compression_size: expected an integer, found a number"),
        ({"minimum_compression_size": True}, "rest_api.minimum_compression_size: expected an integer, found a boolean"),
        (
            {"disable_execute_api_endpoint": 1},
            "rest_api.disable_execute_api_endpoint: expected a boolean, found an integer",
        ),
        ({"binary_media_types": ["a", 2]}, "rest_api.binary_media_types[1]: expected a string, found an integer"),
        ({"binary_media_types": "a"}, "rest_api.binary_media_types: expected an array, found a string"),
        ({"tags": {"a": []}}, "rest_api.tags['a']: expected a string, found an array"),
        ({"tags": []}, "rest_api.tags: expected an object, found an array"),
        ({"endpoint_configuration": []}, "rest_api.endpoint_configuration: expected an object, found an array"),
        (
            {"endpoint_configuration": {"types": [{}]}},
            "rest_api.endpoint_configuration.types[0]: expected a string, found an object",
        ),
        ({"endpoint_configuration": {}}, "rest_api.endpoint_configuration: a EndpointConfiguration lacks types"),
    ],
)
def test_a_wrong_type_is_refused_by_the_name_of_its_member(members, message):
    document = json.loads(codec.encode(API)) | members
    with pytest.raises(codec.RecordMalformed) as refusal:
        codec.decode(RestApi, json.dumps(document))
    assert message == str(refusal.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "base_path_mapping: expected an object, found an array"),
        ("{", "base_path_mapping: not JSON ("),
        (
            '{"account":"1","region":"us-east-1","base_path":"v1"}',
            "base_path_mapping: a BasePathMapping lacks domain_name, rest_api_id",
        ),
    ],
)
def test_a_text_that_is_no_such_record_is_refused(text, message):
    with pytest.raises(codec.RecordMalformed) as refusal:
        codec.decode(BasePathMapping, text)
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (replace(API, name=None), "rest_api.name: expected a string, found null"),
        (replace(API, tags={"a": 1}), "rest_api.tags['a']: expected a string, found an integer"),
        (replace(API, tags={1: "a"}), "rest_api.tags: expected a string as a name, found an integer"),
        (replace(API, tags=("a",)), "rest_api.tags: expected an object, found an array"),
        (replace(API, binary_media_types="a"), "rest_api.binary_media_types: expected an array, found a string"),
        (replace(API, endpoint_configuration={}), "rest_api.endpoint_configuration: expected a EndpointConfiguration, found an object"),
        (replace(API, created_date=float("nan")), "rest_api: a number of this record has no JSON form ("),
        (
            replace(STAGE, method_settings={"*/*": MethodSetting(throttling_rate_limit="5")}),
            "stage.method_settings['*/*'].throttling_rate_limit: expected a number, found a string",
        ),
    ],
)  # fmt: skip
def test_what_could_not_be_read_again_is_not_written(record, message):
    with pytest.raises(codec.RecordMalformed) as refusal:
        codec.encode(record)
    assert str(refusal.value).startswith(message)


def test_what_is_as_good_as_the_annotated_type_is_written_as_that_type():
    class Kind(StrEnum):
        REGIONAL = "REGIONAL"

    loose = replace(
        STAGE,
        created_date=1,
        variables=types.MappingProxyType({"a": "b"}),
        description=Kind.REGIONAL,
        canary_settings=CanarySettings("depl01", percent_traffic=10),
    )
    strict = replace(
        STAGE,
        created_date=1.0,
        variables={"a": "b"},
        description="REGIONAL",
        canary_settings=CanarySettings("depl01", percent_traffic=10.0),
    )
    assert codec.encode(strict) == codec.encode(loose)


def test_a_list_in_a_tuples_place_comes_back_as_a_tuple():
    domain = DomainName("1", "r", "a.example.com", EndpointConfiguration(["EDGE"]), 1.0)
    assert ("EDGE",) == codec.decode(DomainName, codec.encode(domain)).endpoint_configuration.types


@pytest.mark.parametrize("annotation", [bytes, set[str], tuple[str, str], Mapping[int, str], str | int])
def test_an_annotation_without_a_json_form_is_refused_when_first_used(annotation):
    @dataclass(frozen=True)
    class Odd:
        KIND = "odd"
        member: annotation

    with pytest.raises(TypeError, match="no JSON form is known for it"):
        codec.encode(Odd(None))
