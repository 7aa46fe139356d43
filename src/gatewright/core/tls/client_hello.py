r"""The first flight of a TLS client: which server it wants, and what it can speak.

What this module knows: the record layer as far as it carries a handshake message (RFC 8446 section 5.1), the message
(RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2), and three extensions: server_name (RFC 6066 section 3), ALPN
(RFC 7301) and supported_versions (RFC 8446 section 4.2.1). Nothing is negotiated here: OpenSSL reads the same bytes
again afterwards and has the last word on everything that this module does not look at.

The rules this file keeps:

- A stream's parser has three answers: the value, not yet (`None`), never (`ClientHelloError`). Any bytes give one of
  them, every proper prefix of a hello gives `None`, and "never" is said as soon as it is certain.
- What clients send to a TLS port by mistake (plain HTTP above all) is told apart, since the doctor and the log name it.
- The server name is the canonical form that bindings are kept under: lower case, no trailing dot. Bytes that are not
  printable ASCII are no error here (no RFC has an alert for them and OpenSSL lets them pass): they are shown escaped
  as `\xNN`, can so match no binding, and the client gets the default certificate.
"""

import re
from enum import Enum
from struct import Struct, unpack_from
from typing import NamedTuple

# OpenSSL reads up to 131,396 bytes of ClientHello, Go's crypto/tls and rustls up to 65,536. A hello with post-quantum
# key shares, a session ticket and encrypted client hello has some 2 to 4 kB; the rest is room for large tickets.
MAX_CLIENT_HELLO_SIZE = 65_536

# Each call reads the records from the start, so their number bounds the work that a client can cause by sending byte
# by byte. A 64 kB hello needs five; clients that cut theirs on purpose, to pass middleboxes, make two or three.
MAX_RECORDS = 64

# RFC 8446 section 5.1: the fragment of a plaintext record has at most 2^14 bytes.
_MAX_FRAGMENT_SIZE = 16_384

# OpenSSL refuses a longer name (TLSEXT_MAXLEN_host_name), and no DNS name has more characters.
_MAX_SERVER_NAME_SIZE = 255

_HANDSHAKE = 22
_CLIENT_HELLO = 1
_SERVER_NAME = 0
_ALPN = 16
_SUPPORTED_VERSIONS = 43

_RECORD_HEADER = Struct(">BBBH")
_EXTENSION_HEADER = Struct(">HH")

# A request line's method and the space after it, or as much of them as came. PROXY is the PROXY protocol's version 1.
_PLAIN_HTTP = re.compile(rb"(?!PROXY )[A-Z]{1,20}(?: |\Z)")


class HelloFault(Enum):
    """Why bytes will never be a ClientHello: how its sentence begins, and the alert to answer (RFC 8446 section 6)."""

    PLAIN_HTTP = ("Plain HTTP was sent to the HTTPS port", 10)
    SSLV2 = ("The client sent an SSL 2.0 hello, which no supported version of TLS reads", 70)
    NOT_TLS = ("What the client sent is not TLS", 10)
    NOT_CLIENT_HELLO = ("The client's first message is not a ClientHello", 10)
    TOO_LARGE = ("The ClientHello is too large", 22)
    MALFORMED = ("The ClientHello is malformed", 50)
    SERVER_NAME = ("The server name in the ClientHello is not acceptable", 112)

    def __init__(self, sentence: str, alert: int) -> None:
        self.sentence = sentence
        self.alert = alert


class ClientHelloError(Exception):
    """The bytes are not, and will never become, a ClientHello."""

    def __init__(self, fault: HelloFault, detail: str = "") -> None:
        super().__init__(f"{fault.sentence}: {detail}." if detail else f"{fault.sentence}.")
        self.fault = fault

    @property
    def alert(self) -> int:
        """The alert's number that says this to the client."""
        return self.fault.alert


class ClientHello(NamedTuple):
    """What the client wants and can do; numbers as on the wire, GREASE values (RFC 8701) included."""

    server_name: str | None
    alpn: tuple[bytes, ...]
    legacy_version: int
    supported_versions: tuple[int, ...]
    cipher_suites: tuple[int, ...]
    record_count: int
    size: int

    def __repr__(self) -> str:
        versions = " ".join(f"{version:04x}" for version in self.supported_versions or (self.legacy_version,))
        protocols = " ".join(protocol.decode("ascii", "backslashreplace") for protocol in self.alpn)
        return (
            f"<ClientHello server_name={self.server_name} alpn=[{protocols}] versions=[{versions}] "
            f"{len(self.cipher_suites)} suites, {self.size} bytes in {self.record_count} records>"
        )

    @property
    def highest_version(self) -> int:
        """The newest version that the client offers (0x0304 is TLS 1.3); 0 when it offers none that exists."""
        if not self.supported_versions:
            return self.legacy_version
        # RFC 8701: GREASE versions are 0x?A?A; real ones begin with 03.
        return max([version for version in self.supported_versions if version >> 8 == 3], default=0)


def parse_client_hello(buffer: bytes | bytearray | memoryview) -> ClientHello | None:
    """The ClientHello at the start of what a client sent; None while it is incomplete."""
    size = len(buffer)
    if not size:
        return None
    if buffer[0] != _HANDSHAKE:
        _refuse_first_bytes(bytes(buffer[:32]))
        return None

    # 1. Records: gather the fragments until the message is whole.
    position = record_count = 0
    message = bytearray()
    needed = 4
    while len(message) < needed:
        if size - position < 5:
            _check_record_start(bytes(buffer[position:]))
            return None
        if record_count == MAX_RECORDS:
            raise ClientHelloError(HelloFault.TOO_LARGE, f"it is cut into more than {MAX_RECORDS} records")
        content_type, major, _, length = _RECORD_HEADER.unpack_from(buffer, position)
        if content_type != _HANDSHAKE or major != 3 or not 0 < length <= _MAX_FRAGMENT_SIZE:
            _refuse_record(content_type, major, length)
        position += 5
        message += buffer[position : position + length]
        position += length
        record_count += 1
        # 2. The message's own header: type and length.
        if message and message[0] != _CLIENT_HELLO:
            raise ClientHelloError(HelloFault.NOT_CLIENT_HELLO, f"its handshake type is {message[0]}")
        if len(message) >= 4:
            needed = 4 + int.from_bytes(message[1:4])
            if needed > MAX_CLIENT_HELLO_SIZE:
                raise ClientHelloError(
                    HelloFault.TOO_LARGE, f"it announces {needed} bytes, and {MAX_CLIENT_HELLO_SIZE} are read at most"
                )
        if position > size and len(message) < needed:
            return None
    # What follows in the same record is not ours to judge; OpenSSL will.
    return _parse_message(bytes(message[4:needed]), record_count, needed)


def _check_record_start(start: bytes) -> None:
    """Refuse a header that is cut off, yet can be no handshake record's whatever follows."""
    if start and start[0] != _HANDSHAKE:
        _refuse_record(start[0], 3, 1)
    if len(start) > 1 and start[1] != 3:
        _refuse_record(_HANDSHAKE, start[1], 1)


def _refuse_record(content_type: int, major: int, length: int) -> None:
    if content_type != _HANDSHAKE:
        # RFC 8446 section 5.1: handshake messages must not be interleaved with other record types.
        raise ClientHelloError(HelloFault.MALFORMED, f"a record of type {content_type} stands between its fragments")
    if major != 3:
        raise ClientHelloError(HelloFault.NOT_TLS, f"a record has the major version {major} in place of 3")
    if not length:
        # RFC 8446 section 5.1: zero-length fragments of handshake messages must not be sent.
        raise ClientHelloError(HelloFault.MALFORMED, "a record is empty")
    raise ClientHelloError(
        HelloFault.TOO_LARGE, f"a record announces {length} bytes, and {_MAX_FRAGMENT_SIZE} is the most there may be"
    )


def _refuse_first_bytes(start: bytes) -> None:
    """Say what it is that does not begin with a handshake record; return when it cannot be told yet."""
    if _PLAIN_HTTP.match(start):
        raise ClientHelloError(HelloFault.PLAIN_HTTP)
    # SSL 2.0's hello: a two-byte length with the top bit set, then message type 1 (RFC 5246 appendix E.2).
    if start[0] & 0x80 and start[2:3] in (b"\x01", b""):
        if len(start) < 3:
            return
        raise ClientHelloError(HelloFault.SSLV2)
    if start[0] == 21:
        raise ClientHelloError(HelloFault.NOT_CLIENT_HELLO, "it is an alert")
    raise ClientHelloError(HelloFault.NOT_TLS, f"it begins with the byte 0x{start[0]:02x}")


def _parse_message(body: bytes, record_count: int, size: int) -> ClientHello:
    """The body of a whole ClientHello. Each vector's length is checked against what is left before it is read."""
    end = len(body)
    # legacy_version, random and the session id's length.
    if end < 35:
        raise ClientHelloError(HelloFault.MALFORMED, "it ends before its session id")
    legacy_version = body[0] << 8 | body[1]
    position = 35 + body[34]
    if body[34] > 32 or end < position + 2:
        raise ClientHelloError(HelloFault.MALFORMED, "its session id is too long")
    length = body[position] << 8 | body[position + 1]
    position += 2
    if length < 2 or length % 2 or end < position + length + 1:
        raise ClientHelloError(HelloFault.MALFORMED, "its list of cipher suites has an impossible length")
    cipher_suites = unpack_from(f">{length // 2}H", body, position)
    position += length
    length = body[position]
    position += 1 + length
    if not length or end < position:
        raise ClientHelloError(HelloFault.MALFORMED, "its list of compression methods has an impossible length")

    server_name = None
    alpn: tuple[bytes, ...] = ()
    supported_versions: tuple[int, ...] = ()
    if position < end:
        # RFC 5246 section 7.4.1.2: extensions may be absent; when they are there, they are all that is left.
        if end < position + 2 or end != position + 2 + (body[position] << 8 | body[position + 1]):
            raise ClientHelloError(HelloFault.MALFORMED, "its extensions do not fill what is left of it")
        position += 2
        seen = 0
        unpack_header = _EXTENSION_HEADER.unpack_from
        while position < end:
            if end < position + 4:
                raise ClientHelloError(HelloFault.MALFORMED, "an extension's header is cut off")
            kind, length = unpack_header(body, position)
            position += 4
            if end < position + length:
                raise ClientHelloError(HelloFault.MALFORMED, f"the extension {kind} is longer than what is left")
            if kind in _READ_EXTENSIONS:
                # RFC 8446 section 4.2: no extension comes twice. Two server names would let us and OpenSSL disagree.
                if seen & 1 << kind:
                    raise ClientHelloError(HelloFault.MALFORMED, f"the extension {kind} comes twice")
                seen |= 1 << kind
                data = body[position : position + length]
                if kind == _SERVER_NAME:
                    server_name = _parse_server_name(data)
                elif kind == _ALPN:
                    alpn = _parse_alpn(data)
                else:
                    supported_versions = _parse_supported_versions(data)
            position += length
    return ClientHello(server_name, alpn, legacy_version, supported_versions, cipher_suites, record_count, size)


_READ_EXTENSIONS = frozenset((_SERVER_NAME, _ALPN, _SUPPORTED_VERSIONS))


def _parse_server_name(data: bytes) -> str | None:
    """RFC 6066 section 3: a list of typed names, at most one of each type; only host_name (0) was ever defined."""
    end = len(data)
    if end < 5 or end != 2 + int.from_bytes(data[:2]):
        raise ClientHelloError(HelloFault.MALFORMED, "its server_name extension has an impossible length")
    name: bytes | None = None
    position = 2
    while position < end:
        if end < position + 3:
            raise ClientHelloError(HelloFault.MALFORMED, "an entry of its server_name extension is cut off")
        kind = data[position]
        length = data[position + 1] << 8 | data[position + 2]
        position += 3
        if end < position + length:
            raise ClientHelloError(HelloFault.MALFORMED, "an entry of its server_name extension is cut off")
        if kind == 0:
            if name is not None:
                raise ClientHelloError(HelloFault.MALFORMED, "it names two servers")
            name = data[position : position + length]
        position += length
    return None if name is None else _canonical_server_name(name)


def _canonical_server_name(name: bytes) -> str:
    if not name:
        raise ClientHelloError(HelloFault.SERVER_NAME, "it is empty")
    if len(name) > _MAX_SERVER_NAME_SIZE:
        raise ClientHelloError(
            HelloFault.SERVER_NAME, f"it has {len(name)} bytes, and {_MAX_SERVER_NAME_SIZE} is the most there may be"
        )
    if 0 in name:
        # As OpenSSL refuses: a name with a NUL reads differently in C.
        raise ClientHelloError(HelloFault.SERVER_NAME, "it contains a NUL byte")
    # RFC 6066 section 3 forbids the trailing dot, and clients that were given one send it.
    text = name.removesuffix(b".").lower().decode("latin-1")
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isascii() and c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _parse_alpn(data: bytes) -> tuple[bytes, ...]:
    """RFC 7301 section 3.1: a list of protocol names, none of them empty."""
    end = len(data)
    if end < 4 or end != 2 + int.from_bytes(data[:2]):
        raise ClientHelloError(HelloFault.MALFORMED, "its ALPN extension has an impossible length")
    protocols = []
    position = 2
    while position < end:
        length = data[position]
        position += 1
        if not length or end < position + length:
            raise ClientHelloError(
                HelloFault.MALFORMED, "a protocol name in its ALPN extension has an impossible length"
            )
        protocols.append(data[position : position + length])
        position += length
    return tuple(protocols)


def _parse_supported_versions(data: bytes) -> tuple[int, ...]:
    """RFC 8446 section 4.2.1: a list of at least one version."""
    length = len(data) - 1
    if length < 2 or length % 2 or data[0] != length:
        raise ClientHelloError(HelloFault.MALFORMED, "its supported_versions extension has an impossible length")
    versions: tuple[int, ...] = unpack_from(f">{length // 2}H", data, 1)
    return versions
