"""Requests whose quota is in doubt: who waits, for what, how long, and what becomes of each."""

import gc
import heapq
import json

import pytest

from gatewright.core.errors import GatewayError
from gatewright.core.metering.charge import Bucket, Ledger, Level, Shortage
from gatewright.core.metering.limits import Quota, Throttle
from gatewright.core.metering.token_bucket import SECOND, Limit
from gatewright.core.reasons import QUOTA_EXCEEDED, THROTTLED_STAGE
from gatewright.dataplane.activity import Activities, Turns
from gatewright.dataplane.doubts import LONGEST_WAIT, MOST_WAITING, PAUSE, VAIN_SECONDS, Doubts
from gatewright.dataplane.leased_meters import LeasedMeters
from gatewright.dataplane.local_connection import LocalConnection
from gatewright.dataplane.meter_memory import prepare_meters
from gatewright.dataplane.meters import SharedMeters
from gatewright.dataplane.world import World
from gatewright.model.compile_snapshot import RecordChange, compile_snapshot, empty_snapshot
from gatewright.model.records import (
    ApiKey,
    ApiStage,
    DeployedApi,
    EndpointConfiguration,
    Integration,
    IntegrationResponse,
    Method,
    MethodResponse,
    QuotaSettings,
    Resource,
    RestApi,
    Stage,
    UsagePlan,
    UsagePlanKey,
)
from gatewright.model.snapshot import InstallationNames
from support.wound_world import connect

NOON = 1_900_000_800.0
MAYBE = Shortage(None, 0, SECOND, in_doubt=True)
USED_UP = Shortage(None, 0, 3_600 * SECOND)
THROTTLED = Shortage(Bucket(Level.STAGE, 5, Limit(Throttle(1, 1))), 0, SECOND)
FOREVER = 2**62


class Timers:
    """An event loop's `call_later`, and the time, which the test lets pass."""

    def __init__(self):
        self.passed, self.calls, self._number = 0.0, [], 0

    def call_later(self, seconds, call):
        self._number += 1
        heapq.heappush(self.calls, (self.passed + seconds, self._number, call))

    def wait(self, seconds):
        until = self.passed + seconds
        while self.calls and self.calls[0][0] <= until:
            self.passed, _, call = heapq.heappop(self.calls)
            call()
        self.passed = until

    def now(self):
        return NOON + self.passed


class Room:
    """Doubts about ledgers of which the meters say what `says` has for them by name; and what became of each request."""

    def __init__(self):
        self.timers, self.says, self.trials, self.outcomes = Timers(), {}, [], []
        timers = self.timers
        self.doubts = Doubts(self.take, timers.call_later, timers.now, lambda: timers.passed)

    def take(self, ledger, _buckets, now):
        self.trials.append((ledger.name, now))
        answer = self.says.get(ledger.name, MAYBE)
        if isinstance(answer, Exception):
            raise answer
        return answer.pop(0) if isinstance(answer, list) else answer

    def enter(self, name, number=0):
        """Whether the request waits; what becomes of it is found in `outcomes`."""
        waiter = self.doubts.enter(Ledger(name, Quota(40, 0, "DAY")), (), explain)
        if waiter is None:
            return False

        def end():
            try:
                waiter.__await__().send(None)
            except StopIteration:
                self.outcomes.append((name, number, None))
            except GatewayError as error:
                self.outcomes.append((name, number, error.reason))
            except LookupError as error:
                self.outcomes.append((name, number, error))

        waiter.on_done(end)
        return True


def explain(shortage):
    return GatewayError(QUOTA_EXCEEDED if shortage.bucket is None else THROTTLED_STAGE)


@pytest.fixture
def room():
    return Room()


def test_a_request_waits_until_there_is_more_and_is_tried_at_the_present_instant(room):
    assert room.enter(1)
    room.timers.wait(2.5 * PAUSE)
    assert [] == room.outcomes
    assert [NOON + PAUSE, NOON + 2 * PAUSE] == pytest.approx([now / SECOND for _, now in room.trials])
    room.says[1] = None
    room.timers.wait(PAUSE)
    assert [(1, 0, None)] == room.outcomes
    assert 3 == len(room.trials), "who goes on is not tried again"


@pytest.mark.parametrize(("says", "reason"), [(USED_UP, QUOTA_EXCEEDED), (THROTTLED, THROTTLED_STAGE)])
def test_it_is_refused_as_soon_as_that_is_sure(room, says, reason):
    room.enter(1)
    room.says[1] = says
    room.timers.wait(PAUSE)
    assert [(1, 0, reason)] == room.outcomes
    assert 0 == room.doubts.in_vain


def test_a_wait_ends_after_its_bound_and_the_key_does_not_wait_again_for_a_moment(room):
    room.enter(1)
    room.timers.wait(LONGEST_WAIT - PAUSE)
    assert [] == room.outcomes
    room.timers.wait(3 * PAUSE)
    assert [(1, 0, QUOTA_EXCEEDED)] == room.outcomes
    assert (1, 1, 0) == (room.doubts.waited, room.doubts.in_vain, room.doubts.present)
    assert not room.enter(1)
    assert room.enter(2), "another key is another question"
    room.timers.wait(VAIN_SECONDS)
    assert room.enter(1)


def test_a_wait_is_longer_than_what_it_takes_to_notice_that_the_exchange_hangs():
    from gatewright.app.lease_exchange import _FRESH

    assert LONGEST_WAIT > _FRESH / SECOND + 5 * PAUSE


def test_only_so_many_wait(room):
    assert [True] * MOST_WAITING + [False] == [room.enter(1, number) for number in range(MOST_WAITING + 1)]
    room.says[1] = None
    room.timers.wait(PAUSE)
    assert [(1, number, None) for number in range(MOST_WAITING)] == room.outcomes
    assert room.enter(1)


def test_of_a_key_who_came_first_goes_on_first_and_a_look_asks_once_for_those_in_doubt(room):
    for number in range(4):
        room.enter(1, number)
        room.enter(2, number)
    room.says = {1: [None, None, MAYBE, None, None], 2: MAYBE}
    room.timers.wait(PAUSE)
    assert [(1, 0, None), (1, 1, None)] == room.outcomes
    assert [1, 2, 1, 1] == [name for name, _ in room.trials]
    room.timers.wait(PAUSE)
    assert [(1, number, None) for number in range(4)] == room.outcomes
    assert 4 == room.doubts.present


def test_a_fault_costs_the_request_that_meets_it_and_no_other(room):
    fault = LookupError("a bug")
    room.says = {1: fault, 2: None}
    room.enter(1)
    room.enter(2)
    room.timers.wait(PAUSE)
    assert [(1, 0, fault), (2, 0, None)] == room.outcomes


def test_nothing_runs_while_nobody_waits(room):
    room.enter(1)
    room.says[1] = None
    room.timers.wait(PAUSE)
    assert [] == room.timers.calls
    room.says[1] = MAYBE
    room.enter(1)
    assert 1 == len(room.timers.calls)


# -- through a worker ------------------------------------------------------------------------------------------------

ACCOUNT, REGION, API, VALUE = "000000000000", "us-east-1", "abcdefghij", "v" * 40
REQUEST = (
    f"GET /dev/ HTTP/1.1\r\nHost: {API}.execute-api.{REGION}.gateway.localhost\r\nX-API-Key: {VALUE}\r\n\r\n".encode()
)


class Lines:
    lost = 0

    def __init__(self):
        self.lines = []

    def append(self, line):
        self.lines.append(json.loads(line))
        return False

    def flush(self):
        """Nothing waits."""


def records():
    mock = Integration(
        "MOCK",
        request_templates={"application/json": '{"statusCode": 200}'},
        integration_responses={"200": IntegrationResponse("200")},
    )
    method = Method(
        "GET", method_responses={"200": MethodResponse("200")}, method_integration=mock, api_key_required=True
    )
    api = RestApi(ACCOUNT, REGION, API, "pets", "root", 0.0, EndpointConfiguration(("REGIONAL",)))
    root = Resource(ACCOUNT, REGION, API, "root", "/", resource_methods={"GET": method})
    return [
        DeployedApi(ACCOUNT, REGION, API, "d1", api, (root,)),
        Stage(ACCOUNT, REGION, API, "dev", "d1", 0.0, 0.0),
        ApiKey(ACCOUNT, REGION, "key001", 0.0, 0.0, enabled=True),
        UsagePlan(
            ACCOUNT, REGION, "plan01", "gold", 0.0,
            quota=QuotaSettings(32, "DAY", 0), api_stages=(ApiStage(API, "dev"),),
        ),
        UsagePlanKey(ACCOUNT, REGION, "plan01", "key001", 0.0),
    ]  # fmt: skip


class Worker:
    """A worker's world that shares its meters; of the key's quota of 32 requests it has not been leased more than two."""

    def __init__(self, directory, kind=lambda directory: LeasedMeters(directory, 0)):
        prepare_meters(directory)
        self.turns, self.timers, self.own = Turns(directory), Timers(), SharedMeters(directory)
        self.reader = Activities(directory, 1, self.turns)
        self.turns.keep_fresh(FOREVER)
        changes = [
            RecordChange(
                each.KIND, each.account, each.region, each.key, each, VALUE if each.KIND == "api_key" else None
            )
            for each in records()
        ]
        snapshot = compile_snapshot(empty_snapshot(InstallationNames("gateway.localhost", REGION)), 1, changes)
        self.world = World(
            snapshot, None, Lines(), self.timers.call_later, 8443,
            meters=kind(directory), now=self.timers.now,
        )  # fmt: skip
        self.world.metering.doubts._uptime = lambda: self.timers.passed

    def connect(self):
        """A client that has sent a request; what it has got is in its transport."""
        connection = connect(self.world, LocalConnection)
        connection.data_received(REQUEST)
        return connection

    def asked_for(self):
        """The quotas of which the exchange is to ask for more, at the end of a turn."""
        return list(self.reader.read(self.reader.turn()).ledgers.items())

    def waiting(self):
        return self.world.metering.doubts.present


def statuses(connection):
    return [int(answer[:3]) for answer in connection.transport.written.split(b"HTTP/1.1 ")[1:]]


@pytest.fixture
def worker(tmp_path):
    return Worker(tmp_path)


def count_connections():
    """All that are in memory."""
    gc.collect()
    return sum(isinstance(each, LocalConnection) for each in gc.get_objects())


def clients(worker, count):
    return [worker.connect() for _ in range(count)]


def test_a_request_in_doubt_is_answered_when_more_is_leased_and_is_counted_once(worker):
    first, second, third, fourth = clients(worker, 4)
    assert [[200], [200], [], []] == [statuses(each) for each in (first, second, third, fourth)]
    assert 2 == worker.waiting()
    ((name, quota),) = worker.asked_for()
    worker.timers.wait(2 * PAUSE)
    assert [(name, quota)] == worker.asked_for(), "in each turn"
    worker.own.lease(name, quota, up_to=3, beside=0, now=int(worker.timers.now() * SECOND))
    worker.timers.wait(PAUSE)
    assert [[200], []] == [statuses(each) for each in (third, fourth)]
    # The others have used the rest.
    worker.own.lease(name, quota, up_to=3, beside=-29, now=int(worker.timers.now() * SECOND))
    worker.timers.wait(PAUSE)
    assert [429] == statuses(fourth)
    assert b'{"message":"Limit Exceeded"}' in fourth.transport.written
    assert [429] == statuses(worker.connect()), "what is sure is said at once"
    counters = worker.world.counters()
    assert (2, 0, 0) == tuple(
        counters[f"gatewright_quota_{each}"] for each in ("waits_total", "waits_in_vain_total", "waiting")
    )


def test_when_the_cache_is_known_to_be_away_the_request_goes_on_as_of_a_node_alone(worker):
    *_, third = clients(worker, 3)
    worker.turns.keep_fresh(0)
    worker.timers.wait(PAUSE)
    assert [200] == statuses(third)


def test_a_client_that_is_gone_leaves_nothing_behind(worker):
    *_, third = clients(worker, 3)
    transport, before = third.transport, count_connections()
    third.connection_lost(None)
    del third
    worker.timers.wait(LONGEST_WAIT + 2 * PAUSE)
    assert b"" == transport.written
    assert (0, [], 2) == (worker.waiting(), worker.timers.calls, len(worker.world.connections))
    assert before - 1 == count_connections()


def test_a_worker_of_a_node_alone_never_waits(tmp_path):
    worker = Worker(tmp_path, SharedMeters)
    assert [[200]] * 32 + [[429]] * 2 == [statuses(each) for each in clients(worker, 34)]
    assert "gatewright_quota_waits_total" not in worker.world.counters()
