"""Turns: in each round every proxy carries the same load once, so that what disturbs the machine disturbs them alike.

A measurement is: warm up, read the CPU time of the proxy's process tree, run the load generator from start to end, read it
again. The few handshakes at the start of a kept-alive run are inside the window; with some 10,000 requests after them they
do not show.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.backend import Backend
from bench.cpu import read_cpu_seconds
from bench.load import Generators, Load, LoadFailed, Target
from bench.proxies.site import DOMAIN, Proxy, Site
from bench.scenarios import Scenario, Shape

#: A change of configuration may take this long until all workers serve it.
_SERVES_WITHIN = 10.0
#: What follows a load without pause, such as closed connections, is over after this.
_SETTLE = 0.1


@dataclass(frozen=True)
class Pace:
    """How much load, and how long."""

    seconds: float
    warm_up_seconds: float
    connections: int
    rate: float
    new_connections_rate: int


@dataclass(frozen=True)
class Sample:
    """One turn of one proxy."""

    load: Load
    cpu_seconds: float
    upstream_connections: int

    @property
    def cpu_us(self) -> float | None:
        """CPU microseconds a request; None if there was none."""
        return self.cpu_seconds / self.load.requests * 1e6 if self.load.requests else None


@dataclass(frozen=True)
class Measured:
    """All turns of one scenario: by proxy the sample of each round, and why a proxy has none."""

    scenario: Scenario
    samples: dict[str, list[Sample]]
    absent: dict[str, str]


def measure(
    scenario: Scenario,
    proxies: Sequence[Proxy],
    site: Site,
    backend: Backend,
    generators: Generators,
    pace: Pace,
    rounds: int,
    say: Callable[[str], None],
) -> Measured:
    """So many rounds of this scenario over the proxies that serve it."""
    samples: dict[str, list[Sample]] = {}
    absent: dict[str, str] = {}
    targets = {proxy.name: Target(DOMAIN, proxy.port, scenario.path, b"x" * scenario.body_bytes) for proxy in proxies}
    for proxy in proxies:
        refusal = find_refusal(scenario, targets[proxy.name], site)
        if refusal:
            absent[proxy.name] = refusal
    for number in range(1, rounds + 1):
        for proxy in proxies:
            if proxy.name in absent:
                continue
            try:
                sample = _take_turn(scenario, proxy, targets[proxy.name], backend, generators, pace)
            except LoadFailed as failure:
                absent[proxy.name] = str(failure)
                continue
            samples.setdefault(proxy.name, []).append(sample)
            cost = "no request was answered" if sample.cpu_us is None else f"{sample.cpu_us:.1f} µs a request"
            say(f"{scenario.name} {number}/{rounds} {proxy.name}: {cost}")
    # A proxy that failed in a later round has fewer samples than the others: none of them would compare.
    return Measured(scenario, {name: taken for name, taken in samples.items() if name not in absent}, absent)


def find_refusal(scenario: Scenario, target: Target, site: Site) -> str | None:
    """None when the proxy answers this scenario's request as it should; else what it did, in words."""
    deadline = time.monotonic() + _SERVES_WITHIN
    while True:
        try:
            status, size = _ask(target, site)
        except (OSError, http.client.HTTPException) as error:
            found = f"{type(error).__name__}: {error}"
        else:
            if (status, size) == (200, scenario.answer_bytes):
                return None
            found = f"status {status} with {size} bytes"
        if time.monotonic() > deadline:
            return f"expected status 200 with {scenario.answer_bytes} bytes for {target.path}, found {found}"
        time.sleep(0.1)


def _take_turn(
    scenario: Scenario, proxy: Proxy, target: Target, backend: Backend, generators: Generators, pace: Pace
) -> Sample:
    def run(seconds: float) -> Load:
        if scenario.shape is Shape.FULL_SPEED:
            return generators.run_full_speed(target, pace.connections, seconds)
        if scenario.shape is Shape.UNLIKE:
            return generators.run_unlike(target, pace.connections, seconds)
        if scenario.shape is Shape.RESUMED:
            return generators.run_resumed(target, pace.connections, seconds)
        if scenario.shape is Shape.FIXED_RATE:
            return generators.run_fixed_rate(target, pace.connections, pace.rate, seconds)
        if scenario.shape is Shape.MANY_STREAMS:
            return generators.run_many_streams(target, pace.connections, seconds)
        return generators.run_new_connections(target, pace.new_connections_rate, seconds)

    run(pace.warm_up_seconds)
    time.sleep(_SETTLE)
    accepted = backend.count_connections()
    before = read_cpu_seconds(proxy.pid)
    load = run(pace.seconds)
    after = read_cpu_seconds(proxy.pid)
    # The second question is a connection too.
    return Sample(load, after - before, backend.count_connections() - accepted - 1)


def _ask(target: Target, site: Site) -> tuple[int, int]:
    context = ssl.create_default_context(cafile=site.certificate.issuer)
    connection = _NamedConnection(target, context)
    try:
        connection.request("POST" if target.body else "GET", target.path, target.body or None)
        answer = connection.getresponse()
        return answer.status, len(answer.read())
    finally:
        connection.close()


class _NamedConnection(http.client.HTTPSConnection):
    """A connection to loopback that offers, and verifies, the site's name."""

    def __init__(self, target: Target, context: ssl.SSLContext) -> None:
        super().__init__(target.domain, target.port, timeout=10, context=context)
        self._create_connection = self._connect_to_loopback

    @staticmethod
    def _connect_to_loopback(address, *rest):
        return socket.create_connection(("127.0.0.1", address[1]), *rest)
