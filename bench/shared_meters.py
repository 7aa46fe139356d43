"""Nodes that share one limit through a real Redis: what they let through together, and what sharing costs.

    python -m bench.shared_meters [--rate 10000] [--burst 5000] [--offered 20000] [--nodes 2] [--seconds 8]

A node is its shared memory, a process that meters as a worker does (without sockets and pipelines, so that the machine
can offer enough), and the process that talks to Redis. Requests come at an even rate to every node. Said is what was let
through against rate × time + burst, at the end and at the worst of many instants, and CPU time by process.

With `--away` Redis is stopped for the middle third; then each node has the whole limit for itself, as it should.
"""

import argparse
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from gatewright.app.cache_metrics import Total
from gatewright.app.lease_exchange import ExchangeSettings, run_exchange
from gatewright.app.node_identity import open_node
from gatewright.cache.connection import CachePlace
from gatewright.core.metering.charge import Bucket, Level
from gatewright.core.metering.limits import Throttle
from gatewright.core.metering.token_bucket import SECOND, Limit
from gatewright.dataplane.activity import Turns
from gatewright.dataplane.leased_meters import LeasedMeters
from gatewright.dataplane.meter_memory import prepare_meters

PROCESSES = multiprocessing.get_context("fork")
TICK = 0.001
SAMPLES = 20  # a second
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=10_000)
    parser.add_argument("--burst", type=int, default=5_000)
    parser.add_argument("--offered", type=int, default=20_000, help="requests a second, over all nodes")
    parser.add_argument("--nodes", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--away", action="store_true")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        run(given, Path(folder))


def run(given: argparse.Namespace, folder: Path) -> None:
    port = _free_port()
    words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("redis-server is not on this machine (Debian: apt-get install redis-server)")
    redis = subprocess.Popen([program, *words], stdout=subprocess.DEVNULL)
    children = []
    try:
        _wait_for(port)
        place = CachePlace(f"redis://127.0.0.1:{port}/0", "redis", "bench")
        directories = [folder / f"node-{number}" for number in range(given.nodes)]
        exchanges = [PROCESSES.Process(target=_exchange, args=(each, place), daemon=True) for each in directories]
        for directory, exchange in zip(directories, exchanges, strict=True):
            directory.mkdir()
            exchange.start()
            children.append(exchange)
        time.sleep(1)
        results = PROCESSES.SimpleQueue()
        start = time.time() + 0.5
        workers = [
            PROCESSES.Process(target=_work, args=(given, each, start, results), daemon=True) for each in directories
        ]
        before = _cpu(redis.pid), sum(_cpu(each.pid) for each in exchanges)
        for worker in workers:
            worker.start()
            children.append(worker)
        if given.away:
            time.sleep(max(0.0, start + given.seconds / 3 - time.time()))
            redis.send_signal(signal.SIGSTOP)
            time.sleep(given.seconds / 3)
            redis.send_signal(signal.SIGCONT)
        told = [results.get() for _ in workers]
        after = _cpu(redis.pid), sum(_cpu(each.pid) for each in exchanges)
        _report(given, told, directories, [b - a for a, b in zip(before, after, strict=True)])
    finally:
        for child in children:
            child.terminate()
            child.join(5)
        redis.kill()
        redis.wait(10)


def _exchange(directory: Path, place: CachePlace) -> None:
    node = open_node(directory)
    prepare_meters(directory)
    reading, _writing = os.pipe()
    run_exchange(ExchangeSettings(place, directory, node, workers=1), report_ready=lambda: None, lifeline=reading)


def _work(given: argparse.Namespace, directory: Path, start: float, results) -> None:
    meters = LeasedMeters(directory, 0)
    bucket = Bucket(Level.ACCOUNT, 4_711, Limit(Throttle(given.rate, given.burst)))
    rate = given.offered / given.nodes
    offered, admitted, samples = 0, 0, []
    time.sleep(max(0.0, start - time.time()))
    while (now := time.time()) < start + given.seconds:
        while offered < (now - start) * rate:
            offered += 1
            admitted += meters.take(None, [bucket], int(time.time() * SECOND)) is None
        while len(samples) < int((now - start) * SAMPLES):
            samples.append(admitted)
        time.sleep(TICK)
    results.put((offered, admitted, samples))


def _report(given: argparse.Namespace, told, directories: list[Path], cpu: list[float]) -> None:
    offered, admitted = sum(each[0] for each in told), sum(each[1] for each in told)
    expected = given.rate * given.seconds + given.burst
    over = [
        sum(at) - given.rate * (number + 1) / SAMPLES - given.burst
        for number, at in enumerate(zip(*[each[2] for each in told], strict=False))
    ]
    exchanges = sum(Turns(each).total(Total.EXCHANGES) for each in directories)
    print(f"{given.nodes} nodes, {given.rate:g} a second, burst {given.burst}, {given.seconds:g} s")
    print(f"offered   {offered} ({offered / given.seconds:.0f} a second)")
    print(f"admitted  {admitted}, expected {expected:.0f}: x {admitted / expected:.4f}")
    print(f"at worst  {max(over):+.0f} beyond the limit at one of {len(over)} instants")
    print(f"exchanges {exchanges / given.seconds / given.nodes:.0f} a second and node")
    print(f"CPU       {1e3 * cpu[0] / given.seconds:.0f} ms a second of Redis, ", end="")
    print(f"{1e3 * cpu[1] / given.seconds / given.nodes:.0f} ms a second and node of the exchange")


def _cpu(pid: int) -> float:
    """Seconds of CPU that the process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise SystemExit("redis-server does not accept")


if __name__ == "__main__":
    main()
