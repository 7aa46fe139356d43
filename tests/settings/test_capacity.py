"""How much of the machine is used."""

import pytest

from gatewright.settings.capacity import available_cores
from gatewright.settings.installation import make_settings
from support.options import refusal_of

ACCEPTED = [
    ({}, "workers", available_cores()),
    ({"workers": "3"}, "workers", 3),
    ({}, "max_connections", 16_384),
    ({"max_connections": "70000"}, "max_connections", 70_000),
]


@pytest.mark.parametrize(("options", "name", "expected"), ACCEPTED)
def test_a_number_of_workers_and_of_their_clients(options, name, expected):
    assert expected == getattr(make_settings(options), name)


REFUSED = [
    ({"workers": "0"}, "--workers: expected a number from 1 to 256", "found '0'"),
    ({"max_connections": "0"}, "--max-connections: expected a number from 1 to 1048576", "found '0'"),
    ({"max_connections": "-1"}, "--max-connections: expected a number from 1 to 1048576", "found '-1'"),
    ({"workers": "two"}, "--workers: expected a number from 1 to 256", "found 'two'"),
]


@pytest.mark.parametrize(("options", "begins", "contains"), REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence(options, begins, contains):
    sentence = refusal_of(options)
    assert begins in sentence
    assert contains in sentence


@pytest.mark.parametrize(("quota", "expected"), [("50000 100000", 1), ("100000 100000", 1), ("max 100000", None)])
def test_a_container_s_quota_bounds_the_cores(tmp_path, quota, expected):
    (tmp_path / "cpu.max").write_text(quota + "\n")
    assert (expected or available_cores(tmp_path / "absent")) == available_cores(tmp_path)
