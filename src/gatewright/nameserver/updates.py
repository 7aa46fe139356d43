"""Updates of a DNS server elsewhere (RFC 2136): what a name and type are to be, in one message that is safe to repeat.

What this module knows: how a zone is found by asking for SOA records (as nsupdate does), the message, and TSIG (RFC
8945). Each update deletes the record set and adds what it is to be, so it may be sent twice and in any order with others.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.update

from gatewright.core.dns.name import Name, spell_name
from gatewright.core.dns.zone import RecordSet
from gatewright.nameserver.message import name_of, parse_value

#: A server that takes longer than a client waits for an answer is as good as none.
UPDATE_SECONDS: Final = 5.0


class UpdateRefused(Exception):
    """The server answered, and will not have this update; others it may. The text is a sentence."""


class ServerUnreachable(Exception):
    """The server did not answer, so it will not answer others either. The text is a sentence."""


@dataclass(frozen=True, slots=True)
class UpdateServer:
    """A DNS server that takes updates of ours. `host` is an address or a name."""

    host: str
    port: int
    key: dns.tsig.Key | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.host} port {self.port}"


def make_key(name: str, algorithm: str, secret: str) -> dns.tsig.Key:
    """A TSIG key; `secret` is base64."""
    return dns.tsig.Key(name, secret, algorithm)


async def find_zone(server: UpdateServer, name: Name) -> dns.name.Name:
    """The zone that the server has the name in; raises `UpdateRefused` when it answers for none."""
    asked = name_of(name)
    while True:
        query = dns.message.make_query(asked, dns.rdatatype.SOA)
        query.flags &= ~dns.flags.RD
        response = await _exchange(server, query)
        for rrset in (*response.answer, *response.authority):
            if rrset.rdtype == dns.rdatatype.SOA and name_of(name).is_subdomain(rrset.name):
                return rrset.name
        if len(asked) <= 1:
            raise UpdateRefused(
                f"The DNS server {server} answers for no zone that {spell_name(name)} is in; configure one there, or delete "
                "the hosted zone here."
            )
        asked = asked.parent()


async def send_update(
    server: UpdateServer, zone: dns.name.Name, record_sets: Mapping[tuple[Name, str], RecordSet | None]
) -> None:
    """Each name and type is as given, or not there where None is given; raises `UpdateRefused` when none of it is."""
    update = dns.update.UpdateMessage(zone)
    for name, record_type in record_sets:
        update.delete(name_of(name), record_type)
    # RFC 2136 section 3.4.2.2: what is added beside a CNAME is ignored, so all that goes has gone before.
    for record_set in record_sets.values():
        for value in () if record_set is None else record_set.values:
            assert record_set is not None
            update.add(name_of(record_set.name), record_set.ttl, parse_value(record_set.type, value))
    response = await _exchange(server, update)
    if response.rcode() != dns.rcode.NOERROR:
        names = _some(sorted({spell_name(name) for name, _ in record_sets}))
        raise UpdateRefused(
            f"The DNS server {server} refuses to update {names} in the zone {zone}: {dns.rcode.to_text(response.rcode())}; "
            "see what it allows, and to which key."
        )


async def _exchange(server: UpdateServer, message: dns.message.Message) -> dns.message.Message:
    if server.key is not None:
        message.use_tsig(server.key)
    try:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
        return await dns.asyncquery.tcp(message, str(found[0][4][0]), UPDATE_SECONDS, server.port)
    except dns.tsig.PeerError as refused:
        raise ServerUnreachable(f"The DNS server {server} does not accept the key: {refused}.") from None
    except (OSError, EOFError, dns.exception.DNSException) as failure:
        why = str(failure) or type(failure).__name__
        raise ServerUnreachable(f"The DNS server {server} gives no answer to an update: {why}.") from None


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
