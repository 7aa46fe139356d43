"""What the front door itself refuses, in the words of the service that was called.

An operation raises its own errors. These here are refused before one is reached (no such operation, a body too large or
unreadable, a web page in lenient mode) or in its stead (a failure of ours), and every family of AWS services has other
names for them. One row a fault and family, marked D documented, R seen, U guessed. `{}` in a message takes what the
caller of `make_error` adds.

How a bad signature is refused has a table of its own: `gatewright.core.sigv4.refusal`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import NamedTuple

from gatewright.controlplane.addressee import Addressee
from gatewright.controlplane.errors import ServiceError
from gatewright.core.sigv4.refusal import ProtocolFamily


class Fault(Enum):
    """Why no operation answers."""

    UNKNOWN_OPERATION = auto()
    UNREADABLE_BODY = auto()
    BODY_TOO_LARGE = auto()
    CONSTRAINTS_NOT_MET = auto()
    WEB_PAGE = auto()
    INTERNAL = auto()


class FaultForm(NamedTuple):
    """A fault as one family says it."""

    code: str
    status: int
    message: str = "{}"


_INTERNAL_SENTENCE = "An internal error occurred. The request id names it in the log of the installation."
_TOO_LARGE_SENTENCE = "Request body too large. {}"
_NO_SUCH_ACTION = "The action or operation requested is invalid. {}"

_CORAL: Mapping[Fault, FaultForm] = MappingProxyType(
    {
        # DynamoDB answers an unknown X-Amz-Target with 400 (R), the newer "Common errors" pages say 404 (D): the older wins.
        Fault.UNKNOWN_OPERATION: FaultForm("UnknownOperationException", 400),
        # Facts 1.1 (R) for apigateway; the JSON services answer alike (R).
        Fault.UNREADABLE_BODY: FaultForm("SerializationException", 400),
        # Lambda models RequestTooLargeException 413 (M); the bare name of the front end is C.
        Fault.BODY_TOO_LARGE: FaultForm("RequestEntityTooLargeException", 413, _TOO_LARGE_SENTENCE),
        # Facts 1.4 (R).
        Fault.CONSTRAINTS_NOT_MET: FaultForm("ValidationException", 400),
        # Ours; "Common errors" (D): AccessDeniedException, the newer pages with 403, which facts 2.4 have too.
        Fault.WEB_PAGE: FaultForm("AccessDeniedException", 403),
        # "Common errors" (D): InternalFailure 500.
        Fault.INTERNAL: FaultForm("InternalFailure", 500, _INTERNAL_SENTENCE),
    }
)

_QUERY: Mapping[Fault, FaultForm] = MappingProxyType(
    {
        # "Common errors" of IAM and STS (D): InvalidAction 400, MalformedQueryString 404, InternalFailure 500.
        Fault.UNKNOWN_OPERATION: FaultForm("InvalidAction", 400, _NO_SUCH_ACTION),
        # A field of the wrong type comes as MalformedInput 400 (R); a form has no other way to be unreadable.
        Fault.UNREADABLE_BODY: FaultForm("MalformedInput", 400),
        Fault.BODY_TOO_LARGE: FaultForm("RequestEntityTooLarge", 413, _TOO_LARGE_SENTENCE),
        # "Common errors" (D): ValidationError 400.
        Fault.CONSTRAINTS_NOT_MET: FaultForm("ValidationError", 400),
        Fault.WEB_PAGE: FaultForm("AccessDenied", 403),
        Fault.INTERNAL: FaultForm("InternalFailure", 500, _INTERNAL_SENTENCE),
    }
)

FAULT_FORMS: Mapping[ProtocolFamily, Mapping[Fault, FaultForm]] = MappingProxyType(
    {
        ProtocolFamily.REST_JSON: _CORAL,
        ProtocolFamily.JSON: _CORAL,
        ProtocolFamily.CBOR: _CORAL,
        ProtocolFamily.QUERY: _QUERY,
        # Route 53 and CloudFront (U, but for MalformedXML, which CloudFront documents).
        ProtocolFamily.REST_XML: MappingProxyType(
            {
                **_QUERY,
                Fault.UNKNOWN_OPERATION: FaultForm("UnknownOperationException", 404),
                Fault.UNREADABLE_BODY: FaultForm("MalformedXML", 400),
            }
        ),
        # "Error codes for the Amazon EC2 API" (D): InvalidAction, InvalidParameterValue, InternalError; the others U.
        ProtocolFamily.EC2: MappingProxyType(
            {
                **_QUERY,
                Fault.CONSTRAINTS_NOT_MET: FaultForm("InvalidParameterValue", 400),
                Fault.WEB_PAGE: FaultForm("UnauthorizedOperation", 403),
                Fault.INTERNAL: FaultForm("InternalError", 500, _INTERNAL_SENTENCE),
            }
        ),
        # "Error responses" of the S3 API reference (D).
        ProtocolFamily.S3: MappingProxyType(
            {
                Fault.UNKNOWN_OPERATION: FaultForm(
                    "MethodNotAllowed", 405, "The specified method is not allowed against this resource."
                ),
                Fault.UNREADABLE_BODY: FaultForm("MalformedXML", 400),
                Fault.BODY_TOO_LARGE: FaultForm("EntityTooLarge", 400, _TOO_LARGE_SENTENCE),
                Fault.CONSTRAINTS_NOT_MET: FaultForm("InvalidArgument", 400),
                Fault.WEB_PAGE: FaultForm("AccessDenied", 403),
                Fault.INTERNAL: FaultForm("InternalError", 500, _INTERNAL_SENTENCE),
            }
        ),
    }
)

# API Gateway's control plane is itself behind the front end that facts 2.4 describe, so a path that is nobody's is taken
# for an unsigned call (U for the control plane, R for the data plane). Lambda's front end says 404 (U).
_MISSING_TOKEN = FaultForm("MissingAuthenticationTokenException", 403, "Missing Authentication Token")
UNKNOWN_PATHS: Mapping[str, FaultForm] = MappingProxyType(
    {
        "apigateway": _MISSING_TOKEN,
        "apigatewayv2": _MISSING_TOKEN,
        "apigatewaymanagementapi": _MISSING_TOKEN,
        "lambda": FaultForm("UnknownOperationException", 404),
    }
)


def make_error(fault: Fault, addressee: Addressee, detail: str = "") -> ServiceError:
    """The error that this service gives for a fault; `detail` is a sentence that names what was wrong."""
    form = FAULT_FORMS[addressee.family][fault]
    if fault is Fault.UNKNOWN_OPERATION:
        form = UNKNOWN_PATHS.get(addressee.name, form)
    return ServiceError(form.code, form.message.replace("{}", detail).strip(), status=form.status)
