"""The table that says each refusal in the words of each protocol."""

import pytest

from gatewright.core.sigv4.refusal import ERROR_FORMS, Cause, ProtocolFamily, SignatureRefused, render_refusal


def rendered(cause, family, message="said"):
    return tuple(render_refusal(SignatureRefused(cause, message), family))


def test_every_family_says_every_cause():
    assert set(ProtocolFamily) == set(ERROR_FORMS)
    for family, forms in ERROR_FORMS.items():
        assert set(Cause) == set(forms), family
        assert {form.status for form in forms.values()} <= {400, 401, 403}, family


def test_the_families_are_botocores_protocols_and_two_services():
    from botocore.parsers import PROTOCOL_PARSERS

    assert set(PROTOCOL_PARSERS) | {"execute-api", "s3"} == {family.value for family in ProtocolFamily}


def test_the_exception_names_are_those_of_the_data_plane():
    # Facts 5.5.
    assert {
        "MissingAuthenticationTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "UnrecognizedClientException",
        "ExpiredTokenException",
    } == {cause.code for cause in Cause}
    for cause in Cause:
        assert (cause.code, 403, "said") == rendered(cause, ProtocolFamily.EXECUTE_API)
        assert (cause.code, 403, "said") == rendered(cause, ProtocolFamily.REST_JSON)
        assert (cause.code, 400, "said") == rendered(cause, ProtocolFamily.JSON)


@pytest.mark.parametrize(
    ("expected", "cause", "family"),
    [
        (("SignatureDoesNotMatch", 403, "said"), Cause.MISMATCH, "query"),
        (("SignatureDoesNotMatch", 403, "said"), Cause.TOO_OLD, "rest-xml"),
        (("InvalidClientTokenId", 403, "said"), Cause.UNKNOWN_KEY, "query"),
        (("IncompleteSignature", 400, "said"), Cause.INCOMPLETE, "query"),
        (
            ("MissingAuthenticationToken", 403, "Request is missing Authentication Token"),
            Cause.NOTHING_TO_AUTHENTICATE_WITH,
            "query",
        ),
        (("ExpiredToken", 403, "said"), Cause.SESSION_EXPIRED, "query"),
        (
            ("AuthFailure", 401, "AWS was not able to validate the provided access credentials"),
            Cause.UNKNOWN_KEY,
            "ec2",
        ),
        (("RequestExpired", 400, "Request has expired."), Cause.TOO_OLD, "ec2"),
        (
            ("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."),
            Cause.UNKNOWN_KEY,
            "s3",
        ),
        (
            (
                "RequestTimeTooSkewed",
                403,
                "The difference between the request time and the current time is too large.",
            ),
            Cause.NOT_YET_CURRENT,
            "s3",
        ),
        (("XAmzContentSHA256Mismatch", 400, "said"), Cause.PAYLOAD_DIFFERS, "s3"),
    ],
)
def test_other_families_have_other_words(expected, cause, family):
    assert expected == rendered(cause, ProtocolFamily(family))


def test_a_long_message_is_not_written_for_a_family_that_does_not_send_it():
    def write():
        raise AssertionError("the mismatch text was written")

    code, status, message = render_refusal(SignatureRefused(Cause.MISMATCH, write), ProtocolFamily.S3)
    assert ("SignatureDoesNotMatch", 403) == (code, status)
    assert message.endswith("Check your key and signing method.")


def test_a_refusal_says_itself():
    refused = SignatureRefused(Cause.UNKNOWN_KEY, "No.")
    assert "UnrecognizedClientException: No." == str(refused)
    assert "SignatureRefused(UNKNOWN_KEY, 'No.')" == repr(refused)


def test_bytes_that_were_no_text_come_out_as_replacement_characters():
    assert "a\N{REPLACEMENT CHARACTER}é" == SignatureRefused(Cause.INCOMPLETE, "a\udcffé").message
