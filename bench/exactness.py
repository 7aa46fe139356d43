"""How exact throttles and quotas are under load: `python -m bench.exactness [--seconds N] [--workers N] [LIMIT …]`.

A limit is RATE/BURST of a usage plan, or `quota:N`. h2load offers twice the rate on kept-alive connections for as long as
`--seconds` says, over all workers, each request with the plan's key; of a quota, 4,000 requests a second. What should be
let through is rate × time + burst, where the time is that between the first request and the last. Every answer is counted
by its status and its error type: 200, or 429 by the limit that is measured.

The fixed rate comes in bursts of one request a connection (`bench.load`), and a busy machine may not carry twice the
rate: what was offered is told beside what was let through.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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
    """What h2load saw: requests by status, and the seconds between the first and the last."""

    statuses: Counter[int]
    seconds: float

    @property
    def offered(self) -> float:
        """Requests a second."""
        return sum(self.statuses.values()) / self.seconds


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
    return Outcome(statuses, (max(starts) - min(starts)) / 1e6)


@contextmanager
def limited(gateway: Serving, limit: Limit) -> Iterator[tuple[str, str]]:
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
    yield f"{api}.execute-api.{REGION}.{_SUFFIX}", key["value"]


def offer(
    generators: Generators, gateway: Serving, host: str, key: str, *, rate: float, seconds: float, folder: Path
) -> Outcome:
    """Requests with that key at that rate."""
    log = folder / "requests.tsv"
    log.unlink(missing_ok=True)  # h2load appends
    clients = min(32, max(2, int(rate / 10)))
    command = [
        *(find_program(H2LOAD, None), "--npn-list=http/1.1", f"--connect-to=127.0.0.1:{gateway.https_port}"),
        *(f"--clients={clients}", f"--rps={rate / clients:.4f}", f"--duration={seconds:.0f}"),
        *(f"--header=x-api-key: {key}", f"--log-file={log}", f"https://{host}:{gateway.https_port}/{_STAGE}"),
    ]
    subprocess.run(command, env={**generators.environment}, capture_output=True, check=True, timeout=seconds + 60)
    return read_outcome(log.read_text())


def measure(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, Limit, Outcome]]:
    """One limit after the other, each on an API of its own."""
    generators = Generators(folder, find_program(WRK, None), find_program(H2LOAD, None))
    with serving(folder, folder / "data", options.workers) as gateway:
        for text in options.limits or LIMITS:
            limit = parse_limit(text)
            with limited(gateway, limit) as (host, key):
                seconds = min(options.seconds, 5) if limit.quota else options.seconds
                found = offer(generators, gateway, host, key, rate=limit.offered, seconds=seconds, folder=folder)
                yield text, limit, found


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("limits", nargs="*", metavar="LIMIT", help=f"default: {' '.join(LIMITS)}")
    parser.add_argument("--seconds", type=_positive, default=30)
    parser.add_argument("--workers", type=_positive, default=2)
    options = parser.parse_args(arguments)
    for text in options.limits:
        parse_limit(text)  # refused before anything is started
    print(f"{_read_commit()}, {options.workers} workers, load average {read_load()}\n")
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
