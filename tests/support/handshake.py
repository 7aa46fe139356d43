"""TLS handshakes between a session of ours and a client of the stdlib, in memory."""

import ssl
from contextlib import suppress
from typing import NamedTuple

from gatewright.dataplane.tls import TlsSession


class Shaken(NamedTuple):
    """What the client has when it has sent a request and read the answer."""

    session: ssl.SSLSession
    resumed: bool
    version: str
    alpn: str | None
    certificate: bytes


def shake(server: TlsSession, context: ssl.SSLContext, name: str, session: ssl.SSLSession | None = None) -> Shaken:
    """A handshake, one byte each way, and the ticket that came with it."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname=name, session=session)
    heard = b""
    for _ in range(4):
        with suppress(ssl.SSLWantReadError):
            client.do_handshake()
        heard += server.receive(outgoing.read())
        incoming.write(server.output)
        if server.established:
            break
    client.write(b"?")
    heard += server.receive(outgoing.read())
    incoming.write(server.send(b"!"))
    assert (b"?", b"!") == (heard, client.read(1))
    assert client.session_reused == server.resumed
    return Shaken(
        client.session,
        client.session_reused,
        client.version(),
        client.selected_alpn_protocol(),
        client.getpeercert(binary_form=True),
    )
