"""The metering step alone: CPU of key, plan, quota and all throttle levels of one request, by how many keys call.

    python -m bench.metering [--keys N ...]

Keys of one plan, with a quota and a throttle each, call in random order a method that the stage limits. What is there
for every request (the key's value as it was read) is made anew for each, and the loop around the step is measured by
itself and taken off. The figure is the best of several rounds, since everything that disturbs makes it larger.
"""

import argparse
import random
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.request_path import ACCOUNT, BURST, RATE, REGION, make_snapshot
from gatewright.core.connection_facts import ConnectionFacts
from gatewright.core.context import RequestContext
from gatewright.core.http.message import Request
from gatewright.core.metering.limits import Throttle
from gatewright.dataplane.meter_memory import prepare_meters
from gatewright.dataplane.metering import Metering
from gatewright.dataplane.meters import SharedMeters
from gatewright.model.compile_snapshot import RecordChange, compile_snapshot
from gatewright.model.records import ApiKey, UsagePlanKey
from gatewright.model.snapshot import Snapshot

ROUNDS, REQUESTS = 7, 50_000
_PLAN = "plan"


def add_keys(snapshot: Snapshot, count: int) -> Snapshot:
    """The snapshot with so many keys more on its plan; the value of each is its number."""
    changes = []
    for number in range(count):
        key = ApiKey(ACCOUNT, REGION, f"k{number:09}", 0.0, 0.0, enabled=True)
        attached = UsagePlanKey(ACCOUNT, REGION, _PLAN, key.id, 0.0)
        changes.append(RecordChange(key.KIND, ACCOUNT, REGION, key.key, key, _value(number).decode()))
        changes.append(RecordChange(attached.KIND, ACCOUNT, REGION, attached.key, attached))
    return compile_snapshot(snapshot, 2, changes)


def _value(number: int) -> bytes:
    return b"key-%020d" % number


def measure(count: int, folder: Path) -> float:
    """Microseconds of CPU a request, of which each is of one of so many keys; 0: of a method that asks for none."""
    prepare_meters(folder)
    snapshot = make_snapshot(metered=True)
    if count:
        snapshot = add_keys(snapshot, count)
    route = snapshot.locate("www.example.com", "/v1/pets/7")
    method, route.method = route.entry.api.resources.match("GET", route.path).method.find()
    route.compiled = method
    method.api_key_required = count > 0
    metering = Metering(SharedMeters(folder), Throttle(RATE, BURST))
    request = Request("GET", "/v1/pets/7", "", [], b"", last={})
    connection = ConnectionFacts("https", "127.0.0.1", 5)
    context = RequestContext(request, connection, "www.example.com", time.time(), "id", "extended", "trace")
    order = random.Random(0)
    picked = [order.randrange(count) if count else 0 for _ in range(REQUESTS)]

    def best(step: Callable[[], None]) -> float:
        least = float("inf")
        for _ in range(ROUNDS):
            began = time.process_time()
            for number in picked:
                request.last[b"x-api-key"] = _value(number)
                step()
            least = min(least, (time.process_time() - began) / REQUESTS)
        return least * 1e6

    for number in range(count):  # each key has called before
        request.last[b"x-api-key"] = _value(number)
        metering.meter(method, route, context, snapshot, context.received_at)
    return best(lambda: metering.meter(method, route, context, snapshot, context.received_at)) - best(lambda: None)


def main() -> None:
    """Measure, and say the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, nargs="+", default=[0, 1, 10_000, 100_000], metavar="N")
    for count in parser.parse_args().keys:
        with TemporaryDirectory() as folder:
            cost = measure(count, Path(folder) / "meters")
        print(f"{count:>7} keys: {cost:.2f} µs of CPU a request, best of {ROUNDS} rounds of {REQUESTS}")


if __name__ == "__main__":
    main()
