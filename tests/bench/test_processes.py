"""What processes use is read from the kernel."""

import os

import pytest
from bench.processes import Memory, parse_memory, read_memory


def test_memory_is_read_in_megabytes():
    text = "55d0-7ffe ---p 00000000 00:00 0 [rollup]\nRss:      2048 kB\nPss:      1536 kB\nPss_Dirty: 1 kB\n"
    assert Memory(2.0, 1.5) == parse_memory(text)
    with pytest.raises(ValueError, match="expected a line Rss"):
        parse_memory("")


def test_our_own_memory_is_some_megabytes():
    assert 1 < read_memory(os.getpid()).proportional < 10_000
