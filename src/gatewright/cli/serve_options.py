"""The options of `gatewright serve`: a table, under the headings of its page of help.

Each may be given by a variable of its name instead, see `variable_of`. What is told of defaults here is for people; that
they hold is for `gatewright.settings`, where an option that nobody gave is None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import click

from gatewright.cli.options import data_dir_option, database_option
from gatewright.settings.address import DEFAULT_CONTROL, DEFAULT_HTTPS
from gatewright.settings.capacity import DEFAULT_MAX_CONNECTIONS
from gatewright.settings.choice import AUTH_MODES, LOG_LEVELS
from gatewright.settings.dns import DEFAULT_DNS
from gatewright.settings.metering import DEFAULT_ACCOUNT_THROTTLE
from gatewright.settings.names import DEFAULT_ACCOUNT, DEFAULT_REGION, DEFAULT_SUFFIX

Decorator: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]


class Option(NamedTuple):
    """One option, as its line of help has it."""

    name: str
    form: str
    default: str
    text: str


#: Other commands have these two as well.
_SHARED: Final[Mapping[str, Decorator]] = {"--data-dir": data_dir_option, "--database": database_option}

GROUPS: Final[Mapping[str, Sequence[Option | str]]] = {
    "Where things are kept": ("--data-dir", "--database"),
    "Where it listens (port 0: any free one)": (
        Option("--control", "HOST:PORT", DEFAULT_CONTROL, "The AWS APIs: the AWS_ENDPOINT_URL of clients."),
        Option("--https", "HOST:PORT", DEFAULT_HTTPS, "Custom domain names and default endpoints."),
        Option(
            "--dns",
            "HOST:PORT",
            f"{DEFAULT_DNS}, if it is free",
            "The built-in DNS, over UDP and TCP; `off` for none.",
        ),
    ),
    "Who may call, and what things are called": (
        Option(
            "--auth",
            "|".join(AUTH_MODES),
            "enforce",
            "Verify every signature, or accept anybody but web pages (loopback only; a twelve-digit key id names the "
            "account).",
        ),
        Option("--account-id", "ID", DEFAULT_ACCOUNT, "The account of the root credentials."),
        Option("--region", "NAME", DEFAULT_REGION, "The region whose certificate unknown names get."),
        Option("--suffix", "NAME", DEFAULT_SUFFIX, "What default endpoints end with: {api}.execute-api.{region}.NAME."),
    ),
    "How much of the machine is used": (
        Option("--workers", "N", "the cores available", "How many processes share the HTTPS port."),
        Option(
            "--max-connections",
            "N",
            str(DEFAULT_MAX_CONNECTIONS),
            "Clients of one worker; further ones are refused. The file limit (ulimit -n) may allow for fewer.",
        ),
    ),
    "What stands behind APIs": (
        Option(
            "--lambda",
            "URL",
            "none, functions cannot be called",
            "The endpoint of an Invoke API that runs Lambda functions: of SAM local, of an emulator, or that of AWS, "
            "https://lambda.{region}.amazonaws.com. Calls are signed with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, if "
            "set.",
        ),
        Option("--upstream-ca", "FILE", "none", "Roots (PEM) trusted for HTTPS backends beside the system's."),
    ),
    "Throttles and quotas": (
        Option(
            "--account-throttle",
            "RATE:BURST",
            DEFAULT_ACCOUNT_THROTTLE,
            "An account's requests a second in a region, and at once, as GetAccount tells them.",
        ),
        Option(
            "--cache",
            "URL",
            "none, each node has the whole limit",
            "The Redis or Valkey through which several nodes share throttles and quotas: redis://HOST:PORT/DATABASE, "
            "rediss:// for TLS, with ?ssl_ca_certs=FILE for an authority of your own; unix:///PATH; ?prefix=NAME for "
            "installations that share a server.",
        ),
        Option(
            "--usage-lag",
            "SECONDS",
            "0",
            "How far GetUsage is behind at most, as AWS's is by minutes; 0: not at all.",
        ),
        Option(
            "--retry-after",
            "on|off",
            "off",
            "Say in a 429 of ours when to try again (Retry-After), which AWS does not.",
        ),
    ),
    "Certificates": (
        Option(
            "--acme-directory",
            "URL",
            "none, the local CA signs all",
            "Where ACM orders public certificates (RFC 8555; DNS-01 in the hosted zones).",
        ),
        Option("--acme-terms", "agreed", "not agreed", "That you agree to the directory's terms of service."),
        Option("--acme-contact", "MAIL", "none", "The address of the account at the directory."),
        Option(
            "--acme-domains",
            "NAME,…",
            "all but .test, .internal and such",
            "The domains that the directory signs for.",
        ),
        Option("--acme-ca", "FILE", "the usual ones", "Roots (PEM) that the directory's own TLS is verified by."),
        Option(
            "--announce-expiry",
            "on|off",
            "off",
            "Tell of ends of certificates and truststore entries, in the log 45, 30, 7 and 1 days ahead and as metrics.",
        ),
    ),
    "What the DNS says, and to whom": (
        Option(
            "--advertise",
            "ADDRESSES",
            "that of --https",
            "The IP addresses, commas between, that the DNS gives for our own names: where clients reach the HTTPS "
            "listener.",
        ),
        Option(
            "--dns-update",
            "HOST:PORT",
            "none",
            "A DNS server that is told of all changes of hosted zones (RFC 2136).",
        ),
        Option(
            "--dns-update-key", "FILE", "none, updates are not signed", "The TSIG key for it, as tsig-keygen writes it."
        ),
    ),
    "What is told": (Option("--log-level", "|".join(LOG_LEVELS), "info", "How much is told on standard error."),),
}


def variable_of(name: str) -> str:
    """The environment variable that stands for an option."""
    return "GATEWRIGHT_" + name.removeprefix("--").replace("-", "_").upper()


def headings() -> dict[str, list[str]]:
    """The headings of the page of help, each with its parameters as click calls them."""
    return {
        heading: [_name_of(option).removeprefix("--").replace("-", "_") for option in options]
        for heading, options in GROUPS.items()
    }


def serve_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with all options of the table."""
    options = [option for group in GROUPS.values() for option in group]
    # A decorator further down is applied earlier; click lists what was applied last first.
    for option in reversed(options):
        command = (_SHARED[option] if isinstance(option, str) else _declare(option))(command)
    return command


def _name_of(option: Option | str) -> str:
    return option if isinstance(option, str) else option.name


def _declare(option: Option) -> Decorator:
    return click.option(
        option.name,
        envvar=variable_of(option.name),
        show_envvar=True,
        metavar=option.form,
        help=f"{option.text}  [default: {option.default}]",
    )
