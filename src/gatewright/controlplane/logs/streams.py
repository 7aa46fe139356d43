"""Log streams: each worker has one in every group it writes to, and users make their own."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple

from gatewright.controlplane.call import Call
from gatewright.controlplane.logs.groups import FoundGroup, find_group, keep_record
from gatewright.controlplane.logs.refusals import already_exists, bad_token, does_not_exist, invalid_parameter
from gatewright.model.records import LogStream

#: M: of DescribeLogStreams; also what it gives unless told.
_LARGEST_PAGE: Final = 50


class FoundStream(NamedTuple):
    """A stream that exists; `files` names its files. `record` None: a worker's."""

    name: str
    files: str
    record: LogStream | None


def files_of(name: str) -> str:
    """What the files of a user's stream are called: any text may name a stream, and not a file."""
    return sha256(f"stream {name}".encode()).hexdigest()[:40]


def list_streams(call: Call, group: FoundGroup, prefix: str = "") -> list[FoundStream]:
    """The streams of a group whose names begin so, by name."""
    records = call.transaction.list_under(LogStream, call.account, call.region, group.name.name)
    users = [FoundStream(record.name, files_of(record.name), record) for record in records]
    taken = {stream.files for stream in users}
    # A worker's stream has the name of its files: 32 digits (facts 8.1), where a user's files have 40.
    workers = [FoundStream(name, name, None) for name in call.logs.streams(group.name) if name not in taken]
    return sorted(stream for stream in (*users, *workers) if stream.name.startswith(prefix))


def find_stream(call: Call, group: FoundGroup, name: str) -> FoundStream:
    """The stream of that name; refused when there is none."""
    record = call.transaction.get(LogStream, call.account, call.region, group.name.name, name)
    if record is not None:
        return FoundStream(name, files_of(name), record)
    if name not in call.logs.streams(group.name):
        raise does_not_exist("log stream")
    return FoundStream(name, name, None)


def create_log_stream(call: Call, params: Mapping[str, Any]) -> None:
    """The group has one more stream."""
    group = find_group(call, {"logGroupName": params["logGroupName"]})
    name = params["logStreamName"]
    key = (call.account, call.region, group.name.name, name)
    if call.transaction.get(LogStream, *key) is not None or name in call.logs.streams(group.name):
        raise already_exists("log stream")
    call.transaction.put(keep_record(call, group))
    call.transaction.put(LogStream(*key, created_date=call.now))


def delete_log_stream(call: Call, params: Mapping[str, Any]) -> None:
    """The stream is gone with its events."""
    group = find_group(call, {"logGroupName": params["logGroupName"]})
    stream = find_stream(call, group, params["logStreamName"])
    if stream.record is not None:
        call.transaction.delete(stream.record)
    call.logs.delete(group.name, stream.files)


def describe_log_streams(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The streams of a group by name, or by their last event; a page of them."""
    by_time = params.get("orderBy") == "LastEventTime"
    prefix = params.get("logStreamNamePrefix", "")
    if by_time and prefix:
        raise invalid_parameter("Cannot order by LastEventTime with a logStreamNamePrefix.")
    group = find_group(call, params)
    described = [_describe(call, group, stream) for stream in list_streams(call, group, prefix)]
    if by_time:
        described.sort(key=lambda each: each.get("lastEventTimestamp") or 0)
    if params.get("descending"):
        described.reverse()
    after = params.get("nextToken")
    if after is not None:
        names = [each["logStreamName"] for each in described]
        if after not in names:
            raise bad_token()
        described = described[names.index(after) + 1 :]
    limit = params.get("limit") or _LARGEST_PAGE
    page = described[:limit]
    return {"logStreams": page, "nextToken": page[-1]["logStreamName"] if len(described) > limit else None}


def _describe(call: Call, group: FoundGroup, stream: FoundStream) -> dict[str, Any]:
    """The members of `LogStream`."""
    first, last = call.logs.first(group.name, stream.files), call.logs.last(group.name, stream.files)
    created = stream.record.created_date * 1000 if stream.record else first.timestamp if first else 0
    arn = keep_record(call, group).arn
    return {
        "logStreamName": stream.name,
        "creationTime": int(created),
        "firstEventTimestamp": first.timestamp if first else None,
        "lastEventTimestamp": last.timestamp if last else None,
        "lastIngestionTime": last.ingested if last else None,
        # D: sequence tokens are no longer looked at; it is still given.
        "uploadSequenceToken": "0" * 56 if last else None,
        "arn": f"{arn}:log-stream:{stream.name}",
        # D: always 0 since 2019.
        "storedBytes": 0,
    }
