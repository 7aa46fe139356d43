"""What a client signed against what the gateway expected; botocore's signers are the clients."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gatewright.core.sigv4.canonical import SignedRequest, collect_headers
from gatewright.core.sigv4.credential import parse_credential
from gatewright.core.sigv4.refusal import SignatureRefused
from gatewright.core.sigv4.verification import AccessKey, verify_signature
from gatewright.doctor.question import Question
from gatewright.doctor.signature import (
    AS_CAPTURED,
    Difference,
    explain_difference,
    find_difference,
    find_habit,
    parse_claim,
    parse_expected,
    split_lines,
)

HOST = "www.example.com"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEY = AccessKey("AKIDEXAMPLE", SECRET, "123456789012", "arn:aws:iam::123456789012:root", "123456789012")


def asked(
    signer=SigV4Auth, *, path="/dev/pets", query="", method="GET", body=b"", secret=SECRET, **changed
) -> Question:
    """The question of a request that the signer signed, with headers changed afterwards."""
    url = f"https://{HOST}{path}" + (f"?{query}" if query else "")
    request = AWSRequest(method, url, headers={"Host": HOST, "X-Own": "1"}, data=body)
    signer(Credentials(KEY.access_key_id, secret), "execute-api", "us-east-1").add_auth(request)
    headers = {**dict(request.headers.items()), **changed}
    digest = sha256(body).hexdigest() if body else None
    return Question("x", host=HOST, path=path, query=query, method=method, headers=headers, body_sha256=digest)


def refusal(question: Question, **arrives: str) -> str | None:
    """What the gateway says of the request, with these parts of it as they arrive."""
    headers = collect_headers(question.headers.items())
    credential = parse_credential(headers, question.query)
    parts = {"method": question.method, "path": question.path, "query": question.query, **arrives}
    body = parts.pop("body_sha256", question.body_sha256 or sha256(b"").hexdigest())
    try:
        verify_signature(
            credential, SignedRequest(**parts, headers=headers, body_sha256=body), KEY, now=datetime.now(UTC),
            expected_service="execute-api", valid_regions=("us-east-1",),
        )  # fmt: skip
    except SignatureRefused as refused:
        return refused.message
    return None


def test_a_good_signature_is_as_captured_and_differs_in_nothing():
    question = asked(path="/dev/a%20b", query="b=1&a=2")
    assert refusal(question) is None
    claim = parse_claim(question)
    assert AS_CAPTURED == find_habit(claim, SECRET).name
    assert find_difference(claim.render(), claim.render()) is None


@pytest.mark.parametrize(
    ("arrives", "line", "cause"),
    [
        ({"method": "POST"}, "method", "changed the method"),
        ({"path": "/pets"}, "path", "rewritten on the way"),
        ({"path": "/dev/pets/a%20b"}, "path", "rewritten on the way"),
        ({"query": "a=1"}, "query", "added, changed or dropped"),
        ({"body_sha256": "0" * 64}, "payload hash", "A body was added"),
    ],
)
def test_what_was_changed_on_the_way_is_the_first_line_that_differs(arrives, line, cause):
    question = asked()
    expected = parse_expected(refusal(question, **arrives))
    difference = find_difference(parse_claim(question).render(), expected)
    assert line == difference.line
    assert cause in explain_difference(difference)


def test_a_header_that_was_changed_or_lost_on_the_way():
    sent, arrived = asked(), asked(**{"X-Own": "2"})
    arrived = Question("x", host=HOST, path="/dev/pets", headers={**sent.headers, "X-Own": "2"})
    difference = find_difference(parse_claim(sent).render(), parse_expected(refusal(arrived)))
    assert Difference("x-own", "1", "2") == difference
    assert "signed and changed on the way" in explain_difference(difference)
    assert "did not arrive" in explain_difference(Difference("x-own", "1", ""))


def test_the_expected_request_is_read_from_a_body_from_a_message_and_from_one_with_escapes():
    message = refusal(asked(), path="/other")
    body = '{"message":' + json.dumps(message) + "}"
    expected = parse_expected(message)
    assert "/other" == split_lines(expected)["path"]
    assert expected == parse_expected(body) == parse_expected(message.replace("\n", "\\n"))
    assert parse_expected("The request signature we calculated does not match") is None


def test_a_session_token_is_hidden_and_no_difference():
    assert (
        find_difference("GET\n/\n\nx-amz-security-token:abc\n\nh\np", "GET\n/\n\nx-amz-security-token:hidden\n\nh\np")
        is None
    )


class Unsorted(SigV4Auth):
    def canonical_query_string(self, request):
        return request.url.partition("?")[2]


class WithoutStage(SigV4Auth):
    def _normalize_url_path(self, path):
        return "/" + path.split("/", 2)[2]


class WithoutBody(SigV4Auth):
    def payload(self, request):
        return sha256(b"").hexdigest()


@pytest.mark.parametrize(
    ("signer", "how", "habit"),
    [
        (S3SigV4Auth, {"path": "/dev/a%20b"}, "the path was encoded once only"),
        (Unsorted, {"query": "b=1&a=2"}, "the query was not put in order"),
        (WithoutStage, {}, "/dev, the stage or base path, was left out"),
        (WithoutBody, {"method": "POST", "body": b"{}"}, "the body was left out"),
    ],
)
def test_a_signers_habit_is_found_with_its_secret(signer, how, habit):
    question = asked(signer, **how)
    assert refusal(question) is not None
    assert habit == find_habit(parse_claim(question), SECRET).name


def test_another_host_is_found_among_those_that_the_api_has():
    question = asked(Host="d-abc.example")
    claim = parse_claim(question)
    assert find_habit(claim, SECRET) is None
    assert f"it was signed for the host {HOST}" == find_habit(claim, SECRET, [HOST]).name


def test_another_secret_is_no_habit_and_an_unsigned_request_no_claim():
    assert find_habit(parse_claim(asked(secret="other")), SECRET) is None
    assert parse_claim(Question("x", host=HOST, path="/")) is None
    assert parse_claim(Question("x", host=HOST, path="/", headers={"Authorization": "Bearer abc"})) is None
