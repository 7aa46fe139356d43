"""May this client speak to this domain at all? Mutual TLS's question, before anything else is asked of a request.

What this module knows: the check belongs to the domain (facts 2.1 step 2), and a connection to the domain of its handshake
(`core.domains.authority`, rule 1): whoever showed a certificate, or none, did so there. So a request whose Host is of
another domain than the handshake's server name is refused when either asks for client certificates, and it does not matter
whether the handshake named a domain, a default endpoint or nothing. Over HTTP/2 the exchange has said 421 to it before.

What is asked is what is configured now, not what was at the handshake: when a domain begins to ask for certificates, a
connection without one is refused and ended, so that the client makes another; when it ceases to, the connection goes on.
"""

from gatewright.core.context import RequestContext
from gatewright.core.domains.authority import NO_DOMAIN, Asked, may_share
from gatewright.core.errors import GatewayError
from gatewright.core.reasons import CLIENT_CERT_MISSING, HOST_MUTUAL_TLS
from gatewright.dataplane.ports import Ports
from gatewright.model.snapshot import DomainEntry, Snapshot


def admit(context: RequestContext, snapshot: Snapshot, ports: Ports) -> None:
    """Returns for a client who may go on; raises `GatewayError` for one who may not."""
    if not snapshot.mutual_tls_domains:
        return
    connection, host = context.connection, context.host
    domain = snapshot.find_domain(host)
    server_name = connection.server_name
    if server_name != host:
        handshake = snapshot.find_domain(server_name) if server_name is not None else None
        if not may_share(describe_domain(handshake), describe_domain(domain)):
            raise GatewayError(HOST_MUTUAL_TLS, host=host, server_name=server_name or "no server")
    if domain is None or domain.trust is None:
        return
    verdict = ports.client_verdicts.judge(connection, domain.trust, context.received_at)
    context.client = verdict
    if verdict.reason is not None:
        if verdict.reason is CLIENT_CERT_MISSING:
            # Only another handshake can bring one.
            context.request.keep_alive = False
        # (A verdict is the same for all domains with that truststore, so it names none.)
        raise GatewayError(verdict.reason, domain=domain.trust.domain_name, **verdict.facts)


def describe_domain(entry: DomainEntry | None) -> Asked:
    """The domain of a host, and whether it asks for client certificates."""
    if entry is None:
        return NO_DOMAIN
    return Asked(entry.record.domain_name, mutual_tls=entry.trust is not None)
