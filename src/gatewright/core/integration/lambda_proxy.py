"""AWS_PROXY integrations with a Lambda function: the event out, the function's answer in (facts 7.6, recorded 2024).

What a function may answer with: a JSON object of `statusCode` (an integer, or its digits), `headers`, `multiValueHeaders`,
`body` and `isBase64Encoded`, none of which must be there. Anything else is a malformed answer, 502. Where `headers` and
`multiValueHeaders` have the same name, the list's values come first, in its spelling.

Three things can have gone wrong, and each is a reason of its own: Lambda did not run the function (`check_invocation`), the
function failed, or what it answered cannot be used.
"""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from gatewright.core.context import RequestContext
from gatewright.core.errors import GatewayError
from gatewright.core.http.header_treatment import RESERVED_MAPPED_HEADERS, RESPONSE_FATE_LAMBDA
from gatewright.core.http.message import Response
from gatewright.core.integration.http import NO_MAPPINGS, BackendRequest, BackendResponse, RequestMappings
from gatewright.core.integration.invocation import (
    FunctionName,
    InvokeApi,
    check_invocation,
    find_function_error,
    find_invocation_id,
    read_said,
    require_invoke_api,
)
from gatewright.core.integration.proxy_event import is_binary, make_proxy_event
from gatewright.core.integration.templates import media_type_of
from gatewright.core.mapping.values import encode_header_value
from gatewright.core.reasons import (
    LAMBDA_ANSWER_MALFORMED,
    LAMBDA_BODY_NOT_BASE64,
    LAMBDA_FUNCTION_FAILED,
    LAMBDA_NOT_POST,
    RESERVED_HEADER_MAPPED,
)

_MEMBERS: Final = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})
#: RFC 9110 section 5.6.2: what a header's name may be.
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", re.ASCII)
#: Facts 7.3: reserved towards AWS services besides those of every integration.
_RESERVED: Final = RESERVED_MAPPED_HEADERS | {b"authorization", b"connection", b"expect", b"proxy-authenticate", b"te"}


class LambdaIntegration:
    """A compiled AWS_PROXY integration in one stage, of one method or of all that are alike."""

    __slots__ = ("api_arn", "api_id", "binary_media_types", "function", "http_method", "mappings", "timeout_in_millis")

    def __init__(
        self,
        *,
        api_id: str,
        api_arn: str,
        http_method: str,
        function: FunctionName,
        timeout_in_millis: int,
        binary_media_types: Sequence[str] = (),
        mappings: RequestMappings = NO_MAPPINGS,
    ) -> None:
        self.api_id = api_id
        self.api_arn = api_arn  # arn:aws:execute-api:{region}:{account}:{api}
        self.http_method = http_method
        self.function = function
        self.timeout_in_millis = timeout_in_millis
        self.binary_media_types = tuple(binary_media_types)
        self.mappings = mappings

    def __repr__(self) -> str:
        return f"<AWS_PROXY {self.function}>"


class ProxyAnswer(NamedTuple):
    """What a function answered, read."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: str
    is_base64: bool


def build_function_request(
    integration: LambdaIntegration, context: RequestContext, api: InvokeApi | None, *, signed: bool
) -> BackendRequest:
    """The invocation that this request becomes. `signed`: the method uses AWS_IAM."""
    # Facts 7.1, recorded: another verb is accepted when configured, and fails when called.
    if integration.http_method != "POST":
        raise GatewayError(LAMBDA_NOT_POST, function=integration.function, verb=integration.http_method)
    event = make_proxy_event(
        context,
        binary_media_types=integration.binary_media_types,
        signed=signed,
        more_headers=_mapped_headers(integration.mappings, context),
        more_query=_mapped(integration.mappings.query, context),
    )
    stage, method = context.stage, context.method
    assert stage is not None
    assert method is not None, "a method's integration is called"
    return require_invoke_api(api, integration.function).frame(
        integration.function,
        json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace"),
        context,
        api_id=integration.api_id,
        source_arn=f"{integration.api_arn}/{stage.name}/{context.http_method}{method.resource_path}",
        timeout_in_millis=integration.timeout_in_millis,
    )


def _mapped(sources: Sequence[tuple[str, Any]], context: RequestContext) -> list[tuple[str, str | None]]:
    return [(name, source(context)) for name, source in sources]


def _mapped_headers(mappings: RequestMappings, context: RequestContext) -> list[tuple[str, str | None]]:
    for name, _ in mappings.headers:
        if name.lower().encode("latin-1", "replace") in _RESERVED:
            raise GatewayError(RESERVED_HEADER_MAPPED, header=name)
    return _mapped(mappings.headers, context)


def shape_function_answer(integration: LambdaIntegration, answer: BackendResponse, context: RequestContext) -> Response:
    """What the client gets of Lambda's answer."""
    check_invocation(answer, integration.function)
    if find_function_error(answer) is not None:
        raise GatewayError(
            LAMBDA_FUNCTION_FAILED,
            function=integration.function,
            status=answer.status,
            said=read_said(answer.body),
            invocation_id=find_invocation_id(answer),
        )
    try:
        read = read_proxy_answer(answer.body)
    except ValueError as error:
        raise GatewayError(LAMBDA_ANSWER_MALFORMED, function=integration.function, why=str(error)) from None
    return _make_response(integration, read, context)


def read_proxy_answer(payload: bytes) -> ProxyAnswer:
    """A function's answer; `ValueError` says what is wrong with it."""
    try:
        document: Any = json.loads(payload)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(document, dict):
        raise ValueError(f"it is {_describe(document)}, not an object")  # noqa: TRY004  of JSON
    unknown = sorted(document.keys() - _MEMBERS)
    if unknown:
        raise ValueError(f"it has the member {unknown[0]!r}, which is not one of {', '.join(sorted(_MEMBERS))}")
    is_base64 = document.get("isBase64Encoded")
    if is_base64 not in (None, True, False):
        raise ValueError(f"isBase64Encoded is {_describe(is_base64)}, not true or false")
    body = document.get("body")
    return ProxyAnswer(
        _read_status(document.get("statusCode")),
        _merge(_read_headers(document.get("headers")), _read_lists(document.get("multiValueHeaders"))),
        "" if body is None else _read_scalar(body, "body"),
        bool(is_base64),
    )


def _describe(value: Any) -> str:
    """In the words of JSON."""
    for kind, name in ((bool, "a boolean"), (str, "a string"), (int | float, "a number"), (dict, "an object")):
        if isinstance(value, kind):
            return name
    return "null" if value is None else "an array"


def _read_status(value: Any) -> int:
    """200 when absent. Guess: what HTTP has no final status for is malformed, as after a 1xx the client would wait."""
    if value is None:
        return 200
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) == 3:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 200 <= value <= 599:
        raise ValueError(f"statusCode is {str(value)[:40]!r}, not a number from 200 to 599")
    return value


def _read_scalar(value: Any, where: str) -> str:
    """R: strings and booleans are taken. Guess: numbers, too, as the service's reader of JSON takes them elsewhere."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise ValueError(f"{where} is {_describe(value)}, not a string")


def _read_headers(value: Any) -> list[tuple[str, str]]:
    """Guess: a header whose value is null is left out."""
    if value is None:
        return []
    if not isinstance(value, dict):
        raise ValueError(f"headers is {_describe(value)}, not an object")  # noqa: TRY004  of JSON
    return [(name, _read_scalar(each, f"the header {name!r}")) for name, each in value.items() if each is not None]


def _read_lists(value: Any) -> list[tuple[str, list[str]]]:
    if value is None:
        return []
    if not isinstance(value, dict):
        raise ValueError(f"multiValueHeaders is {_describe(value)}, not an object")  # noqa: TRY004  of JSON
    read = []
    for name, each in value.items():
        if not isinstance(each, list):
            raise ValueError(f"{name!r} of multiValueHeaders is {_describe(each)}, not an array")  # noqa: TRY004  of JSON
        read.append((name, [_read_scalar(one, f"a value of {name!r}") for one in each]))
    return read


def _merge(single: list[tuple[str, str]], lists: list[tuple[str, list[str]]]) -> list[tuple[str, str]]:
    """R: where both have a name, the list's values come first and its spelling is kept; values that are equal stay."""
    spelt = {name.lower(): name for name, _ in lists}
    also: dict[str, list[str]] = {}
    rest = []
    for name, value in single:
        if name.lower() in spelt:
            also.setdefault(name.lower(), []).append(value)
        else:
            rest.append((name, value))
    merged = []
    for name, values in lists:
        merged += [(name, value) for value in [*values, *also.pop(name.lower(), [])]]
    return merged + rest


def _make_response(integration: LambdaIntegration, answer: ProxyAnswer, context: RequestContext) -> Response:
    headers: list[tuple[bytes, bytes]] = []
    content_type = False
    for name, text in answer.headers:
        value = encode_header_value(text)
        lower = name.lower().encode("latin-1", "replace")
        fate = RESPONSE_FATE_LAMBDA.get(lower, b"")
        if value is None or fate is None or not _TOKEN.fullmatch(name) or lower == b"content-length":
            continue  # ours to write is how long the body is
        content_type = content_type or lower == b"content-type"
        headers.append((fate + name.encode(), value))
    if not content_type:
        headers.append((b"Content-Type", b"application/json"))  # facts 2.5
    headers.append((b"X-Amzn-Trace-Id", context.trace_id.encode()))
    body = answer.body.encode("utf-8", "replace")
    if answer.is_base64 and _wants_binary(context.request.header(b"accept"), integration.binary_media_types):
        try:
            body = base64.b64decode(body, validate=True)
        except binascii.Error:
            raise GatewayError(LAMBDA_BODY_NOT_BASE64, function=integration.function) from None
    return Response(answer.status, headers, body)


def _wants_binary(accept: bytes | None, binary_media_types: Sequence[str]) -> bool:
    """R: the first type of Accept is binary for the API, or every type is (facts 7.5)."""
    if "*/*" in binary_media_types:
        return True
    first = media_type_of(accept.split(b",", 1)[0]) if accept else None
    return first is not None and is_binary(first, binary_media_types)
