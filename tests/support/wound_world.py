"""A world whose clock the test winds, and connections in it without a network."""

from pathlib import Path

from gatewright.dataplane.connection import ClientConnection
from gatewright.dataplane.journal import Journal
from gatewright.dataplane.world import World
from gatewright.model.compile_snapshot import empty_snapshot
from gatewright.model.snapshot import InstallationNames


class Transport:
    """`unread` is what the client has not taken of it."""

    def __init__(self):
        self.written = b""
        self.writes = 0
        self.closed = False
        self.aborted = False
        self.unread = 0

    def write(self, data):
        self.written += data
        self.writes += 1

    def close(self):
        self.closed = True

    def abort(self):
        self.aborted = True

    def write_eof(self):
        pass

    def is_closing(self):
        return self.closed

    def is_reading(self):
        return True

    def get_write_buffer_size(self):
        return self.unread


def make_world(folder: Path) -> World:
    """`clock` is its time."""
    made = World(
        empty_snapshot(InstallationNames("gateway.localhost", "us-east-1")),
        None,
        Journal(folder, 0),
        lambda _seconds, _call: None,
        8443,
    )
    made.clock = 1_000.0
    made.now = made.uptime = lambda: made.clock
    return made


def connect(world: World, kind: type[ClientConnection]) -> ClientConnection:
    """A connection whose transport keeps what is written."""
    connection = kind(world)
    connection.connection_made(Transport())
    return connection


def open_after(connection: ClientConnection, world: World, seconds: float) -> bool:
    """Whether the connection is still open when so much time has passed."""
    world.clock += seconds
    connection.expire(world.clock)
    return not connection.transport.closed
