"""AWS APIs that are a table: an API `abcdefghij` with GET /pets on stage `dev`, mapped to one domain name.

    with CannedApis("www.shop.test", certificate_pem) as apis:
        apis.answers.pop("/domainnames/www.shop.test/basepathmappings")   # what is not in the table is not found
        apis.endpoint                                                     # http://127.0.0.1:…, for --endpoint-url

Only what a diagnosis asks for, and only read; quick enough for tests of the command that are not about the account.
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from support.serving import Serving

API, TARGET = "abcdefghij", "d-abcdefghij.execute-api.us-east-1.amazonaws.com"
ARN = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet: delayed acknowledgements would cost 40 ms a request
    disable_nagle_algorithm = True
    timeout = 20

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.headers.get("X-Amz-Target") or urlsplit(self.path).path
        self.server.owner.asked.append((path, self.headers.get("Authorization", ""), body))
        found = self.server.owner.answers.get(path)
        kind = {} if found is not None else {"x-amzn-ErrorType": "NotFoundException"}
        payload = json.dumps({"message": "There is no such thing"} if found is None else found).encode()
        self.send_response(404 if found is None else 200)
        for name, value in {**kind, "Content-Type": "application/json", "Content-Length": str(len(payload))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)

    do_GET = do_POST = answer  # noqa: N815  http.server's names

    def log_message(self, *_):
        pass


class CannedApis(Serving):
    """The table and who serves it; `asked` are the paths (or JSON operations), signatures and bodies that came."""

    def __init__(self, domain_name: str, certificate_pem: str) -> None:
        self.asked: list[tuple[str, str, bytes]] = []
        resources = [{"id": "r0", "path": "/"}, {"id": "r1", "path": "/pets", "resourceMethods": {"GET": {}}}]
        self.answers: dict[str, dict] = {
            f"/domainnames/{domain_name}": {
                "domainName": domain_name, "domainNameStatus": "AVAILABLE", "regionalDomainName": TARGET,
                "regionalHostedZoneId": "Z1UJRXOUMOOFQ8", "regionalCertificateArn": ARN, "securityPolicy": "TLS_1_2",
                "endpointConfiguration": {"types": ["REGIONAL"]},
            },
            f"/domainnames/{domain_name}/basepathmappings": {
                "item": [{"basePath": "(none)", "restApiId": API, "stage": "dev"}]
            },
            "/restapis": {"item": [{"id": API, "name": "pets"}]},
            f"/restapis/{API}": {"id": API, "name": "pets"},
            f"/restapis/{API}/stages": {"item": [{"stageName": "dev", "deploymentId": "d1"}]},
            f"/restapis/{API}/stages/dev": {"stageName": "dev", "deploymentId": "d1"},
            f"/restapis/{API}/deployments/d1": {
                "id": "d1", "apiSummary": {"/pets": {"GET": {"authorizationType": "NONE", "apiKeyRequired": False}}}
            },
            f"/restapis/{API}/resources": {"item": resources},
            f"/restapis/{API}/resources/r1/methods/GET/integration": {"type": "MOCK"},
            "CertificateManager.GetCertificate": {"Certificate": certificate_pem, "CertificateChain": certificate_pem},
        }  # fmt: skip
        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), _Handler), "canned apis")
