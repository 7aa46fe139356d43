"""What meters a call (facts 4): the key that it carries, the plans of key and stage, and the throttles above them.

The rule this file keeps: a key is known by its id; its value is a secret and never becomes evidence.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Throttle:
    """Tokens a second, and how many the bucket holds."""

    rate: float
    burst: int

    @property
    def is_shut(self) -> bool:
        """No request at all passes."""
        return self.burst == 0 or self.rate == 0

    def __str__(self) -> str:
        return f"{self.rate:g} requests a second, burst {self.burst}"


@dataclass(frozen=True, slots=True)
class PresentedKey:
    """What the account knows of the key value that the request carries."""

    found: bool
    id: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """A usage plan that has the key, the stage, or both."""

    id: str
    name: str
    has_key: bool
    has_stage: bool
    throttle: Throttle | None = None
    method_throttle: Throttle | None = None  # of the method that is asked for, in this stage
    quota: int | None = None
    period: str | None = None
    used: int | None = None  # by the key today
    remaining: int | None = None  # to the key in this period

    @property
    def applies(self) -> bool:
        """It meters this key on this stage."""
        return self.has_key and self.has_stage


@dataclass(frozen=True, slots=True)
class Limits:
    """All of that for the method that is asked for; what is None was not asked for."""

    key: PresentedKey | None = None
    plans: tuple[PlanLimits, ...] | None = None
    stage: Throttle | None = None
    stage_setting: str = ""  # the key of the method setting: `*/*`, or `~1pets/GET`
    logging_level: str = "OFF"
    account: Throttle | None = None

    @property
    def plan(self) -> PlanLimits | None:
        """The plan that meters the key on the stage; there is at most one (facts 4.3)."""
        return next((each for each in self.plans or () if each.applies), None)
