import pytest

from gatewright.cache.connection import CacheConnection
from support.redis import running_redis


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def redis(server):
    server.client.flushall()
    return server


@pytest.fixture
def connection(redis):
    connection = CacheConnection(redis.place, patience=5)
    yield connection
    connection.close()
