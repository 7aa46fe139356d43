"""`gatewright explain`: a refusal has the code, the remedy and the article that `gatewright doctor` gives for its id."""

import json
import os

import pytest
from click.testing import CliRunner

from gatewright.cli import main

REQUEST_ID = "0b6c1d7e-3f55-4c8e-9d2f-2f6f0f4f3c11"
HOST = "www.shop.test"
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key."
)


def refused(code: str, message: str, status: int, **facts: str) -> dict:
    """The journal's line of a request that was refused so."""
    return {
        "requestId": REQUEST_ID, "extendedRequestId": "vFJR5LnXAL4t/h8=", "requestTimeEpoch": 1_800_000_000_000,
        "protocol": "HTTP/1.1", "entry": "https", "sourceIp": "192.0.2.7", "serverName": HOST, "binding": HOST,
        "bindingReason": "EXACT", "tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_256_GCM_SHA384", "host": HOST,
        "httpMethod": "GET", "apiId": None, "stage": None, "deploymentId": None, "domainName": None,
        "basePathMatched": None, "path": "/v2/pets", "resourcePath": None, "integration": None,
        "integrationStatus": None, "integrationLatency": None, "status": status, "responseLength": 23,
        "responseLatency": 1, "userAgent": "curl/8",
        "reason": {"code": code, "message": message, "facts": facts},
    }  # fmt: skip


#: The recorded reason, what the client was told, and the code that the doctor has for the two.
REFUSALS = [
    ("SIGNATURE_REFUSED", MISMATCH, 403, "SIGNATURE_MISMATCH"),
    (
        "SIGNATURE_REFUSED",
        "Signature expired: 20260101T000000Z is now earlier than 20260102T000000Z",
        403,
        "SIGNATURE_SKEW",
    ),
    ("SIGNATURE_REFUSED", "Credential should be scoped to a valid region. ", 403, "SIGNATURE_SCOPE"),
    ("SIGNATURE_REFUSED", "The security token included in the request is invalid.", 403, "TOKEN_INVALID"),
    ("SIGNATURE_REFUSED", "Authorization header requires 'Credential' parameter.", 403, "SIGNATURE_MISSING"),
    ("SIGNATURE_MISSING", "Missing Authentication Token", 403, "SIGNATURE_MISSING"),
    ("CLIENT_CERT_MISSING", "Forbidden", 403, "MTLS_NO_CERTIFICATE"),
    ("CLIENT_CERT_EXPIRED", "Forbidden", 403, "MTLS_EXPIRED"),
    ("CLIENT_CERT_WEAK_KEY", "Forbidden", 403, "MTLS_WEAK_ALGORITHM"),
    ("CLIENT_CHAIN_TOO_LONG", "Forbidden", 403, "MTLS_CHAIN_TOO_LONG"),
    ("CLIENT_CERT_SELF_SIGNED", "Forbidden", 403, "MTLS_UNTRUSTED"),
    ("MAPPING_MISSING", "Forbidden", 403, "MAPPING_MISSING"),
    ("METHOD_MISSING", "Missing Authentication Token", 403, "METHOD_MISSING"),
    ("DEFAULT_ENDPOINT_DISABLED", "Forbidden", 403, "DEFAULT_ENDPOINT_DISABLED"),
    ("THROTTLED_STAGE", "Too Many Requests", 429, "THROTTLED_STAGE"),
    ("BACKEND_TIMEOUT", "Endpoint request timed out", 504, "BACKEND_TIMEOUT"),
]


@pytest.fixture
def ask(tmp_path):
    """Runs a command on the data directory whose journal has that one line."""
    journal = tmp_path / "logs" / "requests"
    journal.mkdir(parents=True)
    clean = {name: None for name in os.environ if name.startswith(("AWS_", "GATEWRIGHT_"))}

    def run(record: dict, *words: str) -> str:
        (journal / "worker-0-00000001.jsonl").write_text(json.dumps(record) + "\n")
        ran = CliRunner(env=clean).invoke(main, [*words, "--data-dir", str(tmp_path)])
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exc_info
        return ran.stdout

    return run


@pytest.mark.parametrize(("reason", "message", "status", "code"), REFUSALS)
def test_the_doctor_and_explain_say_the_same_of_a_request(ask, reason, message, status, code):
    record = refused(reason, message, status, domain=HOST, method="GET", path="/v2/pets", stage="dev", api="abcdefghij")
    (finding,) = json.loads(ask(record, "doctor", REQUEST_ID, "--json"))["findings"]
    assert code == finding["code"]
    lines = ask(record, "explain", REQUEST_ID).splitlines()
    assert f"refused      {reason}" in lines
    assert (code != reason) == (f"  doctor     calls it {code}" in lines)
    assert f"  more       gatewright kb {finding['article']}" in lines
    (mended,) = (line for line in lines if line.startswith("  to mend    "))
    assert " ".join((finding["remedy"]["text"], *finding["remedy"]["commands"])) == mended.removeprefix("  to mend    ")


def test_a_request_that_was_answered_has_nothing_to_mend(ask):
    record = {**refused("MAPPING_MISSING", "", 200), "reason": None}
    assert "mend" not in ask(record, "explain", REQUEST_ID)
