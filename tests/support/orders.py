"""Orders of certificates, worked on without a control process."""

import asyncio


def work_once(orders_in_hand):
    """Every order that is due now has been attempted."""

    async def work():
        while tasks := orders_in_hand.take_up():
            await asyncio.gather(*tasks)
            # Their hands are free a moment later.
            await asyncio.sleep(0)

    asyncio.run(work())
