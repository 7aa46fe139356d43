"""May a connection carry a request for this authority?

What this module knows: a client of HTTP/2 may use one connection for every host that the server's certificate covers
(RFC 9113 section 9.1.1), and a server that does not answer for a host there says 421, upon which the client opens a
connection of its own for it (RFC 9110 section 15.5.20).

The rule, in this order:

1. A custom domain name with mutual TLS shares its connections with no other domain, on either side: whoever presented a
   certificate, or none, did so to the domain of the handshake (facts 3). Otherwise a domain without client
   certificates would be a way into one with them.
2. What the handshake itself named is answered for, whatever the certificate: the client made the connection for it.
3. What a name of the certificate covers is answered for.
4. Anything else is misdirected.

Rule 1 holds for HTTP/1.1 too, where its breach is 403 (`dataplane.admission`); the others are HTTP/2's.

So names of the default endpoint share a connection under the default certificate, and the names of a wildcard domain
name one under its certificate, also with mutual TLS: they are one domain with one truststore.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from gatewright.core.reasons import AUTHORITY_MISDIRECTED, AUTHORITY_MUTUAL_TLS, Reason
from gatewright.core.x509.coverage import find_covering_name


class Asked(NamedTuple):
    """The domain that a host belongs to: its custom domain name, None for all others, and whether it asks for client certificates."""

    domain: str | None
    mutual_tls: bool


#: A default endpoint, or nobody's name.
NO_DOMAIN: Final = Asked(None, mutual_tls=False)


def may_share(handshake: Asked, authority: Asked) -> bool:
    """Whether a connection made for one domain may carry requests for the other, as far as client certificates go."""
    return handshake.domain == authority.domain or not (handshake.mutual_tls or authority.mutual_tls)


def find_misdirection(
    host: str, *, server_name: str | None, presented: Iterable[str], handshake: Asked, authority: Asked
) -> Reason | None:
    """Why a connection does not answer for a canonical host, if it does not.

    `presented` are the DNS names of the certificate it showed, `handshake` and `authority` the domains of server name
    and host.
    """
    if not may_share(handshake, authority):
        return AUTHORITY_MUTUAL_TLS
    if host == server_name or find_covering_name(presented, host) is not None:
        return None
    return AUTHORITY_MISDIRECTED
