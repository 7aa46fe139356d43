"""What one request asks of the meters: a token of each bucket on its way, and one of its key's quota (facts 4.2).

The order is the service's: the key's quota and its share of the plan, the stage's limit of the method, the account's in
the region, the region's. The first one that has nothing left speaks, and a request that is refused takes nothing
anywhere: no level pays for what a later one did not let through.
"""

from enum import Enum
from typing import NamedTuple

from gatewright.core.metering.limits import Quota
from gatewright.core.metering.meter_names import name_within
from gatewright.core.metering.token_bucket import Limit


class Level(Enum):
    """Whose limit; the value is said to users."""

    PLAN = "usage plan"
    PLAN_METHOD = "method of the usage plan"
    STAGE = "method of the stage"
    ACCOUNT = "account in the region"
    REGION = "region"


class Bucket:
    """One token bucket: of whom it is, and its limit. Both are in its name: another limit is another bucket, and full.

    The meters' own: `place` is where it was last found, `next_state` what it will be if the request is let through.
    """

    __slots__ = ("level", "limit", "name", "next_state", "place")

    def __init__(self, level: Level, owner: int, limit: Limit) -> None:
        self.level = level
        self.name = name_within(owner, limit.name)
        self.limit = limit
        self.place = -1
        self.next_state = 0

    def __repr__(self) -> str:
        return f"<Bucket of the {self.level.value}: {self.limit!r}>"


class MethodLevels:
    """The buckets that every call of a method of a stage passes, whoever the client is; and the method's name."""

    __slots__ = ("buckets", "name")

    def __init__(self, name: int, buckets: tuple[Bucket, ...]) -> None:
        self.name = name
        self.buckets = buckets

    def __repr__(self) -> str:
        return f"<MethodLevels {self.buckets!r}>"


class Ledger:
    """What a key has used under a plan: the ledger's name, and the quota, if the plan has one.

    `start` is where it was last found (the meters' own).
    """

    __slots__ = ("name", "quota", "start")

    def __init__(self, name: int, quota: Quota | None) -> None:
        self.name = name
        self.quota = quota
        self.start = -1

    def __repr__(self) -> str:
        return f"<Ledger {self.quota or 'without a quota'}>"


class Shortage(NamedTuple):
    """Who had nothing left: a bucket, or (None) the quota. `remaining` is what was there at that instant.

    `in_doubt`: nodes share the quota, and this one has used up what it was leased, but the quota may have something left.
    """

    bucket: Bucket | None
    remaining: int
    retry_in: int  # nanoseconds until there is one again
    in_doubt: bool = False


class DayUsage(NamedTuple):
    """What a key used on a day, and what it had left at the day's end; None: there is no quota."""

    used: int
    remaining: int | None
