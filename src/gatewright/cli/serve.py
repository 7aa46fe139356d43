"""`gatewright serve`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import click

from gatewright import settings as defaults
from gatewright.cli.options import data_dir_option, database_option, refusing


def _option(name: str, metavar: str, default: str, text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    variable = "GATEWRIGHT_" + name.removeprefix("--").replace("-", "_").upper()
    shown = f"  [default: {default}]" if default else ""
    return click.option(name, envvar=variable, show_envvar=True, metavar=metavar, help=text + shown)


@click.command(short_help="Start the gateway and stay until told to stop.")
@data_dir_option
@_option(
    "--control", "HOST:PORT", defaults.DEFAULT_CONTROL, "Where the AWS APIs listen: the AWS_ENDPOINT_URL of clients."
)
@_option("--https", "HOST:PORT", defaults.DEFAULT_HTTPS, "Where custom domain names and default endpoints listen.")
@_option(
    "--dns", "HOST:PORT", defaults.DEFAULT_DNS, "Where the built-in DNS listens, over UDP and TCP; `off` for none."
)
@_option(
    "--advertise",
    "ADDRESSES",
    "that of --https",
    "The IP addresses, commas between, that the DNS gives for our own names: where clients reach the HTTPS listener.",
)
@_option("--dns-update", "HOST:PORT", "", "A DNS server that is told of all changes of hosted zones (RFC 2136).")
@_option("--dns-update-key", "FILE", "", "The TSIG key for it, as tsig-keygen writes it.")
@_option("--workers", "N", "the cores available", "How many processes share the HTTPS port.")
@_option(
    "--max-connections",
    "N",
    str(defaults.DEFAULT_MAX_CONNECTIONS),
    "Clients of one worker; further ones are refused. The file limit (ulimit -n) may allow for fewer.",
)
@_option(
    "--suffix", "NAME", defaults.DEFAULT_SUFFIX, "What default endpoints end with: {api}.execute-api.{region}.NAME."
)
@_option("--region", "NAME", defaults.DEFAULT_REGION, "The region whose certificate unknown names get.")
@_option("--account-id", "ID", defaults.DEFAULT_ACCOUNT, "The account of the root credentials.")
@_option(
    "--account-throttle",
    "RATE:BURST",
    defaults.DEFAULT_ACCOUNT_THROTTLE,
    "An account's requests a second in a region, and at once, as GetAccount tells them.",
)
@_option(
    "--auth",
    "enforce|lenient",
    "enforce",
    "Verify every signature, or accept anybody but web pages (loopback only; a twelve-digit key id names the account).",
)
@database_option
@_option(
    "--cache",
    "URL",
    "",
    "The Redis or Valkey through which several nodes share throttles and quotas: redis://HOST:PORT/DATABASE, rediss:// for "
    "TLS; ?prefix=NAME for installations that share a server.",
)
@_option(
    "--lambda",
    "URL",
    "",
    "The endpoint of an Invoke API that runs Lambda functions: of SAM local, of an emulator, or that of AWS, "
    "https://lambda.{region}.amazonaws.com. Calls are signed with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, if set.",
)
@_option("--upstream-ca", "FILE", "", "Roots (PEM) trusted for HTTPS backends beside the system's.")
@_option(
    "--acme-directory",
    "URL",
    "",
    "Where ACM orders public certificates (RFC 8555; DNS-01 in the hosted zones). Without it the local CA signs all.",
)
@_option("--acme-terms", "agreed", "", "That you agree to the directory's terms of service.")
@_option("--acme-contact", "MAIL", "", "The address of the account at the directory.")
@_option(
    "--acme-domains",
    "NAME,…",
    "",
    "The domains that the directory signs for. Without it all but .test, .internal and such.",
)
@_option("--acme-ca", "FILE", "", "Roots (PEM) that the directory's own TLS is verified by, if not the usual ones.")
@_option(
    "--announce-expiry",
    "on|off",
    "off",
    "Tell of ends of certificates and truststore entries, in the log 45, 30, 7 and 1 days ahead and as metrics.",
)
@_option("--retry-after", "on|off", "off", "Say in a 429 of ours when to try again (Retry-After), which AWS does not.")
@_option("--usage-lag", "SECONDS", "0", "How far GetUsage is behind at most, as AWS's is by minutes; 0: not at all.")
@_option("--log-level", "|".join(defaults.LOG_LEVELS), "info", "How much is told on standard error.")
def serve(**options: str | None) -> None:
    """Start the gateway: the AWS APIs, and the HTTPS listener that carries the traffic.

    Prints one line that begins with "ready" when everything accepts. SIGTERM or Ctrl-C lets requests in flight finish and
    ends with exit code 0; a second one ends at once. A port of 0 means any free one; the "ready" line tells which.

    GATEWRIGHT_ROOT_ACCESS_KEY_ID and GATEWRIGHT_ROOT_SECRET_ACCESS_KEY set the root credentials, which are otherwise made
    at the first start and kept in the data directory, in the file `credentials`.
    """
    with refusing():
        settings = defaults.make_settings(
            {
                **options,
                "root_access_key_id": os.environ.get("GATEWRIGHT_ROOT_ACCESS_KEY_ID"),
                "root_secret_access_key": os.environ.get("GATEWRIGHT_ROOT_SECRET_ACCESS_KEY"),
                "aws_access_key_id": os.environ.get("AWS_ACCESS_KEY_ID"),
                "aws_secret_access_key": os.environ.get("AWS_SECRET_ACCESS_KEY"),
                "aws_session_token": os.environ.get("AWS_SESSION_TOKEN"),
            }
        )
    from gatewright.app.supervisor import serve as serve_installation

    sys.exit(serve_installation(settings))
