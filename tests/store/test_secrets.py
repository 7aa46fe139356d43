import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.store.port import StoreError
from gatewright.store.secrets import SecretBox

KEY = bytes(range(32))


@given(st.text(st.characters(exclude_categories=["Cs"])), st.binary(max_size=100))
def test_a_secret_comes_back_under_its_name(name, value):
    assert value == SecretBox(KEY).unseal(name, SecretBox(KEY).seal(name, value))


def test_a_secret_is_never_sealed_the_same_twice_nor_readable():
    box = SecretBox(KEY)
    assert box.seal("a", b"hidden treasure") != box.seal("a", b"hidden treasure")
    assert b"treasure" not in box.seal("a", b"hidden treasure")


def test_another_name_another_key_or_another_byte_is_refused():
    box = SecretBox(KEY, "/data/secret.key")
    sealed = box.seal("a", b"hidden treasure")
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for opener, name, value in [
        (box, "b", sealed),
        (SecretBox(KEY[::-1], "/data/secret.key"), "a", sealed),
        (box, "a", altered),
        (box, "a", sealed[:20]),
        (box, "a", sealed[:5]),
    ]:
        with pytest.raises(StoreError, match=r"was not sealed with /data/secret\.key, or was altered since"):
            opener.unseal(name, value)


def test_a_form_of_another_release_is_told_apart_from_an_altered_one():
    with pytest.raises(StoreError, match="in a form that this release does not know"):
        SecretBox(KEY).unseal("a", b"\x02" + SecretBox(KEY).seal("a", b"x")[1:])


def test_the_key_file_is_made_once_for_the_owner_alone(tmp_path):
    path = tmp_path / "new" / "deeper" / "secret.key"
    sealed = SecretBox.open(path).seal("a", b"value")
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert 0o700 == stat.S_IMODE(path.parent.stat().st_mode)
    assert 32 == len(path.read_bytes())
    assert ["secret.key"] == [file.name for file in path.parent.iterdir()]
    assert b"value" == SecretBox.open(path).unseal("a", sealed)


def test_no_key_is_made_beside_a_database_whose_key_is_missing(tmp_path):
    path, database = tmp_path / "secret.key", tmp_path / "gatewright.db"
    database.write_bytes(b"sealed with a key that is lost")
    with pytest.raises(
        StoreError, match=f"the secret key file {path} is missing, and the secrets in {database} cannot"
    ):
        SecretBox.open(path, database)
    assert not path.exists()
    database.write_bytes(b"")  # as a death within the first start leaves it
    assert SecretBox.open(path, database).seal("a", b"value")


def test_of_two_that_make_the_key_file_at_once_one_decides(tmp_path, monkeypatch):
    path = tmp_path / "secret.key"
    exists = type(path).exists
    monkeypatch.setattr(type(path), "exists", lambda self: self != path and exists(self))  # both found none
    sealed = SecretBox.open(path).seal("a", b"value")
    assert b"value" == SecretBox.open(path).unseal("a", sealed)
    assert ["secret.key"] == [file.name for file in tmp_path.iterdir()]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_that_others_may_read_is_refused_with_the_command_that_mends_it(tmp_path, mode):
    path = tmp_path / "secret.key"
    path.write_bytes(KEY)
    path.chmod(mode)
    with pytest.raises(StoreError, match=f"can be read by others .*`chmod 600 {path}`"):
        SecretBox.open(path)


@pytest.mark.parametrize(("content", "found"), [(b"", "0"), (KEY[:-1], "31"), (KEY + b"\n", "more")])
def test_a_key_file_of_another_length_is_refused(tmp_path, content, found):
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(StoreError, match=f"should hold 32 bytes and holds {found}: restore it from a copy"):
        SecretBox.open(path)


def test_a_key_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(StoreError, match=f"the secret key file {tmp_path} cannot be used: Is a directory"):
        SecretBox.open(tmp_path)


def test_a_key_in_memory_must_have_its_length_too():
    with pytest.raises(StoreError, match="a secret key has 32 bytes, a key in memory has 3"):
        SecretBox(b"abc")


def test_the_key_is_in_no_repr():
    assert "SecretBox('/data/secret.key')" == repr(SecretBox(KEY, "/data/secret.key"))
