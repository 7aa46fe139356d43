"""Which URIs an integration may have: HTTP endpoints, and ARNs of AWS services (facts 1.4, 7.1).

Stage variables (`${stageVariables.x}`) may stand for any part behind the scheme, or within an ARN; what they hold is
known only when a request comes. Each refusal is the service's own sentence, raised as `ValueError`.
"""

import re
from typing import Final

INVALID_HTTP_ENDPOINT: Final = "Invalid HTTP endpoint specified for URI"
INVALID_ARN: Final = "Invalid ARN specified in the request"
NO_PATH_OR_ACTION: Final = "AWS ARN for integration must contain path or action"
PROXY_SERVICES_ONLY: Final = (
    "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations."
)

_VARIABLE: Final = r"\$\{stageVariables\.[A-Za-z0-9_-]+\}"
_HTTP: Final = re.compile(
    rf"""https?://
    (?P<host> (?: [A-Za-z0-9._-] | {_VARIABLE} )+ | \[ [0-9A-Fa-f:.]+ \] )
    (?: : (?P<port> [0-9]{{1,5}} | {_VARIABLE} ) )?
    (?: [/?] [^\s#]* )?
    """,
    re.VERBOSE,
)

# D: "arn:aws:apigateway:{region}:{subdomain.service|service}:path|action/{service_api}".
_SERVICE_ARN: Final = re.compile(
    r"arn:[^:]+:apigateway:[^:]*:(?P<service>[^:]+):(?P<call>path|action)/(?P<resource>.+)", re.DOTALL
)
_LAMBDA: Final = re.compile(
    r"2015-03-31/functions/.+/invocations|2021-11-15/functions/.+/response-streaming-invocations", re.DOTALL
)


def check_http_uri(uri: str) -> None:
    """Raises `ValueError` unless it is `http(s)://host[:port][/path][?query]`.

    The service takes ports 80, 443 and 1024-65535 only (D). Backends of a self-hosted gateway listen where their owners
    put them, so every port is taken here.
    """
    found = _HTTP.fullmatch(uri)
    if found is None:
        raise ValueError(INVALID_HTTP_ENDPOINT)
    port = found["port"]
    if port is not None and port.isdigit() and not 1 <= int(port) <= 65_535:
        raise ValueError(INVALID_HTTP_ENDPOINT)


def check_service_uri(uri: str, *, proxy: bool) -> None:
    """Raises `ValueError` unless it is the ARN of a service call; with `proxy`, of Lambda or Firehose (R, all of it)."""
    if not uri.startswith("arn:") or len(uri.split(":")) < 6:
        raise ValueError(INVALID_ARN)
    found = _SERVICE_ARN.fullmatch(uri)
    if found is None:
        raise ValueError(NO_PATH_OR_ACTION)
    if proxy and not (is_lambda_uri(uri) or (found["service"] == "firehose" and found["call"] == "action")):
        raise ValueError(PROXY_SERVICES_ONLY)


def is_lambda_uri(uri: str) -> bool:
    """True for the ARN that invokes a Lambda function, which needs no role."""
    found = _SERVICE_ARN.fullmatch(uri)
    return (
        found is not None
        and found["service"] == "lambda"
        and found["call"] == "path"
        and _LAMBDA.fullmatch(found["resource"]) is not None
    )
