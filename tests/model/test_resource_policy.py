"""Resource policies: the expanded form that is kept, the escaped form that is shown (facts 6.4)."""

import json

import pytest

from gatewright.model.resource_policy import (
    INVALID_POLICY,
    normalise_resource_policy,
    render_resource_policy,
)


def statement(**members):
    return {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
        **members,
    }


def normalise(document) -> dict:
    return json.loads(normalise_resource_policy(json.dumps(document), "eu-west-1", "111111111111", "abcdefghij"))


def test_the_short_form_of_a_resource_becomes_an_arn_and_a_list_of_one_its_element():
    # The document and the answer of the recorded test_create_execute_api_vpc_endpoint.
    kept = normalise({"Version": "2012-10-17", "Statement": [statement(Resource=["execute-api:/*"])]})
    arn = "arn:aws:execute-api:eu-west-1:111111111111:abcdefghij/*"
    assert {"Version": "2012-10-17", "Statement": [statement(Resource=arn)]} == kept


def test_other_resources_and_conditions_are_kept_as_they_are():
    given = statement(
        Resource=["arn:aws:execute-api:eu-west-1:111111111111:x/prod/GET/pets", "execute-api:/dev/*"],
        Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
    )
    (kept,) = normalise({"Statement": given})["Statement"]
    assert given["Resource"][0] == kept["Resource"][0]
    assert "arn:aws:execute-api:eu-west-1:111111111111:abcdefghij/dev/*" == kept["Resource"][1]
    assert given["Condition"] == kept["Condition"]


def test_the_text_is_compact():
    text = normalise_resource_policy(json.dumps({"Statement": [statement()]}, indent=4), "r", "a", "i")
    assert "\n" not in text
    assert '": "' not in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "null",
        '"text"',
        "{}",
        '{"Statement": []}',
        '{"Statement": ["x"]}',
        json.dumps({"Statement": [statement(Effect="Maybe")]}),
        json.dumps({"Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}]}),
        json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Resource": "*"}]}),
        json.dumps({"Statement": [statement(Sid="x" * 8_192)]}),
        "[" * 100_000,
    ],
)
def test_what_is_no_policy_is_refused_in_the_services_words(text):
    with pytest.raises(ValueError, match=r"^Invalid policy document\.") as refused:
        normalise_resource_policy(text, "eu-west-1", "111111111111", "abcdefghij")
    assert INVALID_POLICY == str(refused.value)


def test_the_shown_text_is_escaped_once_more_slashes_too():
    assert r"{\"Resource\":\"execute-api:\/*\"}" == render_resource_policy('{"Resource":"execute-api:/*"}')


def test_the_shown_text_between_quotes_is_json_text_again():
    text = '{"Sid":"é \\"x\\" \\\\ /"}'
    assert text == json.loads(f'"{render_resource_policy(text)}"')
