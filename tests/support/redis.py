"""Debian's `redis-server` on a free loopback port, with nothing on disk: it forgets all when it ends.

with running_redis(tmp_path) as server: ...  # server.url, server.stop(), server.pause(), server.start()
"""

import shutil
import signal
import subprocess
import time
from contextlib import contextmanager

import pytest
from redis import Redis
from redis.exceptions import RedisError

from gatewright.cache.connection import CachePlace
from support.named import free_port


class RedisServer:
    """One server; it can be killed and started again, or held."""

    def __init__(self, folder, password=None):
        self._folder = folder
        self._password = password
        self._process = None
        self.port = free_port()
        self.client = Redis(port=self.port, decode_responses=True, password=password, socket_timeout=5)

    @property
    def url(self):
        given = "" if self._password is None else f":{self._password}@"
        return f"redis://{given}127.0.0.1:{self.port}/0"

    @property
    def place(self):
        return CachePlace(self.url, f"redis://127.0.0.1:{self.port}/0", "test")

    def start(self):
        """It answers."""
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        words += ["--dir", str(self._folder), *(("--requirepass", self._password) if self._password else ())]
        self._process = subprocess.Popen(["redis-server", *words], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while True:
            try:
                self.client.ping()
            except RedisError:
                assert time.monotonic() < deadline, "redis-server does not answer"
                time.sleep(0.02)
            else:
                return

    def kill(self):
        """kill -9."""
        self.client.connection_pool.disconnect()
        self.strike()
        self._process.wait(10)

    def strike(self):
        """As `kill`, and returns at once."""
        self._process.kill()

    def restart(self):
        """It answers, and has forgotten all."""
        self.kill()
        self.start()

    def hold(self):
        """It neither answers nor ends."""
        self._process.send_signal(signal.SIGSTOP)

    def release(self):
        """It goes on."""
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def running_redis(folder, password=None):
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not on this machine (Debian: redis-server)")
    server = RedisServer(folder, password)
    server.start()
    try:
        yield server
    finally:
        server.kill()
        server.client.close()
