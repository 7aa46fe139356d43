"""The load generators: how wrk and h2load are called, and what they say.

wrk drives connections as fast as they go: kept alive, or, where it asks that each be closed, new ones that take up the
session of the one before. h2load speaks HTTP/2, holds a rate, and opens a connection with a full handshake for each request.

Both offer one TLS 1.3 suite and one group, so that every proxy does the same cryptography: AES-128-GCM, which any proxy
here would choose anyhow, and X25519.

What a fixed rate does not show: a request that has to wait because its connection is still busy is timed from when it is
sent; rates well below capacity keep that rare. All of h2load's connections send at the same instants, so the rate comes in
bursts of one request a connection: p50 is that of a burst's middle, not of a lone request.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CIPHER_SUITE: Final = "TLS_AES_128_GCM_SHA256"
_GROUP: Final = "X25519"

_OPENSSL_CONFIGURATION: Final = f"""
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = client
[client]
MinProtocol = TLSv1.3
Ciphersuites = {_CIPHER_SUITE}
Groups = {_GROUP}
"""

# The URL's host is what wrk offers as server name; this sends it to the loopback address nevertheless.
_WRK_SCRIPT: Final = """
function wrk.resolve(host, service) wrk.addrs = wrk.lookup("127.0.0.1", service) end
"""

_WRK_UNLIKE: Final = """
local number = 0
function request()
  number = number + 1
  wrk.headers["X-Number"] = tostring(number)
  return wrk.format()
end
"""

# The lines of the file are `name path`. The connection offers the first name and each request has its own Host: so many
# names are asked for over few connections.
_WRK_SPREAD: Final = """
local requests, at = {{}}, 0
function init(args)
  for line in io.lines("{lines}") do
    local name, path = line:match("(%S+) (%S+)")
    requests[#requests + 1] = wrk.format("GET", path, {{["Host"] = name}})
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
"""

_PERIODS_PER_SECOND: Final = 50

#: A load generator that has not ended so long after it should have will not end.
_GRACE_SECONDS: Final = 20


class LoadFailed(Exception):
    """A load generator could not do its work, or what it said is not understood."""


@dataclass(frozen=True)
class Load:
    """What a load generator did: requests answered with 2xx, others, and latencies in microseconds where they are known."""

    requests: int
    failures: int
    seconds: float
    p50: float | None = None
    p99: float | None = None
    tls: str | None = None
    how: str = ""  # it failed, in the words of the load generator


@dataclass(frozen=True)
class Target:
    """Where the load goes: the name and port in the URL, and the path."""

    domain: str
    port: int
    path: str
    body: bytes = b""

    @property
    def url(self) -> str:
        return f"https://{self.domain}:{self.port}{self.path}"


@dataclass(frozen=True)
class Spread:
    """Many names and paths behind one port, asked for in this order and again."""

    port: int
    requests: Sequence[tuple[str, str]]


class Generators:
    """wrk and h2load with the files that they need in a folder."""

    def __init__(self, folder: Path, wrk: str, h2load: str) -> None:
        self._wrk = wrk
        self._h2load = h2load
        self._folder = folder
        configuration = folder / "openssl.cnf"
        configuration.write_text(_OPENSSL_CONFIGURATION)
        self.environment = {"OPENSSL_CONF": str(configuration)}

    def run_full_speed(self, target: Target, connections: int, seconds: float) -> Load:
        """Requests one after the other on each of the kept-alive connections, as fast as they are answered."""
        return self._run_wrk(target, connections, seconds, "")

    def run_unlike(self, target: Target, connections: int, seconds: float) -> Load:
        """Like `run_full_speed`, each request with a header that no other has."""
        return self._run_wrk(target, connections, seconds, _WRK_UNLIKE)

    def run_resumed(self, target: Target, connections: int, seconds: float) -> Load:
        """A connection for each request, that many at a time; wrk has one ticket for them all, its latest."""
        return self._run_wrk(target, connections, seconds, 'wrk.headers["Connection"] = "close"\n')

    def _run_wrk(self, target: Target, connections: int, seconds: float, more: str) -> Load:
        script = self._folder / "request.lua"
        body = self._folder / "request.body"
        body.write_bytes(target.body)
        sends_body = f'wrk.method = "POST"\nwrk.body = io.open("{body}", "rb"):read("*a")\n' if target.body else ""
        script.write_text(_WRK_SCRIPT + sends_body + more)
        # wrk knows whole seconds only.
        command = [self._wrk, "--threads", "1", "--connections", str(connections), "--duration", f"{seconds:.0f}s"]
        return parse_wrk(self._run([*command, "--script", str(script), "--latency", target.url], seconds))

    def run_spread(self, spread: Spread, connections: int, seconds: float) -> Load:
        """Like `run_full_speed`, each request for the next of the names and paths."""
        lines = self._folder / "requests.txt"
        lines.write_text("".join(f"{name} {path}\n" for name, path in spread.requests))
        script = self._folder / "spread.lua"
        script.write_text(_WRK_SCRIPT + _WRK_SPREAD.format(lines=lines))
        first = Target(spread.requests[0][0], spread.port, spread.requests[0][1])
        command = [self._wrk, "--threads", "1", "--connections", str(connections), "--duration", f"{seconds:.0f}s"]
        return parse_wrk(self._run([*command, "--script", str(script), "--latency", first.url], seconds))

    def run_fixed_rate(self, target: Target, connections: int, rate: float, seconds: float) -> Load:
        """That many requests a second in all, spread over kept-alive connections."""
        log = self._folder / "latencies.tsv"
        timing = [f"--rps={rate / connections:.4f}", f"--duration={seconds:.0f}", f"--log-file={log}"]
        said = self._run(self._h2load_command(target, [f"--clients={connections}", *timing]), seconds)
        latencies = parse_h2load_log(log.read_text())
        return parse_h2load(said, latencies)

    def run_many_streams(self, target: Target, streams: int, seconds: float) -> Load:
        """Requests one after the other on each of the streams of one connection of HTTP/2, as fast as they are answered."""
        log = self._folder / "latencies.tsv"
        options = [
            "--clients=1",
            f"--max-concurrent-streams={streams}",
            f"--duration={seconds:.0f}",
            f"--log-file={log}",
        ]
        said = self._run(self._h2load_command(target, options, protocol="h2"), seconds)
        return parse_h2load(said, parse_h2load_log(log.read_text()))

    def run_new_connections(self, target: Target, rate: int, seconds: float) -> Load:
        """That many connections a second, a full handshake and one request on each."""
        log = self._folder / "latencies.tsv"
        count = str(round(rate * seconds))
        # h2load opens a period's connections at its start; by the second they would come as one burst.
        pace = [f"--rate={max(1, round(rate / _PERIODS_PER_SECOND))}", f"--rate-period={1000 // _PERIODS_PER_SECOND}ms"]
        timing = [*pace, f"--requests={count}", f"--clients={count}", f"--log-file={log}"]
        said = self._run(self._h2load_command(target, timing), seconds)
        return parse_h2load(said, parse_h2load_log(log.read_text()))

    def _h2load_command(self, target: Target, options: Sequence[str], protocol: str = "http/1.1") -> list[str]:
        cryptography = [f"--tls13-ciphers={_CIPHER_SUITE}", f"--groups={_GROUP}"]
        return [
            *(self._h2load, f"--npn-list={protocol}", f"--connect-to=127.0.0.1:{target.port}", *cryptography),
            *options,
            target.url,
        ]

    def _run(self, command: Sequence[str], seconds: float) -> str:
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                env={**os.environ, **self.environment},
                timeout=seconds + _GRACE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise LoadFailed(f"{command[0]} did not end within {_GRACE_SECONDS} s after its time") from None
        if done.returncode != 0:
            raise LoadFailed(f"{command[0]} ended with code {done.returncode}: {(done.stderr or done.stdout).strip()}")
        return done.stdout


def parse_wrk(text: str) -> Load:
    """The summary that `wrk --latency` prints."""
    total = re.search(r"(\d+) requests in ([\d.]+(?:us|ms|s|m|h)),", text)
    if total is None:
        raise LoadFailed(f"expected the summary of wrk, found:\n{text}")
    not_successful = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    socket_errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    refused = int(not_successful[1]) if not_successful else 0
    how = [found[0] for found in (not_successful, socket_errors) if found is not None]
    return Load(
        requests=int(total[1]) - refused,
        failures=refused + (sum(int(count) for count in socket_errors.groups()) if socket_errors else 0),
        seconds=_parse_duration(total[2]) / 1e6,
        p50=_find_percentile(text, 50),
        p99=_find_percentile(text, 99),
        how="; ".join(how),
    )


def parse_h2load(text: str, latencies: Sequence[int]) -> Load:
    """The summary that h2load prints, with the latencies of its log."""
    finished = re.search(r"finished in ([\d.]+(?:us|ms|s)),", text)
    requests = re.search(
        r"requests: (\d+) total, .*? (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", text
    )
    status = re.search(r"status codes: (\d+) 2xx", text)
    if finished is None or requests is None or status is None:
        raise LoadFailed(f"expected the summary of h2load, found:\n{text}")
    answered = int(status[1])
    details = (
        re.search(rf"{name}: (.+)", text)
        for name in ("TLS Protocol", "Cipher", "Server Temp Key", "Application protocol")
    )
    return Load(
        requests=answered,
        failures=int(requests[1]) - answered,
        seconds=_parse_duration(finished[1]) / 1e6,
        p50=select_percentile(latencies, 50),
        p99=select_percentile(latencies, 99),
        tls=", ".join(detail[1].strip() for detail in details if detail) or None,
    )


def parse_h2load_log(text: str) -> list[int]:
    """Microseconds until the end of each 2xx response; columns are start, status, duration (h2load(1), --log-file)."""
    rows = (line.split("\t") for line in text.splitlines())
    return [int(row[2]) for row in rows if row[1].startswith("2")]


def select_percentile(values: Sequence[float], percent: float) -> float | None:
    """The smallest value that at least so many percent do not exceed (nearest rank); None of none."""
    if not values:
        return None
    rank = -(-len(values) * percent // 100)  # rounded up
    return sorted(values)[max(int(rank), 1) - 1]


def _find_percentile(text: str, percent: int) -> float | None:
    found = re.search(rf"^\s*{percent}%\s+([\d.]+(?:us|ms|s|m|h))\s*$", text, re.MULTILINE)
    return _parse_duration(found[1]) if found else None


def _parse_duration(text: str) -> float:
    """Microseconds in `1.50ms` and its like."""
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    return float(number) * {"us": 1.0, "ms": 1e3, "s": 1e6, "m": 60e6, "h": 3600e6}[text[len(number) :]]
