r"""The first flight of a TLS client: which server it wants, and how new a version it can speak.

What this module knows: the record layer as far as it carries a handshake message (RFC 8446 section 5.1), the message
(RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2), and two extensions: server_name (RFC 6066 section 3) and
supported_versions (RFC 8446 section 4.2.1). Nothing is negotiated here: OpenSSL reads the same bytes again afterwards and
has the last word on everything that this module does not look at.

The rules this file keeps:

- A stream's parser has three answers: the value, not yet (`None`), never (`ClientHelloError`). Any bytes give one of
  them, every proper prefix of a hello gives `None`, and "never" is said as soon as it is certain.
- What clients send to a TLS port by mistake (plain HTTP above all) is told apart, since the doctor and the log name it.
- The server name is the canonical form that bindings are kept under: lower case, no trailing dot. Bytes that are not
  printable ASCII are no error here (no RFC has an alert for them and OpenSSL lets them pass): they are shown escaped
  as `\xNN`, can so match no binding, and the client gets the default certificate.
"""

import re
from typing import Final

from gatewright.core.tls.hello_fault import ClientHelloError, HelloFault

# OpenSSL reads up to 131,396 bytes of ClientHello, Go's crypto/tls and rustls up to 65,536. A hello with post-quantum
# key shares, a session ticket and encrypted client hello has some 2 to 4 kB; the rest is room for large tickets.
MAX_CLIENT_HELLO_SIZE: Final = 65_536

# Each call reads the records from the start, so their number bounds the work that a client can cause by sending byte
# by byte. A 64 kB hello needs five; clients that cut theirs on purpose, to pass middleboxes, make two or three.
MAX_RECORDS: Final = 64

# RFC 8446 section 5.1: the fragment of a plaintext record has at most 2^14 bytes.
_MAX_FRAGMENT_SIZE: Final = 16_384

# OpenSSL refuses a longer name (TLSEXT_MAXLEN_host_name), and no DNS name has more characters.
_MAX_SERVER_NAME_SIZE: Final = 255

_HANDSHAKE: Final = 22
_CLIENT_HELLO: Final = 1
_SERVER_NAME: Final = 0
_SUPPORTED_VERSIONS: Final = 43

# A request line's method and the space after it, or as much of them as came. PROXY is the PROXY protocol's version 1.
_PLAIN_HTTP: Final = re.compile(rb"(?!PROXY )[A-Z]{1,20}(?: |\Z)")


class ClientHello:
    """What the client wants and can do."""

    __slots__ = ("highest_version", "record_count", "server_name", "size")

    def __init__(self, server_name: str | None, highest_version: int, record_count: int, size: int) -> None:
        self.server_name = server_name
        self.highest_version = highest_version  # the newest that is offered (0x0304: TLS 1.3); 0: none that exists
        self.record_count = record_count
        self.size = size  # of the message, without the records' headers

    def __repr__(self) -> str:
        return (
            f"<ClientHello server_name={self.server_name} highest_version={self.highest_version:04x}, "
            f"{self.size} bytes in {self.record_count} records>"
        )


def parse_client_hello(buffer: bytes | bytearray | memoryview) -> ClientHello | None:
    """The ClientHello at the start of what a client sent; None while it is incomplete."""
    data = bytes(buffer)
    size = len(data)
    if not size:
        return None
    if data[0] != _HANDSHAKE:
        _refuse_first_bytes(data[:32])
        return None

    # 1. Records: gather the fragments until the message is whole.
    position = record_count = 0
    message = b""
    needed = 4
    while len(message) < needed:
        if size - position < 5:
            _check_record_start(data[position:])
            return None
        if record_count == MAX_RECORDS:
            raise ClientHelloError(HelloFault.TOO_LARGE, f"it is cut into more than {MAX_RECORDS} records")
        length = data[position + 3] << 8 | data[position + 4]
        if data[position] != _HANDSHAKE or data[position + 1] != 3 or not 0 < length <= _MAX_FRAGMENT_SIZE:
            _refuse_record(data[position], data[position + 1], length)
        position += 5
        message += data[position : position + length]
        position += length
        record_count += 1
        # 2. The message's own header: type and length.
        if message and message[0] != _CLIENT_HELLO:
            raise ClientHelloError(HelloFault.NOT_CLIENT_HELLO, f"its handshake type is {message[0]}")
        if len(message) >= 4:
            needed = 4 + (message[1] << 16 | message[2] << 8 | message[3])
            if needed > MAX_CLIENT_HELLO_SIZE:
                raise ClientHelloError(
                    HelloFault.TOO_LARGE, f"it announces {needed} bytes, and {MAX_CLIENT_HELLO_SIZE} are read at most"
                )
        if position > size and len(message) < needed:
            return None
    # What follows in the same record is not ours to judge; OpenSSL will.
    return _parse_message(message, needed, record_count)


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


def _parse_message(message: bytes, end: int, record_count: int) -> ClientHello:
    """A whole ClientHello, which ends at `end`. Each vector's length is checked against what is left before it is read."""
    # The header; legacy_version, random and the session id's length.
    if end < 39:
        raise ClientHelloError(HelloFault.MALFORMED, "it ends before its session id")
    highest_version = message[4] << 8 | message[5]  # without the extension it is the only one
    position = 39 + message[38]
    if message[38] > 32 or end < position + 2:
        raise ClientHelloError(HelloFault.MALFORMED, "its session id is too long")
    length = message[position] << 8 | message[position + 1]
    position += 2
    if length < 2 or length % 2 or end < position + length + 1:
        raise ClientHelloError(HelloFault.MALFORMED, "its list of cipher suites has an impossible length")
    position += length
    length = message[position]
    position += 1 + length
    if not length or end < position:
        raise ClientHelloError(HelloFault.MALFORMED, "its list of compression methods has an impossible length")

    server_name = None
    if position < end:
        # RFC 5246 section 7.4.1.2: extensions may be absent; when they are there, they are all that is left.
        if end < position + 2 or end != position + 2 + (message[position] << 8 | message[position + 1]):
            raise ClientHelloError(HelloFault.MALFORMED, "its extensions do not fill what is left of it")
        position += 2
        seen = 0
        while position < end:
            if end < position + 4:
                raise ClientHelloError(HelloFault.MALFORMED, "an extension's header is cut off")
            kind = message[position] << 8 | message[position + 1]
            length = message[position + 2] << 8 | message[position + 3]
            position += 4
            if end < position + length:
                raise ClientHelloError(HelloFault.MALFORMED, f"the extension {kind} is longer than what is left")
            if kind in (_SERVER_NAME, _SUPPORTED_VERSIONS):
                # RFC 8446 section 4.2: no extension comes twice. Two server names would let us and OpenSSL disagree.
                if seen & 1 << kind:
                    raise ClientHelloError(HelloFault.MALFORMED, f"the extension {kind} comes twice")
                seen |= 1 << kind
                data = message[position : position + length]
                if kind == _SERVER_NAME:
                    server_name = _parse_server_name(data)
                else:
                    highest_version = _parse_highest_version(data)
            position += length
    return ClientHello(server_name, highest_version, record_count, end)


def _parse_server_name(data: bytes) -> str | None:
    """RFC 6066 section 3: a list of typed names, at most one of each type; only host_name (0) was ever defined."""
    end = len(data)
    if end < 5 or end != 2 + (data[0] << 8 | data[1]):
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


def _parse_highest_version(data: bytes) -> int:
    """RFC 8446 section 4.2.1: a list of at least one version."""
    length = len(data) - 1
    if length < 2 or length % 2 or data[0] != length:
        raise ClientHelloError(HelloFault.MALFORMED, "its supported_versions extension has an impossible length")
    highest = 0
    for position in range(1, length, 2):
        # RFC 8701: GREASE versions are 0x?A?A; real ones begin with 03.
        if data[position] == 3:
            highest = max(highest, 0x0300 | data[position + 1])
    return highest
