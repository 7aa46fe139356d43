"""The command `gatewright`. Each command imports what it needs when it runs, so that `gatewright env` is quick."""

import click

from gatewright.cli.account import account
from gatewright.cli.ca import ca
from gatewright.cli.clock import clock
from gatewright.cli.doctor import doctor
from gatewright.cli.env import env
from gatewright.cli.explain import explain
from gatewright.cli.kb import kb
from gatewright.cli.serve import serve
from gatewright.cli.truststore import truststore
from gatewright.cli.version import describe_build

#: In the order in which a newcomer meets them, which is how `--help` lists them.
_COMMANDS = (serve, env, ca, account, doctor, explain, kb, truststore, clock)


class _InOrder(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(self.commands)


@click.group(
    cls=_InOrder,
    commands=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Every option that shows an environment variable can be set by it instead.",
)
@click.version_option(package_name="gatewright", message=f"gatewright %(version)s ({describe_build()})")
def main() -> None:
    """A self-hosted API gateway that speaks Amazon API Gateway's own language.

    \b
    gatewright serve            starts it and prints a line that begins with "ready"
    eval "$(gatewright env)"    points the AWS CLI, boto3 and Terraform at it
    """  # noqa: D301  click reads the character


__all__ = ["main"]
