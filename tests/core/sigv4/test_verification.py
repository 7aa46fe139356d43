"""The judgement: each step of facts 5.2 in order, each sentence of facts 5.5 to the letter."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.sigv4.canonical import SignedRequest
from gatewright.core.sigv4.credential import parse_credential
from gatewright.core.sigv4.payload import EMPTY_SHA256
from gatewright.core.sigv4.refusal import Cause, SignatureRefused
from gatewright.core.sigv4.verification import (
    EXECUTE_API_SKEW,
    MISMATCH_SENTENCE,
    SERVICE_SKEW,
    AccessKey,
    SigningKeys,
    derive_signing_key,
    verify_signature,
)
from support.interpreted import on_sources

SIGNED_AT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
# The vector get-vanilla of AWS's signing suite.
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SIGNATURE = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
KEY = AccessKey("AKIDEXAMPLE", SECRET, "123456789012", "arn:aws:iam::123456789012:user/u", "AIDAEXAMPLE")


def request(**changes):
    said = {
        "credential": "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request",
        "date": "20150830T123600Z",
        "signature": SIGNATURE,
        **changes,
    }
    headers = {
        "host": ["example.amazonaws.com"],
        "x-amz-date": [said["date"]],
        "authorization": [
            f"AWS4-HMAC-SHA256 Credential={said['credential']}, SignedHeaders=host;x-amz-date, Signature={said['signature']}"
        ],
    }
    if "token" in said:
        headers["x-amz-security-token"] = [said["token"]]
    return SignedRequest("GET", "/", "", headers, EMPTY_SHA256)


def verify(signed, key=KEY, **options):
    options = {"now": SIGNED_AT, "expected_service": "service", "valid_regions": {"us-east-1"}, **options}
    return verify_signature(parse_credential(signed.headers, signed.query), signed, key, **options)


def refusal(*arguments, **options):
    with pytest.raises(SignatureRefused) as refused:
        verify(*arguments, **options)
    return refused.value.code, refused.value.message


def test_a_good_signature_returns_the_key_that_made_it():
    assert KEY is verify(request())


def test_the_signing_key_is_the_one_of_the_documentation():
    # AWS General Reference, "Deriving the signing key", worked example for IAM (D).
    assert (
        "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
        == derive_signing_key(SECRET, "20150830", "us-east-1", "iam").hex()
    )


def test_a_memory_of_signing_keys_gives_the_same_keys_and_shows_nothing():
    keys = SigningKeys(size=1)
    for region in ("us-east-1", "eu-west-1", "us-east-1"):
        arguments = (SECRET, "20150830", region, "iam")
        assert derive_signing_key(*arguments) == keys(*arguments)
    assert SECRET not in repr(keys)
    assert KEY is verify(request(), signing_key=keys)


def test_the_secrets_of_an_access_key_are_not_shown():
    shown = repr(replace(KEY, session_token="to+ken"))
    assert SECRET not in shown
    assert "to+ken" not in shown
    assert "AKIDEXAMPLE" in shown


REGION = "Credential should be scoped to a valid region, not 'c'. "
SERVICE = "Credential should be scoped to correct service: 'service'. "
TERMINATOR = "Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. "
DATE = (
    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
    " 'b' != '20150830', from '20150830T123600Z'. "
)


@pytest.mark.parametrize(
    ("message", "credential"),
    [
        (REGION, "a/20150830/c/service/aws4_request"),
        (SERVICE, "a/20150830/us-east-1/d/aws4_request"),
        (TERMINATOR, "a/20150830/us-east-1/service/e"),
        (DATE, "a/b/us-east-1/service/aws4_request"),
        (REGION + SERVICE + TERMINATOR + DATE, "a/b/c/d/e"),
    ],
)
def test_all_that_is_wrong_with_the_scope_is_said_at_once(message, credential):
    # The key is unknown too: the scope's error wins.
    assert ("InvalidSignatureException", message) == refusal(request(credential=credential), None)


def test_the_region_may_be_judged_by_a_rule():
    class AnyRegion:
        def __contains__(self, region):
            return region.startswith("us-")

    assert KEY is verify(request(), valid_regions=AnyRegion())


def test_an_old_signature_is_refused():
    # The sentence of facts 5.5, to the second.
    message = "Signature expired: 20150830T123600Z is now earlier than 20150830T124100Z (20150830T124600Z - 5 min.)"
    now = datetime(2015, 8, 30, 12, 46, tzinfo=UTC)
    assert ("InvalidSignatureException", message) == refusal(request(), None, now=now, skew=EXECUTE_API_SKEW)
    assert KEY is verify(request(), now=now, skew=SERVICE_SKEW)


def test_a_signature_from_the_future_is_refused():
    message = (
        "Signature not yet current: 20150830T125500Z is still later than 20150830T124500Z (20150830T124000Z + 5 min.)"
    )
    signed = request(date="20150830T125500Z")
    now = datetime(2015, 8, 30, 12, 40, tzinfo=UTC)
    assert ("InvalidSignatureException", message) == refusal(signed, None, now=now, skew=EXECUTE_API_SKEW)


def test_the_skew_itself_is_allowed_both_ways():
    for offset in (EXECUTE_API_SKEW, -EXECUTE_API_SKEW):
        assert KEY is verify(request(), now=SIGNED_AT + offset, skew=EXECUTE_API_SKEW)
        further = SIGNED_AT + offset * 1.01
        assert "InvalidSignatureException" == refusal(request(), now=further, skew=EXECUTE_API_SKEW)[0]


def presigned(expires, signature="00"):
    query = (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request"
        f"&X-Amz-Date=20150830T123600Z&X-Amz-Expires={expires}&X-Amz-SignedHeaders=host"
        f"&X-Amz-Security-Token=to%2Bken&X-Amz-Signature={signature}"
    )
    return SignedRequest("GET", "/", query, {"host": ["h"]}, EMPTY_SHA256)


def test_a_presigned_request_lives_as_long_as_it_says():
    message = "Signature expired: 20150830T123600Z is now earlier than 20150830T124501Z (20150830T124601Z - {})"
    now = SIGNED_AT + timedelta(minutes=10, seconds=1)
    assert message.format("1 min.") == refusal(presigned(60), now=now)[1]
    assert message.format("61 sec.").replace("124501Z", "124500Z") == refusal(presigned(61), now=now)[1]
    with pytest.raises(SignatureRefused) as refused:
        verify(presigned(60), now=now)
    assert Cause.PRESIGNED_EXPIRED is refused.value.cause
    # Alive, so the next step answers.
    assert "UnrecognizedClientException" == refusal(presigned(601), None, now=now)[0]


def test_a_presigned_request_from_the_future_is_refused():
    assert "Signature not yet current" in refusal(presigned(604800), now=SIGNED_AT - timedelta(minutes=16))[1]


UNRECOGNIZED = ("UnrecognizedClientException", "The security token included in the request is invalid.")


def test_an_unknown_key_is_refused_before_the_signature_is_looked_at():
    assert UNRECOGNIZED == refusal(request(signature="junk"), None)
    assert UNRECOGNIZED == refusal(request(), replace(KEY, access_key_id="another"))


@pytest.mark.parametrize(
    ("known", "sent"),
    [("token", {}), ("token", {"token": "other"}), (None, {"token": "token"}), ("é", {"token": "\udce9"})],
)
def test_a_session_token_that_is_not_the_keys_is_refused(known, sent):
    assert UNRECOGNIZED == refusal(request(**sent), replace(KEY, session_token=known))


def test_a_session_that_is_over_is_refused():
    signed = request(token="token")
    over = replace(KEY, session_token="token", expires_at=SIGNED_AT)
    assert ("ExpiredTokenException", "The security token included in the request is expired") == refusal(signed, over)
    alive = replace(over, expires_at=SIGNED_AT + timedelta(seconds=1))
    assert alive is verify(signed, alive)


def test_a_mismatch_quotes_the_canonical_request_and_the_string_to_sign():
    # The form recorded from execute-api (facts 5.5); both quoted documents are get-vanilla's own.
    message = (
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
        " and signing method. Consult the service documentation for details.\n\n"
        "The Canonical String for this request should have been\n"
        "'GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n"
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'\n\n"
        "The String-to-Sign should have been\n"
        "'AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n"
        "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63'\n"
    )
    assert ("InvalidSignatureException", message) == refusal(request(signature=SIGNATURE[::-1]))
    assert message.startswith(MISMATCH_SENTENCE + "\n")


@pytest.mark.parametrize("signature", [SIGNATURE.upper(), SIGNATURE[:-1], SIGNATURE + "0", "é", "\udcff", "0"])
def test_only_the_signature_itself_will_do(signature):
    assert "InvalidSignatureException" == refusal(request(signature=signature))[0]


@on_sources
def test_the_mismatch_text_is_not_written_until_it_is_read(monkeypatch):
    written = []
    monkeypatch.setattr(
        "gatewright.core.sigv4.verification._render_mismatch", lambda *_: written.append("once") or "text"
    )
    with pytest.raises(SignatureRefused) as refused:
        verify(request(signature="0"))
    assert [] == written
    assert ("text", "text") == (refused.value.message, refused.value.message)
    assert ["once"] == written


def test_a_session_token_is_never_quoted():
    session = replace(KEY, session_token="to+ken")
    code, message = refusal(presigned(60, signature="0"), session)
    assert "InvalidSignatureException" == code
    assert "X-Amz-Security-Token=hidden" in message
    assert "to%2Bken" not in message

    headers = {
        **request().headers,
        "x-amz-security-token": ["to+ken"],
        "authorization": [
            request().headers["authorization"][0].replace("x-amz-date,", "x-amz-date;x-amz-security-token,")
        ],
    }
    _, message = refusal(SignedRequest("GET", "/", "", headers, EMPTY_SHA256), session)
    assert "\nx-amz-security-token:hidden\n" in message
    assert "to+ken" not in message


def test_the_secret_is_in_no_refusal():
    for signed in (request(signature="0"), request(credential="a/b/c/d/e"), presigned(1)):
        assert SECRET not in "".join(refusal(signed))


wire_text = st.binary(max_size=12).map(lambda raw: raw.decode("utf-8", "surrogateescape"))


@settings(max_examples=150, deadline=None)
@given(wire_text, wire_text, wire_text, wire_text, wire_text)
def test_any_request_is_refused_in_words_that_can_be_sent(path, query, host, signature, signed_header):
    headers = {
        "host": [host],
        "x-amz-date": ["20150830T123600Z"],
        "authorization": [
            (
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
                f" SignedHeaders=host;{signed_header}, Signature={signature}"
            )
        ],
    }
    with pytest.raises(SignatureRefused) as refused:
        verify(SignedRequest("GET", path, query, headers, EMPTY_SHA256))
    assert refused.value.message.encode()
