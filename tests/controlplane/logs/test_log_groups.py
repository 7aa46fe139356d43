import json
import os

import pytest
from botocore.exceptions import ClientError

from gatewright.controlplane.logs.upkeep import look_after_log_groups
from gatewright.core.logs.log_group import LogGroupName, stream_of_worker
from gatewright.store.log_files import LogFiles
from support.control import ACCOUNT, OTHER_ACCOUNT, REGION, START, ControlHarness

NOW = int(START * 1000)
DAY = 86_400_000
GROUP = LogGroupName(ACCOUNT, REGION, "API-Gateway-Execution-Logs_abcdefghij/dev")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "groups"


@pytest.fixture
def harness(tmp_path, folder):
    return ControlHarness(tmp_path, logs=LogFiles(folder))


@pytest.fixture
def logs(harness):
    return harness.client("logs")


def write(folder, events, group=GROUP, worker=0, sequence=1):
    """What a worker writes."""
    (folder / group.folder).mkdir(parents=True, exist_ok=True)
    path = folder / group.folder / f"{stream_of_worker(group, worker)}-{sequence:08d}.jsonl"
    path.write_text("".join(f"{json.dumps(list(event))}\n" for event in events))
    return path


def refused(call, **params):
    with pytest.raises(ClientError) as error:
        call(**params)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def messages(answer):
    return [event["message"] for event in answer["events"]]


def test_the_life_of_a_group(logs):
    logs.create_log_group(logGroupName="/aws/x", tags={"a": "1"})
    assert ("ResourceAlreadyExistsException", "The specified log group already exists") == refused(
        logs.create_log_group, logGroupName="/aws/x"
    )
    logs.put_retention_policy(logGroupName="/aws/x", retentionInDays=7)
    (group,) = logs.describe_log_groups(logGroupNamePrefix="/aws")["logGroups"]
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/x"
    assert {
        "logGroupName": "/aws/x",
        "creationTime": NOW,
        "retentionInDays": 7,
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "storedBytes": 0,
        "logGroupClass": "STANDARD",
        "deletionProtectionEnabled": False,
    } == group
    logs.tag_resource(resourceArn=arn, tags={"b": "2"})
    logs.untag_log_group(logGroupName="/aws/x", tags=["a"])
    assert {"b": "2"} == logs.list_tags_for_resource(resourceArn=arn)["tags"]
    logs.delete_retention_policy(logGroupName="/aws/x")
    assert "retentionInDays" not in logs.describe_log_groups()["logGroups"][0]
    logs.delete_log_group(logGroupName="/aws/x")
    assert ("ResourceNotFoundException", "The specified log group does not exist.") == refused(
        logs.delete_log_group, logGroupName="/aws/x"
    )


def test_groups_are_told_by_pages_and_by_what_is_in_their_names(logs):
    for name in ("b", "a", "ab"):
        logs.create_log_group(logGroupName=name)
    paginator = logs.get_paginator("describe_log_groups")
    pages = list(paginator.paginate(limit=2))
    assert [["a", "ab"], ["b"]] == [[group["logGroupName"] for group in page["logGroups"]] for page in pages]
    found = logs.describe_log_groups(logGroupNamePattern="B")["logGroups"]
    assert ["ab", "b"] == [group["logGroupName"] for group in found]


def test_a_group_appears_when_a_worker_first_writes_to_it(logs, folder):
    write(folder, [(NOW - 5_000, "one")])
    (group,) = logs.describe_log_groups()["logGroups"]
    assert (GROUP.name, NOW - 5_000) == (group["logGroupName"], group["creationTime"])
    assert group["storedBytes"] > 0
    logs.put_retention_policy(logGroupName=GROUP.name, retentionInDays=1)
    assert 1 == logs.describe_log_groups()["logGroups"][0]["retentionInDays"]
    logs.delete_log_group(logGroupName=GROUP.name)
    assert [] == logs.describe_log_groups()["logGroups"]


def test_what_is_another_account_s_is_not_there(harness, folder):
    write(folder, [(NOW - 5_000, "one")])
    other = harness.client("logs", account=OTHER_ACCOUNT)
    assert [] == other.describe_log_groups()["logGroups"]
    assert "ResourceNotFoundException" == refused(other.filter_log_events, logGroupName=GROUP.name)[0]
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP.name}"
    assert "ResourceNotFoundException" == refused(other.filter_log_events, logGroupIdentifier=arn)[0]


def test_a_protected_group_is_not_deleted(logs):
    logs.create_log_group(logGroupName="g", deletionProtectionEnabled=True)
    assert "InvalidParameterException" == refused(logs.delete_log_group, logGroupName="g")[0]
    logs.put_log_group_deletion_protection(logGroupIdentifier="g", deletionProtectionEnabled=False)
    logs.delete_log_group(logGroupName="g")


@pytest.mark.parametrize("days", [2, 0, 10_000])
def test_retention_is_one_of_the_service_s_numbers_of_days(logs, days):
    logs.create_log_group(logGroupName="g")
    assert "InvalidParameterException" == refused(logs.put_retention_policy, logGroupName="g", retentionInDays=days)[0]


def test_events_of_all_workers_come_in_the_order_of_their_instants(logs, folder):
    write(folder, [(NOW - 4_000, "a"), (NOW - 2_000, "c")])
    write(folder, [(NOW - 3_000, "b"), (NOW - 1_000, "d")], worker=1)
    answer = logs.filter_log_events(logGroupName=GROUP.name)
    assert ["a", "b", "c", "d"] == messages(answer)
    assert {stream_of_worker(GROUP, 0), stream_of_worker(GROUP, 1)} == {e["logStreamName"] for e in answer["events"]}
    assert 4 == len({event["eventId"] for event in answer["events"]})
    between = logs.filter_log_events(logGroupName=GROUP.name, startTime=NOW - 3_000, endTime=NOW - 2_000)
    assert ["b", "c"] == messages(between)


def test_an_event_is_shown_when_nothing_can_come_before_it(harness, logs, folder):
    write(folder, [(NOW - 300, "settled"), (NOW - 100, "not yet")])
    assert ["settled"] == messages(logs.filter_log_events(logGroupName=GROUP.name))
    harness.advance(0.2)
    assert ["settled", "not yet"] == messages(logs.filter_log_events(logGroupName=GROUP.name))


def test_a_search_goes_on_where_its_page_ended(logs, folder):
    write(folder, [(NOW - 5_000, f"{number}") for number in range(5)])
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP.name, limit=2)
    assert [["0", "1"], ["2", "3"], ["4"]] == [messages(page) for page in pages]


def test_a_search_by_a_pattern(logs, folder):
    write(folder, [(NOW - 5_000, '{"status": 200}'), (NOW - 4_000, '{"status": 429}')])
    found = logs.filter_log_events(logGroupName=GROUP.name, filterPattern="{ $.status = 429 }")
    assert ['{"status": 429}'] == messages(found)
    code, message = refused(logs.filter_log_events, logGroupName=GROUP.name, filterPattern="{ $.status")
    assert "InvalidParameterException" == code
    assert message.startswith("Invalid filter pattern")


def test_a_search_begins_near_its_start_in_large_files(logs, folder):
    write(folder, [(NOW - 100_000 + number, f"event {number} {'x' * 50}") for number in range(20_000)])
    found = logs.filter_log_events(logGroupName=GROUP.name, startTime=NOW - 100_000 + 19_998)
    assert ["event 19998", "event 19999"] == [text.rpartition(" ")[0] for text in messages(found)]


def test_a_stream_is_read_in_both_directions(logs, folder):
    write(folder, [(NOW - 5_000, "0"), (NOW - 4_000, "1")])
    write(folder, [(NOW - 3_000, "2"), (NOW - 2_000, "3")], sequence=2)
    where = {"logGroupName": GROUP.name, "logStreamName": stream_of_worker(GROUP, 0), "limit": 2}
    tail = logs.get_log_events(**where)
    assert ["2", "3"] == messages(tail)
    before = logs.get_log_events(**where, nextToken=tail["nextBackwardToken"])
    assert ["0", "1"] == messages(before)
    first = logs.get_log_events(**where, nextToken=before["nextBackwardToken"])
    assert ([], before["nextBackwardToken"]) == (first["events"], first["nextBackwardToken"])
    assert ["2", "3"] == messages(logs.get_log_events(**where, nextToken=before["nextForwardToken"]))
    end = logs.get_log_events(**where, nextToken=tail["nextForwardToken"])
    assert ([], tail["nextForwardToken"]) == (end["events"], end["nextForwardToken"])
    assert ["0", "1"] == messages(logs.get_log_events(**where, startFromHead=True))


@pytest.mark.parametrize("token", ["x", "f/1", "b/a/b/c/d"])
def test_a_token_that_was_not_given_out_is_refused(logs, folder, token):
    write(folder, [(NOW - 5_000, "0")])
    where = {"logGroupName": GROUP.name, "logStreamName": stream_of_worker(GROUP, 0)}
    assert "InvalidParameterException" == refused(logs.get_log_events, **where, nextToken=token)[0]
    group = {"logGroupName": GROUP.name}
    assert "InvalidParameterException" == refused(logs.filter_log_events, **group, nextToken=token)[0]


def test_what_is_past_retention_is_not_shown_and_its_files_go(harness, logs, folder):
    old = write(folder, [(NOW - 3 * DAY, "old")], sequence=1)
    write(folder, [(NOW - 3_000, "new")], sequence=2)
    logs.put_retention_policy(logGroupName=GROUP.name, retentionInDays=1)
    assert ["new"] == messages(logs.filter_log_events(logGroupName=GROUP.name))

    os.utime(old, (START - 3 * 86_400, START - 3 * 86_400))
    look_after_log_groups(harness.store, LogFiles(folder), START)
    assert [2] == [int(path.stem.rpartition("-")[2]) for path in (folder / GROUP.folder).iterdir()]


def test_all_groups_together_take_no_more_than_their_bound(harness, folder):

    paths = [write(folder, [(NOW, "x" * 1_000)], sequence=number) for number in (1, 2, 3)]
    for age, path in enumerate(reversed(paths)):
        os.utime(path, (START - age, START - age))
    look_after_log_groups(harness.store, LogFiles(folder), START, most_bytes=2_100)
    assert [False, True, True] == [path.exists() for path in paths]


def test_users_write_streams_of_their_own(logs):
    logs.create_log_group(logGroupName="g")
    assert (
        "ResourceNotFoundException"
        == refused(
            logs.put_log_events, logGroupName="g", logStreamName="s", logEvents=[{"timestamp": NOW, "message": "m"}]
        )[0]
    )
    logs.create_log_stream(logGroupName="g", logStreamName="a/stream é")
    assert (
        "ResourceAlreadyExistsException"
        == refused(logs.create_log_stream, logGroupName="g", logStreamName="a/stream é")[0]
    )
    events = [{"timestamp": NOW - 15 * DAY + n * 1_000, "message": "too old"} for n in (0,)]
    put = {"logGroupName": "g", "logStreamName": "a/stream é"}
    answer = logs.put_log_events(**put, logEvents=events)
    assert {"tooOldLogEventEndIndex": 1} == answer["rejectedLogEventsInfo"]
    logs.put_log_events(**put, logEvents=[{"timestamp": NOW, "message": "zwei\nZeilen é"}])
    logs.put_log_events(**put, logEvents=[{"timestamp": NOW - 10, "message": "earlier"}])
    assert ["earlier", "zwei\nZeilen é"] == messages(logs.get_log_events(**put, startFromHead=True))
    assert (
        "InvalidParameterException"
        == refused(
            logs.put_log_events,
            **put,
            logEvents=[{"timestamp": NOW, "message": "b"}, {"timestamp": NOW - 1, "message": "a"}],
        )[0]
    )
    (stream,) = logs.describe_log_streams(logGroupName="g")["logStreams"]
    assert ("a/stream é", NOW) == (stream["logStreamName"], stream["creationTime"])
    logs.delete_log_stream(logGroupName="g", logStreamName="a/stream é")
    assert [] == logs.describe_log_streams(logGroupName="g")["logStreams"]
    assert [] == messages(logs.filter_log_events(logGroupName="g"))


def test_streams_are_told_by_name_or_by_their_last_event(logs, folder):
    write(folder, [(NOW - 5_000, "a")], worker=0)
    write(folder, [(NOW - 9_000, "b"), (NOW - 1_000, "c")], worker=1)
    by_time = logs.describe_log_streams(logGroupName=GROUP.name, orderBy="LastEventTime", descending=True)
    newest, oldest = by_time["logStreams"]
    assert (stream_of_worker(GROUP, 1), NOW - 9_000, NOW - 1_000) == (
        newest["logStreamName"],
        newest["firstEventTimestamp"],
        newest["lastEventTimestamp"],
    )
    assert stream_of_worker(GROUP, 0) == oldest["logStreamName"]
    pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=GROUP.name, limit=1)
    assert 2 == sum(len(page["logStreams"]) for page in pages)


@pytest.mark.parametrize("damage", ["[1, ", "no json\n", '{"a": 1}\n', "[1]\n", '["x", "y"]\n', "\x00\n"])
def test_a_damaged_line_is_passed_over(logs, folder, damage):
    path = write(folder, [(NOW - 5_000, "whole")])
    path.write_text(path.read_text() + damage)
    assert ["whole"] == messages(logs.filter_log_events(logGroupName=GROUP.name))
