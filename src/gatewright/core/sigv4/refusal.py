"""Why a signed request was refused, and how each AWS protocol says so.

The judgement is made once, in the words of the Coral front-end that API Gateway's data plane uses (facts 5.5): an
exception name and a literal sentence. Other services give the same causes other names and statuses; `ERROR_FORMS` is
that table. A cause is finer than an exception name, because S3 and EC2 tell apart what Coral throws together.

Rules of this file: one row a cause and protocol family, each row with its confidence (D documented, R recorded or reported
many times, C other implementations, U a guess); no sentence here ever holds a secret or a session token.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Cause(Enum):
    """What was wrong, with the exception name of facts 5.5 that announces it."""

    NOTHING_TO_AUTHENTICATE_WITH = ("nothing_to_authenticate_with", "MissingAuthenticationTokenException")
    INCOMPLETE = ("incomplete", "IncompleteSignatureException")
    UNSUPPORTED_ALGORITHM = ("unsupported_algorithm", "IncompleteSignatureException")
    TWO_CREDENTIALS = ("two_credentials", "InvalidSignatureException")
    HOST_NOT_SIGNED = ("host_not_signed", "InvalidSignatureException")
    WRONG_SCOPE = ("wrong_scope", "InvalidSignatureException")
    TOO_OLD = ("too_old", "InvalidSignatureException")
    PRESIGNED_EXPIRED = ("presigned_expired", "InvalidSignatureException")
    NOT_YET_CURRENT = ("not_yet_current", "InvalidSignatureException")
    UNKNOWN_KEY = ("unknown_key", "UnrecognizedClientException")
    SESSION_EXPIRED = ("session_expired", "ExpiredTokenException")
    PAYLOAD_HASH_UNACCEPTABLE = ("payload_hash_unacceptable", "InvalidSignatureException")
    PAYLOAD_DIFFERS = ("payload_differs", "InvalidSignatureException")
    MISMATCH = ("mismatch", "InvalidSignatureException")

    @property
    def code(self) -> str:
        """The exception name, as `x-amzn-ErrorType` carries it on the data plane."""
        return self.value[1]


class SignatureRefused(Exception):
    """The request is not authenticated; `cause`, `code` and `message` say why.

    The message may be handed over as a function: the mismatch text quotes two documents, and most refusals are never
    read by anybody.
    """

    def __init__(self, cause: Cause, message: str | Callable[[], str]) -> None:
        super().__init__(cause, message)
        self.cause = cause
        self._message = message

    @property
    def code(self) -> str:
        """The exception name of facts 5.5."""
        return self.cause.code

    @property
    def message(self) -> str:
        """The literal sentence, always encodable as UTF-8: bytes that were no text come out as replacement characters."""
        if callable(self._message):
            self._message = self._message()
        return self._message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def __repr__(self) -> str:
        return f"SignatureRefused({self.cause.name}, {self.message!r})"


class ProtocolFamily(StrEnum):
    """Who answers: botocore's protocol names, and two services that have words of their own."""

    EXECUTE_API = "execute-api"
    REST_JSON = "rest-json"
    JSON = "json"
    CBOR = "smithy-rpc-v2-cbor"
    QUERY = "query"
    REST_XML = "rest-xml"
    EC2 = "ec2"
    S3 = "s3"


class ErrorForm(NamedTuple):
    """A refusal as one service says it. `message` is None in the table where the refusal's own sentence is used."""

    code: str
    status: int
    message: str | None = None


class RenderedError(NamedTuple):
    """A refusal ready for a serializer."""

    code: str
    status: int
    message: str


def _coral(status: int) -> Mapping[Cause, ErrorForm]:
    return MappingProxyType({cause: ErrorForm(cause.code, status) for cause in Cause})


_REQUEST_IS_MISSING_TOKEN = "Request is missing Authentication Token"  # noqa: S105  a sentence of the service

# "Common errors" of the IAM, STS and CloudFormation API references (D): IncompleteSignature 400, InvalidClientTokenId 403,
# MissingAuthenticationToken 403. STS and IAM answer clock skew and a wrong scope as SignatureDoesNotMatch 403 (R), an old
# session as ExpiredToken 403 (R). The payload rows are guesses (U).
_QUERY: Mapping[Cause, ErrorForm] = MappingProxyType(
    {
        Cause.NOTHING_TO_AUTHENTICATE_WITH: ErrorForm("MissingAuthenticationToken", 403, _REQUEST_IS_MISSING_TOKEN),
        Cause.INCOMPLETE: ErrorForm("IncompleteSignature", 400),
        Cause.UNSUPPORTED_ALGORITHM: ErrorForm("IncompleteSignature", 400),
        Cause.TWO_CREDENTIALS: ErrorForm("SignatureDoesNotMatch", 403),
        Cause.HOST_NOT_SIGNED: ErrorForm("SignatureDoesNotMatch", 403),
        Cause.WRONG_SCOPE: ErrorForm("SignatureDoesNotMatch", 403),
        Cause.TOO_OLD: ErrorForm("SignatureDoesNotMatch", 403),
        Cause.PRESIGNED_EXPIRED: ErrorForm("SignatureDoesNotMatch", 403),
        Cause.NOT_YET_CURRENT: ErrorForm("SignatureDoesNotMatch", 403),
        Cause.UNKNOWN_KEY: ErrorForm("InvalidClientTokenId", 403),
        Cause.SESSION_EXPIRED: ErrorForm("ExpiredToken", 403),
        Cause.PAYLOAD_HASH_UNACCEPTABLE: ErrorForm("SignatureDoesNotMatch", 403),
        Cause.PAYLOAD_DIFFERS: ErrorForm("SignatureDoesNotMatch", 403),
        Cause.MISMATCH: ErrorForm("SignatureDoesNotMatch", 403),
    }
)

# EC2 hides which part was wrong: AuthFailure 401 for key, secret and scope, RequestExpired 400 for clocks and sessions (R;
# names D, "Error codes for the Amazon EC2 API"). The rows it shares with the query services are theirs.
_EC2_AUTH_FAILURE = ErrorForm("AuthFailure", 401, "AWS was not able to validate the provided access credentials")
_EC2_EXPIRED = ErrorForm("RequestExpired", 400, "Request has expired.")
_EC2: Mapping[Cause, ErrorForm] = MappingProxyType(
    {
        **_QUERY,
        Cause.TWO_CREDENTIALS: _EC2_AUTH_FAILURE,
        Cause.HOST_NOT_SIGNED: _EC2_AUTH_FAILURE,
        Cause.WRONG_SCOPE: _EC2_AUTH_FAILURE,
        Cause.TOO_OLD: _EC2_EXPIRED,
        Cause.PRESIGNED_EXPIRED: _EC2_EXPIRED,
        Cause.NOT_YET_CURRENT: _EC2_EXPIRED,
        Cause.UNKNOWN_KEY: _EC2_AUTH_FAILURE,
        Cause.SESSION_EXPIRED: _EC2_EXPIRED,
        Cause.PAYLOAD_HASH_UNACCEPTABLE: _EC2_AUTH_FAILURE,
        Cause.PAYLOAD_DIFFERS: _EC2_AUTH_FAILURE,
        Cause.MISMATCH: _EC2_AUTH_FAILURE,
    }
)

# "Error responses" of the S3 API reference (D for code and status). Sentences R, those of the two headers rows U.
_S3_SKEWED = ErrorForm(
    "RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large."
)
_S3: Mapping[Cause, ErrorForm] = MappingProxyType(
    {
        # To S3 an unsigned request is an anonymous one; what refuses it is access control.
        Cause.NOTHING_TO_AUTHENTICATE_WITH: ErrorForm("AccessDenied", 403, "Access Denied"),
        Cause.INCOMPLETE: ErrorForm("AuthorizationHeaderMalformed", 400),
        Cause.UNSUPPORTED_ALGORITHM: ErrorForm(
            "InvalidRequest",
            400,
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        ),
        Cause.TWO_CREDENTIALS: ErrorForm(
            "InvalidArgument",
            400,
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter"
            " or the Authorization header should be specified",
        ),
        Cause.HOST_NOT_SIGNED: ErrorForm(
            "AccessDenied", 403, "There were headers present in the request which were not signed"
        ),
        Cause.WRONG_SCOPE: ErrorForm("AuthorizationHeaderMalformed", 400),
        Cause.TOO_OLD: _S3_SKEWED,
        Cause.PRESIGNED_EXPIRED: ErrorForm("AccessDenied", 403, "Request has expired"),
        Cause.NOT_YET_CURRENT: _S3_SKEWED,
        Cause.UNKNOWN_KEY: ErrorForm(
            "InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."
        ),
        Cause.SESSION_EXPIRED: ErrorForm("ExpiredToken", 400, "The provided token has expired."),
        Cause.PAYLOAD_HASH_UNACCEPTABLE: ErrorForm("InvalidArgument", 400),
        Cause.PAYLOAD_DIFFERS: ErrorForm("XAmzContentSHA256Mismatch", 400),
        Cause.MISMATCH: ErrorForm(
            "SignatureDoesNotMatch",
            403,
            "The request signature we calculated does not match the signature you provided."
            " Check your key and signing method.",
        ),
    }
)

ERROR_FORMS: Mapping[ProtocolFamily, Mapping[Cause, ErrorForm]] = MappingProxyType(
    {
        # Facts 5.3 (R): the data plane answers every one of them with 403.
        ProtocolFamily.EXECUTE_API: _coral(403),
        # Lambda and API Gateway's own control plane answer 403 (R, `status code: 403` in SDK reports).
        ProtocolFamily.REST_JSON: _coral(403),
        # DynamoDB documents 400 for all of them (D, "Error handling with DynamoDB"), ECS, ECR and KMS do the same (R).
        ProtocolFamily.JSON: _coral(400),
        # The CBOR services are the JSON ones with another encoding (U).
        ProtocolFamily.CBOR: _coral(400),
        ProtocolFamily.QUERY: _QUERY,
        # Route 53 and CloudFront share the names of the query services (D, their "Common errors").
        ProtocolFamily.REST_XML: _QUERY,
        ProtocolFamily.EC2: _EC2,
        ProtocolFamily.S3: _S3,
    }
)


def render_refusal(refused: SignatureRefused, family: ProtocolFamily) -> RenderedError:
    """The refusal as this family of services says it; the long mismatch text is written only where it is sent."""
    form = ERROR_FORMS[family][refused.cause]
    return RenderedError(form.code, form.status, refused.message if form.message is None else form.message)
