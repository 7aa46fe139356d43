"""Why the request itself was refused."""

from typing import Final

from gatewright.core.reasons.reason import Evidence, Reason, Spelling

REQUEST_TOO_LARGE: Final = Reason(
    "REQUEST_TOO_LARGE",
    "REQUEST_TOO_LARGE",
    413,
    "RequestTooLongException",
    "Request Too Long",
    Spelling.COMPACT,
    summary="The request's body is larger than 10 MB (10,485,760 bytes).",
    remedy="Send less at once, or upload through an object store.",
    evidence=Evidence.RECORDED,
    citation="facts 2.6; the error type is a guess",
)
REQUEST_HEADERS_TOO_LARGE: Final = Reason(
    "REQUEST_HEADERS_TOO_LARGE",
    "DEFAULT_4XX",
    431,
    "RequestHeaderFieldsTooLargeException",
    "Request Header Fields Too Large",
    Spelling.COMPACT,
    summary="The request's header block is larger than 10,240 bytes.",
    remedy="Send fewer or shorter headers; cookies are the usual cause.",
    evidence=Evidence.GUESSED,
    citation="facts 2.2",
)
URI_TOO_LONG: Final = Reason(
    "URI_TOO_LONG",
    "DEFAULT_4XX",
    414,
    "RequestUriTooLongException",
    "Request URI too long",
    Spelling.COMPACT,
    summary="The request's target is longer than 10,240 bytes, or its method's ARN than the 1,600 of signed requests.",
    remedy="Move long parameters into the body.",
    evidence=Evidence.DOCUMENTED,
    citation="facts 9; the text, facts 2.2",
)
REQUEST_MALFORMED: Final = Reason(
    "REQUEST_MALFORMED",
    "DEFAULT_4XX",
    400,
    "BadRequestException",
    "Bad Request",
    Spelling.COMPACT,
    summary="The request is not valid HTTP: {why}.",
    remedy="Mend the client; the gateway forwards only what can be read in one way.",
    evidence=Evidence.GUESSED,
    citation="facts 2.2",
)
EXPECTATION_UNKNOWN: Final = Reason(
    "EXPECTATION_UNKNOWN",
    "DEFAULT_4XX",
    417,
    "ExpectationFailedException",
    "Expectation Failed",
    Spelling.COMPACT,
    summary="The request expects {expected}, which HTTP/1.1 does not know.",
    remedy="Send Expect: 100-continue, or none.",
    evidence=Evidence.GUESSED,
    citation="RFC 9110 section 10.1.1",
)
PARAMETERS_MISSING: Final = Reason(
    "PARAMETERS_MISSING",
    "BAD_REQUEST_PARAMETERS",
    400,
    "BadRequestException",
    "",
    Spelling.SPACED,
    summary="Required parameters are missing or blank: {names}.",
    remedy="Send them, or make them optional and deploy.",
    evidence=Evidence.RECORDED,
    citation="facts 2.6",
    traced=True,
)
UNSUPPORTED_MEDIA_TYPE: Final = Reason(
    "UNSUPPORTED_MEDIA_TYPE",
    "UNSUPPORTED_MEDIA_TYPE",
    415,
    "BadRequestException",
    "Unsupported Media Type",
    Spelling.SPACED,
    summary="No request template matches {content_type}, and passthroughBehavior is {behavior}.",
    remedy="Send a content type that has a template, or set passthroughBehavior to WHEN_NO_MATCH.",
    evidence=Evidence.RECORDED,
    citation="facts 7.5",
)
