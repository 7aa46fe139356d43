"""How exact throttles and quotas are under load: `python -m bench.exactness [--gateways N] [--seconds N] [LIMIT …]`.

A limit is RATE/BURST of a usage plan, or `quota:N`. h2load offers twice the rate on kept-alive connections for as long as
`--seconds` says, over all workers, each request with the plan's key; of a quota, 4,000 requests a second. What should be
let through is rate × time + burst, where the time is that between the first request and the last. Every answer is counted
by its status: 200, or 429 by the limit that is measured. With `--gateways 2` there are two, alike but for their listeners, that
share their meters through a redis-server (`--cache`); each is offered half.

The fixed rate comes in bursts of one request a connection (`bench.load`), and a busy machine may not carry twice the
rate: what was offered is told beside what was let through.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.__main__ import _positive, _read_commit
from bench.load import Generators, LoadFailed
from bench.machine import read_load
from bench.programs import H2LOAD, WRK, find_program
from bench.proxies.gatewright import REGION, Serving, serving

LIMITS: Final = ("5/10", "1000/2000", "10000/5000", "quota:500")
_STAGE: Final = "live"
_QUOTA_RATE: Final = 4_000.0
#: Nodes know of each other after an exchange or two; more than enough on a busy machine.
_TO_MEET: Final = 2.0
_SUFFIX: Final = "gateway.localhost"


class Limit(NamedTuple):
    """A throttle, or a quota where `quota` is not 0."""

    rate: float = 0.0
    burst: int = 0
    quota: int = 0

    @property
    def offered(self) -> float:
        """Requests a second."""
        return _QUOTA_RATE if self.quota else 2 * self.rate

    def expect(self, seconds: float) -> float:
        """How many are to be let through in that time."""
        return self.quota or self.rate * seconds + self.burst

    def settings(self) -> dict[str, Any]:
        """Members of CreateUsagePlan."""
        if self.quota:
            return {"quota": {"limit": self.quota, "period": "MONTH"}}
        return {"throttle": {"rateLimit": self.rate, "burstLimit": self.burst}}


@dataclass(frozen=True)
class Outcome:
    """What h2load saw: requests by status, and when the first and the last began (seconds since the epoch)."""

    statuses: Counter[int]
    first: float
    last: float

    @property
    def seconds(self) -> float:
        """Between the first and the last."""
        return self.last - self.first

    @property
    def offered(self) -> float:
        """Requests a second."""
        return sum(self.statuses.values()) / self.seconds

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(self.statuses + other.statuses, min(self.first, other.first), max(self.last, other.last))


def parse_limit(text: str) -> Limit:
    """`5/10` or `quota:500`."""
    kind, colon, count = text.partition(":")
    if colon and kind == "quota" and count.isdigit():
        return Limit(quota=int(count))
    rate, slash, burst = text.partition("/")
    if slash and rate.isdigit() and burst.isdigit():
        return Limit(float(rate), int(burst))
    raise argparse.ArgumentTypeError(f"expected RATE/BURST such as 5/10, or quota:500; found {text!r}")


def read_outcome(log: str) -> Outcome:
    """From h2load's log: a line a request, its start in microseconds since the epoch, its status, how long it took."""
    starts: list[int] = []
    statuses: Counter[int] = Counter()
    for line in log.splitlines():
        start, status, _ = line.split("\t")
        starts.append(int(start))
        statuses[int(status)] += 1
    if len(starts) < 2:
        raise LoadFailed("expected at least two requests in the log of h2load")
    return Outcome(statuses, min(starts) / 1e6, max(starts) / 1e6)


def make_limited(gateway: Serving, limit: Limit) -> tuple[str, str]:
    """The host of an API whose one method asks for a key, and a key with that limit."""
    client = gateway.client("apigateway")
    api = client.create_rest_api(name="exactness")["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    method = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
    client.put_method(**method, authorizationType="NONE", apiKeyRequired=True)
    client.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    client.put_method_response(**method, statusCode="200")
    client.put_integration_response(**method, statusCode="200")
    client.create_deployment(restApiId=api, stageName=_STAGE)
    stage = [
        {"op": "replace", "path": f"/*/*/throttling/{name}Limit", "value": "1000000"} for name in ("rate", "burst")
    ]
    client.update_stage(restApiId=api, stageName=_STAGE, patchOperations=stage)
    key = client.create_api_key(name="measured", enabled=True)
    plan = client.create_usage_plan(name="measured", apiStages=[{"apiId": api, "stage": _STAGE}], **limit.settings())
    client.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    return f"{api}.execute-api.{REGION}.{_SUFFIX}", key["value"]


def offer(
    generators: Generators, gateway: Serving, host: str, key: str, *, rate: float, seconds: float, folder: Path
) -> Outcome:
    """Requests with that key at that rate."""
    log = folder / f"requests-{gateway.https_port}.tsv"
    log.unlink(missing_ok=True)  # h2load appends
    clients = min(32, max(2, int(rate / 10)))
    command = [
        *(find_program(H2LOAD, None), "--npn-list=http/1.1", f"--connect-to=127.0.0.1:{gateway.https_port}"),
        *(f"--clients={clients}", f"--rps={rate / clients:.4f}", f"--duration={seconds:.0f}"),
        *(f"--header=x-api-key: {key}", f"--log-file={log}", f"https://{host}:{gateway.https_port}/{_STAGE}"),
    ]
    subprocess.run(command, env={**generators.environment}, capture_output=True, check=True, timeout=seconds + 60)
    return read_outcome(log.read_text())


@contextmanager
def running_redis() -> Iterator[str]:
    """The URL of a redis-server of our own."""
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("redis-server is not on this machine (Debian: apt-get install redis-server)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    redis = subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL
    )
    try:
        yield f"redis://127.0.0.1:{port}"
    finally:
        redis.terminate()
        redis.wait()


def measure(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, Limit, Outcome]]:
    """One limit after the other, each on an API of its own."""
    generators = Generators(folder, find_program(WRK, None), find_program(H2LOAD, None))
    limits = {text: parse_limit(text) for text in options.limits or LIMITS}
    directories = [folder / f"gateway-{number}" for number in range(options.gateways)]
    with ExitStack() as stack:
        shared = ("--cache", stack.enter_context(running_redis())) if options.gateways > 1 else ()

        def serve(directory: Path) -> AbstractContextManager[Serving]:
            return serving(folder, directory, options.workers, directory.name, shared)

        with serve(directories[0]) as gateway:
            made = {text: make_limited(gateway, limit) for text, limit in limits.items()}
        for directory in directories[1:]:
            shutil.copytree(directories[0], directory, symlinks=True)
        gateways = [stack.enter_context(serve(directory)) for directory in directories]
        if shared:
            time.sleep(_TO_MEET)
        pool = stack.enter_context(ThreadPoolExecutor(len(gateways)))
        for text, limit in limits.items():
            host, key = made[text]
            seconds = min(options.seconds, 5) if limit.quota else options.seconds
            rate = limit.offered / len(gateways)
            parts = pool.map(
                lambda gateway, host=host, key=key, rate=rate, seconds=seconds: offer(
                    generators, gateway, host, key, rate=rate, seconds=seconds, folder=folder
                ),
                gateways,
            )
            yield text, limit, reduce(add, parts)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("limits", nargs="*", metavar="LIMIT", help=f"default: {' '.join(LIMITS)}")
    parser.add_argument("--seconds", type=_positive, default=30)
    parser.add_argument("--workers", type=_positive, default=2, help="of each gateway")
    parser.add_argument("--gateways", type=_positive, default=1)
    options = parser.parse_args(arguments)
    for text in options.limits:
        parse_limit(text)  # refused before anything is started
    print(f"{_read_commit()}, {options.gateways} × {options.workers} workers, load average {read_load()}\n")
    print("| limit | offered a second | seconds | let through | expected | off by | 429 | other |")
    print("| :---- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory(prefix="gatewright-bench-") as name:
        for text, limit, found in measure(options, Path(name)):
            passed, refused = found.statuses[200], found.statuses[429]
            expected = limit.expect(found.seconds)
            other = sum(found.statuses.values()) - passed - refused
            print(
                f"| {text} | {found.offered:,.0f} | {found.seconds:.2f} | {passed:,} | {expected:,.0f} "
                f"| {(passed - expected) / expected:+.2%} | {refused:,} | {other:,} |",
                flush=True,
            )


if __name__ == "__main__":
    sys.exit(main())
