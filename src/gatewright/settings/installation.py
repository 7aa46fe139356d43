"""All settings of an installation: the options as text in, one frozen `Settings` out.

Here it is said which options go together, and which cannot; the form of each is in the module of what it is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gatewright.settings.acme import AcmeSettings, parse_acme
from gatewright.settings.address import DEFAULT_CONTROL, DEFAULT_HTTPS, Address, parse_address, refuse_beyond_loopback
from gatewright.settings.cache import CacheSettings, parse_cache
from gatewright.settings.capacity import DEFAULT_MAX_CONNECTIONS, parse_max_connections, parse_workers
from gatewright.settings.choice import parse_auth, parse_log_level, parse_switch
from gatewright.settings.dns import (
    DEFAULT_DNS,
    TsigKey,
    parse_advertise,
    parse_dns,
    parse_dns_update,
    parse_dns_update_key,
)
from gatewright.settings.functions import LambdaSettings, parse_lambda
from gatewright.settings.metering import DEFAULT_ACCOUNT_THROTTLE, Throttle, parse_throttle, parse_usage_lag
from gatewright.settings.names import (
    DEFAULT_ACCOUNT,
    DEFAULT_REGION,
    DEFAULT_SUFFIX,
    parse_account_id,
    parse_region,
    parse_suffix,
)
from gatewright.settings.refusal import refuse
from gatewright.settings.root_credentials import RootCredentials, parse_root_credentials
from gatewright.settings.roots import parse_roots
from gatewright.settings.storage import parse_data_dir, parse_database


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that `gatewright serve` can be told."""

    data_dir: Path
    control: Address
    https: Address
    dns: Address | None
    workers: int
    suffix: str
    region: str
    account_id: str
    account_throttle: Throttle
    lenient: bool
    database: Path | None
    upstream_ca: Path | None
    log_level: str
    root_credentials: RootCredentials | None
    max_connections: int = DEFAULT_MAX_CONNECTIONS
    acme: AcmeSettings | None = None
    announce_expiry: bool = False
    dns_is_chosen: bool = False  # else the address is the default one, and whoever has it may keep it
    addresses: tuple[str, ...] = ("127.0.0.1",)  # at which clients reach the HTTPS listener
    dns_update: Address | None = None
    dns_update_key: TsigKey | None = None
    tells_retry: bool = False  # a 429 of ours has a Retry-After
    functions: LambdaSettings | None = None
    cache: CacheSettings | None = None  # None: this node meters by itself
    usage_lag: float = 0.0  # seconds by which GetUsage may be behind what was counted


def make_settings(options: Mapping[str, str | None]) -> Settings:
    """The settings that these options ask for, by their names without dashes; absent ones and None take the defaults.

    Raises `SettingsError` for the first option that cannot be used.
    """

    def text(name: str, default: str) -> str:
        return options.get(name) or default

    control = parse_address("--control", text("control", DEFAULT_CONTROL))
    https = parse_address("--https", text("https", DEFAULT_HTTPS))
    lenient = parse_auth(text("auth", "enforce"))
    if lenient:
        refuse_beyond_loopback("--control", control)
        refuse_beyond_loopback("--https", https)
    if control == https and control.port:
        refuse("--https", f"expected another address than that of --control, found {https} for both", "change one")
    dns_update = parse_dns_update(options.get("dns_update"))
    cache = parse_cache(options.get("cache"))
    usage_lag = parse_usage_lag(text("usage_lag", "0"))
    if cache is not None and usage_lag:
        refuse("--usage-lag", "expected 0 beside --cache, since nodes tell each other at once", "leave one out")
    return Settings(
        data_dir=parse_data_dir(options.get("data_dir")),
        control=control,
        https=https,
        dns=parse_dns(text("dns", DEFAULT_DNS)),
        workers=parse_workers(options.get("workers")),
        suffix=parse_suffix(text("suffix", DEFAULT_SUFFIX)),
        region=parse_region(text("region", DEFAULT_REGION)),
        account_id=parse_account_id("--account-id", text("account_id", DEFAULT_ACCOUNT)),
        account_throttle=parse_throttle(text("account_throttle", DEFAULT_ACCOUNT_THROTTLE)),
        lenient=lenient,
        database=parse_database(options.get("database")),
        upstream_ca=parse_roots("--upstream-ca", options.get("upstream_ca")),
        log_level=parse_log_level(text("log_level", "info")),
        root_credentials=parse_root_credentials(
            options.get("root_access_key_id"), options.get("root_secret_access_key")
        ),
        max_connections=parse_max_connections(options.get("max_connections")),
        acme=parse_acme(options),
        announce_expiry=parse_switch("--announce-expiry", text("announce_expiry", "off")),
        dns_is_chosen=bool(options.get("dns")),
        addresses=parse_advertise(options.get("advertise"), https),
        dns_update=dns_update,
        tells_retry=parse_switch("--retry-after", text("retry_after", "off")),
        dns_update_key=parse_dns_update_key(options.get("dns_update_key"), dns_update),
        functions=parse_lambda(options),
        cache=cache,
        usage_lag=usage_lag,
    )
