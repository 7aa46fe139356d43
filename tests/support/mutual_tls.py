"""Domain names with mutual TLS for a test's worker, and clients with certificates.

site = MutualSite(worker)
site.serve("a.mutual.test", truststore_pem)     # answers 200 `{}` on every path to clients who come in
site.connect("a.mutual.test", client)           # a TLS connection that shows the client's certificate
"""

import http.client
import ssl
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from gatewright.model.records import (
    BasePathMapping,
    Integration,
    IntegrationResponse,
    Method,
    MethodResponse,
    MutualTlsAuthentication,
    Truststore,
)
from support.client_chains import Made, show_certificate
from support.worker import ACCOUNT, REGION, api_of, certificate, delete, domain, put

API = "mutualapi1"
SUFFIX = "mutual.test"


def truststore_of(name: str, pem: str, revocation_lists: str | None = None) -> Truststore:
    """The record as the control plane writes it at the domain name's update."""
    digest = sha256(pem.encode()).hexdigest()
    return Truststore(ACCOUNT, REGION, name, "s3://t/x.pem", pem, digest, 0.0, revocation_lists=revocation_lists)


def mutual(record):
    """The domain name, asking for client certificates."""
    return replace(record, mutual_tls_authentication=MutualTlsAuthentication("s3://t/x.pem"))


def client_context(
    client: Made | None, *, sent: Sequence[Made] = (), version: ssl.TLSVersion | None = None, http2: bool = False
) -> ssl.SSLContext:
    """A client's context, which takes any server certificate and any key of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    if version is not None:
        context.minimum_version = context.maximum_version = version
    if http2:
        context.set_alpn_protocols(["h2", "http/1.1"])
    if client is not None:
        show_certificate(context, client, sent)
    return context


class MutualSite:
    """Domain names below `mutual.test`, all with one certificate and one API."""

    def __init__(self, worker) -> None:
        self.worker = worker
        self._opened: list[http.client.HTTPConnection] = []
        method = Method("ANY", method_integration=make_mock(), method_responses={"200": MethodResponse("200")})
        worker.publish(
            certificate("mutual", worker.authority.issue(f"*.{SUFFIX}")),
            *api_of(API, {"/{proxy+}": {"ANY": method}}),
        )

    @property
    def default_endpoint(self) -> str:
        """The API's own name."""
        return f"{API}.execute-api.{REGION}.gateway.localhost"

    def domain(self, name: str):
        """The domain name's record, without mutual TLS."""
        return domain(name, "mutual")

    def changes(self, name: str, pem: str | None, *, asks: bool = True, revocation_lists: str | None = None) -> list:
        """What is published for a domain name; `pem` None: there is no truststore."""
        record = self.domain(name)
        return [
            put(mutual(record) if asks else record),
            put(BasePathMapping(ACCOUNT, REGION, name, "", API, "dev")),
            *([put(truststore_of(name, pem, revocation_lists))] if pem is not None else []),
        ]

    def serve(self, name: str, pem: str | None, **how) -> str:
        """Serve the domain name; its name."""
        self.worker.publish(*self.changes(name, pem, **how))
        return name

    def forget_truststore(self, name: str) -> None:
        """The record is gone, and mutual TLS stays."""
        self.worker.publish(delete(truststore_of(name, "")))

    def connect(self, name: str | None, client: Made | None, **how) -> http.client.HTTPConnection:
        """A connection whose handshake names the domain and shows the certificate."""
        connection = http.client.HTTPConnection(name or "nobody.test")
        self._opened.append(connection)
        connection.sock = self.worker.handshake(name, context=client_context(client, **how))
        return connection

    def close_connections(self) -> None:
        """End those that `connect` made."""
        while self._opened:
            self._opened.pop().close()


def make_mock() -> Integration:
    """Answers 200 without a backend."""
    return Integration(
        "MOCK",
        request_templates={"application/json": '{"statusCode": 200}'},
        integration_responses={"200": IntegrationResponse("200")},
    )


def ask(connection: http.client.HTTPConnection, path: str = "/x", **headers: str) -> http.client.HTTPResponse:
    """The answer to a GET, read to its end; header names with underscores for hyphens."""
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    answer.body = answer.read()
    return answer


def status_of(connection: http.client.HTTPConnection, path: str = "/x", **headers: str) -> int:
    """Its status."""
    return ask(connection, path, **headers).status
