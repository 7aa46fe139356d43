"""What the log says of a failure: where and of which kind, and nothing that a client sent."""

from gatewright.core.failure import describe_failure


class OurError(Exception):
    """Its text is a sentence of this program."""


def caught(raising):
    try:
        raising()
    except Exception as failure:  # noqa: BLE001
        return failure
    raise AssertionError


def fail_with_value():
    {}["the-value"]


def fail_twice():
    try:
        fail_with_value()
    except KeyError as error:
        raise ValueError("another value") from error


def fail_anew():
    try:
        fail_with_value()
    except KeyError:
        raise ValueError("another value") from None


def fail_while_handling():
    try:
        fail_with_value()
    except KeyError:
        raise OurError("The disk is full.")  # noqa: B904  what this case is about


def test_the_frames_and_the_kind_are_there_and_the_value_is_not():
    told = describe_failure(caught(fail_with_value))
    assert "in fail_with_value" in told
    assert told.endswith("builtins.KeyError")
    assert "'the-value'" not in told.splitlines()[-1]


def test_the_first_cause_comes_first():
    told = describe_failure(caught(fail_twice))
    assert told.index("KeyError") < told.index("ValueError")
    assert "another value" not in told.splitlines()[-1]


def test_a_suppressed_cause_is_left_out():
    assert "builtins.KeyError" not in describe_failure(caught(fail_anew))


def test_what_was_being_handled_is_told_and_our_own_sentence_is_kept():
    told = describe_failure(caught(fail_while_handling), OurError)
    assert "builtins.KeyError" in told
    assert told.endswith("OurError: The disk is full.")


def test_a_chain_that_bites_its_tail_ends():
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert 2 == len(describe_failure(first).strip().splitlines())
