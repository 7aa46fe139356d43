"""Hosted zones in the store: which of an account's zones a name belongs to, and one zone by its id."""

from gatewright.controlplane.errors import ServiceError
from gatewright.core.dns.name import Name, is_within, parse_name
from gatewright.model.records import HostedZone
from gatewright.store.port import Reader


def bare_id(text: str) -> str:
    """The id in `Z…` or `/hostedzone/Z…`: the service takes both (D)."""
    return text.rpartition("/")[2]


def get_zone(reader: Reader, account: str, zone_id: str) -> HostedZone:
    """The account's zone; raises NoSuchHostedZone."""
    zone = reader.get(HostedZone, account, "", bare_id(zone_id))
    if zone is None:
        raise ServiceError("NoSuchHostedZone", f"No hosted zone found with ID: {bare_id(zone_id)}")  # R
    return zone


def serving_order(zone: HostedZone) -> tuple[float, str]:
    """Of zones with one name the oldest is the one that the DNS answers for: a later one takes no names away."""
    return (zone.created_date, zone.id)


def find_covering_zone(reader: Reader, account: str, name: Name) -> HostedZone | None:
    """The account's zone with the longest name that the name is within, of those that the DNS answers for."""
    serving: dict[Name, HostedZone] = {}
    for zone in sorted(reader.all(HostedZone), key=serving_order):
        apex = parse_name(zone.name)
        if is_within(name, apex):
            serving.setdefault(apex, zone)
    nearest = max(serving, key=len, default=None)
    return serving[nearest] if nearest is not None and serving[nearest].account == account else None
