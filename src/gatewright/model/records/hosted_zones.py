"""Hosted zones and their record sets, and what a DNS server elsewhere is still to be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class HostedZone:
    """A public hosted zone of Route 53, which the built-in DNS answers for. `region` is always "": zones are global.

    `name` is in Route 53's spelling, see `gatewright.core.dns.name`.
    """

    KIND: ClassVar[str] = "hosted_zone"

    account: str
    region: str
    id: str
    name: str
    caller_reference: str
    created_date: float
    name_servers: tuple[str, ...]
    comment: str | None = None
    record_set_count: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(hosted zone id,)."""
        return (self.id,)


@dataclass(frozen=True, slots=True)
class AliasTarget:
    """What an alias record stands for: a name in its own hosted zone, or a target of API Gateway or CloudFront."""

    hosted_zone_id: str
    dns_name: str
    evaluate_target_health: bool = False


@dataclass(frozen=True, slots=True)
class ResourceRecordSet:
    """The records of one name and type in a hosted zone, or an alias. Name and values are in Route 53's spelling."""

    KIND: ClassVar[str] = "resource_record_set"

    account: str
    region: str
    hosted_zone_id: str
    name: str
    type: str
    ttl: int | None = None  # None: an alias has its target's
    values: tuple[str, ...] = ()
    alias_target: AliasTarget | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """(hosted zone id, name with its labels reversed, type): the order in which Route 53 lists them."""
        return (self.hosted_zone_id, reverse_labels(self.name), self.type)


def reverse_labels(name: str) -> str:
    """`com.example.www.` for `www.example.com.`. An escaped dot is no dot: it is written in digits."""
    return ".".join(reversed(name.removesuffix(".").split("."))) + "."


@dataclass(frozen=True, slots=True)
class Challenge:
    """TXT values that answer ACME's DNS-01 for a name outside of our hosted zones; a DNS server elsewhere has them."""

    KIND: ClassVar[str] = "challenge"

    account: str
    region: str
    name: str  # `_acme-challenge.…`, as a ResourceRecordSet's
    values: tuple[str, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """(name,)."""
        return (self.name,)


@dataclass(frozen=True, slots=True)
class DnsUpdate:
    """That the DNS server elsewhere has yet to be told of a name and type. What it is told is what is true then."""

    KIND: ClassVar[str] = "dns_update"

    account: str
    region: str
    name: str
    type: str

    @property
    def key(self) -> tuple[str, ...]:
        """(name with its labels reversed, type)."""
        return (reverse_labels(self.name), self.type)


@dataclass(frozen=True, slots=True)
class DnsUpdateServer:
    """The DNS server that was told of all hosted zones as they were when it was first named."""

    KIND: ClassVar[str] = "dns_update_server"

    account: str  # always "": it belongs to the installation
    region: str  # always ""
    address: str

    @property
    def key(self) -> tuple[str, ...]:
        """(): there is one."""
        return ()
