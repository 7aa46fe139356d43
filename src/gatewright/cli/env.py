"""`gatewright env`: what a shell needs so that AWS clients talk to this gateway."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from gatewright.cli.options import Refusal, data_dir_option, refusing
from gatewright.settings.address import DEFAULT_CONTROL, parse_address
from gatewright.settings.names import DEFAULT_REGION, parse_region
from gatewright.settings.storage import parse_data_dir


@click.command(short_help="Print export lines that point AWS clients here.")
@data_dir_option
def env(data_dir: str | None) -> None:
    """Print `export` lines for AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_DEFAULT_REGION.

    \b
        eval "$(gatewright env)"

    The AWS APIs are served over plain HTTP on this machine, so clients need no AWS_CA_BUNDLE for them. For calls to your
    own APIs over HTTPS, `gatewright ca` prints the certificate authority to trust.
    """  # noqa: D301  click reads the character
    with refusing():
        folder = parse_data_dir(data_dir)
    from gatewright.app.credentials_file import CredentialsUnreadable, read_credentials
    from gatewright.app.serving import read_serving

    try:
        pair = read_credentials(folder / "credentials")
    except CredentialsUnreadable as error:
        raise Refusal(f"{error}.") from None
    if pair is None:
        raise Refusal(
            f"there are no credentials in {folder}: expected those that `gatewright serve` makes at its first start; "
            "start it, or name its data directory with --data-dir."
        )
    serving = read_serving(folder)
    if serving is None:
        click.echo(f"# no gatewright serves {folder} now; this is where it would listen", err=True)
        endpoint, region = _configured(os.environ)
    else:
        endpoint, region = serving.control, serving.region
    sys.stdout.write(render_exports(endpoint, region, pair.access_key_id, pair.secret_access_key, os.environ))


def render_exports(
    endpoint: str, region: str, access_key_id: str, secret_access_key: str, environment: Mapping[str, str]
) -> str:
    """Lines for a POSIX shell's `eval`.

    What the `environment` has that clients would take with these variables, or before them, is overruled.
    """
    variables = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": access_key_id,
        "AWS_SECRET_ACCESS_KEY": secret_access_key,
        "AWS_DEFAULT_REGION": region,
    }
    # A session token is of other credentials; clients take an empty one for none. Version 2 of the AWS CLI and most SDKs
    # look at AWS_REGION first.
    overruled = {"AWS_SESSION_TOKEN": "", "AWS_SECURITY_TOKEN": "", "AWS_REGION": region}
    variables |= {name: value for name, value in overruled.items() if environment.get(name)}
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def _configured(environment: Mapping[str, str]) -> tuple[str, str]:
    """Endpoint and region that a `serve` in this environment would have."""
    with refusing():
        address = parse_address("--control", environment.get("GATEWRIGHT_CONTROL") or DEFAULT_CONTROL)
        region = parse_region(environment.get("GATEWRIGHT_REGION") or DEFAULT_REGION)
    return f"http://{address}", region


def endpoint_and_region(folder: Path) -> tuple[str, str]:
    """Where the installation of this data directory is reached, or would be."""
    from gatewright.app.serving import read_serving

    serving = read_serving(folder)
    return _configured(os.environ) if serving is None else (serving.control, serving.region)
