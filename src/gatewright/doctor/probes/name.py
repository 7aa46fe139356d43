"""What a resolver says of a name: the CNAME chain and the addresses.

What this module knows: a stub resolver's ways (RFC 1034 section 5.3.1). An authoritative server does not follow a CNAME
out of its zones, so the chain is followed here. Names below `localhost` are this machine's (RFC 6761 section 6.3) unless
a resolver is named. Without one the machine's own are asked, and its hosts file where they know nothing.
"""

import socket
from typing import Final

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset

from gatewright.doctor.evidence import NameAnswer, Unknown
from gatewright.doctor.names import is_address
from gatewright.doctor.probes.deadline import Deadline

#: RFC 1034 leaves the length of a chain open; resolvers stop at 8 to 16.
_LONGEST_CHAIN: Final = 8

Server = tuple[str, int]


def probe_name(
    host: str, servers: tuple[Server, ...] | None, deadline: Deadline, step: str = "dns"
) -> NameAnswer | Unknown:
    """The answer for the host's addresses; `servers` None: this machine's resolvers."""
    if servers is None and (host == "localhost" or host.endswith(".localhost")):
        return NameAnswer("RFC 6761", "NOERROR", (), ("127.0.0.1",))
    own = servers is None
    if servers is None:
        try:
            found: dns.resolver.Resolver | None = dns.resolver.Resolver()
        except dns.exception.DNSException:
            found = None
        servers = tuple((str(each), found.port) for each in found.nameservers[:2]) if found else ()
    last: Unknown = Unknown(step, "this machine has no resolver")
    for server in servers:
        answer = _ask(host, server, deadline, step)
        if isinstance(answer, NameAnswer):
            if own and not answer.addresses and (known := _hosts_file(host)):
                return NameAnswer("the hosts file", "NOERROR", (), known)
            return answer
        last = answer
    if own and (known := _hosts_file(host)):
        return NameAnswer("the hosts file", "NOERROR", (), known)
    return last


def _ask(host: str, server: Server, deadline: Deadline, step: str) -> NameAnswer | Unknown:
    resolver = f"{server[0]}:{server[1]}"
    chain: list[str] = []
    name, addresses, status = host, [], "NOERROR"
    for _ in range(_LONGEST_CHAIN):
        answered = None
        for record_type in ("A", "AAAA"):
            try:
                message, _ = dns.query.udp_with_fallback(
                    dns.message.make_query(name, record_type), server[0], timeout=deadline.left(), port=server[1],
                    ignore_unexpected=True,
                )  # fmt: skip
            except (dns.exception.DNSException, OSError) as error:
                why = "does not answer" if isinstance(error, dns.exception.Timeout) else f"cannot be asked ({error})"
                return Unknown(step, f"the resolver {resolver} {why}")
            status = dns.rcode.to_text(message.rcode())
            if status not in ("NOERROR", "NXDOMAIN"):
                if chain:
                    break
                return Unknown(step, f"the resolver {resolver} answers {status} for {name}")
            answered, found = _read(name, message)
            chain += answered
            addresses += found
            if found:
                break
        if addresses or not answered:
            break
        name = chain[-1]
    return NameAnswer(resolver, status, tuple(dict.fromkeys(chain)), tuple(dict.fromkeys(addresses)))


def _read(name: str, message: dns.message.Message) -> tuple[list[str], list[str]]:
    """The names that the answer leads to from this one, and the addresses at its end."""
    wanted = name.lower().rstrip(".")
    chain: list[str] = []
    addresses: list[str] = []
    records: dict[tuple[str, str], dns.rrset.RRset] = {}
    for each in message.answer:
        records.setdefault((str(each.name).lower().rstrip("."), dns.rdatatype.to_text(each.rdtype)), each)
    while (rrset := records.get((wanted, "CNAME"))) is not None and len(chain) < _LONGEST_CHAIN:
        wanted = str(rrset[0].target).lower().rstrip(".")
        chain.append(wanted)
    for record_type in ("A", "AAAA"):
        addresses += [str(value) for value in records.get((wanted, record_type), ())]
    return chain, addresses


def _hosts_file(host: str) -> tuple[str, ...]:
    try:
        with open("/etc/hosts", encoding="utf-8") as file:  # noqa: PTH123  the path is the system's
            lines = [line.partition("#")[0].split() for line in file]
    except OSError:
        return ()
    return tuple(words[0] for words in lines if host in words[1:] and is_address(words[0]))


def find_servers(resolver: str) -> tuple[Server, ...]:
    """`HOST:PORT` or `HOST` as a server to ask; the name of a resolver is looked up with this machine's own."""
    host, port = resolver, 53
    if resolver.startswith("["):
        host, _, rest = resolver[1:].partition("]")
        port = int(rest.lstrip(":") or 53)
    elif resolver.count(":") == 1:
        host, _, text = resolver.partition(":")
        port = int(text)
    if not is_address(host):
        host = str(socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][4][0])
    return ((host, port),)
