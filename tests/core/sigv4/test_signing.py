"""What we sign, botocore would sign the same way, and our own verification lets in."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gatewright.core.sigv4.canonical import SignedRequest, collect_headers
from gatewright.core.sigv4.credential import parse_credential
from gatewright.core.sigv4.signing import SigningCredentials, sign_request
from gatewright.core.sigv4.verification import AccessKey, verify_signature

NOW = datetime(2026, 11, 21, 8, 0, 0, tzinfo=UTC)
STAMP = "20261121T080000Z"
PATH = "/base/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Apets%3Alive/invocations"
HEADERS = [("Host", "127.0.0.1:3001"), ("Accept", "application/json"), ("x-amzn-apigateway-api-id", "abcdefghij")]
BODY = b'{"path":"/pets"}'


@pytest.mark.parametrize("token", [None, "a-session-token"])
def test_the_signature_is_that_of_botocore(token, monkeypatch):
    credentials = SigningCredentials("AKIDEXAMPLE", "a-secret", token)
    ours = sign_request(credentials, "POST", PATH, HEADERS, BODY, timestamp=STAMP, region="us-east-1", service="lambda")

    request = AWSRequest("POST", "http://127.0.0.1:3001" + PATH, dict(HEADERS), BODY)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: NOW)
    SigV4Auth(Credentials("AKIDEXAMPLE", "a-secret", token), "lambda", "us-east-1").add_auth(request)
    assert request.headers["Authorization"] == dict(ours)["Authorization"]
    assert (token is not None) == ("X-Amz-Security-Token" in dict(ours))


def test_our_verification_accepts_it():
    key = AccessKey("AKIDEXAMPLE", "a-secret", "000000000000", "arn:aws:iam::000000000000:root", "000000000000")
    added = sign_request(
        SigningCredentials(key.access_key_id, key.secret),
        *("POST", PATH, HEADERS, BODY),
        timestamp=STAMP,
        region="us-east-1",
        service="lambda",
    )
    headers = collect_headers([*HEADERS, *added])
    signed = SignedRequest("POST", PATH, "", headers, sha256(BODY).hexdigest())
    credential = parse_credential(headers, "")
    assert key == verify_signature(
        credential, signed, key, now=NOW, expected_service="lambda", valid_regions=("us-east-1",)
    )


def test_no_secret_shows():
    shown = repr(SigningCredentials("AKIDEXAMPLE", "a-secret", "a-token"))
    assert "AKIDEXAMPLE" in shown
    assert "a-secret" not in shown
    assert "a-token" not in shown
