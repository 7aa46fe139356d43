"""When memory for answers is short: whose connection is ended so that others get theirs.

A client that reads slowly holds its answer for as long as it reads, which alone is its right. Where others wait for that
memory, those go first that would hold theirs the longest. Until there is memory again new calls are refused
(`UpstreamPool.call`).
"""

from typing import Final

from gatewright.dataplane.world import Expirable, World

#: Who will have read all of theirs by then is let be: 10 MB at 4 Mbit/s.
READING_SECONDS: Final = 20.0


def relieve(world: World, now: float) -> None:
    """End the slowest readers until memory for answers is no longer short."""
    answers = world.capacity.answers
    if not answers.short:
        return
    slow: list[tuple[float, Expirable]] = [
        (seconds, connection)
        for connection in world.connections
        if connection.held and (seconds := connection.seconds_to_read(now)) > READING_SECONDS
    ]
    for _, connection in sorted(slow, key=lambda entry: entry[0], reverse=True):
        connection.cut()
        world.count_slow_reader()
        if not answers.short:
            return
