"""Root credentials: made at first start and kept in the store.

What this module knows: how access keys look (an id of `AKIA` and sixteen characters, a secret of forty). What it keeps
to: an account's root has one key. When the operator sets another, the one before is deleted.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from gatewright.app.credentials_file import AccessKeyPair
from gatewright.model.records import AccessKeyRecord
from gatewright.settings.root_credentials import RootCredentials
from gatewright.store.port import Store, StoreError, Transaction

# The service's ids are base 32; its secrets are base 64 without padding.
_ID_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"  # noqa: S105  an alphabet

RandomText = Callable[[str, int], str]


class AccountExists(ValueError):
    """The account has root credentials already."""


def random_text(alphabet: str, length: int) -> str:
    """Characters that nobody can guess; what identifiers and keys are drawn from outside of tests."""
    return "".join(secrets.choice(alphabet) for _ in range(length))


def ensure_root_credentials(
    store: Store, account: str, given: RootCredentials | None, now: float, draw: RandomText = random_text
) -> AccessKeyPair:
    """The one access key of the account's root: the operator's if given, else the stored one, else a new one."""
    with store.transaction() as transaction:
        stored = _root_keys(transaction, account)
        if given is None and stored:
            return stored[0]
        pair = _draw_pair(account, draw) if given is None else _adopt(transaction, account, given)
        if pair in stored:
            return pair
        for other in stored:
            if other.access_key_id != pair.access_key_id:
                _delete(transaction, other)
        _put(transaction, pair, now)
        return pair


def create_account(
    store: Store,
    account: str,
    now: float,
    keep: Callable[[AccessKeyPair], object],
    draw: RandomText = random_text,
) -> AccessKeyPair:
    """Root credentials for an account that has none yet; `AccountExists` otherwise.

    `keep` puts them where they are found again. It is called before the commit: if it fails there is no such account,
    rather than one whose secret nobody knows.
    """
    with store.transaction() as transaction:
        if _root_keys(transaction, account):
            raise AccountExists(account)
        pair = _draw_pair(account, draw)
        _put(transaction, pair, now)
        keep(pair)
        return pair


def _root_arn(account: str) -> str:
    return f"arn:aws:iam::{account}:root"


def _root_keys(transaction: Transaction, account: str) -> list[AccessKeyPair]:
    found = []
    for record in transaction.list_under(AccessKeyRecord, account, ""):
        secret = transaction.get_secret(record.secret_name)
        if record.arn == _root_arn(account) and record.active and secret is not None:
            found.append(AccessKeyPair(account, record.id, secret.decode("ascii")))
    return found


def _draw_pair(account: str, draw: RandomText) -> AccessKeyPair:
    return AccessKeyPair(account, "AKIA" + draw(_ID_ALPHABET, 16), draw(_SECRET_ALPHABET, 40))


def _adopt(transaction: Transaction, account: str, given: RootCredentials) -> AccessKeyPair:
    for holder in transaction.find(AccessKeyRecord, given.access_key_id):
        if holder.account != account:
            raise StoreError(
                f"GATEWRIGHT_ROOT_ACCESS_KEY_ID: {given.access_key_id} is a key of account {holder.account} already, "
                f"it cannot be that of {account} too: choose another one"
            )
    return AccessKeyPair(account, given.access_key_id, given.secret_access_key)


def _put(transaction: Transaction, pair: AccessKeyPair, now: float) -> None:
    record = AccessKeyRecord(pair.account, "", pair.access_key_id, _root_arn(pair.account), pair.account, now)
    transaction.put(record)
    transaction.put_secret(record.secret_name, pair.secret_access_key.encode("ascii"))


def _delete(transaction: Transaction, pair: AccessKeyPair) -> None:
    record = transaction.get(AccessKeyRecord, pair.account, "", pair.access_key_id)
    assert record is not None, "it was listed in this transaction"
    transaction.delete(record)
    transaction.delete_secret(record.secret_name)
