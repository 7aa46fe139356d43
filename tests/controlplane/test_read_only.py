"""A read-only transaction shows everything and changes nothing."""

import pytest

from gatewright.controlplane.read_only import ReadOnly
from gatewright.model.records import AccountSettings

RECORD = AccountSettings("000000000000", "us-east-1")


def test_it_shows_what_the_reader_shows(harness):
    with harness.store.transaction() as transaction:
        transaction.put(RECORD)
        transaction.put_secret("name", b"value")
    with harness.store.read() as reader:
        view = ReadOnly(reader)
        assert RECORD == view.get(AccountSettings, "000000000000", "us-east-1")
        assert [RECORD] == view.list_under(AccountSettings, "000000000000", "us-east-1")
        assert [] == view.list_under(AccountSettings, "000000000000", "us-east-1", after=(), limit=1)
        assert {(): RECORD} == view.get_many(AccountSettings, "000000000000", "us-east-1", [()])
        assert [RECORD] == view.find(AccountSettings)
        assert [RECORD] == list(view.all(AccountSettings))
        assert b"value" == view.get_secret("name")
        assert {"name": b"value"} == view.get_secrets(["name", "other"])
        assert reader.revision == view.revision


@pytest.mark.parametrize(
    "change",
    [
        lambda view: view.put(RECORD),
        lambda view: view.put_many([RECORD]),
        lambda view: view.delete(RECORD),
        lambda view: view.delete_under(AccountSettings, "000000000000", "us-east-1"),
        lambda view: view.put_secret("name", b"value"),
        lambda view: view.put_secrets({"name": b"value"}),
        lambda view: view.delete_secret("name"),
    ],
)
def test_it_refuses_every_change(harness, change):
    with harness.store.read() as reader, pytest.raises(AssertionError, match=r"^A read-only operation tried to "):
        change(ReadOnly(reader))
