"""Did this help: what is counted, by many at once and after a crash."""

import multiprocessing
import stat
from datetime import UTC, datetime

from gatewright.kb.feedback import Tally, count_answers, record_answer

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_answers_are_counted_by_article(tmp_path):
    folder = tmp_path / "data" / "kb"
    for code, helped in (
        ("CERT_EXPIRED", True),
        ("CERT_EXPIRED", True),
        ("CERT_EXPIRED", False),
        ("DNS_MISSING", False),
    ):
        record_answer(folder, code, helped=helped, now=NOW)
    assert {"CERT_EXPIRED": Tally(2, 1), "DNS_MISSING": Tally(0, 1)} == count_answers(folder)


def test_no_file_is_no_answers(tmp_path):
    assert {} == count_answers(tmp_path / "nowhere")


def test_only_its_owner_reads_the_file(tmp_path):
    record_answer(tmp_path / "kb", "CERT_EXPIRED", helped=True, now=NOW)
    assert 0o700 == stat.S_IMODE((tmp_path / "kb").stat().st_mode)
    assert 0o600 == stat.S_IMODE((tmp_path / "kb" / "helped.jsonl").stat().st_mode)


def test_a_torn_line_is_skipped_and_loses_nobody_else_s_answer(tmp_path):
    record_answer(tmp_path, "CERT_EXPIRED", helped=True, now=NOW)
    with (tmp_path / "helped.jsonl").open("ab") as file:
        file.write(b'{"code": "CERT_EXP')
    record_answer(tmp_path, "CERT_EXPIRED", helped=False, now=NOW)
    assert {"CERT_EXPIRED": Tally(1, 1)} == count_answers(tmp_path)


def test_what_is_no_answer_is_not_counted(tmp_path):
    (tmp_path / "helped.jsonl").write_bytes(b'[]\n{"code": 1}\n{"code": "A_B", "helped": "maybe"}\n\xff\n')
    assert {} == count_answers(tmp_path)


def answer_often(folder, times):
    for _ in range(times):
        record_answer(folder, "CERT_EXPIRED", helped=True, now=NOW)


def test_several_processes_lose_no_answer(tmp_path):
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=answer_often, args=(tmp_path, 50)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert 0 == process.exitcode
    assert {"CERT_EXPIRED": Tally(200, 0)} == count_answers(tmp_path)
