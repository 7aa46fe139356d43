"""`gatewright account`: further accounts of one installation."""

from __future__ import annotations

import os
import sys
import time

import click

from gatewright.cli.options import Refusal, data_dir_option, database_option, refusing
from gatewright.settings.names import parse_account_id
from gatewright.settings.storage import parse_data_dir, parse_database


@click.group(short_help="Make further accounts.")
def account() -> None:
    """Further accounts of this installation, for work across accounts."""


@account.command(short_help="Make an account with root credentials.")
@click.argument("account_id", metavar="ID")
@data_dir_option
@database_option
def create(account_id: str, data_dir: str | None, database: str | None) -> None:
    """Make the account ID (twelve digits) and print `export` lines with the credentials of its root.

    The gateway may be running meanwhile. The credentials are also kept in the data directory, in the file `credentials`,
    under a profile named ID.
    """
    with refusing():
        parse_account_id("ID", account_id)
        folder = parse_data_dir(data_dir)
        given_database = parse_database(database)
    from gatewright.app.credentials import AccountExists, create_account
    from gatewright.app.credentials_file import CredentialsUnreadable, write_credentials
    from gatewright.cli.env import endpoint_and_region, render_exports
    from gatewright.store.lock import DataDirectory
    from gatewright.store.port import StoreError
    from gatewright.store.secrets import SecretBox
    from gatewright.store.sqlite import open_store

    directory = DataDirectory(folder)
    path = given_database or directory.database
    if not path.exists():
        raise Refusal(
            f"there is no installation in {folder}: expected one that `gatewright serve` made at its first start; start it, "
            "or name its data directory with --data-dir."
        )
    try:
        store = open_store(path, SecretBox.open(directory.secret_key, path))
        try:
            pair = create_account(
                store,
                account_id,
                time.time(),
                lambda pair: write_credentials(directory.credentials, pair, profile=account_id),
            )
        finally:
            store.close()
    except AccountExists:
        raise Refusal(
            f"account {account_id} has root credentials already: expected an account that is new here; see the profiles in "
            f"{directory.credentials}."
        ) from None
    except (StoreError, CredentialsUnreadable) as error:
        raise Refusal(f"{error}.") from None
    except OSError as error:
        raise Refusal(
            f"{directory.credentials} cannot be written ({error.strerror}): expected to keep the credentials there; nothing "
            "was made."
        ) from None
    endpoint, region = endpoint_and_region(folder)
    sys.stdout.write(render_exports(endpoint, region, pair.access_key_id, pair.secret_access_key, os.environ))
