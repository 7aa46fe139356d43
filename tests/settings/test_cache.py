"""The server that nodes share their meters through."""

from urllib.parse import parse_qs, urlsplit

import pytest

from gatewright.settings.cache import CacheSettings
from gatewright.settings.installation import make_settings
from support.ca import CertificateAuthority
from support.options import refusal_of

ACCEPTED = [
    ({}, "cache", None),
    ({"cache": "redis://cache"}, "cache", CacheSettings(*["redis://cache:6379/0"] * 2, "gatewright")),
    (
        {"cache": "valkeys://u:s%40@[::1]:7000/12?prefix=east"},
        "cache",
        CacheSettings("rediss://u:s%40@[::1]:7000/12", "rediss://[::1]:7000/12", "east"),
    ),
]


@pytest.mark.parametrize(("options", "name", "expected"), ACCEPTED)
def test_a_cache_is_a_url(options, name, expected):
    assert expected == getattr(make_settings(options), name)


REFUSED = [
    ({"cache": "memcached://:secret@cache"}, "--cache: expected a URL of redis", "found 'memcached://…@cache'"),
    ({"cache": ":secret@cache"}, "--cache: expected a URL of redis", "found '…@cache'"),
    ({"cache": "redis://:secret@cache:0"}, "--cache: expected a host, a port", "found 'redis://…@cache:0'"),
    ({"cache": "redis://cache/zero"}, "--cache: expected a host, a port", "found 'redis://cache/zero'"),
    (
        {"cache": "redis://cache?timeout=5"},
        "--cache: expected of redis:// once each prefix, found ?timeout=…",
        "?prefix=",
    ),
    ({"cache": "redis://cache?password=secret"}, "--cache: expected of redis:// once each prefix, found ?pass", "=…;"),
    ({"cache": "redis://:secret@/x@cache"}, "--cache: expected a host, a port", "found 'redis://…@cache'"),
    ({"cache": "redis://:a/secret@cache"}, "--cache: expected a host, a port", "as %XX"),
    ({"cache": "redis://cache?prefix=a/b"}, "--cache: expected a prefix of letters", "found 'a/b'"),
    ({"cache": "redis://:a?secret@cache"}, "--cache: expected of redis:// once each prefix, found ?…;", "as %XX"),
    ({"cache": "redis://a?secret&b=c@cache"}, "--cache: expected of redis:// once each prefix, found ?…;", "as %XX"),
    ({"cache": "redis://a?prefix=secret@cache"}, "--cache: expected a prefix of letters", "found '…';"),
    ({"cache": "unix:///a?db=secret@cache"}, "--cache: expected the number of a database, found ?db=…;", "as %XX"),
    (
        {"cache": "redis://cache?ssl_ca_certs=/x"},
        "--cache: expected of redis:// once each prefix,",
        "rediss:// for TLS",
    ),
    ({"cache": "unix://run/redis.sock"}, "--cache: expected the absolute path of a socket", "'unix://run/redis.sock'"),
    ({"cache": "unix:///run/redis.sock?db=x"}, "--cache: expected the number of a database", "found ?db=x"),
    (
        {"cache": "rediss://cache?ssl_ca_certs=/nowhere"},
        "--cache: expected certificates in PEM in /nowhere",
        "No such file",
    ),
    ({"cache": "rediss://cache?ssl_ca_certs=/etc/hosts"}, "--cache: expected certificates in PEM", "no certificate"),
    (
        {"cache": "rediss://cache?ssl_keyfile=/nowhere"},
        "--cache: expected ssl_certfile beside ssl_keyfile",
        "name both",
    ),
    (
        {"cache": "rediss://cache?ssl_certfile=/nowhere"},
        "--cache: expected a certificate in PEM in /now",
        "No such file",
    ),
]


@pytest.mark.parametrize(("options", "begins", "contains"), REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence(options, begins, contains):
    sentence = refusal_of(options)
    assert begins in sentence
    assert contains in sentence
    assert "secret" not in sentence


USERS = {
    "redis://:s%40@cache": "redis://:s%40@cache:6379/0",
    "redis://:a%2fb%3F%zz@cache/3": "redis://:a%2Fb%3F%25zz@cache:6379/3",
    "unix://u:s@/run/redis/redis.sock?db=2": "unix://u:s@/run/redis/redis.sock?db=2",
}


@pytest.mark.parametrize(("given", "expected"), USERS.items())
def test_users_and_passwords_reach_the_server_as_they_were_meant(given, expected):
    cache = make_settings({"cache": given}).cache
    assert expected == cache.url
    assert "@" not in cache.shown
    assert "%" not in repr(cache)


def test_the_files_of_tls_are_named_in_the_url_wherever_the_process_is(tmp_path, monkeypatch):
    authority = CertificateAuthority()
    leaf = authority.issue("node", client=True)
    for name, text in (
        ("ca.pem", authority.certificate_pem),
        ("leaf.pem", leaf.certificate_pem),
        ("key.pem", leaf.key_pem),
    ):
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    text = "valkeys://cache?ssl_ca_certs=ca.pem&ssl_certfile=leaf.pem&ssl_keyfile=key.pem&prefix=east"
    cache = make_settings({"cache": text}).cache
    assert ("rediss://cache:6379/0", "east") == (cache.shown, cache.prefix)
    assert parse_qs(urlsplit(cache.url).query) == {
        "ssl_ca_certs": [str(tmp_path / "ca.pem")],
        "ssl_certfile": [str(tmp_path / "leaf.pem")],
        "ssl_keyfile": [str(tmp_path / "key.pem")],
    }
    other = authority.issue("other").key_pem
    (tmp_path / "key.pem").write_text(other)
    assert "key values mismatch" in refusal_of({"cache": text}).lower()
