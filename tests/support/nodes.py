"""Nodes that share meters through a real Redis, in this process: each with a directory, a worker, and its exchange.

Nothing happens by itself: `node.take(...)` is a request, `node.share()` an exchange.
"""

from gatewright.app.lease_exchange import ExchangeSettings, LeaseExchange
from gatewright.app.node_identity import open_node
from gatewright.cache.connection import PATIENCE, CacheConnection
from gatewright.core.metering.charge import Bucket, Ledger, Level
from gatewright.core.metering.limits import Quota, Throttle
from gatewright.core.metering.meter_names import name_of
from gatewright.core.metering.quota import DAY_NANOSECONDS
from gatewright.core.metering.token_bucket import SECOND, Limit
from gatewright.dataplane.leased_meters import LeasedMeters
from gatewright.dataplane.meter_memory import prepare_meters
from gatewright.dataplane.meters import SharedMeters

#: No token flows in while a test runs.
NEVER = 1 / 3_600
FIRST_DAY = 20_000


_opened = []


def close_nodes():
    """All connections that nodes have."""
    while _opened:
        _opened.pop().close()


class Node:
    """One node with one worker."""

    def __init__(self, directory, place, *, patience=5.0):
        self.directory = directory
        self.place = place
        self.seconds = FIRST_DAY * 86_400.0
        prepare_meters(directory)
        self.name = open_node(directory)
        prepare_meters(directory)
        self.meters = LeasedMeters(directory, 0)
        self.connection = CacheConnection(place, patience=patience)
        _opened.append(self.connection)
        settings = ExchangeSettings(place, directory, self.name, workers=1, now=lambda: self.seconds)
        self.exchange = LeaseExchange(settings, self.connection)
        self.share = self.exchange.share

    def be_impatient(self):
        """From now on an answer is waited for as long as a node does."""
        pool = self.connection._client.connection_pool
        pool.connection_kwargs |= {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
        pool.disconnect()
        pool.reset()

    def take(self, ledger, buckets, count=1):
        """So many requests at once; how many were let through."""
        return sum(self.meters.take(ledger, buckets, int(self.seconds * SECOND)) is None for _ in range(count))

    def usage(self, ledger):
        """Requests that this node counted on its present day."""
        day = int(self.seconds * SECOND) // DAY_NANOSECONDS
        return SharedMeters(self.directory).read_usage(ledger.name, ledger.quota, range(day, day + 1))[0].used


def make_nodes(folder, place, *names):
    """Nodes that have heard of each other."""
    nodes = [Node(folder / name, place) for name in names]
    settle(nodes)
    return nodes


def settle(nodes, rounds=2):
    """All have told all, and heard what came of it."""
    for _ in range(rounds):
        for node in nodes:
            node.share()


def bucket(burst, rate=NEVER, name="bucket"):
    return Bucket(Level.STAGE, name_of(name), Limit(Throttle(rate, burst)))


def ledger(limit, period="DAY", offset=0, name="ledger"):
    return Ledger(name_of(name), None if limit is None else Quota(limit, offset, period))
