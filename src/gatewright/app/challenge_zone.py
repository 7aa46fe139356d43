"""Where an ACME order puts its TXT records: in the account's hosted zones, or wherever `--dns-update` sends changes.

The order runs in a thread, the store is written on the loop: each change is handed over and waited for, until the DNS that
the directory will ask has it. What is in the DNS is noted in the order's record, in the same transaction: `clear` takes away
what an attempt left that died.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from gatewright.acme.problems import OrderDelayed
from gatewright.controlplane.acm.orders import forget_challenge, note_challenge
from gatewright.controlplane.app import Context
from gatewright.controlplane.route53.challenges import (
    NoPlaceForChallenge,
    is_published,
    put_challenge,
    remove_challenge,
)
from gatewright.model.records import CertificateOrder
from gatewright.store.port import Transaction

#: A DNS server elsewhere is told at once, and again when it was not there; who waits longer had better ask later.
PUBLISHED_WITHIN: Final = 30.0
_LOOK_SECONDS: Final = 0.1


class ChallengeZone:
    """The records of one order."""

    def __init__(self, context: Context, loop: asyncio.AbstractEventLoop, order: CertificateOrder) -> None:
        self._context = context
        self._loop = loop
        self._order = order

    async def clear(self) -> None:
        """Nothing of an earlier attempt is left in the DNS. To be awaited on the loop, unlike the others."""
        for value, domain_name in self._order.challenges.items():
            await self._remove(domain_name, value)

    def put(self, domain_name: str, value: str) -> None:
        """The value is at `_acme-challenge` of the domain name, in the DNS."""
        context = self._context

        def change(transaction: Transaction) -> None:
            put_challenge(transaction, context.installation, self._order.account, domain_name, value)
            note_challenge(transaction, self._order, domain_name, value)

        try:
            self._await(self._change(change, domain_name, patience=PUBLISHED_WITHIN))
        except NoPlaceForChallenge as nowhere:
            raise OrderDelayed(str(nowhere)) from None
        except TimeoutError:
            raise OrderDelayed(f"The DNS server has not taken the record of {domain_name}.") from None

    def remove(self, domain_name: str, value: str) -> None:
        """It is there no longer, or soon: nobody waits for that."""
        self._await(self._remove(domain_name, value))

    async def _remove(self, domain_name: str, value: str) -> None:
        context = self._context

        def change(transaction: Transaction) -> None:
            remove_challenge(transaction, context.installation, self._order.account, domain_name, value)
            forget_challenge(transaction, self._order, value)

        await self._change(change, domain_name, patience=0.0)

    def _await(self, change: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(change, self._loop).result()

    async def _change(self, change: Callable[[Transaction], None], domain_name: str, *, patience: float) -> None:
        context = self._context
        async with context.writing:
            with context.store.transaction() as transaction:
                change(transaction)
        await context.published(context.store.revision())
        if patience:
            async with asyncio.timeout(patience):
                while not self._is_published(domain_name):  # noqa: ASYNC110  the store has no event for that
                    await asyncio.sleep(_LOOK_SECONDS)

    def _is_published(self, domain_name: str) -> bool:
        with self._context.store.read() as reader:
            return is_published(reader, self._order.account, domain_name)
