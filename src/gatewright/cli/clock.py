"""`gatewright clock`: the time that a gateway for tests goes by, and moving it."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Final

import click

from gatewright.cli.options import Refusal, data_dir_option, refusing
from gatewright.settings.storage import parse_data_dir

_REAL: Final = "real"
_STEP: Final = re.compile(
    r"(?P<sign>[+-])(?=\d)(?:(?P<days>\d+)d)?(?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m)?(?:(?P<seconds>\d+)s)?"
)
_EXPECTED: Final = (
    "expected a step such as +1d, -2h30m or +45s, an instant such as 2026-12-01 or 2026-12-01T08:00:00Z, or `real`"
)
#: What a certificate can name (RFC 5280 section 4.1.2.5 ends in 9999), and Python's `datetime`.
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)


# A step back begins with a dash and is no option, and the `h` in it asks for no help.
@click.command(
    short_help="Show or move the time of a gateway for tests.",
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
)
@click.argument("to", required=False, metavar="[TO]")
@data_dir_option
def clock(to: str | None, data_dir: str | None) -> None:
    """Print the time that the running gateway goes by; with TO, move it first.

    \b
    gatewright clock +1d                      a day on from where it is
    gatewright clock -2h30m                   and back
    gatewright clock 2026-12-01T08:00:00Z     to an instant (UTC)
    gatewright clock real                     to the machine's time

    Quota periods, token buckets, certificates and records follow at once, in every process. A restart begins at the
    machine's time. Only a gateway that was started with --auth lenient lets its clock be moved.
    """  # noqa: D301  click reads the character
    from gatewright.app.clock import MovableClock

    with refusing():
        folder = parse_data_dir(data_dir)
    runtime = folder / "run"
    if not runtime.is_dir():
        raise Refusal(
            f"no gateway is running with the data directory {folder}: start it, or name another with --data-dir."
        )
    try:
        movable = MovableClock(runtime / "clock")
    except FileNotFoundError:
        raise Refusal(
            "the clock of this gateway cannot be moved: expected one that was started with --auth lenient, found --auth "
            "enforce; time travel is for tests."
        ) from None
    if to is not None:
        machine = time.time()
        movable.move(parse_move(to, machine, movable.ahead))
    click.echo(describe(time.time(), movable.ahead))


def parse_move(text: str, machine: float, ahead: float) -> float:
    """By how many seconds the clock is to be ahead of the machine, whose time is `machine`; it is `ahead` now."""
    if text == _REAL:
        return 0.0
    if step := _STEP.fullmatch(text):
        parts = {unit: int(count) for unit, count in step.groupdict().items() if unit != "sign" and count}
        try:
            wanted = timedelta(**parts).total_seconds() * (-1 if step["sign"] == "-" else 1) + ahead
        except OverflowError:
            raise Refusal(f"{text}: the clock goes from {_FIRST:%Y-%m-%d} to {_LAST:%Y-%m-%d}.") from None
    else:
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            raise Refusal(f"{_EXPECTED}, found {text!r}.") from None
        wanted = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() - machine
    if not _FIRST.timestamp() <= machine + wanted <= _LAST.timestamp():
        raise Refusal(f"{text}: the clock goes from {_FIRST:%Y-%m-%d} to {_LAST:%Y-%m-%d}.")
    return wanted


def describe(machine: float, ahead: float) -> str:
    """The time, and how far that is from the machine's."""
    shown = datetime.fromtimestamp(machine + ahead, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if ahead == 0:
        return f"{shown} (the machine's time)"
    way = "ahead of" if ahead > 0 else "behind"
    return f"{shown} ({timedelta(seconds=round(abs(ahead)))} {way} the machine)"
