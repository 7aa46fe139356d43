"""How cost grows with configuration: `python -m bench.scale [domains|resources|start|change …]`.

| part | compares |
|---|---|
| `domains` | one domain name with as many as `--domains` says: CPU of the worker a request and a full handshake |
| `resources` | 10 resources with as many as `--resources` says: CPU of the worker a request |
| `start` | from the start of `serve` until it says `ready`; resident memory of each process, and what a domain name adds |
| `change` | with all domain names present, from sending UpdateStage or CreateBasePathMapping until every worker serves it |

Both sides of a comparison run at the same time and take turns; a ratio is the median of those of the rounds. CPU is the
workers' own, from the kernel's clock of each process. "For ten of them" is what configuration that lies idle costs; "spread
over all" is the worst there is, each request meeting what no request has met for a long time. A name's first handshake
makes its TLS context and is not in the handshakes' figure: it is measured by itself, as `first`.
"""

from __future__ import annotations

import argparse
import random
import re
import signal
import socket
import ssl
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.__main__ import _positive, _read_commit, say
from bench.backend import SIZES, SMALL_BYTES, running_backend
from bench.children import ChildFailed
from bench.cpu import read_process_seconds
from bench.filling import STAGE, Filled, fill
from bench.load import Generators, LoadFailed, Spread, select_percentile
from bench.machine import describe_machine, read_load
from bench.processes import Memory, find_children, find_workers, read_memory
from bench.programs import H2LOAD, NGINX, WRK, MissingProgram, find_program
from bench.proxies.gatewright import Serving, serving
from bench.proxies.site import BASE_PATH

_FEW: Final = 10
_CONNECTIONS: Final = 32
#: A worker's memory is that of a worker at rest after this.
_REST_SECONDS: Final = 2.0
#: Workers report their counters every second.
_REPORT_SECONDS: Final = 1.5
_LOG_LINES: Final = 10
_TROUBLE: Final = re.compile(
    r'gatewright_(refusals|handshake_failures|connections_refused|slow_readers|requests_total\{.*status="[^2])'
)


@dataclass(frozen=True)
class Side:
    """One side of a comparison: what is configured, and the gateway that serves it with one worker."""

    filled: Filled
    gateway: Serving
    worker: int

    def spread(self, most: int | None = None) -> Spread:
        """Domain names and paths of its API in random order, the same one each time; all of them, or at most so many.

        Of a gateway with many names one path is asked: what a path costs is the other comparison.
        """
        paths = self.filled.resources if len(self.filled.domains) == 1 else ["/small"]
        names, paths = self.filled.domains[:most], paths[:most]
        count = max(len(names), len(paths))
        pairs = [(names[i % len(names)], f"/{BASE_PATH}{paths[i % len(paths)]}") for i in range(count)]
        random.Random(0).shuffle(pairs)
        return Spread(self.gateway.https_port, pairs)


@dataclass(frozen=True)
class Bench:
    """What all parts are given."""

    folder: Path
    generators: Generators
    backend_port: int
    options: argparse.Namespace

    def fill(self, name: str, *, domains: int, resources: int) -> Filled:
        """A data directory of that name."""
        started = time.monotonic()
        filled = fill(self.folder / name, self.backend_port, domains=domains, resources=resources)
        say(f"{name}: {domains} domain names, {resources} resources, made in {time.monotonic() - started:.1f} s")
        return filled

    @contextmanager
    def serve(self, filled: Filled, workers: int = 1) -> Iterator[Side]:
        """The directory is served inside the block."""
        with serving(self.folder, filled.data_dir, workers, filled.data_dir.name) as gateway:
            yield Side(filled, gateway, find_workers(gateway.pid)[0])


def measure_domains(bench: Bench, stack: ExitStack, few: Filled, many: Filled) -> Sequence[str]:
    """CPU a request and a handshake with one name and with many."""
    sides = {"one": stack.enter_context(bench.serve(few)), "many": stack.enter_context(bench.serve(many))}
    lines = [
        _compare("request, for ten of the names", _take_turns(bench, sides, _request_cost(bench, most=_FEW))),
        _compare("request, spread over all names", _take_turns(bench, sides, _request_cost(bench))),
    ]
    before = read_memory(sides["many"].worker)
    first = _handshake_cost(sides["many"], sides["many"].filled.domains)
    after = read_memory(sides["many"].worker)
    lines.append(
        _compare("full handshake, spread over all names", _take_turns(bench, sides, _spread_handshakes(bench)))
    )
    grown = (after.proportional - before.proportional) * 1024 / len(many.domains)
    lines += [
        f"- the first handshake of a name: {first:.0f} µs",
        f"- memory that a name takes besides, once it was asked for: {grown:.1f} KB",
    ]
    return lines


def measure_resources(bench: Bench, stack: ExitStack, few: Filled, many: Filled) -> Sequence[str]:
    """CPU a request with few resources and with many."""
    sides = {"few": stack.enter_context(bench.serve(few)), "many": stack.enter_context(bench.serve(many))}
    return [
        _compare("request, for ten of the resources", _take_turns(bench, sides, _request_cost(bench, most=_FEW))),
        _compare("request, spread over all resources", _take_turns(bench, sides, _request_cost(bench))),
    ]


def measure_start(bench: Bench, few: Filled, many: Filled) -> Sequence[str]:
    """Seconds until ready, and memory at rest, empty and with many domain names."""
    lines = [
        "| configured | to ready s | process | resident MB | proportional MB | KB a domain name |",
        "| :-- | --: | :-- | --: | --: | --: |",
    ]
    empty: Mapping[str, Memory] = {}
    for filled in (few, many):
        seconds = []
        memory: dict[str, Memory] = {}
        for _ in range(bench.options.rounds):
            started = time.monotonic()
            with serving(bench.folder, filled.data_dir, bench.options.workers, filled.data_dir.name) as gateway:
                seconds.append(time.monotonic() - started)
                time.sleep(_REST_SECONDS)
                memory = {name: read_memory(pid) for name, pid in find_children(gateway.pid).items()}
        count = len(filled.domains)
        for name, used in memory.items():
            added = (used.proportional - empty[name].proportional) * 1024 / count if empty else None
            lines.append(
                f"| {count:,} domain names | {statistics.median(seconds):.2f} ({min(seconds):.2f}–{max(seconds):.2f}) "
                f"| {name} | {used.resident:.1f} | {used.proportional:.1f} | {'' if added is None else f'{added:.1f}'} |"
            )
        if empty:
            total = sum(used.proportional - empty[name].proportional for name, used in memory.items()) * 1024 / count
            lines.append(f"| {count:,} domain names | | all of them | | | {total:.1f} |")
        empty = memory
    return lines


def measure_change(bench: Bench, stack: ExitStack, many: Filled) -> Sequence[str]:
    """Milliseconds from the call until each worker answers by it."""
    workers = bench.options.workers
    gateway = stack.enter_context(bench.serve(many, workers)).gateway
    client = gateway.client("apigateway")
    doors = [_Door(many.data_dir / "run" / f"worker-{number}.sock") for number in range(workers)]
    draw = random.Random(0)
    taken: dict[str, list[float]] = {"UpdateStage": [], "CreateBasePathMapping": []}
    for number in range(bench.options.changes):
        name = draw.choice(many.domains)
        size = ("10k", "small")[number % 2]
        value = "small" if size == "small" else f"files/{size}"
        variable = {"op": "replace", "path": "/variables/answer", "value": value}

        def update_stage(variable: Any = variable) -> None:
            client.update_stage(restApiId=many.api_id, stageName=STAGE, patchOperations=[variable])

        def create_mapping(name: str = name, number: int = number) -> None:
            client.create_base_path_mapping(domainName=name, basePath=f"c{number}", restApiId=many.api_id, stage=STAGE)

        answer = (200, SMALL_BYTES if size == "small" else SIZES[size])
        taken["UpdateStage"].append(_time_change(update_stage, doors, name, f"/{BASE_PATH}/varied", answer))
        taken["CreateBasePathMapping"].append(
            _time_change(create_mapping, doors, name, f"/c{number}/small", (200, SMALL_BYTES))
        )
    lines = ["| change | count | p50 ms | p99 ms | longest ms |", "| :-- | --: | --: | --: | --: |"]
    for operation, seconds in taken.items():
        p50, p99 = (select_percentile(seconds, percent) or 0.0 for percent in (50, 99))
        lines.append(f"| {operation} | {len(seconds)} | {p50 * 1e3:.1f} | {p99 * 1e3:.1f} | {max(seconds) * 1e3:.1f} |")
    return lines


def _time_change(
    change: Callable[[], None], doors: Sequence[_Door], host: str, path: str, expected: tuple[int, int]
) -> float:
    started = time.monotonic()
    change()
    for door in doors:
        while (found := door.ask(host, path)) != expected:
            if time.monotonic() > started + 10:
                raise ChildFailed(f"expected {expected} for {host}{path} within 10 s of the change, found {found}")
    return time.monotonic() - started


class _Door:
    """One worker, asked by itself through its local socket: connections to the HTTPS port are dealt out by the kernel."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)

    def ask(self, host: str, path: str) -> tuple[int, int]:
        """Status and number of bytes of the answer."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(self._path)
            head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Gatewright-Peer: 127.0.0.1:1\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode())
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        fields, _, body = answer.partition(b"\r\n\r\n")
        return int(fields.split(b" ", 2)[1]), len(body)


def _request_cost(bench: Bench, most: int | None = None) -> Callable[[Side], float]:
    def measure(side: Side) -> float:
        spread = side.spread(most)
        before = read_process_seconds(side.worker)
        load = bench.generators.run_spread(spread, _CONNECTIONS, bench.options.seconds)
        if load.failures or not load.requests:
            told = f"{load.failures} of {load.requests} requests failed ({load.how or 'nobody says how'})"
            raise LoadFailed(f"{told}; of the gateway: {_tell_troubles(bench, side)}")
        return (read_process_seconds(side.worker) - before) / load.requests * 1e6

    return measure


def _tell_troubles(bench: Bench, side: Side) -> str:
    """What a gateway has counted and logged that is not an answer with 200: all that is left of a failure afterwards."""
    time.sleep(_REPORT_SECONDS)
    with urllib.request.urlopen(f"{side.gateway.control}/_gatewright/metrics", timeout=5) as answer:
        counted = select_troubles(answer.read().decode())
    log = (bench.folder / f"{side.filled.data_dir.name}.log").read_text(errors="replace").splitlines()
    return "\n  ".join(["counted", *(counted or ["nothing"]), "and its log ends", *log[-_LOG_LINES:]])


def select_troubles(metrics: str) -> list[str]:
    """The lines of the metrics that count what went wrong, if it did."""
    return [line for line in metrics.splitlines() if _TROUBLE.match(line) and float(line.rpartition(" ")[2])]


def _spread_handshakes(bench: Bench) -> Callable[[Side], float]:
    draw = random.Random(0)

    def measure(side: Side) -> float:
        return _handshake_cost(side, draw.choices(side.filled.domains, k=bench.options.handshakes))

    return measure


def _handshake_cost(side: Side, names: Sequence[str]) -> float:
    """CPU microseconds of the worker for a full handshake and its end; TLS 1.3, nothing resumed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Who verifies is the client; its time is not measured.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    before = read_process_seconds(side.worker)
    for name in names:
        with (
            socket.create_connection(("127.0.0.1", side.gateway.https_port)) as connection,
            context.wrap_socket(connection, server_hostname=name) as session,
        ):
            assert session.version() == "TLSv1.3"
    return (read_process_seconds(side.worker) - before) / len(names) * 1e6


def _take_turns(bench: Bench, sides: Mapping[str, Side], measure: Callable[[Side], float]) -> Mapping[str, list[float]]:
    for side in sides.values():
        measure(side)  # warm
    samples: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(1, bench.options.rounds + 1):
        for name, side in sides.items():
            samples[name].append(measure(side))
        say(f"{number}/{bench.options.rounds}: " + ", ".join(f"{name} {samples[name][-1]:.1f} µs" for name in sides))
    return samples


def _compare(what: str, samples: Mapping[str, list[float]]) -> str:
    (base, before), (name, after) = samples.items()
    ratio = statistics.median(b / a for a, b in zip(before, after, strict=True))
    return (
        f"- {what}: {statistics.median(before):.1f} µs ({base}), {statistics.median(after):.1f} µs ({name}); "
        f"× {ratio:.3f}, the median of {len(before)} rounds"
    )


def parse_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of one run."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description="How cost grows with configuration.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(_PARTS)} (default: all)")
    parser.add_argument("--domains", type=_positive, default=10_000, help="(default: 10000)")
    parser.add_argument("--resources", type=_positive, default=10_000, help="(default: 10000)")
    parser.add_argument("--rounds", type=_positive, default=5, help="of each side (default: 5)")
    parser.add_argument("--seconds", type=_positive, default=3, help="of requests in a round (default: 3)")
    parser.add_argument("--handshakes", type=_positive, default=1500, help="in a round (default: 1500)")
    parser.add_argument("--changes", type=_positive, default=200, help="of each kind (default: 200)")
    parser.add_argument("--workers", type=_positive, default=2, help="in `start` and `change` (default: 2)")
    options = parser.parse_args(arguments)
    unknown = set(options.parts) - set(_PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(_PARTS)}")
    options.parts = options.parts or list(_PARTS)
    return options


_PARTS: Final = ("domains", "resources", "start", "change")


def main() -> int:
    """The exit code: 0 when everything was measured, 1 when a part failed, 2 when a program is missing."""
    options = parse_options()
    # By the default action a SIGTERM would end the bench without the `finally` of anybody.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gatewright-bench-")))
            generators = Generators(folder, find_program(WRK), find_program(H2LOAD))
            (folder / "backend").mkdir()
            backend = stack.enter_context(running_backend(folder / "backend", find_program(NGINX)))
            run(Bench(folder, generators, backend.port, options))
    except MissingProgram as missing:
        say(f"The bench cannot run without it: {missing}")
        return 2
    except (LoadFailed, ChildFailed) as failure:
        say(f"A part failed: {failure}")
        return 1
    return 0


def run(bench: Bench) -> None:
    """Fills what the parts need, measures, prints."""
    options = bench.options
    machine = {**describe_machine(), "load average at the start": f"{read_load():.2f}", "gatewright": _read_commit()}
    print(f"Command: `{' '.join(['python -m bench.scale', *sys.argv[1:]])}`\n")
    print("\n".join(f"- {name}: {fact}" for name, fact in machine.items()), flush=True)
    few = bench.fill("one", domains=1, resources=_FEW)
    names = {"domains", "start", "change"} & set(options.parts)
    many = bench.fill("many", domains=options.domains, resources=_FEW) if names else few
    for part in options.parts:
        with ExitStack() as stack:
            if part == "domains":
                lines = measure_domains(bench, stack, few, many)
            elif part == "resources":
                wide = bench.fill("wide", domains=1, resources=options.resources)
                lines = measure_resources(bench, stack, few, wide)
            elif part == "start":
                lines = measure_start(bench, few, many)
            else:
                lines = measure_change(bench, stack, many)
        print(f"\n### {part}\n\n" + "\n".join(lines), flush=True)


if __name__ == "__main__":
    sys.exit(main())
