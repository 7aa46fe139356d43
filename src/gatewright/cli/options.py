"""Options that several commands share, and how their refusals reach the user."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from gatewright.settings.refusal import SettingsError

data_dir_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--data-dir",
    envvar="GATEWRIGHT_DATA_DIR",
    show_envvar=True,
    metavar="DIR",
    help="Where everything is kept; made if it is not there.  [default: ~/.local/share/gatewright, or in XDG_DATA_HOME; "
    "macOS: ~/Library/Application Support/gatewright]",
)

database_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--database",
    envvar="GATEWRIGHT_DATABASE",
    show_envvar=True,
    metavar="URL",
    help="Where records are kept: sqlite:///PATH.  [default: an SQLite file in the data directory]",
)


@contextmanager
def refusing() -> Iterator[None]:
    """What is wrong with an option ends the command with its sentence and exit code 2."""
    try:
        yield
    except SettingsError as error:
        raise Refusal(str(error)) from None


class Refusal(click.ClickException):
    """The command cannot do what it was asked; one sentence, exit code 2."""

    exit_code = 2
