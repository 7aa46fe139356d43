"""The server that nodes share their meters through."""

import pytest

from gatewright.settings.cache import CacheSettings
from gatewright.settings.installation import make_settings
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
    ({"cache": "redis://cache?timeout=5"}, "--cache: expected a host, a port", "?prefix=NAME"),
]


@pytest.mark.parametrize(("options", "begins", "contains"), REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence(options, begins, contains):
    sentence = refusal_of(options)
    assert begins in sentence
    assert contains in sentence
    assert "secret@" not in sentence
