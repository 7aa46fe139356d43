import stat

import botocore.session
import pytest

from gatewright.app.credentials import AccountExists, create_account, ensure_root_credentials
from gatewright.app.credentials_file import AccessKeyPair, CredentialsUnreadable, read_credentials, write_credentials
from gatewright.controlplane.authenticate import find_access_key
from gatewright.settings.root_credentials import RootCredentials
from gatewright.store.port import StoreError
from support.stores import make_store

ACCOUNT, OTHER = "000000000000", "111111111111"
GIVEN = RootCredentials("AKIAGIVENGIVENGIVEN1", "the-given-secret")


@pytest.fixture
def store(tmp_path):
    made = make_store(tmp_path)
    yield made
    made.close()


def secret_of(store, key):
    with store.read() as reader:
        found = find_access_key(reader, key)
    return None if found is None else (found.account, found.arn, found.secret)


def test_the_first_start_makes_a_key_and_later_ones_keep_it(store):
    made = ensure_root_credentials(store, ACCOUNT, None, 1.0)
    revision = store.revision()
    assert made == ensure_root_credentials(store, ACCOUNT, None, 2.0)
    assert revision == store.revision()
    assert (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", made.secret_access_key) == secret_of(store, made.access_key_id)
    assert made.access_key_id.startswith("AKIA")
    assert (20, 40) == (len(made.access_key_id), len(made.secret_access_key))


def test_a_given_key_takes_the_place_of_the_one_before(store):
    made = ensure_root_credentials(store, ACCOUNT, None, 1.0)
    given = ensure_root_credentials(store, ACCOUNT, GIVEN, 2.0)
    assert AccessKeyPair(ACCOUNT, GIVEN.access_key_id, GIVEN.secret_access_key) == given
    assert secret_of(store, made.access_key_id) is None
    assert given == ensure_root_credentials(store, ACCOUNT, None, 3.0)


def test_a_given_key_may_change_its_secret(store):
    ensure_root_credentials(store, ACCOUNT, GIVEN, 1.0)
    ensure_root_credentials(store, ACCOUNT, RootCredentials(GIVEN.access_key_id, "another-secret"), 2.0)
    assert "another-secret" == secret_of(store, GIVEN.access_key_id)[2]


def test_a_given_key_that_another_account_has_is_refused(store):
    ensure_root_credentials(store, OTHER, GIVEN, 1.0)
    with pytest.raises(StoreError, match=f"is a key of account {OTHER} already"):
        ensure_root_credentials(store, ACCOUNT, GIVEN, 2.0)


def test_an_account_is_made_once(store):
    kept = []
    made = create_account(store, OTHER, 1.0, kept.append)
    assert OTHER == secret_of(store, made.access_key_id)[0]
    assert [made] == kept
    with pytest.raises(AccountExists):
        create_account(store, OTHER, 2.0, kept.append)


def test_an_account_whose_key_cannot_be_kept_is_not_made(store):
    def fail(pair):
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space left"):
        create_account(store, OTHER, 1.0, fail)
    create_account(store, OTHER, 2.0, lambda pair: None)


def test_botocore_reads_the_file_and_its_profiles(tmp_path, monkeypatch):
    path = tmp_path / "credentials"
    write_credentials(path, AccessKeyPair(ACCOUNT, "AKIA1", "se%cret/1"))
    write_credentials(path, AccessKeyPair(OTHER, "AKIA2", "secret=2"), profile=OTHER)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    found = [
        botocore.session.Session(profile=profile).get_credentials().get_frozen_credentials()[:2]
        for profile in (None, OTHER)
    ]
    assert [("AKIA1", "se%cret/1"), ("AKIA2", "secret=2")] == found
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert RootCredentials("AKIA1", "se%cret/1") == read_credentials(path)


def test_a_file_that_others_could_read_is_written_anew(tmp_path):
    path = tmp_path / "credentials"
    pair = AccessKeyPair(ACCOUNT, "AKIA1", "secret")
    write_credentials(path, pair)
    path.chmod(0o644)
    write_credentials(path, pair)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


def test_a_file_that_is_something_else_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "credentials"
    path.write_text("not an ini file")
    with pytest.raises(CredentialsUnreadable, match="not in the AWS ini form any more: remove it"):
        read_credentials(path)


def test_no_secret_is_in_a_repr():
    assert "se-cret" not in repr(AccessKeyPair(ACCOUNT, "AKIA1", "se-cret"))
