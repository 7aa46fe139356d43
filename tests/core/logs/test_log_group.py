import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.logs.log_group import LogGroupName, parse_folder, parse_log_group_arn, stream_of_worker

ACCOUNT, REGION = "000000000000", "us-east-1"


@given(st.text("abzAZ09._-/#~", min_size=1, max_size=512))
@settings(max_examples=200)
def test_every_name_has_a_folder_of_its_own_that_a_file_system_takes(name):
    group = LogGroupName(ACCOUNT, REGION, name)
    account, region, leaf = group.folder.split("/")
    assert len(leaf.encode()) <= 255
    assert leaf not in {".", ".."}
    assert parse_folder(account, region, leaf) in {group, None}


def test_short_names_are_told_by_their_folder():
    group = LogGroupName(ACCOUNT, REGION, "API-Gateway-Execution-Logs_abcdefghij/" + "s" * 128)
    assert group == parse_folder(*group.folder.split("/"))


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:logs:us-east-1:000000000000:log-group:/aws/x", "/aws/x"),
        ("arn:aws:logs:us-east-1:000000000000:log-group:/aws/x:*", "/aws/x"),
        ("arn:aws:firehose:us-east-1:000000000000:deliverystream/amazon-apigateway-x", None),
        ("arn:aws:logs:us-east-1:000000000000:log-group:x:log-stream:y", None),
        ("", None),
    ],
)
def test_the_arn_of_a_group(arn, name):
    assert (None if name is None else LogGroupName(ACCOUNT, REGION, name)) == parse_log_group_arn(arn)


def test_each_worker_has_a_stream():
    group = LogGroupName(ACCOUNT, REGION, "g")
    streams = {stream_of_worker(group, worker) for worker in range(4)}
    assert {32} == {len(stream) for stream in streams}
    assert 4 == len(streams)
