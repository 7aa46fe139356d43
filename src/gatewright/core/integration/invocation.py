"""A call of a Lambda function through an Invoke API: which function an integration's uri names, and the framed call.

What this module knows: the form of the uri (facts 7.1), the headers that the service sends to Lambda (facts 7.3, recorded),
and what the statuses of the Invoke API mean (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html). Functions are
run by whoever speaks that API: `--lambda` names it, and `{region}` in its URL stands for the region of the function.

Authorizers are invoked in the same way; what an answer of a function *means* is said in `lambda_proxy` and `authorizers`.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from gatewright.core.context import RequestContext
from gatewright.core.errors import GatewayError
from gatewright.core.integration.http import BackendRequest, BackendResponse
from gatewright.core.integration.uri import UriTemplate, parse_uri
from gatewright.core.reasons import (
    LAMBDA_FUNCTION_UNKNOWN,
    LAMBDA_INVOKE_FAILED,
    LAMBDA_NOT_CONFIGURED,
    LAMBDA_PERMISSION_DENIED,
    LAMBDA_THROTTLED,
)
from gatewright.core.sigv4.signing import SigningCredentials, sign_request
from gatewright.core.sigv4.verification import SigningKeys

_URI: Final = re.compile(
    r"arn:[^:]+:apigateway:(?P<region>[a-z0-9-]+):lambda:path/2015-03-31/functions/(?P<function>[^/\s]+)/invocations"
)
#: What AWS takes as the name of a function: its name, a part of its ARN, or all of it, with an alias or a version.
_FUNCTION: Final = re.compile(r"[A-Za-z0-9:_.$-]+", re.ASCII)
_REGION: Final = "{region}"
#: A sentence of a function or of Lambda, as it is kept with a refusal.
_MAX_SAID: Final = 512

_signing_keys = SigningKeys(64)


class FunctionName(NamedTuple):
    """A function as an integration names it, and the region whose Lambda is asked for it."""

    region: str
    name: str  # mostly an ARN

    def __str__(self) -> str:
        return self.name


def parse_function_uri(uri: str) -> FunctionName:
    """The function in the uri of a Lambda integration whose stage variables are resolved; else `ValueError`."""
    found = _URI.fullmatch(uri)
    if found is None or not _FUNCTION.fullmatch(found["function"]):
        raise ValueError(
            f"{uri!r} does not invoke a Lambda function: expected "
            "arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations."
        )
    return FunctionName(found["region"], found["function"])


class InvokeApi:
    """Where functions are invoked, and by whom."""

    __slots__ = ("_by_region", "_credentials", "url")

    def __init__(self, url: str, credentials: SigningCredentials | None = None) -> None:
        """`url` is http(s)://HOST[:PORT][/PATH], with {region} where the region belongs; else `ValueError`."""
        self.url = url
        self._credentials = credentials
        self._by_region: dict[str, UriTemplate] = {}
        self._endpoint("us-east-1")

    def __repr__(self) -> str:
        return f"<InvokeApi {self.url}{'' if self._credentials is None else ', signed'}>"

    def _endpoint(self, region: str) -> UriTemplate:
        template = self._by_region.get(region)
        if template is None:
            template = parse_uri(self.url.replace(_REGION, region))
            if len(template.parts) > 1 or template.query:
                raise ValueError(f"{self.url!r} has a query, or braces around other words than {{region}}.")
            self._by_region[region] = template
        return template

    def frame(
        self,
        function: FunctionName,
        payload: bytes,
        context: RequestContext,
        *,
        api_id: str,
        source_arn: str,
        timeout_in_millis: int,
    ) -> BackendRequest:
        """The call that invokes the function with this payload and waits for its answer."""
        template = self._endpoint(function.region)
        base = template.parts[0].rstrip("/")
        path = f"{base}/2015-03-31/functions/{quote(function.name, safe='-._~')}/invocations"
        # The headers of facts 7.3 and 8.1, in the order of the samples.
        headers = [
            ("Host", template.endpoint.authority),
            ("x-amzn-lambda-integration-tag", context.request_id),
            ("x-amzn-apigateway-api-id", api_id),
            ("X-Amz-Source-Arn", source_arn),
            ("Accept", "application/json"),
            ("Content-Type", "application/json"),
            ("User-Agent", f"AmazonAPIGateway_{api_id}"),
        ]
        if self._credentials is not None:
            timestamp = datetime.fromtimestamp(context.received_at, UTC).strftime("%Y%m%dT%H%M%SZ")
            headers += sign_request(
                self._credentials,
                "POST",
                path,
                headers,
                payload,
                timestamp=timestamp,
                region=function.region,
                service="lambda",
                signing_key=_signing_keys,
            )
        headers += [("X-Amzn-Trace-Id", context.trace_id), ("Content-Length", str(len(payload)))]
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        return BackendRequest(
            template.endpoint,
            "POST",
            f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1", "replace"),
            payload,
            timeout_in_millis,
            f"{base}/2015-03-31/functions/{function.name}/invocations",
        )


def require_invoke_api(api: InvokeApi | None, function: FunctionName) -> InvokeApi:
    """The Invoke API; without one nothing can be invoked."""
    if api is None:
        raise GatewayError(LAMBDA_NOT_CONFIGURED, function=function)
    return api


def check_invocation(answer: BackendResponse, function: FunctionName) -> None:
    """Returns when the function ran, well or not; raises the reason when Lambda did not run it."""
    status = answer.status
    if 200 <= status < 300:
        return
    facts: dict[str, Any] = {"function": function, "status": status, "said": read_said(answer.body)}
    # Lambda's own 429, whose client gets a 500 (P, facts 2.6): never to be taken for a limit of ours, which is a 429.
    if status == 429:
        raise GatewayError(LAMBDA_THROTTLED, **facts)
    if status in {401, 403}:
        raise GatewayError(LAMBDA_PERMISSION_DENIED, **facts)
    if status == 404:
        raise GatewayError(LAMBDA_FUNCTION_UNKNOWN, **facts)
    raise GatewayError(LAMBDA_INVOKE_FAILED, **facts)


def read_said(body: bytes) -> str:
    """What Lambda, or a function that failed, says of it: the message of its error, else the body's beginning."""
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict):
        for member in ("errorMessage", "Message", "message"):
            text = document.get(member)
            if isinstance(text, str):
                return text[:_MAX_SAID]
    return body[: 4 * _MAX_SAID].decode("utf-8", "replace")[:_MAX_SAID]


def find_function_error(answer: BackendResponse) -> str | None:
    """Handled or Unhandled when the function itself failed; None when it returned."""
    for lower, _, value in answer.headers:
        if lower == b"x-amz-function-error":
            return value.decode("latin-1")
    return None


def find_invocation_id(answer: BackendResponse) -> str:
    """Lambda's id of the request; empty when it gave none."""
    for lower, _, value in answer.headers:
        if lower == b"x-amzn-requestid":
            return value.decode("latin-1")
    return ""
