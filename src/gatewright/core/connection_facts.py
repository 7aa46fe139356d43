"""What an ingress knows of the connection that requests come over, and what was found of the client's certificate."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from gatewright.core.reasons import Reason
from gatewright.core.x509.certificate import CertificateError, CertificateFacts
from gatewright.core.x509.client_certificate import render_client_certificate

_NOTHING: Final[Mapping[str, str]] = {}


class ClientVerdict:
    """What was found of a client's certificate: `reason` None lets it in, else it is refused with these facts.

    It holds for the truststore of that identity (`ClientTrust.identity`), and before the instant `until`.
    """

    __slots__ = ("facts", "identity", "reason", "subject", "until")

    def __init__(
        self,
        identity: str,
        until: float,
        subject: str | None = None,
        reason: Reason | None = None,
        facts: Mapping[str, str] = _NOTHING,
    ) -> None:
        self.subject = subject  # as OpenSSL writes it; None when it cannot be read
        self.identity = identity
        self.until = until
        self.reason = reason
        self.facts = facts

    def __repr__(self) -> str:
        return f"<ClientVerdict {'let in' if self.reason is None else self.reason.code} until {self.until}>"


class ConnectionFacts:
    """What an ingress knows of the connection a request came over (DESIGN 7); the pipeline never asks a socket.

    The facts of a connection, a stage and a method are the same for many requests, so what is rendered of them for
    backends and records is kept with them (`forwarded`, `record`, `client_variables`); `None` until it is first needed.
    So is the last verdict on the client's certificate.
    """

    __slots__ = (
        "alpn",
        "binding",
        "binding_reason",
        "cipher",
        "client_chain",
        "client_variables",
        "entry",
        "forwarded",
        "local_port",
        "peer",
        "peer_port",
        "record",
        "server_name",
        "tls_version",
        "verdict",
    )

    def __init__(
        self,
        entry: str,
        peer: str,
        peer_port: int,
        server_name: str | None = None,
        alpn: str | None = None,
        tls_version: str | None = None,
        cipher: str | None = None,
        binding: str | None = None,
        binding_reason: str | None = None,
        client_chain: tuple[bytes, ...] = (),
        local_port: int = 443,
    ) -> None:
        self.entry = entry  # "https": the TLS listener; "local": the control listener's plain entry, loopback only
        self.peer = peer
        self.peer_port = peer_port
        self.server_name = server_name
        self.alpn = alpn
        self.tls_version = tls_version
        self.cipher = cipher
        self.binding = binding  # the domain name whose certificate was served; None: the default certificate
        self.binding_reason = binding_reason
        self.client_chain = client_chain  # DER, the client's own certificate first; nobody has judged them
        self.local_port = local_port
        self.client_variables: Mapping[str, str] | None = None
        self.forwarded: bytes | None = None
        self.record: str | None = None
        self.verdict: ClientVerdict | None = None

    def __repr__(self) -> str:
        return f"<ConnectionFacts {self.entry} from {self.peer} for {self.server_name}>"


def describe_client(connection: ConnectionFacts) -> Mapping[str, str]:
    """`$context.identity.clientCert.*` of the connection; nothing without a certificate that can be read."""
    if connection.client_variables is None:
        variables = _NOTHING
        if connection.client_chain:
            with suppress(CertificateError):
                leaf = CertificateFacts.from_der(connection.client_chain[0])
                variables = render_client_certificate(leaf).as_variables()
        connection.client_variables = variables
    return connection.client_variables
