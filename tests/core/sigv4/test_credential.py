"""What may stand in an Authorization header or a presigned query, and the sentence for each thing that may not."""

from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.sigv4.canonical import collect_headers
from gatewright.core.sigv4.credential import CredentialScope, parse_credential, require_credential
from gatewright.core.sigv4.refusal import Cause, SignatureRefused

SCOPE = "20150830/us-east-1/execute-api/aws4_request"
GOOD = f"AWS4-HMAC-SHA256 Credential=AKID/{SCOPE}, SignedHeaders=host;x-amz-date, Signature=00ff"
PRESIGNED = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": f"AKID/{SCOPE}",
    "X-Amz-Date": "20150830T123600Z",
    "X-Amz-Expires": "3600",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Security-Token": "to+ken==",
    "X-Amz-Signature": "00ff",
}


def parse(authorization, *fields, query=""):
    return parse_credential(collect_headers([("Authorization", authorization), *fields]), query)


def parse_dated(authorization):
    return parse(authorization, ("X-Amz-Date", "20150830T123600Z"))


def parse_presigned(**changes):
    parameters = {**PRESIGNED, **{f"X-Amz-{name}": value for name, value in changes.items()}}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items() if value is not None)
    return parse_credential({"host": ["h"]}, query)


def refusal(call, *arguments, **options):
    with pytest.raises(SignatureRefused) as refused:
        call(*arguments, **options)
    return refused.value.code, refused.value.message


def fingerprint(header):
    return b64encode(sha256(header.encode()).digest()).decode()


def test_a_signed_request_gives_its_credential():
    credential = parse(GOOD, ("X-Amz-Date", "20150830T123600Z"), ("X-Amz-Security-Token", "token"))
    assert "AKID" == credential.access_key_id
    assert CredentialScope("20150830", "us-east-1", "execute-api", "aws4_request") == credential.scope
    assert SCOPE == str(credential.scope)
    assert ("host", "x-amz-date") == credential.signed_headers
    assert ("00ff", "20150830T123600Z", "token") == (
        credential.signature,
        credential.amz_date,
        credential.session_token,
    )
    assert (None, "header") == (credential.expires, credential.source)
    assert datetime(2015, 8, 30, 12, 36, tzinfo=UTC) == credential.signed_at


def test_a_presigned_request_gives_its_credential():
    credential = parse_presigned()
    assert ("AKID", SCOPE) == (credential.access_key_id, str(credential.scope))
    assert (("host",), "00ff", "to+ken==") == (
        credential.signed_headers,
        credential.signature,
        credential.session_token,
    )
    assert (3600, "query") == (credential.expires, credential.source)


def test_items_may_be_divided_by_commas_or_spaces_and_come_in_any_order():
    loose = f"AWS4-HMAC-SHA256  Signature=00ff,SignedHeaders=X-Amz-Date;Host  Credential=AKID/{SCOPE}"
    assert parse_dated(GOOD) == parse_dated(loose)


def test_a_request_with_nothing_to_authenticate_with_makes_no_claim():
    assert parse_credential({}, "a=b&x-amz-algorithm=lower") is None
    assert parse("  ") is None
    assert parse_credential({}, "name=X-Amz-Algorithm") is None


def test_a_claim_can_be_demanded():
    assert ("MissingAuthenticationTokenException", "Missing Authentication Token") == refusal(
        require_credential, {}, ""
    )
    headers = collect_headers([("Authorization", GOOD), ("X-Amz-Date", "20150830T123600Z")])
    assert parse_dated(GOOD) == require_credential(headers, "")


def test_the_session_token_is_hidden_in_a_repr():
    credential = parse_presigned()
    assert "to+ken" not in repr(credential)
    assert "session token hidden" in repr(credential)
    assert "session token none" in repr(parse_dated(GOOD))
    assert f"AKID/{SCOPE}" in repr(credential)


ALL_MISSING = (
    "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. "
    "Authorization header requires 'SignedHeaders' parameter. "
    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
    "(Hashed with SHA-256 and encoded with Base64) Authorization="
)


@pytest.mark.parametrize("header", ["Bearer", "AWS4-HMAC-SHA256", "Basic dXNlcjpwYXNzd29yZA=="])
def test_every_missing_part_is_named_and_the_header_is_hashed(header):
    assert ("IncompleteSignatureException", ALL_MISSING + fingerprint(header)) == refusal(parse, header)


def test_only_what_is_missing_is_named():
    header = f"AWS4-HMAC-SHA256 Credential=AKID/{SCOPE}, SignedHeaders=host, Signature="
    assert (
        "IncompleteSignatureException",
        (
            "Authorization header requires 'Signature' parameter. "
            f"(Hashed with SHA-256 and encoded with Base64) Authorization={fingerprint(header)}"
        ),
    ) == refusal(parse_dated, header)


@pytest.mark.parametrize("header", ["Bearer abc", "AWS4-HMAC-SHA256 Credential= AKID/x", "AWS AKID:c2ln"])
def test_an_item_without_an_equal_sign_is_refused_without_being_quoted(header):
    assert (
        "IncompleteSignatureException",
        (
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64):"
            f" '{fingerprint(header)}'."
        ),
    ) == refusal(parse_dated, header)


def test_a_header_that_begins_with_a_pair_is_refused():
    code, message = refusal(parse_dated, "x-api-key=secret")
    assert "IncompleteSignatureException" == code
    assert message.startswith(
        "Authorization header must begin with the algorithm name, which cannot include an equal-sign"
    )
    assert "secret" not in message


def test_another_algorithm_is_refused():
    expected = ("IncompleteSignatureException", "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.")
    assert expected == refusal(parse_dated, GOOD.replace("HMAC", "ECDSA-P256"))
    assert expected == refusal(parse_presigned, Algorithm="AWS4-ECDSA-P256-SHA256")


@pytest.mark.parametrize(
    "date",
    ["201", "20151330T123600Z", "20150830T123600", "2015-08-30T12:36:00Z", "٢٠١٥٠٨٣٠T123600Z", "00000101T000000Z"],
)
def test_a_date_that_cannot_be_read_is_refused(date):
    expected = (
        "IncompleteSignatureException",
        f"Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601",
    )
    assert expected == refusal(parse, GOOD, ("X-Amz-Date", date))
    assert expected == refusal(parse, GOOD, ("Date", date))
    assert expected == refusal(parse_presigned, Date=date)


@pytest.mark.parametrize(
    "date", ["Sun, 30 Aug 2015 12:36:00 GMT", "Sun, 30 Aug 2015 12:36:00 -0000", "20150830T123600Z"]
)
def test_the_date_header_is_read_in_both_formats(date):
    credential = parse(GOOD, ("Date", date))
    assert (date, "20150830T123600Z") == (credential.amz_date, credential.timestamp)


def test_a_date_header_with_an_impossible_day_is_refused():
    code, message = refusal(parse, GOOD, ("Date", "Mon, 31 Feb 2015 12:36:00 GMT"))
    assert ("IncompleteSignatureException", True) == (code, "Got 'Mon, 31 Feb 2015 12:36:00 GMT'" in message)


def test_x_amz_date_is_preferred_to_date():
    fields = [("Date", "Sun, 30 Aug 2015 12:00:00 GMT"), ("X-Amz-Date", "20150830T123600Z")]
    assert "20150830T123600Z" == parse(GOOD, *fields).timestamp


def test_the_host_must_be_signed():
    expected = (
        "InvalidSignatureException",
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    )
    assert expected == refusal(parse_dated, GOOD.replace("host;", ""))
    assert expected == refusal(parse_presigned, SignedHeaders="accept")
    assert (":authority",) == parse_presigned(SignedHeaders=":authority").signed_headers


@pytest.mark.parametrize("text", ["a/b", "a/b/c/d", "a/b/c/d/e/f", "AKID"])
def test_a_credential_has_five_parts(text):
    expected = (
        "IncompleteSignatureException",
        f"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{text}'",
    )
    assert expected == refusal(parse_dated, GOOD.replace(f"AKID/{SCOPE}", text))
    assert expected == refusal(parse_presigned, Credential=text)


def test_the_checks_come_in_order():
    """Shape before parts, parts before algorithm, algorithm before date, date before host, host before credential."""
    ladder = [
        ("x=y oops", "must begin with"),
        ("HMAC oops", "Invalid key=value pair"),
        ("HMAC a=b", "requires 'Credential'"),
        ("HMAC Credential=a Signature=b SignedHeaders=c", "Unsupported AWS"),
        ("AWS4-HMAC-SHA256 Credential=a Signature=b SignedHeaders=c", "Date must be"),
    ]
    for header, sentence in ladder:
        assert sentence in refusal(parse, header, ("X-Amz-Date", "junk"))[1]
    assert "must be a 'SignedHeader'" in refusal(parse_dated, ladder[-1][0])[1]
    assert "exactly 5" in refusal(parse_dated, ladder[-1][0].replace("=c", "=host"))[1]


def test_every_missing_query_parameter_is_named():
    sentences = "".join(
        f"AWS query-string parameters must include 'X-Amz-{name}'. "
        for name in ("Algorithm", "Credential", "Signature", "SignedHeaders", "Date")
    )
    assert (
        "IncompleteSignatureException",
        f"{sentences}Re-examine the query-string parameters.",
    ) == refusal(parse_credential, {}, "X-Amz-Algorithm=")


def test_one_request_makes_one_claim():
    assert (
        "InvalidSignatureException",
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    ) == refusal(parse, GOOD, query="X-Amz-Algorithm=AWS4-HMAC-SHA256")


@pytest.mark.parametrize(
    ("sentence", "expires"),
    [
        ("X-Amz-Expires should be a number", "soon"),
        ("X-Amz-Expires should be a number", "١"),
        ("X-Amz-Expires should be a number", "9" * 5000),
        ("X-Amz-Expires must be non-negative", "-1"),
        (
            (
                "X-Amz-Expires must be less than a week (in seconds); that is,"
                " the given X-Amz-Expires must be less than 604800 seconds"
            ),
            "604801",
        ),
    ],
)
def test_a_presigned_life_is_a_number_of_seconds_up_to_a_week(sentence, expires):
    assert ("IncompleteSignatureException", sentence) == refusal(parse_presigned, Expires=expires)


def test_a_presigned_life_may_be_a_week_or_unsaid():
    assert 604800 == parse_presigned(Expires="604800").expires
    assert parse_presigned(Expires=None).expires is None


junk = st.one_of(
    st.binary(max_size=40).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    st.lists(
        st.sampled_from(
            [
                "AWS4-HMAC-SHA256",
                " ",
                ",",
                "=",
                "/",
                "Credential",
                "SignedHeaders",
                "Signature",
                "host",
                ";",
                "\udcff",
                GOOD,
            ]
        ),
        max_size=12,
    ).map("".join),
)


@settings(max_examples=300, deadline=None)
@given(junk, junk, junk)
def test_any_header_and_query_is_accepted_or_refused_in_words(authorization, date, query):
    headers = collect_headers([("Authorization", authorization), ("X-Amz-Date", date), ("Date", date)])
    for asked in (
        query,
        f"X-Amz-Algorithm={query}",
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={query}&X-Amz-Date=1",
    ):
        try:
            parse_credential(headers, asked)
        except SignatureRefused as refused:
            assert refused.cause in Cause  # noqa: PT017  the property: nothing else comes out
            refused.message.encode()
