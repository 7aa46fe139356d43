"""Programs are found, or said how to install."""

import pytest
from bench.programs import ENVOY, MissingProgram, Program, find_program, read_version


def test_a_missing_program_says_what_installs_it() -> None:
    program = Program("no-such-program-here", "apt-get install it", ("-v",))
    with pytest.raises(MissingProgram, match="no-such-program-here is not installed: apt-get install it"):
        find_program(program)


def test_a_given_path_is_taken_if_it_can_be_run(tmp_path) -> None:
    own = tmp_path / "my-envoy"
    own.write_text('#!/bin/sh\necho\necho "$0  version: 1.39"\n')
    with pytest.raises(MissingProgram):
        find_program(ENVOY, str(own))
    own.chmod(0o755)
    assert str(own) == find_program(ENVOY, str(own))
    assert "envoy  version: 1.39" == read_version(ENVOY, str(own))
