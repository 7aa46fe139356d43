"""Octal escapes become decimal ones, and nothing else changes."""

import pytest

from gatewright.core.dns.spelling import to_master_file


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (r'"a \"quote\" and a \\052"', r'"a \"quote\" and a \\052"'),
        (r'"\052 \303\251"', r'"\042 \195\169"'),
        (r"\052.example.com.", r"\042.example.com."),
    ],
)
def test_a_value_is_respelt(ours, theirs):
    assert theirs == to_master_file(ours)
