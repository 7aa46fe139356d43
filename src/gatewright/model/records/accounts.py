"""What belongs to an account: its settings in API Gateway, its access keys, and an order that its lists are kept in."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """What UpdateAccount changes, one record an account and region."""

    KIND: ClassVar[str] = "account_settings"

    account: str
    region: str
    cloudwatch_role_arn: str | None = None
    features: tuple[str, ...] = ("UsagePlans",)

    @property
    def key(self) -> tuple[str, ...]:
        """(): there is one."""
        return ()


@dataclass(frozen=True, slots=True)
class AccessKeyRecord:
    """An access key. `region` is always "": keys belong to an account; the secret lies in the store's secrets."""

    KIND: ClassVar[str] = "access_key"

    account: str
    region: str
    id: str
    arn: str
    user_id: str
    created_date: float
    active: bool = True

    @property
    def key(self) -> tuple[str, ...]:
        """(access key id,)."""
        return (self.id,)

    @property
    def secret_name(self) -> str:
        """Where the store keeps the secret access key (ASCII)."""
        return f"access-key/{self.id}"


@dataclass(frozen=True, slots=True)
class CreationOrder:
    """An item's place in a collection that is listed by age: kept beside each item of it."""

    KIND: ClassVar[str] = "creation_order"

    account: str
    region: str
    collection: str
    instant: str  # in a form that sorts by time
    id: str

    @property
    def key(self) -> tuple[str, ...]:
        """(collection, instant, item id)."""
        return (self.collection, self.instant, self.id)
