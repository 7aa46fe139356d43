"""Scripts over one connection: by name, by text when they were forgotten, and one sentence for all that is wrong."""

import pytest

from gatewright.cache.connection import CacheAway, CacheConnection, CachePlace, Script, ScriptCall
from support.named import free_port
from support.redis import running_redis

ADD = Script("return redis.call('INCRBY', KEYS[1], ARGV[1])", "0" * 40)


def test_a_script_that_the_server_does_not_know_is_sent_once_more_whole(connection, redis):
    script = Script.load("presence")
    call = ScriptCall(script, ["nodes", "news"], ["a", 10, 0])
    assert [[1, 0]] == connection.run([call])
    redis.client.script_flush()
    assert [[1, 0]] * 2 == connection.run([call, call])
    assert [True] == redis.client.script_exists(script.digest)


def test_each_call_is_done_once_also_beside_one_that_the_server_does_not_know(connection, redis):
    known = ADD._replace(digest=redis.client.script_load(ADD.text))
    assert [1, 10, 2] == connection.run(
        [ScriptCall(known, ["a"], [1]), ScriptCall(ADD, ["b"], [10]), ScriptCall(known, ["a"], [1])]
    )
    assert {"gatewright:{test}:a": "2", "gatewright:{test}:b": "10"} == {
        key: redis.client.get(key) for key in redis.client.scan_iter()
    }


def test_a_server_that_does_not_listen():
    port = free_port()
    connection = CacheConnection(CachePlace(f"redis://:secret@127.0.0.1:{port}/0", f"redis://127.0.0.1:{port}/0", "p"))
    with pytest.raises(CacheAway, match="refused") as refused:
        connection.run([ScriptCall(ADD, ["a"], [1])])
    assert str(refused.value).startswith(f"redis://127.0.0.1:{port}/0: ")
    assert "secret" not in str(refused.value)


def test_a_server_that_does_not_answer(redis):
    connection = CacheConnection(redis.place, patience=0.1)
    redis.hold()
    try:
        with pytest.raises(CacheAway):
            connection.run([ScriptCall(ADD, ["a"], [1])])
    finally:
        redis.release()
    assert [1] == CacheConnection(redis.place, patience=5).run([ScriptCall(ADD, ["c"], [1])])
    connection.close()


def test_a_wrong_password_is_in_no_sentence(tmp_path):
    with running_redis(tmp_path, password="right") as server:
        shown = f"redis://127.0.0.1:{server.port}/0"
        connection = CacheConnection(CachePlace(f"redis://:wr0ngsecret@127.0.0.1:{server.port}/0", shown, "p"))
        with pytest.raises(CacheAway, match="password") as refused:
            connection.run([ScriptCall(ADD, ["a"], [1])])
        assert "wr0ngsecret" not in str(refused.value) + repr(connection.place)
        right = CacheConnection(CachePlace(server.url, shown, "p"), patience=5)
        assert [1] == right.run([ScriptCall(ADD, ["a"], [1])])
        right.close()


def test_an_error_of_a_script_is_the_cache_being_away(connection):
    with pytest.raises(CacheAway, match="boom"):
        connection.run([ScriptCall(Script("return redis.error_reply('boom')", "1" * 40), [], [])])
