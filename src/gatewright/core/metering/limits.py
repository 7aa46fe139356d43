"""What is promised to a client or a method: so many requests a second, so many a period (facts 4.1, 4.4)."""

from typing import NamedTuple


class Throttle(NamedTuple):
    """A token bucket's size: `rate` tokens a second flow in, and it holds `burst` of them."""

    rate: float
    burst: int


class Quota(NamedTuple):
    """So many requests a period. Of the first period `offset` are gone already."""

    limit: int
    offset: int
    period: str  # DAY, WEEK or MONTH
