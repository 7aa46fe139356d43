"""Log events that users send (PutLogEvents), with the limits that the service states (D)."""

from collections.abc import Mapping
from typing import Any, Final

from gatewright.controlplane.call import Call
from gatewright.controlplane.logs.groups import find_group
from gatewright.controlplane.logs.refusals import does_not_exist, invalid_parameter
from gatewright.controlplane.logs.streams import find_stream

_BATCH_BYTES: Final = 1_048_576
_EVENT_BYTES: Final = 26
_HOUR: Final = 3_600_000
_DAY: Final = 24 * _HOUR
_OLDEST_DAYS: Final = 14
_NEWEST_HOURS: Final = 2


def put_log_events(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The events are in the stream, but for those that are too old or too new, which the answer tells of."""
    group = find_group(call, {"logGroupName": params["logGroupName"]})
    stream = find_stream(call, group, params["logStreamName"])
    if stream.record is None:
        # What a worker writes is not to be mixed with anything.
        raise does_not_exist("log stream")
    events = [(event["timestamp"], event["message"]) for event in params["logEvents"]]
    instants = [instant for instant, _ in events]
    if instants != sorted(instants):
        raise invalid_parameter("Log events in a single PutLogEvents request must be in chronological order.")
    if instants[-1] - instants[0] > _DAY:
        raise invalid_parameter(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        )
    if sum(len(text.encode()) + _EVENT_BYTES for _, text in events) > _BATCH_BYTES:
        raise invalid_parameter(f"Upload too large: the limit is {_BATCH_BYTES} bytes")  # U: the sentence
    now = int(call.now * 1000)
    expired = sum(instant < group.kept_since(call.now) for instant in instants)
    old = sum(instant < now - _OLDEST_DAYS * _DAY for instant in instants)
    new = sum(instant > now + _NEWEST_HOURS * _HOUR for instant in instants)
    taken = events[max(expired, old) : len(events) - new]
    if taken:
        call.logs.append(group.name, stream.files, taken, now)
    rejected = {
        "tooNewLogEventStartIndex": len(events) - new if new else None,
        "tooOldLogEventEndIndex": old or None,
        "expiredLogEventEndIndex": expired or None,
    }
    return {
        "nextSequenceToken": "0" * 56,
        "rejectedLogEventsInfo": rejected if any(value is not None for value in rejected.values()) else None,
    }
