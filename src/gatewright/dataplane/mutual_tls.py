"""TLS with client certificates, by pyOpenSSL: every certificate completes the handshake, and is judged afterwards.

What this module knows:

- A client that is refused gets HTTP 403 with a reason (facts 3.3), so the handshake may not fail for what a certificate
  says. Python's `ssl` cannot do that; OpenSSL's verify callback can let everything pass. What stays OpenSSL's, and ends the
  handshake: no certificate at all (TLS 1.3: alert certificate_required), a certificate that cannot be read, and a client
  that does not prove that it has the key.
- OpenSSL's own search for a path is cut short (depth 0): all that it finds is let pass, and a client could make it check
  hundreds of signatures.
- The client is not told the names of the CAs. A list helps browsers to offer the right certificate; but clients that obey
  it (Go's, Java's) would send none when theirs is not named, so that nobody could tell them why they are refused. And
  1,000 subjects are some 100 kB in each handshake.
- Sessions are not resumed: a resumed session has the certificate of an earlier handshake, and OpenSSL opens a ticket of
  another domain with the same key. Without tickets and cache there is nothing to resume. (pyOpenSSL cannot set the number
  of TLS 1.3's tickets, so the two that OpenSSL sends name sessions that nobody keeps.)
- The OpenSSL here is the one that `cryptography` carries, not Python's: contexts are not exchangeable.
"""

from collections import OrderedDict
from contextlib import suppress
from ssl import SSLError
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.bindings.openssl.binding import Binding as OpenSsl
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates
from OpenSSL import SSL, crypto

from gatewright.core.tls.security_policy import SECURITY_POLICIES, TLS_1_2, SecurityPolicy
from gatewright.dataplane.tls_session import ClientCertificateMissing, Session, TlsFailed
from gatewright.model.snapshot import Binding, CertificateMaterial

#: A worker's contexts, at some 30 kB when they are busy; the least recently used go.
_MAX_CONTEXTS: Final = 10_240
#: A record's plaintext (RFC 8446 section 5.1).
_RECORD: Final = 16_384
#: What is read at once of what OpenSSL wrote; a server's part of a handshake is some 4 kB.
_OUTPUT: Final = 16_384
#: What one record adds to its plaintext at most: TLS 1.2 with CBC and SHA-384.
_OVERHEAD: Final = 128
#: Certificates beside the leaf that are kept; they only make a refusal's explanation better.
_MAX_SENT: Final = 8
#: As OpenSSL names the alert's cause, in all its versions.
_NO_CERTIFICATE: Final = "peer did not return a certificate"

# The four calls of a request on a kept connection, without what pyOpenSSL puts around them: 2.7 of 4.7 µs. Whatever does
# not succeed at once is asked again of pyOpenSSL, which knows what went wrong.
_bio_write: Final[Any] = OpenSsl.lib.BIO_write
_bio_read: Final[Any] = OpenSsl.lib.BIO_read
_ssl_read: Final[Any] = OpenSsl.lib.SSL_read
_ssl_write: Final[Any] = OpenSsl.lib.SSL_write
_view: Final[Any] = OpenSsl.ffi.buffer
#: Where plaintext and records lie for a moment; a worker has one thread, and they are copied out before they are used.
_SCRATCH: Final[Any] = OpenSsl.ffi.new("char[]", 2 * _RECORD)

_OPTIONS: Final = SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_TICKET | SSL.OP_CIPHER_SERVER_PREFERENCE


class MutualTlsContexts:
    """The contexts of one worker for domains with mutual TLS, by domain, server certificate and security policy."""

    __slots__ = ("_contexts",)

    def __init__(self) -> None:
        self._contexts: OrderedDict[tuple[str, str, str, bool], SSL.Context] = OrderedDict()

    def begin(self, binding: Binding, *, http2: bool) -> "MutualTlsSession":
        """A session for a binding. Raises `ssl.SSLError` when OpenSSL cannot use the server's certificate."""
        key = (binding.name or "", binding.material.identity, binding.security_policy, http2)
        context = self._contexts.get(key)
        if context is None:
            policy = SECURITY_POLICIES[binding.security_policy]
            context = self._contexts[key] = make_mutual_context(binding.material, policy, http2=http2)
            if len(self._contexts) > _MAX_CONTEXTS:
                self._contexts.popitem(last=False)
        else:
            self._contexts.move_to_end(key)
        return MutualTlsSession(context)


def make_mutual_context(material: CertificateMaterial, policy: SecurityPolicy, *, http2: bool = True) -> SSL.Context:
    """A context that serves this certificate and wants one of the client; the key stays in memory."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(policy.minimum_version)
    context.set_options(_OPTIONS)
    # As Python's `ssl` has it: an idle connection is spared 34 kB.
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    # A client may ask to resume all the same; without an id OpenSSL would fail then.
    context.set_session_id(b"mutual")
    # Security level 1 lets clients prove that they have an RSA-1024 key, which we then refuse with a reason; signatures
    # over a handshake with SHA-1 it does not accept. TLS 1.0 and 1.1 need level 0.
    level = 1 if policy.minimum_version >= TLS_1_2 else 0
    suites = policy.openssl_cipher_list or "DEFAULT"
    try:
        context.set_cipher_list(f"{suites}:@SECLEVEL={level}".encode())
        if policy.openssl_ciphersuites:
            context.set_tls13_ciphersuites(policy.openssl_ciphersuites.encode())
        _set_groups(context, policy)
        _load_certificate(context, material)
    except (SSL.Error, crypto.Error, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SSLError(_explain(error)) from None
    context.set_verify_depth(0)
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, _let_pass)
    context.set_alpn_select_callback(_select_http2 if http2 else _select_http11)
    return context


def _set_groups(context: SSL.Context, policy: SecurityPolicy) -> None:
    """Enhanced policies, those with hybrids, exclude mutual TLS (facts 1.7); these every OpenSSL has.

    With TLS 1.2 a client's own key has to be of one of the groups (RFC 8422 section 5.1.1). Who has one of P-521, which no
    truststore lets in, is to hear why.
    """
    groups = ":".join((*policy.classic_groups, "P-521")).encode()
    # pyOpenSSL has no method for it; its binding has the function.
    library, pointer = SSL._lib, context._context  # type: ignore[attr-defined]  # noqa: SLF001
    if not library.SSL_CTX_set1_curves_list(pointer, groups):
        raise ValueError(f"OpenSSL does not know the groups {groups.decode()}.")


def _load_certificate(context: SSL.Context, material: CertificateMaterial) -> None:
    leaf, *others = load_pem_x509_certificates(material.chain_pem.encode())
    key: Any = load_pem_private_key(material.private_key_pem.encode(), None)
    context.use_certificate(leaf)
    for other in others:
        context.add_extra_chain_cert(other)
    context.use_privatekey(key)
    context.check_privatekey()


def _let_pass(_connection: object, _certificate: object, _error: int, _depth: int, _verified: int) -> bool:
    """The verify callback: `dataplane.client_verdicts` judges, at the first request."""
    return True


def _select_http2(_connection: object, offered: list[bytes]) -> Any:
    if b"h2" in offered:
        return b"h2"
    return _select_http11(_connection, offered)


def _select_http11(_connection: object, offered: list[bytes]) -> Any:
    # As with the stdlib's contexts, a client that offers neither goes on without ALPN.
    return b"http/1.1" if b"http/1.1" in offered else SSL.NO_OVERLAPPING_PROTOCOLS


def _explain(error: Exception) -> str:
    """OpenSSL's words; pyOpenSSL's errors are lists of (library, function, reason)."""
    found = error.args[0] if error.args else ""
    if isinstance(found, list):
        return "; ".join(str(entry[2]) for entry in found) or "OpenSSL gave no reason"
    return str(error)


class MutualTlsSession(Session):
    """One session over pyOpenSSL's memory buffers.

    A call that finds nothing there costs 3 µs, for the exception. So it is known without asking when nothing can be there:
    `_missing` and `_head` follow the boundaries of the client's records.
    """

    __slots__ = ("_connection", "_from_ssl", "_head", "_into_ssl", "_missing", "_speaks", "_ssl")

    def __init__(self, context: SSL.Context) -> None:
        super().__init__()
        self._connection: Any = SSL.Connection(context)
        self._connection.set_accept_state()
        # They live as long as the connection, and pyOpenSSL has no other way to them.
        self._ssl: Any = self._connection._ssl  # noqa: SLF001
        self._into_ssl: Any = self._connection._into_ssl  # noqa: SLF001
        self._from_ssl: Any = self._connection._from_ssl  # noqa: SLF001
        self._head = b""  # the beginning of a record's header, when it was divided
        self._missing = 0  # bytes still to come of a record that has begun
        self._speaks = True  # OpenSSL may have written something of its own accord

    @property
    def output(self) -> bytes:
        """What is to be sent now."""
        return self._read_output() if self._speaks else b""

    def _read_output(self) -> bytes:
        self._speaks = False
        chunks: list[bytes] = []
        with suppress(SSL.WantReadError):
            while True:
                chunks.append(self._connection.bio_read(_OUTPUT))
        return b"".join(chunks)

    @property
    def version(self) -> str | None:
        """`TLSv1.3`, as `$context.tlsVersion` has it."""
        name: str = self._connection.get_protocol_version_name()
        return name

    @property
    def cipher(self) -> str | None:
        """The suite's name."""
        name: str | None = self._connection.get_cipher_name()
        return name

    @property
    def resumed(self) -> bool:
        """Never."""
        return False

    @property
    def alpn(self) -> str | None:
        """The protocol that was agreed on."""
        protocol: bytes = self._connection.get_alpn_proto_negotiated()
        return protocol.decode() or None

    @property
    def client_chain(self) -> tuple[bytes, ...]:
        """The certificates that the client sent, in DER, its own first and not many of the others."""
        leaf = self._connection.get_peer_certificate()
        if leaf is None:
            return ()
        # On a server's side the chain is without the leaf (SSL_get_peer_cert_chain(3)).
        sent = self._connection.get_peer_cert_chain() or ()
        return tuple(crypto.dump_certificate(crypto.FILETYPE_ASN1, each) for each in (leaf, *sent[:_MAX_SENT]))

    def receive(self, data: bytes | bytearray) -> bytes:
        """The plaintext that `data` completes. Raises `TlsFailed`."""
        if self._missing or self._head or not _is_one_record(data):
            self._follow(data)
        elif self.established and isinstance(data, bytes) and _bio_write(self._into_ssl, data, len(data)) == len(data):
            count: int = _ssl_read(self._ssl, _SCRATCH, _RECORD)
            if count > 0:
                plaintext: bytes = _view(_SCRATCH, count)[:]
                return plaintext  # nothing follows in the record, and OpenSSL has nothing to say to it
            data = b""
        connection = self._connection
        try:
            if data:
                connection.bio_write(data)
            if not self.established:
                self._speaks = True
                connection.do_handshake()
                self.established = True
            return self._read_all()
        except SSL.WantReadError:
            # A part of a record, or one that was OpenSSL's to answer.
            self._speaks = True
            return b""
        except SSL.ZeroReturnError:
            self._speaks = True
            self.closed_by_peer = True
            return b""
        except SSL.Error as error:
            self._speaks = True
            why = _explain(error)
            raise (ClientCertificateMissing if why == _NO_CERTIFICATE else TlsFailed)(why) from None

    def _read_all(self) -> bytes:
        chunks: list[bytes] = []
        self._speaks = True
        try:
            while True:
                chunks.append(self._connection.recv(_RECORD))
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self.closed_by_peer = True
        return b"".join(chunks)

    def _follow(self, data: bytes | bytearray) -> None:
        """Follow the records' boundaries: a header of 5 bytes ends with the length (RFC 8446 section 5.1)."""
        if self._head:
            data = self._head + data
        at, size = self._missing, len(data)
        while size - at >= 5:
            at += 5 + (data[at + 3] << 8 | data[at + 4])
        self._head = bytes(data[at:])
        self._missing = at - size if at > size else 0

    def send(self, plaintext: bytes | memoryview) -> bytes:
        """The records that carry `plaintext`, which is at most `MAX_WRITE` bytes. Raises `TlsFailed`."""
        before = self.output
        size = len(plaintext)
        if not size:
            return before
        if size <= _RECORD and isinstance(plaintext, bytes):
            taken: int = _ssl_write(self._ssl, plaintext, size)
            if taken == size:
                count: int = _bio_read(self._from_ssl, _SCRATCH, 2 * _RECORD)
                records: bytes = _view(_SCRATCH, count)[:]
                return before + records if before else records
            if taken > 0:
                # pyOpenSSL lets OpenSSL stop after each record, and the client has asked for short ones (RFC 6066 section 4).
                plaintext = plaintext[taken:]
        room = size + (size // _RECORD + 2) * _OVERHEAD
        try:
            self._connection.sendall(plaintext)  # `send` would leave the stops to us
            written: bytes = self._connection.bio_read(room)
        except SSL.Error as error:
            raise TlsFailed(_explain(error)) from None
        if len(written) == room:  # short records take more
            written += self._read_output()
        return before + written if before else written

    def close(self) -> bytes:
        """A close_notify for the peer, if the session ever was one."""
        self._speaks = True
        if self.established:
            with suppress(SSL.Error):  # the peer's own close_notify is not waited for (RFC 8446 section 6.1)
                self._connection.shutdown()
        return self._read_output()


def _is_one_record(data: bytes | bytearray) -> bool:
    return len(data) >= 5 and len(data) == 5 + (data[3] << 8 | data[4])
