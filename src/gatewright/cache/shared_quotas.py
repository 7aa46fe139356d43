"""Quotas that all nodes count on (`scripts/quotas.lua`), and the nodes themselves (`scripts/presence.lua`).

A node counts a key's requests in its own ledger, up to a number that it was leased and that nobody else may use. It tells
what it has counted, whole and not by how much that grew, and asks for more long before the lease is used up. What no node
asks leave for is the first few requests of a key that it has not heard of (`first_few`): Redis keeps these back for
every node that lives, until that node has told what it used. So all nodes together never count more than the quota.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from gatewright.cache.connection import Script, ScriptCall
from gatewright.core.metering.limits import Quota
from gatewright.core.metering.quota import Period, first_few, period_of

_QUOTAS: Final = Script.load("quotas")
_PRESENCE: Final = Script.load("presence")
_EXTEND: Final = Script.load("extend")

#: GetUsage reaches back 90 days (facts 4.4).
_KEPT_SECONDS: Final = 93 * 86_400
_NODES, _LAST_NEWS = "nodes", "news"
_OFFER, _RECALL = "offer", "recall"


class Telling(NamedTuple):
    """What a node says of a key: what it has counted, and how many more it wants (0: it gives back what it has left)."""

    name: int
    quota: Quota | None
    wanted: int
    used: int  # in the present period
    first_day: int
    today: int
    used_today: int
    used_yesterday: int


class Lease(NamedTuple):
    """Up to what the node may count in the period; and what UpdateUsage added, less what the other nodes have used.

    Where the key's first period was an earlier one, of which the node knows nothing, the offset is in the second as well.
    """

    up_to: int
    beside: int


class News(NamedTuple):
    """Of a key's quota: it was extended, or there is too little left for nodes to hold what they do not use."""

    name: int
    quota: Quota
    is_offer: bool


class Presence(NamedTuple):
    """How many nodes live, the number of the last news, and the news."""

    nodes: int
    last: int
    news: list[News]


def tell(node: str, tellings: Sequence[Telling]) -> ScriptCall:
    """Says all of them."""
    keys, arguments = [_NODES, _LAST_NEWS], list[str | int | float]((node, _KEPT_SECONDS))
    for each in tellings:
        quota = each.quota
        period = Period(each.today, each.today + 1) if quota is None else period_of(quota.period, each.today)
        keys += (_days(each.name), _period(each.name, period), _news(period))
        arguments += (
            -1 if quota is None else quota.limit,
            0 if quota is None else quota.offset,
            period.start,
            0 if quota is None else first_few(quota),
            each.wanted,
            each.used,
            each.first_day,
            each.today,
            each.used_today,
            each.used_yesterday,
            "" if quota is None else _render_news(each.name, quota, _RECALL),
        )
    return ScriptCall(_QUOTAS, keys, arguments)


def parse_leases(answer: Any) -> list[Lease]:
    """In the order of the tellings."""
    numbers = [int(each) for each in answer]
    return [Lease(up_to, beside) for up_to, beside in zip(numbers[::2], numbers[1::2], strict=True)]


def live(node: str, seconds: int, heard: int, today: int) -> ScriptCall:
    """The node lives for so long (0: it leaves), and has heard the news up to number `heard`."""
    ends = {period_of(period, today).end: None for period in ("DAY", "WEEK", "MONTH")}
    return ScriptCall(_PRESENCE, [_NODES, _LAST_NEWS, *(f"news:{end}" for end in ends)], [node, seconds, heard])


def parse_presence(answer: Any) -> Presence:
    """Who lives, and what is new."""
    nodes, last, *news = answer
    return Presence(int(nodes), int(last), [_parse_news(each) for each in news])


def extend(
    identifier: str, name: int, quota: Quota, day: int, *, remaining: int | None = None, more: int = 0
) -> ScriptCall:
    """So many requests are left to the key in the day's period, or so many more. The extension of an id is done once."""
    how, count = ("more", more) if remaining is None else ("left", remaining)
    period = period_of(quota.period, day)
    return ScriptCall(
        _EXTEND,
        [_LAST_NEWS, _days(name), _period(name, period), _news(period)],
        [
            _KEPT_SECONDS,
            quota.limit,
            quota.offset,
            period.start,
            identifier,
            how,
            count,
            _render_news(name, quota, _OFFER),
        ],
    )


def sum_extensions(fields: Mapping[str, str]) -> int:
    """What UpdateUsage added in a period, by what is kept of it."""
    return sum(int(value) for field, value in fields.items() if field.startswith("x"))


def name_days(name: int) -> str:
    """Where a key's days are kept."""
    return _days(name)


def name_period(name: int, period: Period) -> str:
    """Where a key's period is kept."""
    return _period(name, period)


def _days(name: int) -> str:
    return f"d:{name:x}"


def _period(name: int, period: Period) -> str:
    return f"q:{name:x}:{period.start}"


def _news(period: Period) -> str:
    return f"news:{period.end}"


def _render_news(name: int, quota: Quota, what: str) -> str:
    return f"{what}:{name:x}:{quota.limit}:{quota.offset}:{quota.period}"


def _parse_news(text: str) -> News:
    what, name, limit, offset, period = text.split(":")
    return News(int(name, 16), Quota(int(limit), int(offset), period), what == _OFFER)
