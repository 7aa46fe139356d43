"""The API that runs functions."""

import pytest

from gatewright.settings.functions import LambdaSettings
from gatewright.settings.installation import make_settings
from support.options import refusal_of

ACCEPTED = [
    ({}, "functions", None),
    ({"aws_access_key_id": "AKID"}, "functions", None),
    ({"lambda": "http://127.0.0.1:3001"}, "functions", LambdaSettings("http://127.0.0.1:3001")),
    ({"lambda": "http://[::1]:3001/base"}, "functions", LambdaSettings("http://[::1]:3001/base")),
    (
        {
            "lambda": "https://lambda.{region}.amazonaws.com",
            "aws_access_key_id": "AKID",
            "aws_secret_access_key": "s",
            "aws_session_token": "t",
        },
        "functions",
        LambdaSettings("https://lambda.{region}.amazonaws.com", "AKID", "s", "t"),
    ),
]


@pytest.mark.parametrize(("options", "name", "expected"), ACCEPTED)
def test_an_invoke_api_is_a_url_with_the_key_of_the_aws_environment(options, name, expected):
    assert expected == getattr(make_settings(options), name)


REFUSED = [
    ({"lambda": "3001"}, "--lambda: expected http(s)://HOST[:PORT]", "found '3001'"),
    ({"lambda": "http://h:99999"}, "--lambda: expected http(s)://HOST[:PORT]", "found 'http://h:99999'"),
    ({"lambda": "http://u:p@h"}, "--lambda: expected http(s)://HOST[:PORT]", "found"),
    (
        {"lambda": "http://h", "aws_access_key_id": "AKID"},
        "--lambda: expected AWS_SECRET_ACCESS_KEY beside AWS_ACCESS_KEY_ID",
        "unset",
    ),
    (
        {"lambda": "http://h", "aws_secret_access_key": "s"},
        "--lambda: expected AWS_ACCESS_KEY_ID beside AWS_SECRET_ACCESS_KEY",
        "unset",
    ),
]


@pytest.mark.parametrize(("options", "begins", "contains"), REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence(options, begins, contains):
    sentence = refusal_of(options)
    assert begins in sentence
    assert contains in sentence
