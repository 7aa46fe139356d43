from pathlib import Path

import certifi
import pytest

from gatewright.settings import (
    AcmeSettings,
    Address,
    CacheSettings,
    LambdaSettings,
    RootCredentials,
    SettingsError,
    Throttle,
    TsigKey,
    available_cores,
    default_data_dir,
    make_settings,
)

_DIRECTORY = "https://acme-v02.api.letsencrypt.org/directory"
_ACME = {"acme_directory": _DIRECTORY, "acme_terms": "agreed"}

ACCEPTED = [
    ({}, "control", Address("127.0.0.1", 4566)),
    ({}, "https", Address("127.0.0.1", 8443)),
    ({}, "dns", Address("127.0.0.1", 8053)),
    ({}, "workers", available_cores()),
    ({}, "suffix", "gateway.localhost"),
    ({}, "region", "us-east-1"),
    ({}, "account_id", "000000000000"),
    ({}, "account_throttle", Throttle(10_000.0, 5_000)),
    ({}, "lenient", False),
    ({}, "database", None),
    ({}, "upstream_ca", None),
    ({}, "log_level", "info"),
    ({}, "root_credentials", None),
    ({}, "functions", None),
    ({"aws_access_key_id": "AKID"}, "functions", None),
    ({"lambda": "http://127.0.0.1:3001"}, "functions", LambdaSettings("http://127.0.0.1:3001")),
    ({"lambda": "http://[::1]:3001/base"}, "functions", LambdaSettings("http://[::1]:3001/base")),
    (
        {
            "lambda": "https://lambda.{region}.amazonaws.com",
            "aws_access_key_id": "AKID",
            "aws_secret_access_key": "s",
            "aws_session_token": "t",
        },
        "functions",
        LambdaSettings("https://lambda.{region}.amazonaws.com", "AKID", "s", "t"),
    ),
    ({"control": "[::1]:4566"}, "control", Address("::1", 4566)),
    ({"https": "0.0.0.0:443"}, "https", Address("0.0.0.0", 443)),
    ({"https": "localhost:0"}, "https", Address("localhost", 0)),
    ({"dns": "off"}, "dns", None),
    ({}, "dns_is_chosen", False),
    ({"dns": "127.0.0.1:8053"}, "dns_is_chosen", True),
    ({}, "addresses", ("127.0.0.1",)),
    ({"https": "0.0.0.0:443"}, "addresses", ("127.0.0.1",)),
    ({"https": "[::]:443"}, "addresses", ("::1",)),
    ({"https": "localhost:443"}, "addresses", ("127.0.0.1",)),
    ({"https": "192.0.2.1:443"}, "addresses", ("192.0.2.1",)),
    ({"advertise": "192.0.2.1, 2001:DB8::1"}, "addresses", ("192.0.2.1", "2001:db8::1")),
    ({}, "dns_update", None),
    ({"dns_update": "ns.example:53"}, "dns_update", Address("ns.example", 53)),
    ({"workers": "3"}, "workers", 3),
    ({}, "max_connections", 16_384),
    ({"max_connections": "70000"}, "max_connections", 70_000),
    ({"suffix": "Gateway.Example."}, "suffix", "gateway.example"),
    ({"suffix": "xn--bcher-kva.example"}, "suffix", "xn--bcher-kva.example"),
    ({"region": "us-gov-west-1"}, "region", "us-gov-west-1"),
    ({"account_throttle": "0.5:1"}, "account_throttle", Throttle(0.5, 1)),
    ({"auth": "lenient"}, "lenient", True),
    ({"auth": "lenient", "control": "[::1]:1", "https": "localhost:2"}, "lenient", True),
    ({"database": "sqlite:////var/lib/g.db"}, "database", Path("/var/lib/g.db")),
    ({"database": "/var/lib/g.db"}, "database", Path("/var/lib/g.db")),
    ({"data_dir": "/srv/gate way"}, "data_dir", Path("/srv/gate way")),
    ({"log_level": "WARNING"}, "log_level", "warning"),
    ({}, "acme", None),
    ({"acme_directory": _DIRECTORY, "acme_terms": "agreed"}, "acme", AcmeSettings(_DIRECTORY)),
    (
        {
            "acme_directory": _DIRECTORY,
            "acme_terms": "Agreed",
            "acme_contact": "hostmaster@example.com",
            "acme_ca": certifi.where(),
            "acme_domains": "Example.com, example.net,",
        },
        "acme",
        AcmeSettings(_DIRECTORY, "hostmaster@example.com", Path(certifi.where()), ("example.com", "example.net")),
    ),
    ({}, "announce_expiry", False),
    ({"announce_expiry": "on"}, "announce_expiry", True),
    ({}, "tells_retry", False),
    ({"retry_after": "on"}, "tells_retry", True),
    ({}, "cache", None),
    ({"cache": "redis://cache"}, "cache", CacheSettings(*["redis://cache:6379/0"] * 2, "gatewright")),
    (
        {"cache": "valkeys://u:s%40@[::1]:7000/12?prefix=east"},
        "cache",
        CacheSettings("rediss://u:s%40@[::1]:7000/12", "rediss://[::1]:7000/12", "east"),
    ),
    ({}, "usage_lag", 0.0),
    ({"usage_lag": "90"}, "usage_lag", 90.0),
    (
        {"root_access_key_id": "AKIAIOSFODNN7EXAMPLE", "root_secret_access_key": "wJalrXUtnFEMI/K7MDENG"},
        "root_credentials",
        RootCredentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG"),
    ),
]


@pytest.mark.parametrize(("options", "name", "expected"), ACCEPTED)
def test_an_option_becomes_a_setting(options, name, expected):
    assert expected == getattr(make_settings(options), name)


REFUSED = [
    ({"control": "4566"}, "--control: expected HOST:PORT", "found '4566'"),
    ({"control": ":4566"}, "--control: expected HOST:PORT", "found ':4566'"),
    ({"control": "::1:4566"}, "--control: expected HOST:PORT", "found '::1:4566'"),
    ({"control": "[127.0.0.1]:4566"}, "--control: expected HOST:PORT", "found '[127.0.0.1]:4566'"),
    ({"https": "127.0.0.1:65536"}, "--https: expected a port from 0 to 65535", "found '65536'"),
    ({"https": "127.0.0.1:https"}, "--https: expected a port from 0 to 65535", "found 'https'"),
    ({"https": "127.0.0.1:4566"}, "--https: expected another address than that of --control", "127.0.0.1:4566"),
    ({"dns": "no"}, "--dns: expected off, or HOST:PORT", "found 'no'"),
    ({"dns": "127.0.0.1:dns"}, "--dns: expected a port from 0 to 65535", "found 'dns'"),
    ({"advertise": "gate.example"}, "--advertise: expected IP addresses", "found 'gate.example'"),
    ({"dns_update": "127.0.0.1:0"}, "--dns-update: expected the port of a DNS server", "found '127.0.0.1:0'"),
    ({"dns_update": "127.0.0.1"}, "--dns-update: expected HOST:PORT", "found '127.0.0.1'"),
    ({"dns_update_key": "key"}, "--dns-update-key: expected --dns-update beside it", "unset"),
    ({"dns_update": "ns:53", "dns_update_key": "/nonexistent"}, "--dns-update-key: expected a file", "No such file"),
    (
        {"dns_update": "ns:53", "dns_update_key": "/dev/null"},
        "--dns-update-key: expected in /dev/null: key NAME",
        "found",
    ),
    ({"workers": "0"}, "--workers: expected a number from 1 to 256", "found '0'"),
    ({"max_connections": "0"}, "--max-connections: expected a number from 1 to 1048576", "found '0'"),
    ({"max_connections": "-1"}, "--max-connections: expected a number from 1 to 1048576", "found '-1'"),
    ({"workers": "two"}, "--workers: expected a number from 1 to 256", "found 'two'"),
    ({"suffix": "under_score.example"}, "--suffix: expected a domain name", "found 'under_score.example'"),
    ({"suffix": "bücher.example"}, "--suffix: expected a domain name", "xn--"),
    ({"suffix": "a..b"}, "--suffix: expected a domain name", "found 'a..b'"),
    ({"region": "Frankfurt"}, "--region: expected a region", "found 'Frankfurt'"),
    ({"account_id": "123"}, "--account-id: expected the twelve digits", "found '123'"),
    ({"account_id": "١٢٣٤٥٦٧٨٩٠١٢"}, "--account-id: expected the twelve digits", "found"),
    ({"account_throttle": "10000"}, "--account-throttle: expected RATE:BURST", "found '10000'"),
    ({"account_throttle": "nan:5"}, "--account-throttle: expected RATE:BURST", "found 'nan:5'"),
    ({"account_throttle": "-1:5"}, "--account-throttle: expected RATE:BURST", "found '-1:5'"),
    ({"auth": "none"}, "--auth: expected enforce or lenient", "found 'none'"),
    ({"auth": "lenient", "control": "0.0.0.0:4566"}, "--control: expected a loopback address", "found 0.0.0.0:4566"),
    ({"auth": "lenient", "https": "gate.example:1"}, "--https: expected a loopback address", "found gate.example:1"),
    ({"database": "postgresql://u:secret@db/g"}, "--database: expected sqlite:///PATH", "not served yet"),
    ({"database": "sqlite://host/g.db"}, "--database: expected three slashes", "found"),
    ({"cache": "memcached://:secret@cache"}, "--cache: expected a URL of redis", "found 'memcached://…@cache'"),
    ({"cache": ":secret@cache"}, "--cache: expected a URL of redis", "found '…@cache'"),
    ({"cache": "redis://:secret@cache:0"}, "--cache: expected a host, a port", "found 'redis://…@cache:0'"),
    ({"cache": "redis://cache/zero"}, "--cache: expected a host, a port", "found 'redis://cache/zero'"),
    ({"cache": "redis://cache?timeout=5"}, "--cache: expected a host, a port", "?prefix=NAME"),
    ({"cache": "redis://cache", "usage_lag": "60"}, "--usage-lag: expected 0 beside --cache", "leave one out"),
    ({"upstream_ca": "/nonexistent.pem"}, "--upstream-ca: expected a file of certificates", "No such file"),
    ({"upstream_ca": __file__}, "--upstream-ca: expected certificates in PEM", "found none"),
    ({"acme_directory": "http://ca/dir"}, "--acme-directory: expected an https URL", "found 'http://ca/dir'"),
    ({"acme_directory": "https://ca/dir"}, "--acme-terms: expected agreed", "found None"),
    ({"acme_directory": "https://ca/dir", "acme_terms": "yes"}, "--acme-terms: expected agreed", "found 'yes'"),
    ({**_ACME, "acme_contact": "me"}, "--acme-contact: expected a mail address", "found 'me'"),
    ({**_ACME, "acme_domains": "*.example.com"}, "--acme-domains: expected domain names", "found '*.example.com'"),
    ({**_ACME, "acme_ca": "/nonexistent.pem"}, "--acme-ca: expected a file of certificates", "No such file"),
    ({"acme_domains": "example.com"}, "--acme-domains: expected --acme-directory beside it", "found none"),
    ({"announce_expiry": "yes"}, "--announce-expiry: expected on or off", "found 'yes'"),
    ({"usage_lag": "soon"}, "--usage-lag: expected a number of seconds", "found 'soon'"),
    ({"usage_lag": "nan"}, "--usage-lag: expected from 0 to 3600 seconds", "found 'nan'"),
    ({"usage_lag": "-1"}, "--usage-lag: expected from 0 to 3600 seconds", "found '-1'"),
    ({"lambda": "3001"}, "--lambda: expected http(s)://HOST[:PORT]", "found '3001'"),
    ({"lambda": "http://h:99999"}, "--lambda: expected http(s)://HOST[:PORT]", "found 'http://h:99999'"),
    ({"lambda": "http://u:p@h"}, "--lambda: expected http(s)://HOST[:PORT]", "found"),
    (
        {"lambda": "http://h", "aws_access_key_id": "AKID"},
        "--lambda: expected AWS_SECRET_ACCESS_KEY beside AWS_ACCESS_KEY_ID",
        "unset",
    ),
    (
        {"lambda": "http://h", "aws_secret_access_key": "s"},
        "--lambda: expected AWS_ACCESS_KEY_ID beside AWS_SECRET_ACCESS_KEY",
        "unset",
    ),
    ({"log_level": "loud"}, "--log-level: expected one of debug, info, warning, error", "found 'loud'"),
    ({"root_access_key_id": "AKIAIOSFODNN7EXAMPLE"}, "GATEWRIGHT_ROOT_SECRET_ACCESS_KEY: expected it", "unset"),
    ({"root_secret_access_key": "a-secret-key"}, "GATEWRIGHT_ROOT_ACCESS_KEY_ID: expected it", "unset"),
    ({"root_access_key_id": "short", "root_secret_access_key": "a-secret-key"}, "16 to 128", "something else"),
    (
        {"root_access_key_id": "AKIAIOSFODNN7EXAMPLE", "root_secret_access_key": "a secret"},
        "8 to 128",
        "something else",
    ),
]


@pytest.mark.parametrize(("options", "begins", "contains"), REFUSED)
def test_an_option_that_cannot_be_used_is_refused_in_a_sentence(options, begins, contains):
    with pytest.raises(SettingsError) as refused:
        make_settings(options)
    sentence = str(refused.value)
    assert begins in sentence
    assert contains in sentence
    assert sentence.endswith(".")
    assert "secret@" not in sentence
    assert "a-secret-key" not in sentence


def test_roots_for_backends_are_taken_from_a_file_with_certificates():
    assert Path(certifi.where()) == make_settings({"upstream_ca": certifi.where()}).upstream_ca


PLACES = [
    ("linux", {"HOME": "/home/u"}, "/home/u/.local/share/gatewright"),
    ("linux", {"HOME": "/home/u", "XDG_DATA_HOME": "/data"}, "/data/gatewright"),
    ("linux", {"HOME": "/home/u", "XDG_DATA_HOME": "relative"}, "/home/u/.local/share/gatewright"),
    ("darwin", {"HOME": "/Users/u"}, "/Users/u/Library/Application Support/gatewright"),
]


@pytest.mark.parametrize(("platform", "environment", "expected"), PLACES)
def test_the_data_directory_is_where_the_platform_has_data(platform, environment, expected):
    assert Path(expected) == default_data_dir(environment, platform)


@pytest.mark.parametrize(("quota", "expected"), [("50000 100000", 1), ("100000 100000", 1), ("max 100000", None)])
def test_a_container_s_quota_bounds_the_cores(tmp_path, quota, expected):
    (tmp_path / "cpu.max").write_text(quota + "\n")
    assert (expected or available_cores(tmp_path / "absent")) == available_cores(tmp_path)


def test_a_secret_is_in_no_repr():
    settings = make_settings({"root_access_key_id": "AKIAIOSFODNN7EXAMPLE", "root_secret_access_key": "a-secret-key"})
    assert "a-secret-key" not in repr(settings)
    assert "a-secret" not in repr(make_settings({"cache": "redis://:a-secret@cache"}))


def test_two_free_ports_are_two_addresses():
    settings = make_settings({"control": "127.0.0.1:0", "https": "127.0.0.1:0"})
    assert (0, 0) == (settings.control.port, settings.https.port)


SECRET = "c2VjcmV0IG9mIHRoZSB0ZXN0cw=="


@pytest.mark.parametrize(
    "text",
    [
        f'key "gatewright" {{\n\talgorithm hmac-sha256;\n\tsecret "{SECRET}";\n}};\n',
        f"# of ours\nkey gatewright {{ algorithm hmac-sha256; secret {SECRET}; }};",
    ],
    ids=["tsig-keygen", "bare"],
)
def test_a_tsig_key_is_read_from_its_file(tmp_path, text):
    path = tmp_path / "key"
    path.write_text(text)
    settings = make_settings({"dns_update": "127.0.0.1:53", "dns_update_key": str(path)})
    assert TsigKey("gatewright", "hmac-sha256", SECRET) == settings.dns_update_key
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    "text",
    [
        f"key k {{ algorithm hmac-md5; secret {SECRET}; }};",
        "key k { algorithm hmac-sha256; secret not-base64; };",
        f"key k {{ secret {SECRET}; }};",
        "key k { algorithm hmac-sha256; };",
    ],
)
def test_a_tsig_key_that_cannot_be_used_is_refused_without_its_secret(tmp_path, text):
    path = tmp_path / "key"
    path.write_text(text)
    with pytest.raises(SettingsError, match="--dns-update-key: expected in") as refused:
        make_settings({"dns_update": "127.0.0.1:53", "dns_update_key": str(path)})
    assert SECRET not in str(refused.value)
