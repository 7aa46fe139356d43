"""The command line: `python -m bench --help`."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.backend import running_backend
from bench.certificate import make_certificate
from bench.children import ChildFailed
from bench.load import Generators
from bench.machine import describe_machine, read_load
from bench.programs import ENVOY, H2LOAD, NGINX, WRK, MissingProgram, Program, find_program, read_version
from bench.proxies import PROXIES
from bench.proxies.site import DOMAIN, Proxy, Site
from bench.report import make_document, render_table
from bench.rounds import Measured, Pace, measure
from bench.scenarios import SCENARIOS
from gatewright.cli.version import describe_build


def parse_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of one run."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures Gatewright beside its peers.")
    parser.add_argument("--scenario", action="append", choices=list(SCENARIOS), help="may be repeated (default: all)")
    parser.add_argument("--proxy", action="append", choices=list(PROXIES), help="may be repeated (default: all)")
    parser.add_argument("--rounds", type=_positive, help="turns of each proxy (default: 5)")
    parser.add_argument("--seconds", type=_positive, help="length of a turn, in whole seconds (default: 4)")
    parser.add_argument("--workers", type=_positive, default=2, help="of each proxy (default: 2)")
    parser.add_argument("--connections", type=_positive, default=32, help="kept alive at a time (default: 32)")
    parser.add_argument("--rate", type=_positive, default=1000, help="requests a second in `rate` (default: 1000)")
    parser.add_argument("--connect-rate", type=_positive, default=300, help="a second in `connect` (default: 300)")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 1 second, to see that it works")
    parser.add_argument("--envoy", metavar="PATH", help="the Envoy to use")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write everything that was measured there")
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (2 if options.quick else 5)
    options.seconds = options.seconds or (1 if options.quick else 4)
    return options


def main() -> int:
    """The exit code: 0 when everything that can run here was measured, 1 when a part failed, 2 when nothing could start."""
    options = parse_options()
    # By the default action a SIGTERM would end the bench without the `finally` of anybody.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with ExitStack() as stack:
            return run(options, stack)
    except MissingProgram as missing:
        say(f"The bench cannot run without it: {missing}")
        return 2
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def run(options: argparse.Namespace, stack: ExitStack) -> int:
    """Starts everything on the stack, measures, prints."""
    versions: dict[str, str] = {}

    def find(program: Program, given: str | None = None) -> str:
        path = find_program(program, given)
        versions[program.name] = read_version(program, path)
        return path

    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gatewright-bench-")))
    generators = Generators(folder, find(WRK), find(H2LOAD))
    certificate = make_certificate(folder, DOMAIN)
    backend_folder = folder / "backend"
    backend_folder.mkdir()
    backend = stack.enter_context(running_backend(backend_folder, find(NGINX)))
    proxies: list[Proxy] = []
    absent: dict[str, str] = {}
    for name in options.proxy or PROXIES:
        program, start = PROXIES[name]
        own = folder / name
        own.mkdir()
        site = Site(own, certificate, backend.port, options.workers)
        try:
            path = find(program, options.envoy if program is ENVOY else None) if program else ""
            proxies.append(stack.enter_context(start(site, path)))
        except (MissingProgram, ChildFailed) as problem:
            absent[name] = str(problem)
            say(f"{name} is skipped: {problem}")
    if not proxies:
        say("No proxy could be started.")
        return 2
    versions["gatewright"] = _read_commit()
    machine = {**describe_machine(), "load average at the start": f"{read_load():.2f}"}
    print(render_head(machine, versions, options), flush=True)
    pace = Pace(options.seconds, 1, options.connections, options.rate, options.connect_rate)
    taken: list[Measured] = []
    for name in options.scenario or SCENARIOS:
        measured = measure(SCENARIOS[name], proxies, site, backend, generators, pace, options.rounds, say)
        measured.absent.update(absent)
        taken.append(measured)
        print(f"\n{render_table(measured)}", flush=True)
        for proxy, samples in measured.samples.items():
            said = {sample.load.tls for sample in samples if sample.load.tls}
            if said:
                print(f"\n{proxy} negotiated {' and '.join(sorted(said))}.", flush=True)
    if options.json:
        given = {key: value for key, value in vars(options).items() if key != "json"}
        document = make_document(taken, machine=machine, versions=versions, options=given)
        options.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    # A peer that is not installed was said, and is no failure; a proxy that runs and does not serve is.
    failed = any(set(each.absent) - set(absent) for each in taken)
    failed |= any(sample.load.failures for each in taken for samples in each.samples.values() for sample in samples)
    return 1 if failed or "gatewright" in absent else 0


def render_head(machine: dict[str, str], versions: dict[str, str], options: argparse.Namespace) -> str:
    """What was measured where, and how to do it again."""
    facts = [*machine.items(), *versions.items()]
    command = " ".join(["python -m bench", *sys.argv[1:]])
    return "\n".join(
        [
            f"Command: `{command}`: {options.rounds} rounds of {options.seconds} s, {options.workers} workers each,",
            f"{options.connections} connections; `rate` {options.rate}/s, `connect` {options.connect_rate}/s.",
            "",
            *(f"- {name}: {fact}" for name, fact in facts),
        ]
    )


def say(sentence: str) -> None:
    """Progress goes to standard error: standard output is the report."""
    print(sentence, file=sys.stderr, flush=True)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, found {text}")
    return number


def _read_commit() -> str:
    def git(*arguments: str) -> Any:
        command = ["git", "-C", str(Path(__file__).parent), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    try:
        commit = git("rev-parse", "--short", "HEAD").stdout.strip()
        changed = " with uncommitted changes" if git("status", "--porcelain", "--", "../src").stdout.strip() else ""
    except FileNotFoundError:
        commit, changed = "", ""
    return f"{f'commit {commit}{changed}' if commit else 'not a git checkout'}, {describe_build()}"


if __name__ == "__main__":
    sys.exit(main())
