"""A node's name goes with its counts; a copy of them is another node's, which has counted nothing."""

import shutil

from gatewright.app.node_identity import open_node


def test_a_node_keeps_its_name_and_its_counts(tmp_path):
    name = open_node(tmp_path / "meters")
    (tmp_path / "meters" / "ledgers").write_bytes(b"counts")
    assert name == open_node(tmp_path / "meters")
    assert b"counts" == (tmp_path / "meters" / "ledgers").read_bytes()


def test_counts_from_before_it_had_a_name_are_its_own(tmp_path):
    (tmp_path / "ledgers").write_bytes(b"counts")
    open_node(tmp_path)
    assert b"counts" == (tmp_path / "ledgers").read_bytes()


def test_a_copy_is_another_node_and_has_counted_nothing(tmp_path):
    name = open_node(tmp_path / "meters")
    (tmp_path / "meters" / "ledgers").write_bytes(b"counts")
    shutil.copytree(tmp_path / "meters", tmp_path / "copy")
    assert name != open_node(tmp_path / "copy")
    assert ["node"] == [each.name for each in (tmp_path / "copy").iterdir()]
    assert name == open_node(tmp_path / "meters")


def test_a_file_that_says_nothing_is_replaced(tmp_path):
    (tmp_path / "node").write_text("")
    (tmp_path / "ledgers").write_bytes(b"counts")
    assert open_node(tmp_path) == open_node(tmp_path)
    assert (tmp_path / "ledgers").exists()
