"""The port behind which it is kept what each API key has used under a usage plan. Whoever meters requests fills it."""

from collections.abc import Sequence
from typing import Protocol

from gatewright.model.records import UsagePlan


class UsageBook(Protocol):
    """Requests that were counted, by plan, key and day of UTC; days are numbered from 1970-01-01."""

    def read(self, plan: UsagePlan, key_id: str, days: range) -> Sequence[tuple[int, int | None]]:
        """For each of the days what the key used, and what it had left at the day's end (None: there is no quota)."""

    def set_remaining(self, plan: UsagePlan, key_id: str, remaining: int, now: float) -> None:
        """In the period of the plan's quota, which it has, that `now` is in, the key has so many requests left."""
