import pytest

from gatewright.core.decimals import decimal, decimal_bytes


@pytest.mark.parametrize("number", [-1, 0, 1, 9, 200, 2_047, 2_048, 10_485_760, 1_795_225_000_257, 1 << 80])
def test_a_number_is_written_as_python_writes_it(number):
    assert (str(number), str(number).encode()) == (decimal(number), decimal_bytes(number))
