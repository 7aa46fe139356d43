import errno
import json
import os
from pathlib import Path

from gatewright.core.errors import GatewayError
from gatewright.core.logs.execution_log import LogLevel, MethodLogging
from gatewright.core.logs.log_group import LogGroupName, stream_of_worker
from gatewright.core.logs.stage_logs import AccessLog, StageLogs
from gatewright.core.reasons import BACKEND_TIMEOUT
from gatewright.dataplane.journal import FLUSH_SECONDS
from gatewright.dataplane.log_groups import LogGroups
from support.exchange import REQUEST_ID, make_context, make_method, make_stage

ACCESS = LogGroupName("000000000000", "us-east-1", "/aws/access")
EXECUTION = LogGroupName("000000000000", "us-east-1", "API-Gateway-Execution-Logs_a/dev")
LOGS = StageLogs(
    AccessLog(ACCESS, "$context.requestId é $context.status"), EXECUTION, {("*", "*"): MethodLogging(LogLevel.ERROR)}
)
ENDED = 1_795_225_000_257


class Timers(list):
    def __call__(self, delay, call):
        self.append((delay, call))


def finished(**facts):
    return make_context(
        **{"stage": make_stage(), "method": make_method(), "status": 200, "response_latency_ms": 7} | facts
    )


def events(folder, group, worker=3):
    (path,) = (folder / group.folder).glob(f"{stream_of_worker(group, worker)}-*.jsonl")
    return lines(path)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def count_open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def test_events_are_written_by_one_timer_and_not_by_the_request(tmp_path):
    timers = Timers()
    groups = LogGroups(tmp_path, 3, timers)
    groups.record(LOGS, finished(), None)
    groups.record(LOGS, finished(status=504), GatewayError(BACKEND_TIMEOUT))
    assert [] == list(tmp_path.iterdir())
    ((delay, flush),) = timers
    assert FLUSH_SECONDS == delay
    flush()
    assert [[ENDED, f"{REQUEST_ID} é 200"], [ENDED, f"{REQUEST_ID} é 504"]] == events(tmp_path, ACCESS)
    assert [
        [ENDED, f"({REQUEST_ID}) Execution failed due to a timeout error"],
        [ENDED, f"({REQUEST_ID}) Method completed with status: 504"],
    ] == events(tmp_path, EXECUTION)
    assert (4, 0) == (groups.written, groups.lost)


def test_within_a_stream_instants_never_go_down(tmp_path):
    groups = LogGroups(tmp_path, 3, Timers())
    groups.record(LOGS, finished(), None)
    groups.record(LOGS, finished(response_latency_ms=2), None)
    groups.close()
    assert [ENDED, ENDED] == [instant for instant, _ in events(tmp_path, ACCESS)]


def test_a_full_disk_loses_events_which_are_counted_and_no_request(tmp_path, monkeypatch):
    def refuse(_fd, _data):
        raise OSError(errno.ENOSPC, "No space left on device")

    groups = LogGroups(tmp_path, 3, Timers())
    write = os.write
    monkeypatch.setattr(os, "write", refuse)
    groups.record(LOGS, finished(status=504), GatewayError(BACKEND_TIMEOUT))
    groups.flush()
    assert (0, 3) == (groups.written, groups.lost)
    monkeypatch.setattr(os, "write", write)
    groups.record(LOGS, finished(), None)
    groups.close()
    assert 1 == len(events(tmp_path, ACCESS))


def test_a_disk_that_does_not_answer_costs_events_and_not_memory(tmp_path):
    groups = LogGroups(tmp_path, 3, Timers())
    long = StageLogs(AccessLog(ACCESS, "$context.requestId " + "x" * 3_000), EXECUTION, {})
    for _ in range(12_000):
        groups.record(long, finished(), None)
    assert groups.lost > 0
    groups.close()
    assert 12_000 == groups.written + groups.lost


def test_while_the_disk_is_busy_events_wait_for_it_in_order_and_beyond_a_bound_are_lost(tmp_path):
    handed_over = []
    groups = LogGroups(tmp_path, 3, Timers(), handed_over.append)
    long = StageLogs(AccessLog(ACCESS, "$context.requestId " + "x" * 3_000), EXECUTION, {})
    recorded = 0
    while not groups.lost:
        for _ in range(500):
            groups.record(long, finished(response_latency_ms=recorded), None)
            recorded += 1
        groups.flush()
    assert 32 * 1024 * 1024 < 3_000 * recorded < 2 * 32 * 1024 * 1024
    assert (0, 500) == (groups.written, groups.lost)
    for work in handed_over:
        work()
    handed_over.clear()
    groups.record(long, finished(), None)
    groups.close()
    for work in handed_over:
        work()
    assert recorded + 1 == groups.written + groups.lost
    instants = [instant for path in sorted((tmp_path / ACCESS.folder).iterdir()) for instant, _ in lines(path)]
    assert sorted(instants) == instants


def test_thousands_of_groups_do_not_keep_thousands_of_files_open(tmp_path):
    groups = LogGroups(tmp_path, 3, Timers())
    before = count_open_files()
    many = [LogGroupName("0", "r", f"g{number}") for number in range(200)]
    for group in many * 2:
        groups.record(StageLogs(AccessLog(group, "$context.requestId"), EXECUTION, {}), finished(), None)
        groups.flush()
    assert count_open_files() <= before + 64
    groups.close()
    assert {2} == {len(events(tmp_path, group)) for group in many}
