"""What a connection needs of a TLS session, whichever library runs it: bytes of TLS on one side, plaintext on the other.

`dataplane.tls.TlsSession` is the stdlib's, `dataplane.mutual_tls.MutualTlsSession` pyOpenSSL's. `output` must be asked for
after every call, also after a failure: it may hold an alert.
"""

from abc import ABC, abstractmethod


class TlsFailed(Exception):
    """The session cannot go on; OpenSSL's words. What it wrote before (an alert) still has to be sent."""


class ClientCertificateMissing(TlsFailed):
    """The domain asks for client certificates, and the client sent none."""


class Session(ABC):
    """One server-side session."""

    __slots__ = ("closed_by_peer", "established")

    def __init__(self) -> None:
        self.established = False
        self.closed_by_peer = False

    @property
    @abstractmethod
    def output(self) -> bytes:
        """What is to be sent now."""

    @property
    @abstractmethod
    def version(self) -> str | None:
        """`TLSv1.3`, as `$context.tlsVersion` has it."""

    @property
    @abstractmethod
    def cipher(self) -> str | None:
        """The suite's name."""

    @property
    @abstractmethod
    def resumed(self) -> bool:
        """Whether the handshake took up an earlier session, without a certificate."""

    @property
    @abstractmethod
    def alpn(self) -> str | None:
        """The protocol that was agreed on."""

    @property
    @abstractmethod
    def client_chain(self) -> tuple[bytes, ...]:
        """The certificates that the client sent, in DER, its own first; none where none is asked for."""

    @abstractmethod
    def receive(self, data: bytes | bytearray) -> bytes:
        """The plaintext that `data` completes. Raises `TlsFailed`."""

    @abstractmethod
    def send(self, plaintext: bytes | memoryview) -> bytes:
        """The records that carry `plaintext`, which is at most `dataplane.tls.MAX_WRITE` bytes. Raises `TlsFailed`."""

    @abstractmethod
    def close(self) -> bytes:
        """A close_notify for the peer, if the session ever was one."""
