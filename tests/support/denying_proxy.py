"""A way to an account on which one action is not permitted: everything else is passed on.

    with DenyingProxy(account.endpoint) as way:
        way.denied = "acm:GetCertificate"
        way.endpoint                          # http://127.0.0.1:…, for a profile
    way.answers["iam:SimulatePrincipalPolicy"] = (200, {}, "<…>")   # what the account itself cannot say

The refusal has the form of the service's protocol, so that botocore reads it as it reads AWS's. The action is told from the
signature's scope and from what names the operation in each protocol.
"""

import http.client
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from support.serving import Serving

_SECONDS = 20
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")
#: Operations of the REST protocols, by method and what the path looks like.
_REST = (
    ("route53", "GET", r"/2013-04-01/hostedzone/?", "ListHostedZones"),
    ("route53", "GET", r"/2013-04-01/hostedzone/[^/]+/rrset/?", "ListResourceRecordSets"),
    ("cloudfront", "GET", r"/[\d-]+/distribution", "ListDistributions"),
    ("cloudfront", "GET", r"/[\d-]+/cache-policy/[^/]+", "GetCachePolicy"),
    ("cloudfront", "GET", r"/[\d-]+/origin-request-policy/[^/]+", "GetOriginRequestPolicy"),
)
_NAMED = "User: arn:aws:iam::123456789012:user/doctor is not authorized to perform: {action} on resource: *"


def find_action(method: str, path: str, headers, body: bytes) -> str:
    """The IAM action of one request."""
    scope = _SCOPE.search(headers.get("Authorization", ""))
    service = scope[1] if scope else ""
    if target := headers.get("X-Amz-Target"):
        return f"{service}:{target.rpartition('.')[2]}"
    if "Action" in (form := parse_qs(body.decode("latin-1"))):
        return f"{service}:{form['Action'][0]}"
    if service == "apigateway":
        return f"apigateway:{method}"
    for name, verb, pattern, operation in _REST:
        if (name, verb) == (service, method) and re.fullmatch(pattern, urlsplit(path).path):
            return f"{service}:{operation}"
    return f"{service}:{method}"


def render_refusal(action: str) -> tuple[int, dict[str, str], str]:
    """AccessDenied in the protocol of the action's service."""
    service, message = action.partition(":")[0], _NAMED.format(action=action)
    match service:
        case "apigateway":
            return 403, {"x-amzn-ErrorType": "AccessDeniedException"}, f'{{"Message":"{message}"}}'
        case "ec2":
            # EC2's own refusals do not name the action.
            text = "You are not authorized to perform this operation."
            error = f"<Error><Code>UnauthorizedOperation</Code><Message>{text}</Message></Error>"
            return 403, {}, f"<Response><Errors>{error}</Errors><RequestID>x</RequestID></Response>"
        case "route53" | "cloudfront" | "iam" | "sts":
            error = f"<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{message}</Message></Error>"
            return 403, {}, f"<ErrorResponse>{error}<RequestId>x</RequestId></ErrorResponse>"
        case "s3":
            return 403, {}, f"<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>"
    return 400, {}, f'{{"__type":"AccessDeniedException","Message":"{message}"}}'


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet: delayed acknowledgements would cost 40 ms a request
    disable_nagle_algorithm = True
    timeout = _SECONDS

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        action = find_action(self.command, self.path, self.headers, body)
        self.server.owner.asked.append(action)
        if action == self.server.owner.denied:
            status, headers, text = render_refusal(action)
            payload = text.encode()
        elif action in self.server.owner.answers:
            status, headers, text = self.server.owner.answers[action]
            payload = text.encode()
        else:
            status, headers, payload = self.server.owner.pass_on(self.command, self.path, self.headers, body)
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in {"content-length", "connection", "transfer-encoding", "date", "server"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    do_GET = do_POST = do_PUT = do_HEAD = answer  # noqa: N815  http.server's names

    def log_message(self, *_):
        pass


class DenyingProxy(Serving):
    """The way; `asked` are the actions of the requests that came along."""

    def __init__(self, endpoint: str) -> None:
        self.denied: str | None = None
        self.answers: dict[str, tuple[int, dict[str, str], str]] = {}
        self.asked: list[str] = []
        self._upstream = urlsplit(endpoint)
        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), _Handler), "denying proxy")

    def pass_on(self, method: str, path: str, headers, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What the account itself answers."""
        upstream = http.client.HTTPConnection(self._upstream.hostname, self._upstream.port, timeout=_SECONDS)
        try:
            upstream.request(method, path, body, dict(headers.items()))
            response = upstream.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            upstream.close()
