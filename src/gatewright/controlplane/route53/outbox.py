"""What a DNS server elsewhere has yet to be told: one `DnsUpdate` a name and type, written with the change itself.

So nothing is forgotten when that server, or this installation, is down in the meantime.
"""

from gatewright.controlplane.call import Installation
from gatewright.model.records import DnsUpdate
from gatewright.store.port import Transaction


def note_change(
    transaction: Transaction, installation: Installation, account: str, name: str, record_type: str
) -> None:
    """The server of `--dns-update`, if there is one, will be told of what this name and type are then."""
    if installation.dns_updates:
        transaction.put(DnsUpdate(account, "", name, record_type))
