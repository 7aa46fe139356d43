"""What private CAs need without anybody calling: lists that are renewed in time, and an end for what was deleted.

M (CrlConfiguration, ExpirationInDays): a list holds for so many days. D: it is written anew when half of them are over, so
that a client never meets one that has run out. A CA that can no longer be restored loses its key here at the latest.
"""

from collections.abc import Iterator

from gatewright.controlplane.acmpca.authorities import current_status, forget_gone, is_gone
from gatewright.controlplane.acmpca.crl_publication import store_and_publish
from gatewright.controlplane.call import Call, Installation, Principal
from gatewright.model.identifiers import RandomText, make_uuid
from gatewright.model.records import PrivateCertificateAuthority
from gatewright.store.port import Store, Transaction

_DAY = 86_400.0


def look_after_authorities(store: Store, installation: Installation, random_text: RandomText, now: float) -> None:
    """Renews the lists that are due and forgets the CAs whose time is over; when there is neither, nothing is written."""
    with store.read() as reader:
        places = {
            (each.account, each.region)
            for each in reader.all(PrivateCertificateAuthority)
            if is_gone(each, now) or _is_list_due(each, now)
        }
    for account, region in sorted(places):
        with store.transaction() as transaction:
            forget_gone(transaction, account, region, now)
            call = _call_of_its_own(transaction, account, region, installation, random_text, now)
            for authority in _due(transaction, account, region, now):
                store_and_publish(call, authority)


def _due(transaction: Transaction, account: str, region: str, now: float) -> Iterator[PrivateCertificateAuthority]:
    for authority in transaction.list_under(PrivateCertificateAuthority, account, region):
        if _is_list_due(authority, now):
            yield authority


def _is_list_due(authority: PrivateCertificateAuthority, now: float) -> bool:
    crl = authority.crl_configuration
    if not crl.enabled or crl.expiration_in_days is None or authority.crl_published_at is None:
        return False
    # U: a CA that is deleted or has expired speaks no more.
    speaks = current_status(authority, now) in ("ACTIVE", "DISABLED")
    return speaks and now >= authority.crl_published_at + crl.expiration_in_days * _DAY / 2


def _call_of_its_own(
    transaction: Transaction,
    account: str,
    region: str,
    installation: Installation,
    random_text: RandomText,
    now: float,
) -> Call:
    """The service acts for the account; nobody has signed anything."""
    return Call(
        service="acm-pca",
        operation="",
        principal=Principal(account, f"arn:aws:iam::{account}:root", account, ""),
        region=region,
        request_id=make_uuid(random_text),
        now=now,
        random_text=random_text,
        transaction=transaction,
        installation=installation,
    )
