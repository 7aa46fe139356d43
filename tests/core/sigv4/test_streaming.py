"""The example of AWS's page on payloads in chunks, with and without a trailer, and every way in which one is altered.

S3 API reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks": the key
pair, instant, scope, seeds, contents and signatures are those printed there.
"""

from dataclasses import replace

import pytest

from gatewright.core.sigv4.refusal import Cause, SignatureRefused
from gatewright.core.sigv4.streaming import StreamSignature
from gatewright.core.sigv4.verification import derive_signing_key

KEY = derive_signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524", "us-east-1", "s3")
CONTENTS = (b"a" * 65536, b"a" * 1024, b"")

PLAIN = StreamSignature(
    KEY,
    "20130524T000000Z",
    "20130524/us-east-1/s3/aws4_request",
    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
)
PLAIN_SIGNATURES = (
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
)

WITH_TRAILER = replace(PLAIN, seed="106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e")
SIGNATURES = (
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
)
TRAILERS = (("x-amz-checksum-crc32c", "sOO8/Q=="),)
TRAILER_SIGNATURE = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"


def chunks(signatures):
    return list(zip(CONTENTS, signatures, strict=True))


def test_the_example_without_trailer_holds():
    assert PLAIN_SIGNATURES[-1] == PLAIN.verify_chunks(chunks(PLAIN_SIGNATURES))


def test_the_example_with_trailer_holds():
    last = WITH_TRAILER.verify_chunks(chunks(SIGNATURES))
    assert SIGNATURES[-1] == last
    WITH_TRAILER.verify_trailers(TRAILERS, TRAILER_SIGNATURE, previous=last)


def altered(good):
    first, second, last = good
    return {
        "a content is another": [(b"b" * 65536, first[1]), second, last],
        "a signature is another": [(first[0], second[1]), second, last],
        "a signature is missing": [first, (second[0], None), last],
        "a chunk is left out": [first, last],
        "two have changed places": [second, first, last],
        "one came twice": [first, first, second, last],
        "the end is missing its signature": [first, second, (b"", None)],
    }


@pytest.mark.parametrize("how", altered([(b"", "")] * 3))
def test_what_was_altered_is_refused(how):
    with pytest.raises(SignatureRefused) as refused:
        PLAIN.verify_chunks(altered(chunks(PLAIN_SIGNATURES))[how])
    assert Cause.MISMATCH is refused.value.cause


@pytest.mark.parametrize(
    ("trailers", "signature", "previous"),
    [
        ((("x-amz-checksum-crc32c", "AAAAAA=="),), TRAILER_SIGNATURE, SIGNATURES[-1]),
        ((), TRAILER_SIGNATURE, SIGNATURES[-1]),
        (TRAILERS, None, SIGNATURES[-1]),
        (TRAILERS, TRAILER_SIGNATURE, SIGNATURES[0]),
        (TRAILERS, "é" * 64, SIGNATURES[-1]),
    ],
)
def test_trailers_that_were_altered_are_refused(trailers, signature, previous):
    with pytest.raises(SignatureRefused, match="the trailing headers"):
        WITH_TRAILER.verify_trailers(trailers, signature, previous=previous)


def test_a_stream_does_not_show_its_key():
    assert "signing_key" not in repr(PLAIN)
