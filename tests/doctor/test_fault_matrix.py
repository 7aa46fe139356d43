"""Every check is in a fault matrix, or cannot be had on an installation of one's own and says why."""

from pathlib import Path

import pytest

from gatewright.doctor.checks import CHECKS
from support.fault_score import NOT_HERE, PRODUCIBLE

CONFORMANCE = Path(__file__).resolve().parents[1] / "conformance"


@pytest.fixture(scope="module")
def modules() -> str:
    """The sources of those that make faults and count them."""
    texts = (path.read_text() for path in CONFORMANCE.glob("test_*.py"))
    return "\n".join(text for text in texts if "from support.fault_score import attempt" in text)


@pytest.mark.parametrize("code", sorted(PRODUCIBLE))
def test_a_code_that_can_be_had_is_in_a_matrix(modules, code):
    assert f'"{code}"' in modules


def test_what_cannot_be_had_is_a_check_and_in_no_matrix(modules):
    assert set() == set(NOT_HERE) - {check.code for check in CHECKS}
    assert [] == [code for code in NOT_HERE if f'"{code}"' in modules]
