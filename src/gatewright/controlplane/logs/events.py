"""Log events read: those of one stream in both directions, and those of a group that match a pattern.

`aws logs tail --follow` asks FilterLogEvents again and again from the instant of the last event that it saw, so an event
must never come to light before one that was shown. Workers write every 50 ms: what happened less than a quarter of a
second ago is not shown yet.

Files are read in a thread; a page ends with as many events, or as many bytes, as the service gives, or when enough was
looked at, and the next token goes on from there.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import islice
from typing import Any, Final, NamedTuple

from gatewright.controlplane.call import Call
from gatewright.controlplane.logs.groups import find_group
from gatewright.controlplane.logs.refusals import bad_token, does_not_exist, invalid_parameter
from gatewright.controlplane.logs.streams import find_stream, list_streams
from gatewright.core.logs.filter_pattern import Matcher, PatternUnreadable, parse_filter_pattern
from gatewright.store.log_files import LogEvent

#: D: GetLogEvents and FilterLogEvents give at most 10,000 events, or 1 MB.
_LARGEST_PAGE: Final = 10_000
_PAGE_BYTES: Final = 1_048_576
#: D: how PutLogEvents counts an event, beside its text.
_EVENT_BYTES: Final = 26
#: Events that one call looks at: a second of work or so.
_MOST_SCANNED: Final = 200_000
#: Five times what a worker waits before it writes.
_SETTLING_MILLISECONDS: Final = 250
_FOREVER: Final = 1 << 62

#: Where an event stands: (instant, files, sequence, offset), see `LogEvent.order`.
Place = tuple[int, str, int, int]


def _encode_place(place: Place) -> str:
    return "/".join(map(str, place))


def _decode_place(text: str) -> Place:
    try:
        instant, files, sequence, offset = text.split("/")
        return int(instant), files, int(sequence), int(offset)
    except ValueError:
        raise bad_token() from None


def _page(events: Iterable[LogEvent], limit: int) -> Iterator[LogEvent]:
    room = _PAGE_BYTES
    for event in islice(events, limit):
        room -= len(event.message.encode()) + _EVENT_BYTES
        if room < 0:
            return
        yield event


async def get_log_events(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Events of one stream, from its end backwards unless told; the same token again where there is nothing more."""
    group = find_group(call, params)
    stream = find_stream(call, group, params["logStreamName"])
    start = max(params.get("startTime", 0), group.kept_since(call.now))
    end = params.get("endTime", _FOREVER)
    limit = params.get("limit") or _LARGEST_PAGE
    token = params.get("nextToken")
    forward, place = params.get("startFromHead", False), None
    if token is not None:
        direction, _, rest = token.partition("/")
        if direction not in {"f", "b"}:
            raise bad_token()
        forward, place = direction == "f", _decode_place(rest)

    def read() -> list[LogEvent]:
        begin = start if place is None or not forward else max(start, place[0])
        events = call.logs.events(
            group.name,
            [stream.files],
            begin,
            end,
            settled=int(call.now * 1000) - _SETTLING_MILLISECONDS,
            unordered=() if stream.record is None else (stream.files,),
        )
        if forward:
            return list(_page((event for event in events if place is None or event.order > place), limit))
        earlier = (event for event in events if place is None or event.order < place)
        return list(_page(reversed(deque(earlier, maxlen=limit)), limit))[::-1]

    events = await asyncio.to_thread(read)
    here = place or (0, stream.files, 0, 0)
    first, last = (events[0].order, events[-1].order) if events else (here, here)
    return {
        "events": [
            {"timestamp": event.timestamp, "message": event.message, "ingestionTime": event.ingested}
            for event in events
        ],
        "nextForwardToken": f"f/{_encode_place(last)}",
        "nextBackwardToken": f"b/{_encode_place(first)}",
    }


class _Search(NamedTuple):
    """What a search found: events, and where to go on (None: nothing is left)."""

    events: list[LogEvent]
    next: Place | None


async def filter_log_events(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Events of a group, of all its streams or some, that match a pattern, by their instants."""
    group = find_group(call, params)
    names, prefix = params.get("logStreamNames"), params.get("logStreamNamePrefix", "")
    if names and prefix:
        raise invalid_parameter("Only one of logStreamNames and logStreamNamePrefix may be specified.")
    streams = list_streams(call, group, prefix)
    if names:
        streams = [stream for stream in streams if stream.name in names]
        if len(streams) != len(set(names)):
            raise does_not_exist("log stream")
    try:
        matches = parse_filter_pattern(params.get("filterPattern", ""))
    except PatternUnreadable as unreadable:
        # R: the words before the colon; the rest is ours.
        raise invalid_parameter(f"Invalid filter pattern: {unreadable}") from None
    start = max(params.get("startTime", 0), group.kept_since(call.now))
    token = params.get("nextToken")
    after = None if token is None else _decode_place(token)
    if after is not None:
        start = max(start, after[0])
    # D: events later than endTime are left out; those of that very instant are not.
    events = call.logs.events(
        group.name,
        [stream.files for stream in streams],
        start,
        params.get("endTime", _FOREVER) + 1,
        settled=int(call.now * 1000) - _SETTLING_MILLISECONDS,
        unordered={stream.files for stream in streams if stream.record is not None},
    )
    found = await asyncio.to_thread(_search, events, matches, after, params.get("limit") or _LARGEST_PAGE)
    name_of = {stream.files: stream.name for stream in streams}
    return {
        "events": [
            {
                "logStreamName": name_of[event.stream],
                "timestamp": event.timestamp,
                "message": event.message,
                "ingestionTime": event.ingested,
                "eventId": _event_id(event),
            }
            for event in found.events
        ],
        "searchedLogStreams": [],  # D: always empty since 2020
        "nextToken": None if found.next is None else _encode_place(found.next),
    }


def _search(events: Iterator[LogEvent], matches: Matcher, after: Place | None, limit: int) -> _Search:
    found: list[LogEvent] = []
    room, scanned, place = _PAGE_BYTES, 0, after
    for event in events:
        if after is not None and event.order <= after:
            continue
        scanned += 1
        wanted = matches(event.message)
        if wanted:
            room -= len(event.message.encode()) + _EVENT_BYTES
        if scanned > _MOST_SCANNED or room < 0 or (wanted and len(found) >= limit):
            return _Search(found, place)
        if wanted:
            found.append(event)
        place = event.order
    return _Search(found, None)


def _event_id(event: LogEvent) -> str:
    """56 digits, the same for the same event (R: such are the service's)."""
    place = sha256(_encode_place(event.order).encode()).digest()
    return f"{event.timestamp:014d}{int.from_bytes(place) % 10**42:042d}"
