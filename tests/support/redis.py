"""Debian's `redis-server` on a free loopback port, with nothing on disk: it forgets all when it ends.

    with running_redis(tmp_path) as server: ...  # server.url, server.kill(), server.hold(), server.start()

Certificates of `support.ca` make it a server with TLS: `tls=RedisTls(leaf, authority)`.
"""

import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from redis import Redis
from redis.exceptions import RedisError

from gatewright.cache.connection import CachePlace
from support.ca import CertificateAuthority, Issued
from support.named import free_port


@dataclass(frozen=True)
class RedisTls:
    """What a server with TLS shows, whose certificates it takes, and whether it wants one."""

    leaf: Issued
    authority: CertificateAuthority
    asks: bool = False


class RedisServer:
    """One server; it can be killed and started again, or held. It listens on a socket in its folder too."""

    def __init__(self, folder, password=None, tls=None):
        self._folder = folder
        self._password = password
        self.tls = tls
        self._process = None
        self.port = free_port()
        self.socket = folder / f"redis-{self.port}.sock"
        self.client = Redis(
            unix_socket_path=str(self.socket), decode_responses=True, password=password, socket_timeout=5
        )

    @property
    def url(self):
        given = "" if self._password is None else f":{self._password}@"
        return f"redis://{given}127.0.0.1:{self.port}/0"

    @property
    def place(self):
        return CachePlace(self.url, f"redis://127.0.0.1:{self.port}/0", "test")

    def _entrance(self):
        if self.tls is None:
            return ["--port", str(self.port)]
        leaf = self.tls.leaf
        words = ["--port", "0", "--tls-port", str(self.port), "--tls-auth-clients", "yes" if self.tls.asks else "no"]
        for option, text in (
            ("--tls-cert-file", leaf.certificate_pem + leaf.chain_pem),
            ("--tls-key-file", leaf.key_pem),
            ("--tls-ca-cert-file", self.tls.authority.certificate_pem),
        ):
            file = self._folder / f"{option.strip('-')}-{self.port}.pem"
            file.write_text(text)
            words += [option, str(file)]
        return words

    def start(self):
        """It answers."""
        words = [*self._entrance(), "--bind", "127.0.0.1", "--unixsocket", str(self.socket), "--save", ""]
        words += ["--appendonly", "no", "--dir", str(self._folder)]
        words += ["--requirepass", self._password] if self._password else []
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
def running_redis(folder, password=None, tls=None):
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not on this machine (Debian: redis-server)")
    server = RedisServer(folder, password, tls)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        server.client.close()
