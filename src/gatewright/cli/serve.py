"""`gatewright serve`."""

from __future__ import annotations

import os
import sys

import click

from gatewright.cli.grouped_help import GroupedCommand
from gatewright.cli.options import refusing
from gatewright.cli.serve_options import headings, serve_options


@click.command(cls=GroupedCommand, groups=headings(), short_help="Start the gateway and stay until told to stop.")
@serve_options
def serve(**options: str | None) -> None:
    """Start the gateway: the AWS APIs, and the HTTPS listener that carries the traffic.

    Prints one line that begins with "ready" when everything accepts; it tells the addresses too. SIGTERM or Ctrl-C lets
    requests in flight finish and ends with exit code 0; a second one ends at once.

    GATEWRIGHT_ROOT_ACCESS_KEY_ID and GATEWRIGHT_ROOT_SECRET_ACCESS_KEY set the root credentials, which are otherwise made
    at the first start and kept in the data directory, in the file `credentials`.
    """
    from gatewright.settings.installation import make_settings

    with refusing():
        settings = make_settings(
            {
                **options,
                "root_access_key_id": os.environ.get("GATEWRIGHT_ROOT_ACCESS_KEY_ID"),
                "root_secret_access_key": os.environ.get("GATEWRIGHT_ROOT_SECRET_ACCESS_KEY"),
                "aws_access_key_id": os.environ.get("AWS_ACCESS_KEY_ID"),
                "aws_secret_access_key": os.environ.get("AWS_SECRET_ACCESS_KEY"),
                "aws_session_token": os.environ.get("AWS_SESSION_TOKEN"),
            }
        )
    from gatewright.app.supervision.supervisor import serve as serve_installation

    sys.exit(serve_installation(settings))
