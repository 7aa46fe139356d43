"""What an account may ask at most, and how soon GetUsage tells what it asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gatewright.settings.refusal import refuse

DEFAULT_ACCOUNT_THROTTLE: Final = "10000:5000"

_MAX_USAGE_LAG: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class Throttle:
    """Requests a second over time, and at once."""

    rate: float
    burst: int


def parse_throttle(text: str) -> Throttle:
    """`RATE:BURST`: requests a second, and requests at once."""
    rate, _, burst = text.partition(":")
    try:
        throttle = Throttle(float(rate), int(burst))
    except ValueError:
        throttle = Throttle(-1, -1)
    if not (0 <= throttle.rate < float("inf") and throttle.burst >= 0):
        refuse(
            "--account-throttle",
            f"expected RATE:BURST, requests a second and requests at once, found {text!r}",
            f"the default is {DEFAULT_ACCOUNT_THROTTLE}",
        )
    return throttle


def parse_usage_lag(text: str) -> float:
    """Seconds, from 0 to an hour."""
    advice = "0, the default, lets GetUsage tell at once what was counted"
    try:
        seconds = float(text)
    except ValueError:
        refuse("--usage-lag", f"expected a number of seconds, found {text!r}", advice)
    if not 0 <= seconds <= _MAX_USAGE_LAG:
        refuse("--usage-lag", f"expected from 0 to {_MAX_USAGE_LAG:.0f} seconds, found {text!r}", advice)
    return seconds
