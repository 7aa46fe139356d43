import pytest

from gatewright.core.metrics.distribution import distribution_of
from gatewright.core.metrics.statistic import StatisticRefused, parse_percentile, parse_statistic

VALUES = distribution_of([(value, 1) for value in range(1, 101)])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SampleCount", 100),
        ("Sum", 5050),
        ("Average", 50.5),
        ("Minimum", 1),
        ("Maximum", 100),
        ("p0", 1),
        ("p50", 50),
        ("p90", 90),
        ("p99", 99),
        ("p99.9", 100),
        ("p99.", 99),
        ("p0.5", 1),
        ("P100", 100),
        ("p100.00", 100),
    ],
)
def test_a_statistic_of_the_numbers_to_a_hundred(name, value):
    assert value == parse_statistic(name)(VALUES)


@pytest.mark.parametrize(
    "name",
    ["tm90", "TM(10%:90%)", "IQM", "iqm", "WM(5%:95%)", "tc99", "TS(80%:)", "PR(:300)", "PR(100:2000)", "wm98.5"],
)
def test_one_over_a_part_of_the_values_is_known_and_refused(name):
    with pytest.raises(StatisticRefused, match=r"is not served by Gatewright. Ask for SampleCount, Sum, Average"):
        parse_statistic(name)


@pytest.mark.parametrize("name", ["", "sum", "p", "p101", "p100.1", "p-1", "p50,5", "p99.99999999999", "Median", "p٣"])
def test_anything_else_is_none(name):
    with pytest.raises(StatisticRefused, match="is not supported"):
        parse_statistic(name)


def test_a_simple_statistic_is_no_percentile():
    with pytest.raises(StatisticRefused):
        parse_percentile("Sum")
