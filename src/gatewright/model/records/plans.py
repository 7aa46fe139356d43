"""API keys, usage plans and the limits that a plan sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key. Its value is the secret named by `secret_name`; which plans it is in, `UsagePlanKey` says."""

    KIND: ClassVar[str] = "api_key"

    account: str
    region: str
    id: str
    created_date: float
    last_updated_date: float
    name: str | None = None
    description: str | None = None
    enabled: bool = False
    customer_id: str | None = None
    stage_keys: tuple[str, ...] = ()  # `{API id}/{stage name}`: shown, and nothing else since there are usage plans
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(API key id,)."""
        return (self.id,)

    @property
    def secret_name(self) -> str:
        """Where the store keeps the value (ASCII)."""
        return f"api-key/{self.account}/{self.region}/{self.id}"


@dataclass(frozen=True, slots=True)
class ApiKeyValue:
    """Which API key has a value, kept beside each `ApiKey`: no two of an account in a region have the same."""

    KIND: ClassVar[str] = "api_key_value"

    account: str
    region: str
    digest: str  # of the value, under a key of the store's
    key_id: str

    @property
    def key(self) -> tuple[str, ...]:
        """(digest,)."""
        return (self.digest,)


@dataclass(frozen=True, slots=True)
class ThrottleSettings:
    """What a usage plan allows a second, to each of its keys."""

    rate_limit: float = 0.0
    burst_limit: int = 0


@dataclass(frozen=True, slots=True)
class QuotaSettings:
    """What a usage plan allows a period (DAY, WEEK or MONTH), to each of its keys."""

    limit: int
    period: str
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ApiStage:
    """A stage that a usage plan opens, and limits of single methods there: `/pets/GET`, `//GET` for the root."""

    api_id: str
    stage: str
    throttle: Mapping[str, ThrottleSettings] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """Which stages its keys open, and how often."""

    KIND: ClassVar[str] = "usage_plan"

    account: str
    region: str
    id: str
    name: str
    created_date: float
    description: str | None = None
    product_code: str | None = None
    throttle: ThrottleSettings | None = None
    quota: QuotaSettings | None = None
    api_stages: tuple[ApiStage, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(usage plan id,)."""
        return (self.id,)


@dataclass(frozen=True, slots=True)
class UsagePlanKey:
    """That an API key is in a usage plan."""

    KIND: ClassVar[str] = "usage_plan_key"

    account: str
    region: str
    usage_plan_id: str
    id: str  # the API key's
    created_date: float

    @property
    def key(self) -> tuple[str, ...]:
        """(usage plan id, API key id)."""
        return (self.usage_plan_id, self.id)


@dataclass(frozen=True, slots=True)
class PlanOfKey:
    """The usage plans of an API key: kept beside each `UsagePlanKey`."""

    KIND: ClassVar[str] = "plan_of_key"

    account: str
    region: str
    key_id: str
    usage_plan_id: str

    @property
    def key(self) -> tuple[str, ...]:
        """(API key id, usage plan id)."""
        return (self.key_id, self.usage_plan_id)


@dataclass(frozen=True, slots=True)
class PlanOfStage:
    """The usage plans that open a stage: kept beside each `UsagePlan`, one for every stage of it."""

    KIND: ClassVar[str] = "plan_of_stage"

    account: str
    region: str
    api_id: str
    stage: str
    usage_plan_id: str

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, stage name, usage plan id)."""
        return (self.api_id, self.stage, self.usage_plan_id)
