"""What the control process does on its own from time to time, beside the feed's look at default certificates."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from gatewright.app.clock import Clock
from gatewright.app.expiry_watch import ExpiryWatch
from gatewright.controlplane.acm.renewal import find_renewals, order_renewals
from gatewright.controlplane.acmpca.upkeep import look_after_authorities
from gatewright.controlplane.apigateway.domain_upkeep import look_after_domain_names
from gatewright.controlplane.app import Context
from gatewright.controlplane.failure import describe_failure
from gatewright.controlplane.logs.upkeep import look_after_log_groups

logger = logging.getLogger(__name__)

#: A revocation list of one day, the shortest, is renewed after twelve hours.
UPKEEP_SECONDS: Final = 3600.0


async def keep_up(context: Context, clock: Clock, expiry_watch: ExpiryWatch | None = None) -> None:
    """Looks after certificates, private CAs, domain names and log groups, until cancelled.

    At once and then every hour; and whenever the clock was moved.
    """
    while True:
        try:
            look_after_authorities(context.store, context.installation, context.random_text, context.now())
        except Exception as failure:  # noqa: BLE001  whatever it is, the next look may succeed
            told = describe_failure(failure)
            logger.error("Looking after private CAs failed; trying again: %s", told)  # noqa: TRY400  `told` has it all
        try:
            # In a thread: of thousands of domain names it takes a second or more, and calls are to be answered meanwhile.
            await asyncio.to_thread(look_after_domain_names, context.store, context.now())
        except Exception as failure:  # noqa: BLE001  as above
            told = describe_failure(failure)
            logger.error("Looking after domain names failed; trying again: %s", told)  # noqa: TRY400  as above
        await _look_after_certificates(context)
        try:
            await asyncio.to_thread(look_after_log_groups, context.store, context.logs, context.now())
        except Exception as failure:  # noqa: BLE001  as above
            told = describe_failure(failure)
            logger.error("Looking after log groups failed; trying again: %s", told)  # noqa: TRY400  as above
        if expiry_watch is not None:
            await _tell_of_ends(expiry_watch, context)
        await clock.sleep(UPKEEP_SECONDS)


async def _look_after_certificates(context: Context) -> None:
    try:
        due = await asyncio.to_thread(find_renewals, context.store, context.now())
        if due:
            async with context.writing:
                order_renewals(context.store, due, context.now())
    except Exception as failure:  # noqa: BLE001  as above
        told = describe_failure(failure)
        logger.error("Looking after certificates failed; trying again: %s", told)  # noqa: TRY400  as above
        return
    for request in due:
        logger.info("The certificate %s (%s) is near its end and will be renewed.", request.arn, request.domain_name)


async def _tell_of_ends(watch: ExpiryWatch, context: Context) -> None:
    try:
        await asyncio.to_thread(watch.look, context.store, context.now())
    except Exception as failure:  # noqa: BLE001  as above
        told = describe_failure(failure)
        logger.error("Looking for ends of certificates failed; trying again: %s", told)  # noqa: TRY400  as above
