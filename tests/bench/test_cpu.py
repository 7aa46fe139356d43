"""CPU accounting: lines of /proc/PID/stat, trees, and a process of our own that burns a known time."""

import os
import resource
import subprocess
import sys
import time

from bench.cpu import ProcessTimes, parse_stat, read_cpu_seconds, read_process_seconds, select_tree

STAT = (
    "4242 (nginx: (odd) name) S 4000 4242 4242 0 -1 4194560 3022 17 0 0 151 49 7 3 20 0 1 0 78110 11788288 1430 "
    "18446744073709551615 94 94 14 0 0 0 0 1073745920 134643719 0 0 0 17 1 0 0 0 0 0 94 94 94 14 14 14 14 0\n"
)


def test_the_times_of_children_that_were_waited_for_are_with_their_parent() -> None:
    assert ProcessTimes(pid=4242, parent=4000, ticks_of_ended=7 + 3) == parse_stat(STAT)


def test_a_name_with_spaces_and_parentheses_shifts_no_field() -> None:
    assert parse_stat(STAT) == parse_stat(STAT.replace("nginx: (odd) name", "x"))


def test_a_tree_is_the_root_and_all_below_it_in_any_order() -> None:
    grandchild, stranger, child, root = (
        ProcessTimes(12, 11, 4),
        ProcessTimes(99, 1, 8),
        ProcessTimes(11, 10, 2),
        ProcessTimes(10, 1, 1),
    )
    assert {root, child, grandchild} == set(select_tree([grandchild, stranger, child, root], 10))


def test_a_root_that_is_gone_has_no_tree() -> None:
    assert [] == select_tree([ProcessTimes(11, 10, 2)], 10)


def test_what_a_child_burns_is_counted_while_it_lives_and_after_it_was_waited_for() -> None:
    before = read_cpu_seconds(os.getpid())
    burn = "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\ninput()"
    with subprocess.Popen([sys.executable, "-c", burn], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        alive = read_cpu_seconds(os.getpid()) - before
        child.communicate(b"\n")
    waited_for = read_cpu_seconds(os.getpid()) - before
    assert alive >= 0.28
    assert waited_for >= alive - 0.02


def test_the_kernels_other_account_agrees() -> None:
    started = time.process_time()
    while time.process_time() - started < 0.1:
        pass
    own, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    expected = own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime
    assert abs(expected - read_cpu_seconds(os.getpid())) < 0.2


def test_cpu_time_is_that_of_the_clock_of_the_process():
    before, own = read_process_seconds(os.getpid()), time.process_time()
    while time.process_time() < own + 0.005:
        pass
    spent = read_process_seconds(os.getpid()) - before
    assert 0.004 < spent < 1


def test_a_process_that_has_ended_has_no_clock():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert 0.0 == read_process_seconds(child.pid)
