"""Real processes that do next to nothing."""

import os
import selectors
import signal

import pytest

from gatewright.app.supervision.child import Child
from gatewright.app.supervision.children import Children


def until_told(*, report_ready, lifeline):
    """Ends with the lifeline, as children do."""
    report_ready()
    os.read(lifeline, 1)
    return 0


def at_once(*, report_ready, lifeline):
    return 3


@pytest.fixture
def selector():
    with selectors.DefaultSelector() as made:
        yield made


def hear_one(children, selector):
    ((key, _),) = selector.select(10)
    children.hear(key.data)


def reap_some(children):
    """All that have ended, as soon as one has."""
    os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    return list(children.reap())


def test_all_are_ready_once_each_has_said_so_and_the_lifeline_ends_them(selector):
    first, second = Child("first", until_told), Child("second", until_told)
    with Children([first, second], selector, [], "info") as children:
        assert ([first, second], 0.0) == (children.due(0.0), children.next_due)
        children.start(first)
        assert [second] == children.due(0.0)
        hear_one(children, selector)
        assert not children.are_ready
        children.start(second)
        hear_one(children, selector)
        assert (True, None) == (children.are_ready, children.next_due)
        assert [] == list(children.reap())
    ends = [end for _ in range(2) if not children.have_ended for end in reap_some(children)]
    assert [("first", 0), ("second", 0)] == sorted((child.name, code) for child, code, _ in ends)
    assert children.have_ended


def test_an_end_before_it_was_ready_is_told_as_such_and_the_child_is_due_again(selector):
    child = Child("hasty", at_once)
    with Children([child], selector, [], "info") as children:
        children.start(child)
        ((ended, code, sentence),) = reap_some(children)
    assert (child, 3) == (ended, code)
    assert "ended with exit code 3 before it was ready" in sentence
    assert {} == dict(selector.get_map())  # nothing is left that would be heard
    assert [child] == children.due(child.due)


def test_a_signal_reaches_all(selector):
    child = Child("worker-0", until_told)
    with Children([child], selector, [], "info") as children:
        children.start(child)
        hear_one(children, selector)
        children.signal(signal.SIGKILL)
        ((_, code, sentence),) = reap_some(children)
    assert -signal.SIGKILL == code
    assert "was ended by SIGKILL after" in sentence
