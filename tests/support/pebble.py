"""`pebble`, Let's Encrypt's small ACME server for tests, and the DNS server that comes with it.

    with running_pebble(folder, dns="127.0.0.1:8053") as pebble:
        pebble.directory, pebble.ca_file, pebble.roots()

It rejects a part of the nonces, so that a client must ask anew, and validates without its usual sleep. Its own TLS
certificate is signed by an authority of the test's.
"""

import json
import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from support.ca import CertificateAuthority

needs_pebble = pytest.mark.skipif(
    shutil.which("pebble") is None or shutil.which("pebble-challtestsrv") is None,
    reason="pebble is not on this machine (Debian package pebble)",
)

_SECONDS_TO_START = 20


@dataclass(frozen=True)
class Pebble:
    directory: str
    ca_file: Path
    _management: str

    def roots(self) -> str:
        """The PEM of the root that signs what it issues."""
        return requests.get(f"{self._management}/roots/0", verify=self.ca_file, timeout=5).text


@contextmanager
def running_pebble(folder: Path, *, dns: str, reject_nonces: int = 20):
    """A directory that asks the DNS server at `dns` (HOST:PORT)."""
    authority = CertificateAuthority("Pebble's own TLS")
    issued = authority.issue("localhost")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cert.pem").write_text(issued.certificate_pem)
    (folder / "key.pem").write_text(issued.key_pem)
    ca_file = folder / "ca.pem"
    ca_file.write_text(authority.certificate_pem)
    port, management = free_port(), free_port()
    settings = {
        "listenAddress": f"127.0.0.1:{port}",
        "managementListenAddress": f"127.0.0.1:{management}",
        "certificate": str(folder / "cert.pem"),
        "privateKey": str(folder / "key.pem"),
        "httpPort": 5002,
        "tlsPort": 5001,
    }
    (folder / "pebble.json").write_text(json.dumps({"pebble": settings}))
    environment = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": str(reject_nonces)}
    command = ["pebble", "-config", str(folder / "pebble.json"), "-dnsserver", dns]
    pebble = Pebble(f"https://localhost:{port}/dir", ca_file, f"https://localhost:{management}")
    with _running(command, folder / "pebble.log", environment):
        _await(lambda: requests.get(pebble.directory, verify=ca_file, timeout=5).ok, folder / "pebble.log")
        yield pebble


class TestDns:
    """`pebble-challtestsrv`: answers with the TXT records that it is told."""

    __test__ = False

    def __init__(self, address: str, management: str) -> None:
        self.address = address
        self._management = management
        self.put_log: list[tuple[str, str]] = []

    def put(self, domain_name, value):
        self.put_log.append((domain_name, value))
        self._post("set-txt", host=f"_acme-challenge.{domain_name}.", value=value)

    def remove(self, domain_name, value):
        self._post("clear-txt", host=f"_acme-challenge.{domain_name}.")

    def _post(self, what, **members):
        requests.post(f"{self._management}/{what}", json=members, timeout=5).raise_for_status()


@contextmanager
def running_test_dns(folder: Path):
    """The DNS server that pebble's authors test with."""
    folder.mkdir(parents=True, exist_ok=True)
    dns, management = free_port(), free_port()
    command = [
        "pebble-challtestsrv", "-http01", "", "-https01", "", "-tlsalpn01", "",
        "-dns01", f"127.0.0.1:{dns}", "-management", f"127.0.0.1:{management}",
    ]  # fmt: skip
    server = TestDns(f"127.0.0.1:{dns}", f"http://127.0.0.1:{management}")
    with _running(command, folder / "dns.log", None):
        _await(
            lambda: requests.post(f"{server._management}/clear-txt", json={"host": "."}, timeout=5).ok,
            folder / "dns.log",
        )
        yield server


@contextmanager
def _running(command, log: Path, environment):
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
        try:
            yield
        finally:
            process.terminate()
            process.wait(10)


def _await(is_up, log: Path):
    until = time.monotonic() + _SECONDS_TO_START
    while True:
        try:
            if is_up():
                return
        except requests.RequestException:
            pass
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.05)


def free_port() -> int:
    """A port of loopback that is free for UDP and TCP; pebble cannot be asked to choose one and tell."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            port = udp.getsockname()[1]
            # What is free for UDP may be the TCP port of a connection that somebody has.
            with suppress(OSError):
                tcp.bind(("127.0.0.1", port))
                return port
