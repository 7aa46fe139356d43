"""What `gatewright clock` takes and prints."""

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from gatewright.app.clock import MovableClock
from gatewright.cli import main
from gatewright.cli.clock import describe, parse_move
from gatewright.cli.options import Refusal

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
DAY, HOUR = 86_400.0, 3_600.0


@pytest.mark.parametrize(
    ("text", "ahead", "wanted"),
    [
        ("+1d", 0.0, DAY),
        ("+1d", 60.0, DAY + 60),
        ("-2h30m", 0.0, -2.5 * HOUR),
        ("+1d2h3m4s", 0.0, DAY + 2 * HOUR + 184),
        ("real", 77.0, 0.0),
        ("2026-11-22T12:00:00Z", 99.0, DAY),
        ("2026-11-21T12:00:00+01:00", 0.0, -HOUR),
        ("2026-11-22", 0.0, DAY / 2),
        ("2026-11-21 13:00:00", 0.0, HOUR),
    ],
)
def test_where_to(text, ahead, wanted):
    assert wanted == parse_move(text, NOON, ahead)


@pytest.mark.parametrize("text", ["", "1d", "+", "+d", "+1", "-", "+1w", "tomorrow", "+1h1d", "2026-13-01", "--x"])
def test_what_is_no_move_is_told_what_one_looks_like(text):
    with pytest.raises(Refusal, match=r"expected a step such as \+1d"):
        parse_move(text, NOON, 0.0)


@pytest.mark.parametrize("text", ["-99999d", "+9999999d", "+99999999999999999999d", "9999-12-31", "1969-12-31"])
def test_times_that_no_certificate_can_name_are_refused(text):
    with pytest.raises(Refusal, match="the clock goes from 1970-01-01 to 9998-12-31"):
        parse_move(text, NOON, 0.0)


def test_the_time_says_how_far_it_is_from_the_machines():
    assert "2026-11-21T12:00:00Z (the machine's time)" == describe(NOON, 0.0)
    assert "2026-11-22T13:00:00Z (1 day, 1:00:00 ahead of the machine)" == describe(NOON, DAY + HOUR)
    assert "2026-11-21T11:59:30Z (0:00:30 behind the machine)" == describe(NOON, -30.0)


def run(folder, *words):
    return CliRunner().invoke(main, ["clock", *words, "--data-dir", str(folder)])


def test_where_no_gateway_runs(tmp_path):
    done = run(tmp_path, "+1d")
    assert (2, True) == (done.exit_code, "no gateway is running with the data directory" in done.output)


def test_a_gateway_whose_clock_stays(tmp_path):
    (tmp_path / "run").mkdir()
    done = run(tmp_path, "+1d")
    assert (2, True) == (done.exit_code, "--auth lenient" in done.output)


def test_a_move_there_and_back(tmp_path):
    (tmp_path / "run").mkdir()
    MovableClock.make(tmp_path / "run" / "clock")
    moved = MovableClock(tmp_path / "run" / "clock")
    assert "(1 day, 0:00:00 ahead of the machine)" in run(tmp_path, "+1d").output
    assert DAY == moved.ahead
    assert "(12:00:00 ahead of the machine)" in run(tmp_path, "-12h").output
    assert "ahead" in run(tmp_path).output
    assert "(the machine's time)" in run(tmp_path, "real").output
    assert 0.0 == moved.ahead
