"""What an operator may set, validated once: options and environment in as text, one frozen `Settings` out.

What this module knows: the defaults of DESIGN 1 and the form of every option. What it keeps to:

- A `Settings` that exists is usable; nobody checks a port or a region again.
- A refusal is a sentence: the option, what was expected, what was found, and what to do.
- Files named by options are looked at here, once; nothing else of the user's is opened, bound or made.
"""

from __future__ import annotations

import base64
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Final, NoReturn

DEFAULT_CONTROL: Final = "127.0.0.1:4566"
DEFAULT_HTTPS: Final = "127.0.0.1:8443"
DEFAULT_DNS: Final = "127.0.0.1:8053"
DEFAULT_SUFFIX: Final = "gateway.localhost"
DEFAULT_REGION: Final = "us-east-1"
DEFAULT_ACCOUNT: Final = "000000000000"
DEFAULT_ACCOUNT_THROTTLE: Final = "10000:5000"
DEFAULT_CACHE_PREFIX: Final = "gatewright"
AUTH_MODES: Final = ("enforce", "lenient")
LOG_LEVELS: Final = ("debug", "info", "warning", "error")

#: Each worker is a process of some 40 MB; far more of them than any machine has cores is a slip of the finger.
MAX_WORKERS: Final = 256

#: Clients of one worker: some 0.5 GB when all of them are idle over TLS. Others: 512 (nginx's example), 65,536 (its usual
#: setting), as many as the file limit allows (HAProxy). More than this no process can have (Linux' fs.nr_open).
DEFAULT_MAX_CONNECTIONS: Final = 16_384
MAX_MAX_CONNECTIONS: Final = 1_048_576

_ACCOUNT_ID = re.compile(r"\d{12}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
# IAM's AccessKey data type: 16 to 128 word characters.
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html
_ACCESS_KEY_ID = re.compile(r"\w{16,128}", re.ASCII)
_SECRET_ACCESS_KEY = re.compile(r"[!-~]{8,128}", re.ASCII)

#: RFC 8945 section 6: those that are to be implemented and are not deprecated.
TSIG_ALGORITHMS: Final = ("hmac-sha256", "hmac-sha384", "hmac-sha512")
_TSIG_KEY = re.compile(r'\bkey\s+"?(?P<name>[A-Za-z0-9._-]+)"?\s*\{(?P<body>[^}]*)\}', re.ASCII)
_TSIG_PART = re.compile(r'\b(algorithm|secret)\s+"?([^\s";]+)"?\s*;', re.ASCII)
_HTTPS_URL = re.compile(r"https://[^\s/?#@]+(/[^\s#]*)?", re.ASCII)
_INVOKE_URL = re.compile(
    r"https?://(?:(?:[A-Za-z0-9._-]|\{region\})+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?(?:/[A-Za-z0-9._~/-]*)?",
    re.ASCII,
)
_MAIL = re.compile(r"[^\s@,]+@[^\s@,]+", re.ASCII)

#: What is said of an ACME directory beside its URL.
_ACME_DETAILS: Final = ("acme_contact", "acme_terms", "acme_ca", "acme_domains")

_MAX_USAGE_LAG: Final = 3_600.0

#: Valkey is spoken to as Redis is; redis-py knows the schemes of Redis.
_CACHE_SCHEMES: Final = {"redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss"}
_CACHE_PORT: Final = 6379
_CACHE_PLACE = re.compile(
    r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?"
    r"(?:/(?P<database>\d{1,5})?)?(?:\?prefix=(?P<prefix>[A-Za-z0-9._-]{1,64}))?",
    re.ASCII,
)

#: A default endpoint is a DNS name (253 characters) of which an API id and `.execute-api.{region}.` take up to 45.
_MAX_SUFFIX: Final = 200


class SettingsError(ValueError):
    """An option cannot be used; the text is a sentence that begins with the option."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen. Port 0 means any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """True when only this machine can connect."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host.lower() == "localhost"


@dataclass(frozen=True, slots=True)
class Throttle:
    """Requests a second over time, and at once."""

    rate: float
    burst: int


@dataclass(frozen=True, slots=True)
class RootCredentials:
    """An access key of an account's root, as the operator chose it."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TsigKey:
    """A key that is shared with a DNS server, by which it knows that updates are ours (RFC 8945)."""

    name: str
    algorithm: str
    secret: str = field(repr=False)  # base64


@dataclass(frozen=True, slots=True)
class AcmeSettings:
    """The ACME directory (RFC 8555) that signs certificates for `domains`; for none named, all but special-use names."""

    directory: str
    contact: str | None = None
    ca: Path | None = None
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LambdaSettings:
    """The Invoke API that runs functions, and the access key that calls of it are signed with, if any."""

    url: str  # {region} in it stands for the region of the function
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """The Redis or Valkey through which several nodes share their meters, and the prefix of their keys there."""

    url: str = field(repr=False)  # it may have a password
    shown: str  # the same for people
    prefix: str


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
        _refuse_beyond_loopback("--control", control)
        _refuse_beyond_loopback("--https", https)
    if control == https and control.port:
        _refuse("--https", f"expected another address than that of --control, found {https} for both", "change one")
    dns_update = parse_dns_update(options.get("dns_update"))
    cache = parse_cache(options.get("cache"))
    usage_lag = parse_usage_lag(text("usage_lag", "0"))
    if cache is not None and usage_lag:
        _refuse("--usage-lag", "expected 0 beside --cache, since nodes tell each other at once", "leave one out")
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


def default_data_dir(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """The platform's folder for a user's data (XDG Base Directory Specification; Apple's File System Programming Guide)."""
    home = Path(environment.get("HOME") or Path.home())
    if platform == "darwin":
        return home / "Library" / "Application Support" / "gatewright"
    # The specification has relative paths ignored.
    given = Path(environment.get("XDG_DATA_HOME", ""))
    return (given if given.is_absolute() else home / ".local" / "share") / "gatewright"


def available_cores(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """How many cores this process may use: those it may run on, or fewer when a container has a quota of time.

    The quota is cgroup v2's `cpu.max`: microseconds of CPU in so many of the clock, or `max`.
    https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
    """
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    cores = (len(affinity(0)) if affinity is not None else os.cpu_count()) or 1
    try:
        quota, period = map(int, (cgroup / "cpu.max").read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return cores  # no cgroup v2 here, or no quota
    return max(1, min(cores, -(-quota // period)))


def parse_data_dir(text: str | None) -> Path:
    """The data directory, absolute; it need not exist."""
    return (Path(text) if text else default_data_dir()).expanduser().absolute()


def parse_address(option: str, text: str) -> Address:
    """`HOST:PORT`, with an IPv6 address in brackets."""
    host, colon, port = text.strip().rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    if not colon or not host or not (_is_ipv6(host) if bracketed else _HOST.fullmatch(host)):
        _refuse(option, f"expected HOST:PORT such as 127.0.0.1:4566 or [::1]:4566, found {text!r}", "give both parts")
    if not (port.isascii() and port.isdecimal() and int(port) <= 65_535):
        _refuse(option, f"expected a port from 0 to 65535 after the colon, found {port!r}", "give 0 for any free port")
    return Address(host, int(port))


def parse_dns(text: str) -> Address | None:
    """`HOST:PORT`, or None for `off`."""
    if text.strip().lower() == "off":
        return None
    if ":" not in text:
        _refuse("--dns", f"expected off, or HOST:PORT such as {DEFAULT_DNS}, found {text!r}", "give one of them")
    return parse_address("--dns", text)


def parse_advertise(text: str | None, https: Address) -> tuple[str, ...]:
    """The IP addresses that the DNS gives for our own names; unless said, the one that the HTTPS listener has.

    Who listens everywhere, or at a name, is reached on loopback from this machine, and from others as we are told.
    """
    if not text:
        try:
            listening = ip_address(https.host)
        except ValueError:
            return ("127.0.0.1",)
        loopback = "127.0.0.1" if listening.version == 4 else "::1"
        return (loopback if listening.is_unspecified else str(listening),)
    try:
        return tuple(str(ip_address(each.strip())) for each in text.split(","))
    except ValueError:
        _refuse(
            "--advertise",
            f"expected IP addresses with commas between, found {text!r}",
            "give the addresses at which clients reach the HTTPS listener",
        )


def parse_dns_update(text: str | None) -> Address | None:
    """The DNS server that is told of changes, `HOST:PORT`; None when nobody is."""
    if not text:
        return None
    address = parse_address("--dns-update", text)
    if not address.port:
        _refuse("--dns-update", f"expected the port of a DNS server, found {text!r}", "53 is usual")
    return address


def parse_dns_update_key(text: str | None, server: Address | None) -> TsigKey | None:
    """The key in a file as BIND's `tsig-keygen` and Knot's `keymgr` write it; its secret is in no message."""
    if not text:
        return None
    if server is None:
        _refuse("--dns-update-key", "expected --dns-update beside it, found it unset", "name the DNS server too")
    path = Path(text).expanduser().absolute()
    try:
        content = path.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not ASCII text"
        _refuse("--dns-update-key", f"expected a file with a key, but {path} cannot be read: {why}", "check it")
    found = _TSIG_KEY.search(content)
    parts = {} if found is None else dict(_TSIG_PART.findall(found["body"]))
    try:
        base64.b64decode(parts.get("secret", "-"), validate=True)
    except ValueError:
        parts = {}
    if found is None or parts.get("algorithm") not in TSIG_ALGORITHMS:
        _refuse(
            "--dns-update-key",
            f"expected in {path}: key NAME {{ algorithm {'|'.join(TSIG_ALGORITHMS)}; secret BASE64; }}; found something else",
            "tsig-keygen writes such files",
        )
    return TsigKey(found["name"], parts["algorithm"], parts["secret"])


def parse_workers(text: str | None) -> int:
    """How many data-plane workers; the cores available to this process unless said."""
    if not text:
        return min(available_cores(), MAX_WORKERS)
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MAX_WORKERS):
        _refuse("--workers", f"expected a number from 1 to {MAX_WORKERS}, found {text!r}", "leave it out for all cores")
    return int(text)


def parse_max_connections(text: str | None) -> int:
    """How many clients one worker serves at a time; fewer where the file limit does not allow for them."""
    if not text:
        return DEFAULT_MAX_CONNECTIONS
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MAX_MAX_CONNECTIONS):
        _refuse(
            "--max-connections",
            f"expected a number from 1 to {MAX_MAX_CONNECTIONS}, found {text!r}",
            f"the default is {DEFAULT_MAX_CONNECTIONS}",
        )
    return int(text)


def parse_suffix(text: str) -> str:
    """The domain that default endpoints end with: lower-case labels with dots between."""
    name = text.strip().lower().removesuffix(".")
    if len(name) > _MAX_SUFFIX or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        _refuse(
            "--suffix",
            f"expected a domain name of at most {_MAX_SUFFIX} characters such as {DEFAULT_SUFFIX}, found {text!r}",
            "write an international name in its A-label form (xn--…)",
        )
    return name


def parse_region(text: str) -> str:
    """A region's name, in the form that AWS gives them."""
    if not _REGION.fullmatch(text):
        _refuse(
            "--region", f"expected a region such as {DEFAULT_REGION}, found {text!r}", "use the form area-place-number"
        )
    return text


def parse_account_id(option: str, text: str) -> str:
    """An AWS account's twelve digits."""
    if not _ACCOUNT_ID.fullmatch(text):
        _refuse(
            option, f"expected the twelve digits of an account id, found {text!r}", f"for example {DEFAULT_ACCOUNT}"
        )
    return text


def parse_throttle(text: str) -> Throttle:
    """`RATE:BURST`: requests a second, and requests at once."""
    rate, _, burst = text.partition(":")
    try:
        throttle = Throttle(float(rate), int(burst))
    except ValueError:
        throttle = Throttle(-1, -1)
    if not (0 <= throttle.rate < float("inf") and throttle.burst >= 0):
        _refuse(
            "--account-throttle",
            f"expected RATE:BURST, requests a second and requests at once, found {text!r}",
            f"the default is {DEFAULT_ACCOUNT_THROTTLE}",
        )
    return throttle


def parse_auth(text: str) -> bool:
    """True for `lenient`, False for `enforce`."""
    if text not in AUTH_MODES:
        _refuse(
            "--auth", f"expected {' or '.join(AUTH_MODES)}, found {text!r}", "leave it out to verify every signature"
        )
    return text == "lenient"


def parse_database(text: str | None) -> Path | None:
    """The path of an SQLite file, from `sqlite:///PATH` or a bare path; None for the one in the data directory."""
    if not text:
        return None
    scheme, separator, rest = text.partition("://")
    if not separator:
        return Path(text).expanduser().absolute()
    if scheme != "sqlite":
        _refuse(
            "--database",
            f"expected sqlite:///PATH, found a URL of {scheme}, which is not served yet",
            "leave it out to keep records in the data directory",
        )
    path = rest.removeprefix("/")
    if not rest.startswith("/") or not path:
        _refuse(
            "--database",
            f"expected three slashes and a path after sqlite:, found {text!r}",
            "write sqlite:////var/lib/gatewright.db for an absolute path",
        )
    return Path(path).expanduser().absolute()


def parse_roots(option: str, text: str | None) -> Path | None:
    """A PEM file with at least one certificate."""
    if not text:
        return None
    import ssl  # noqa: PLC0415  only who gives the option pays for it

    path = Path(text).expanduser().absolute()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        _refuse(option, f"expected certificates in PEM in {path}, found none that can be read", "check the file")
    except OSError as error:
        _refuse(option, f"expected a file of certificates, but {path} cannot be read: {error.strerror}", "check it")
    return path


def parse_acme(options: Mapping[str, str | None]) -> AcmeSettings | None:
    """The ACME directory with all that belongs to it; None without `--acme-directory`."""
    directory = options.get("acme_directory")
    if not directory:
        lonely = next((name for name in _ACME_DETAILS if options.get(name)), None)
        if lonely:
            option = f"--{lonely.replace('_', '-')}"
            _refuse(option, "expected --acme-directory beside it, found none", "give the directory's URL too")
        return None
    # RFC 8555 section 6.1: ACME is spoken over HTTPS.
    if not _HTTPS_URL.fullmatch(directory):
        _refuse(
            "--acme-directory",
            f"expected an https URL, found {directory!r}",
            "Let's Encrypt's is https://acme-v02.api.letsencrypt.org/directory",
        )
    # RFC 8555 section 7.3: to register is to agree, and only the operator can.
    if (options.get("acme_terms") or "").lower() != "agreed":
        _refuse(
            "--acme-terms",
            f"expected agreed, since {directory} asks its accounts to agree to its terms of service, found "
            f"{options.get('acme_terms')!r}",
            "read them and give --acme-terms agreed",
        )
    from importlib.util import find_spec  # noqa: PLC0415  only who gives the option pays for it

    if find_spec("acme") is None:
        _refuse("--acme-directory", "expected the package acme, found it not installed", "install gatewright[acme]")
    contact = options.get("acme_contact")
    if contact and not _MAIL.fullmatch(contact):
        _refuse("--acme-contact", f"expected a mail address, found {contact!r}", "give one that somebody reads")
    domains = tuple(part.strip().lower() for part in (options.get("acme_domains") or "").split(",") if part.strip())
    for domain in domains:
        if not all(_LABEL.fullmatch(label) for label in domain.split(".")):
            _refuse(
                "--acme-domains",
                f"expected domain names with commas between, such as example.com,example.net, found {domain!r}",
                "each stands for itself and all names below it",
            )
    return AcmeSettings(directory, contact or None, parse_roots("--acme-ca", options.get("acme_ca")), domains)


def parse_lambda(options: Mapping[str, str | None]) -> LambdaSettings | None:
    """The Invoke API, with the access key of the AWS environment beside it; the secret is in no message."""
    url = options.get("lambda")
    if not url:
        return None
    found = _INVOKE_URL.fullmatch(url)
    if found is None or not 1 <= int(found["port"] or 443) <= 65_535:
        _refuse(
            "--lambda",
            f"expected http(s)://HOST[:PORT] of an Invoke API, found {url!r}",
            "that of AWS is https://lambda.{region}.amazonaws.com",
        )
    key, secret = options.get("aws_access_key_id") or None, options.get("aws_secret_access_key") or None
    if (key is None) != (secret is None):
        names = ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")
        missing, there = names if key else reversed(names)
        _refuse(
            "--lambda",
            f"expected {missing} beside {there}, found it unset",
            "set both, or none to invoke functions without a signature",
        )
    return LambdaSettings(url, key, secret, options.get("aws_session_token") or None if key else None)


def parse_cache(text: str | None) -> CacheSettings | None:
    """`redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE][?prefix=NAME]`; the password is in no message."""
    if not text:
        return None
    advice = "write redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE][?prefix=NAME], or rediss:// for TLS"
    scheme, _, rest = text.partition("://")
    if scheme not in _CACHE_SCHEMES:
        _refuse("--cache", f"expected a URL of {', '.join(_CACHE_SCHEMES)}, found {_hide(text)!r}", advice)
    given, _, place = rest.rpartition("@")
    found = _CACHE_PLACE.fullmatch(place)
    if found is None or not 1 <= int(found["port"] or _CACHE_PORT) <= 65_535:
        _refuse("--cache", f"expected a host, a port and the number of a database, found {_hide(text)!r}", advice)
    from importlib.util import find_spec  # noqa: PLC0415  only who gives the option pays for it

    if find_spec("redis") is None:
        _refuse("--cache", "expected the package redis, found it not installed", "install gatewright[cache]")
    known = _CACHE_SCHEMES[scheme]
    shown = f"{found['host']}:{found['port'] or _CACHE_PORT}/{found['database'] or 0}"
    return CacheSettings(
        f"{known}://{given}{'@' if given else ''}{shown}", f"{known}://{shown}", found["prefix"] or DEFAULT_CACHE_PREFIX
    )


def _hide(url: str) -> str:
    """The URL without what it has before an @."""
    scheme, separator, rest = url.partition("://")
    _, at, place = rest.rpartition("@")
    return (
        f"{scheme}{separator}{'…@' if at else ''}{place}" if separator else "…@" * ("@" in url) + url.rpartition("@")[2]
    )


def parse_switch(option: str, text: str) -> bool:
    """True for `on`, False for `off`."""
    if text.lower() not in ("on", "off"):
        _refuse(option, f"expected on or off, found {text!r}", "leave it out for off")
    return text.lower() == "on"


def parse_usage_lag(text: str) -> float:
    """Seconds, from 0 to an hour."""
    advice = "0, the default, lets GetUsage tell at once what was counted"
    try:
        seconds = float(text)
    except ValueError:
        _refuse("--usage-lag", f"expected a number of seconds, found {text!r}", advice)
    if not 0 <= seconds <= _MAX_USAGE_LAG:
        _refuse("--usage-lag", f"expected from 0 to {_MAX_USAGE_LAG:.0f} seconds, found {text!r}", advice)
    return seconds


def parse_log_level(text: str) -> str:
    """One of `LOG_LEVELS`."""
    if text.lower() not in LOG_LEVELS:
        _refuse("--log-level", f"expected one of {', '.join(LOG_LEVELS)}, found {text!r}", "info is the default")
    return text.lower()


def parse_root_credentials(access_key_id: str | None, secret_access_key: str | None) -> RootCredentials | None:
    """Both or none of the variables that set the root's access key; the secret is in no message."""
    if not access_key_id and not secret_access_key:
        return None
    if not access_key_id or not secret_access_key:
        there = "GATEWRIGHT_ROOT_ACCESS_KEY_ID" if access_key_id else "GATEWRIGHT_ROOT_SECRET_ACCESS_KEY"
        missing = "GATEWRIGHT_ROOT_SECRET_ACCESS_KEY" if access_key_id else "GATEWRIGHT_ROOT_ACCESS_KEY_ID"
        _refuse(missing, f"expected it beside {there}, found it unset", "set both, or none to have a key made")
    if not _ACCESS_KEY_ID.fullmatch(access_key_id):
        _refuse(
            "GATEWRIGHT_ROOT_ACCESS_KEY_ID",
            "expected 16 to 128 letters, digits and underscores, found something else",
            "an id looks like AKIAIOSFODNN7EXAMPLE",
        )
    if not _SECRET_ACCESS_KEY.fullmatch(secret_access_key):
        _refuse(
            "GATEWRIGHT_ROOT_SECRET_ACCESS_KEY",
            "expected 8 to 128 printable ASCII characters without spaces, found something else",
            "forty random ones are usual",
        )
    return RootCredentials(access_key_id, secret_access_key)


def _refuse_beyond_loopback(option: str, address: Address) -> None:
    if not address.is_loopback:
        _refuse(
            option,
            f"expected a loopback address with --auth lenient, which accepts anybody, found {address}",
            "listen on 127.0.0.1, or leave --auth out to verify every signature",
        )


def _is_ipv6(host: str) -> bool:
    try:
        return ip_address(host).version == 6
    except ValueError:
        return False


def _refuse(option: str, problem: str, advice: str) -> NoReturn:
    raise SettingsError(f"{option}: {problem}; {advice}.")
