"""Orders of certificates, worked on in the background: renewals, and what comes from an ACME directory.

    due order → new key, in a thread → issued here, or obtained over ACME in a thread → settled in one transaction

What it keeps to: the store is written on the loop, with the other writers' lock, as calls do (`controlplane.app`), and a
change is announced. A directory may be slow, so each order over ACME has a thread, `AT_ONCE` of them at most; a thread that
hangs keeps nobody from ending.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from gatewright.acme.directory import Directory
from gatewright.acme.problems import OrderDelayed, OrderRefused
from gatewright.app.challenge_zone import ChallengeZone
from gatewright.controlplane.acm import orders
from gatewright.controlplane.acm.issuing import ACME, IssuanceRefused, Issued, issue_here, signing_request
from gatewright.controlplane.apigateway.domain_upkeep import follow_renewal
from gatewright.controlplane.app import Context
from gatewright.controlplane.failure import describe_failure
from gatewright.controlplane.private_keys import generate_key, key_to_pem
from gatewright.core.x509.private_key import PrivateKey
from gatewright.model.records import CertificateOrder, CertificateRequest
from gatewright.store.port import Store

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: How often the store is asked for orders; a call that places one is answered before it is worked on anyway.
LOOK_SECONDS: Final = 0.5

#: Let's Encrypt and others let an account have many orders open; this is for our own sake.
AT_ONCE: Final = 4

_ACCOUNT_KEY: Final = "acme-account-key"


class OrdersInHand:
    """The orders of an installation; one in the control process."""

    def __init__(self, context: Context, directory: Directory | None) -> None:
        self._context = context
        self._directory = directory
        self._in_hand: dict[tuple[str, str, str], asyncio.Task[None]] = {}

    async def work(self) -> None:
        """Looks for due orders until cancelled."""
        try:
            while True:
                try:
                    self.take_up()
                except Exception as failure:  # noqa: BLE001  whatever it is, the next look may succeed
                    told = describe_failure(failure)
                    logger.error("Looking for orders of certificates failed: %s", told)  # noqa: TRY400  `told` has it
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            for task in self._in_hand.values():
                task.cancel()

    def take_up(self) -> list[asyncio.Task[None]]:
        """Begins what is due, as far as hands are free; the attempts that are under way."""
        with self._context.store.read() as reader:
            due = orders.due_orders(reader, self._context.now())
        for order in due:
            place = (order.account, order.region, order.id)
            if len(self._in_hand) < AT_ONCE and place not in self._in_hand:
                task = asyncio.get_running_loop().create_task(self._attempt(order), name=f"order of {order.id}")
                self._in_hand[place] = task
                task.add_done_callback(partial(self._lay_down, place))
        return list(self._in_hand.values())

    def _lay_down(self, place: tuple[str, str, str], _: asyncio.Task[None]) -> None:
        del self._in_hand[place]

    async def _attempt(self, order: CertificateOrder) -> None:
        try:
            outcome = await self._try(order)
        except Exception as failure:  # noqa: BLE001  our own bug must not be retried without a pause
            logger.error("Working on the order of %s failed: %s", order.id, describe_failure(failure))  # noqa: TRY400  it has the traceback
            outcome = _Delayed("working on it failed here, as told above")
        try:
            await self._note(order, outcome)
        except Exception as failure:  # noqa: BLE001  the store's, most likely; what was obtained is lost
            logger.error("Keeping the outcome of the order of %s failed: %s", order.id, describe_failure(failure))  # noqa: TRY400  as above
            await asyncio.sleep(orders.FIRST_PAUSE)

    async def _try(self, order: CertificateOrder) -> _Outcome:
        with self._context.store.read() as reader:
            request = orders.find_request(reader, order)
        if request is None:
            return _Delayed("the request has been deleted")
        key = await _in_thread(lambda: generate_key(request.key_algorithm))
        if request.issuer != ACME:
            return _Here(request, key)
        if self._directory is None:
            return _Delayed("it was ordered from an ACME directory, and none is configured now (--acme-directory)")
        return await self._order_over_acme(self._directory, order, request, key)

    async def _order_over_acme(
        self, directory: Directory, order: CertificateOrder, request: CertificateRequest, key: PrivateKey
    ) -> _Outcome:
        from gatewright.acme.client import obtain_certificate  # noqa: PLC0415  only who has a directory pays for it

        account_key = await self._account_key()
        csr = signing_request(request.subject_alternative_names, key)
        zone = ChallengeZone(self._context, asyncio.get_running_loop(), order)
        await zone.clear()
        try:
            obtained = await _in_thread(lambda: obtain_certificate(directory, account_key, csr, zone))
        except OrderRefused as refused:
            return _Refused(refused.reason, str(refused))
        except OrderDelayed as delayed:
            return _Delayed(str(delayed), delayed.retry_after)
        return _Obtained(Issued(obtained.certificate_pem, obtained.chain_pem or None), key)

    async def _note(self, order: CertificateOrder, outcome: _Outcome) -> None:
        context = self._context
        async with context.writing:
            now = context.now()
            with context.store.transaction() as transaction:
                if isinstance(outcome, _Here):
                    try:
                        issued = issue_here(
                            transaction, outcome.request, outcome.key, now=now, random_text=context.random_text
                        )
                        outcome = _Obtained(issued, outcome.key)
                    except IssuanceRefused as refused:
                        outcome = _Refused(refused.reason, str(refused))
                name = _name(orders.find_request(transaction, order), order)
                match outcome:
                    case _Obtained(issued, key):
                        certificate = orders.settle(transaction, order, issued, key, now)
                        if certificate is not None:
                            follow_renewal(transaction, certificate, now)
                        logger.info("The certificate %s is issued.", name)
                    case _Refused(reason, why):
                        orders.refuse(transaction, order, reason, now)
                        logger.error("The certificate %s will not be issued (%s): %s", name, reason, why)
                    case _Delayed(why, retry_after):
                        pause = orders.postpone(transaction, order, now, retry_after)
                        then = "giving up" if pause is None else f"trying again in {pause:.0f} s"
                        logger.warning("The certificate %s is not issued yet, %s: %s", name, then, why)
        await context.published(context.store.revision())

    async def _account_key(self) -> bytes:
        """The key that the installation is known by at directories; made for the first order."""
        with self._context.store.read() as reader:
            kept = reader.get_secret(_ACCOUNT_KEY)
        if kept is not None:
            return kept
        async with self._context.writing:
            return ensure_account_key(self._context.store)


def ensure_account_key(store: Store) -> bytes:
    """The account key, as the store keeps it from now on."""
    with store.transaction() as transaction:
        kept = transaction.get_secret(_ACCOUNT_KEY)
        if kept is None:
            kept = key_to_pem(generate_key("EC_prime256v1"))
            transaction.put_secret(_ACCOUNT_KEY, kept)
        return kept


@dataclass(frozen=True, slots=True)
class _Here:
    """The installation issues it itself, in the transaction."""

    request: CertificateRequest
    key: PrivateKey


@dataclass(frozen=True, slots=True)
class _Obtained:
    issued: Issued
    key: PrivateKey


@dataclass(frozen=True, slots=True)
class _Refused:
    reason: str
    why: str


@dataclass(frozen=True, slots=True)
class _Delayed:
    why: str
    retry_after: float = 0.0


_Outcome = _Here | _Obtained | _Refused | _Delayed


def _name(request: CertificateRequest | None, order: CertificateOrder) -> str:
    return f"{request.arn} ({request.domain_name})" if request else order.id


async def _in_thread(function: Callable[[], T]) -> T:
    """What the function gives, from a thread that may be left behind: the loop's own threads are waited for at the end."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return  # nobody waits any more
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # without an error there is a result

    def run() -> None:
        try:
            outcome: tuple[T | None, BaseException | None] = (function(), None)
        except BaseException as error:  # noqa: BLE001  it is raised where it is awaited
            outcome = (None, error)
        with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=run, daemon=True).start()
    return await future
