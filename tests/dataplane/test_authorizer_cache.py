"""What a worker remembers of authorizers: until its time has passed, and not without bound."""

import json

from gatewright.core.authorizers.result import parse_result
from gatewright.dataplane import authorizer_cache
from gatewright.dataplane.authorizer_cache import AuthorizerCache
from support.interpreted import on_sources

RESULT = parse_result(json.dumps({"principalId": "me", "policyDocument": {"Statement": []}}).encode())


def key(identity: bytes, flushes: int = 0):
    return ("api", "dev", "dep", flushes, "auth", identity)


def test_an_answer_is_there_until_its_time_has_passed():
    cache = AuthorizerCache()
    cache.remember(key(b"a"), RESULT, 100.0)
    assert cache.find(key(b"a"), 99.9) is RESULT
    assert cache.find(key(b"a"), 100.0) is None
    assert cache.find(key(b"a"), 99.9) is None


def test_other_identities_and_stages_after_a_flush_find_nothing():
    cache = AuthorizerCache()
    cache.remember(key(b"a"), RESULT, 100.0)
    assert cache.find(key(b"b"), 0.0) is None
    assert cache.find(key(b"a", flushes=1), 0.0) is None


@on_sources
def test_the_oldest_makes_room(monkeypatch):
    monkeypatch.setattr(authorizer_cache, "_MAX_REMEMBERED", 2)
    cache = AuthorizerCache()
    for each in (b"a", b"b", b"a", b"c"):
        cache.remember(key(each), RESULT, 100.0)
    assert [True, False, True] == [cache.find(key(each), 0.0) is RESULT for each in (b"a", b"b", b"c")]
