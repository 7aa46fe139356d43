"""TLS towards clients, over memory buffers: which context answers a handshake, and one session's bytes in and out.

The ClientHello is read before the session starts (`core.tls.client_hello`), so the session begins with the context of
the binding that the server name selects. A context costs some 24 kB and 0.8 ms; they are made on first use, so that a
domain costs none before somebody asks for it, and the least recently used are dropped. A session begins with a context that
holds the ticket keys of its binding (`dataplane.ticket_keys`), so that any worker resumes it.

The stdlib's `ssl` can load a certificate only from a file, and a private key must not touch a disk: where the system
has anonymous memory files (Linux), one of these is named instead.
"""

import os
import ssl
import tempfile
from collections import OrderedDict
from functools import lru_cache
from typing import Any, Final, NamedTuple

from gatewright.core.tls.client_hello import ClientHello
from gatewright.core.tls.security_policy import SECURITY_POLICIES, SecurityPolicy
from gatewright.core.x509.certificate import CertificateError, parse_certificate_pem
from gatewright.dataplane.mutual_tls import MutualTlsContexts
from gatewright.dataplane.ticket_keys import TicketKeys, make_bare_context, render_owner
from gatewright.dataplane.tls_policy import apply_policy
from gatewright.dataplane.tls_session import Session, TlsFailed
from gatewright.model.snapshot import Binding, CertificateMaterial

#: A worker's contexts. To make one again costs twice what the handshake does, so there is room for as many names as the
#: engine is to serve without a difference: 240 MB when all of these are busy, and nothing for those that nobody asks for.
_MAX_CONTEXTS: Final = 10_240
#: The name of HTTP/2 over TLS in ALPN (RFC 9113 section 3.1).
HTTP2: Final = "h2"
_TLS_1_2: Final = 0x0303
#: SSL_read hands out at most one record, 16 kB.
_RECORD: Final = 16_384
#: What OpenSSL is given to encrypt at once: a few records. The buffer between it and us never shrinks, and an idle
#: connection keeps it.
MAX_WRITE: Final = 131_072
#: Where the plaintext of several records is gathered: of all that one read of the event loop can bring, and stays in the
#: processor's cache. One for all sessions: a worker has one thread, and what is read is copied out before it is used.
_PLAINTEXT: Final = memoryview(bytearray(262_144 + _RECORD))


class _Served(NamedTuple):
    """What one binding is served with."""

    context: ssl.SSLContext
    owner: bytes  # of its ticket keys
    policy: SecurityPolicy


class TlsContexts:
    """The server contexts of one worker, by binding, certificate and security policy.

    Two names with the same certificate have a context each: with one they would resume each other's sessions.
    Those of names with mutual TLS are `dataplane.mutual_tls`'s.
    """

    __slots__ = ("_mutual", "_served", "_ticket_keys")

    def __init__(self, ticket_keys: TicketKeys | None = None) -> None:
        """Without keys to share, sessions are resumed by the worker that began them."""
        self._ticket_keys = ticket_keys
        self._served: OrderedDict[tuple[str, str, str, bool], _Served] = OrderedDict()
        self._mutual = MutualTlsContexts()

    def begin(self, binding: Binding, *, http2: bool, now: float) -> Session:
        """A session for a binding, with or without HTTP/2. Raises `ssl.SSLError` when OpenSSL cannot use the certificate."""
        if binding.mutual_tls:
            return self._mutual.begin(binding, http2=http2)
        served = self._select(binding, http2=http2)
        if self._ticket_keys is None:
            return TlsSession(served.context)
        return TlsSession(served.context, self._ticket_keys.lend(served.owner, served.policy, now))

    def _select(self, binding: Binding, *, http2: bool) -> _Served:
        key = (binding.name or "", binding.material.identity, binding.security_policy, http2)
        served = self._served.get(key)
        if served is None:
            policy = SECURITY_POLICIES[binding.security_policy]
            context = make_server_context(binding.material, policy, http2=http2)
            served = self._served[key] = _Served(context, render_owner(*key[:3]), policy)
            if len(self._served) > _MAX_CONTEXTS:
                self._served.popitem(last=False)
        else:
            self._served.move_to_end(key)
        return served


def make_server_context(material: CertificateMaterial, policy: SecurityPolicy, *, http2: bool = True) -> ssl.SSLContext:
    """A context that serves this certificate under this policy; by ALPN HTTP/2 before HTTP/1.1, or HTTP/1.1 alone."""
    context = make_bare_context()
    apply_policy(context, policy)
    if policy.openssl_cipher_list:
        # OpenSSL 3 refuses SHA-1 signatures, and with them TLS 1.0 and 1.1, above security level 0.
        level = ":@SECLEVEL=0" if policy.minimum_version < ssl.TLSVersion.TLSv1_2 else ""
        context.set_ciphers(policy.openssl_cipher_list + level)
    context.set_alpn_protocols([HTTP2, "http/1.1"] if http2 else ["http/1.1"])
    _load_certificate(context, material)
    return context


def may_speak_http2(hello: ClientHello) -> bool:
    """Whether the session will be of a version that HTTP/2 can use: TLS 1.2 or newer (RFC 9113 section 9.2)."""
    return hello.highest_version >= _TLS_1_2


@lru_cache(maxsize=1_024)
def read_certificate_names(chain_pem: str) -> tuple[str, ...]:
    """The DNS names of the first certificate of a chain; none when it cannot be read."""
    try:
        return parse_certificate_pem(chain_pem.encode())[0].domain_names
    except CertificateError:
        return ()


def _load_certificate(context: ssl.SSLContext, material: CertificateMaterial) -> None:
    pem = (material.private_key_pem.strip() + "\n" + material.chain_pem).encode()
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("certificate", os.MFD_CLOEXEC)
        try:
            os.write(fd, pem)
            context.load_cert_chain(f"/proc/self/fd/{fd}")
        finally:
            os.close(fd)
        return
    with tempfile.NamedTemporaryFile() as file:  # made 0600
        file.write(pem)
        file.flush()
        context.load_cert_chain(file.name)


class TlsSession(Session):
    """One server-side session of the stdlib's `ssl`, without client certificates.

    `ssl.SSLObject` hands each call on to an object of `_ssl` that has the same methods, and so costs a call of the
    interpreter's for each; that object is asked without it.
    """

    __slots__ = ("_incoming", "_outgoing", "_ssl")

    def __init__(self, context: ssl.SSLContext, ticket_keys: ssl.SSLContext | None = None) -> None:
        """`ticket_keys` is the context to begin with, when that is another (see `dataplane.ticket_keys`)."""
        super().__init__()
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        begins_with: Any = context if ticket_keys is None else ticket_keys
        self._ssl = begins_with._wrap_bio(self._incoming, self._outgoing, server_side=True)  # noqa: SLF001  as said above
        if ticket_keys is not None:
            self._ssl.context = context

    @property
    def output(self) -> bytes:
        """What is to be sent now."""
        return self._outgoing.read()

    @property
    def version(self) -> str | None:
        """`TLSv1.3`, as `$context.tlsVersion` has it."""
        version: str | None = self._ssl.version()
        return version

    @property
    def cipher(self) -> str | None:
        """The suite's name."""
        cipher = self._ssl.cipher()
        return None if cipher is None else cipher[0]

    @property
    def resumed(self) -> bool:
        """Whether the handshake took up an earlier session, without a certificate."""
        return bool(self._ssl.session_reused)

    @property
    def alpn(self) -> str | None:
        """The protocol that was agreed on."""
        protocol: str | None = self._ssl.selected_alpn_protocol()
        return protocol

    @property
    def client_chain(self) -> tuple[bytes, ...]:
        """None is asked for."""
        return ()

    def receive(self, data: bytes | bytearray) -> bytes:
        """The plaintext that `data` completes. Raises `TlsFailed`."""
        incoming = self._incoming
        incoming.write(data)
        try:
            if not self.established:
                self._ssl.do_handshake()
                self.established = True
            chunk: bytes = self._ssl.read(_RECORD)
            if chunk and not incoming.pending:
                # The usual case, spared an exception that says "no more": OpenSSL takes one record at a time, and has handed
                # out the whole of it.
                return chunk
            if chunk:
                return self._read_on(chunk)
            self.closed_by_peer = True
            return b""
        except ssl.SSLWantReadError:
            return b""
        except ssl.SSLZeroReturnError:
            self.closed_by_peer = True
            return b""
        except ssl.SSLError as error:
            raise TlsFailed(error.reason or str(error)) from None

    def _read_on(self, first: bytes) -> bytes:
        """The first record's plaintext and that of all others that have come, gathered in one buffer and copied once."""
        read = self._ssl.read  # with a buffer it returns a count
        size = len(first)
        _PLAINTEXT[:size] = first
        full: list[bytes] = []
        try:
            while count := read(_RECORD, _PLAINTEXT[size:]):
                size += count
                if len(_PLAINTEXT) - size < _RECORD:
                    full.append(bytes(_PLAINTEXT[:size]))
                    size = 0
            self.closed_by_peer = True
        except ssl.SSLWantReadError:
            pass
        full.append(bytes(_PLAINTEXT[:size]))
        return full[0] if len(full) == 1 else b"".join(full)

    def send(self, plaintext: bytes | memoryview) -> bytes:
        """The records that carry `plaintext`, which is at most `MAX_WRITE` bytes. Raises `TlsFailed`."""
        try:
            self._ssl.write(plaintext)
        except ssl.SSLError as error:
            raise TlsFailed(error.reason or str(error)) from None
        return self._outgoing.read()

    def close(self) -> bytes:
        """A close_notify for the peer, if the session ever was one."""
        if self.established:
            try:  # noqa: SIM105  `suppress` costs half of what OpenSSL needs for the record
                self._ssl.shutdown()
            except ssl.SSLError:  # the peer's own close_notify is not waited for (RFC 8446 section 6.1)
                pass
        return self._outgoing.read()


def render_alert(number: int) -> bytes:
    """A fatal alert before any session exists (RFC 8446 section 6)."""
    return bytes((21, 3, 1, 0, 2, 2, number))
