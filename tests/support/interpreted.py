"""For tests that replace parts of modules or leave parts out, which compiled modules do not let them.

`make unit` runs the tests of compiled modules twice, with the sources and as they were installed; these run once.
"""

import pytest

from gatewright.cli.version import is_compiled

WHY = "replaces parts of modules, which compiled ones do not allow"
on_sources = pytest.mark.skipif(is_compiled(), reason=WHY)
