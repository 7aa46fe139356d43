"""May a connection carry a request for this authority?

What this module knows: a client of HTTP/2 may use one connection for every host that the server's certificate covers
(RFC 9113 section 9.1.1), and a server that does not answer for a host there says 421, upon which the client opens a
connection of its own for it (RFC 9110 section 15.5.20).

The rule, in this order:

1. What the handshake itself named is answered for, whatever the certificate: the client made the connection for it.
2. What a name of the certificate covers is answered for.
3. Anything else is misdirected.

So names of the default endpoint share a connection under the default certificate, and the names of a wildcard one
under its certificate. NOTE: a domain that asks for client certificates will be no part of 2, on either side: whoever
presented one, or none, did so to the name of the handshake.
"""

from collections.abc import Iterable

from gatewright.core.x509.coverage import find_covering_name


def covers_authority(host: str, *, server_name: str | None, presented: Iterable[str]) -> bool:
    """Whether a connection answers for a canonical host; `presented` are the DNS names of the certificate it showed."""
    return host == server_name or find_covering_name(presented, host) is not None
