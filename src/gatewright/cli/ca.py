"""`gatewright ca`: the local certificate authority."""

from __future__ import annotations

import click

from gatewright.cli.options import Refusal, data_dir_option
from gatewright.settings.storage import parse_data_dir


@click.command(short_help="Print the local certificate authority (PEM).")
@data_dir_option
def ca(data_dir: str | None) -> None:
    """Print the certificate of the local authority, which issues the certificate of the default endpoints.

    \b
        gatewright ca > gatewright-ca.pem
        curl --cacert gatewright-ca.pem https://{api}.execute-api.us-east-1.gateway.localhost:8443/dev/
    """  # noqa: D301  click reads the character
    path = parse_data_dir(data_dir) / "ca.pem"
    try:
        pem = path.read_text(encoding="ascii")
    except OSError as error:
        raise Refusal(
            f"{path} cannot be read ({error.strerror}): expected the certificate that `gatewright serve` makes at its "
            "first start; start it, or name its data directory with --data-dir."
        ) from None
    click.echo(pem, nl=False)
