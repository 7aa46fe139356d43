"""Periods against the calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.core.metering.limits import Quota
from gatewright.core.metering.quota import DAY_NANOSECONDS, allowance, day_of, day_of_date, period_of

EPOCH = date(1970, 1, 1)


@given(st.dates(date(1971, 1, 1), date(2200, 1, 1)), st.sampled_from(["DAY", "WEEK", "MONTH"]))
def test_a_period_is_the_days_that_the_calendar_puts_together(when, period):
    same = {
        "DAY": lambda day: day,
        "WEEK": lambda day: day.isocalendar()[:2],
        "MONTH": lambda day: (day.year, day.month),
    }[period]
    around = [when + timedelta(days) for days in range(-35, 36)]
    days = [day_of_date(each) for each in around if same(each) == same(when)]
    assert (days[0], days[-1] + 1) == period_of(period, day_of_date(when))


def test_a_day_begins_at_midnight_utc():
    assert 20_000 == day_of(20_000 * DAY_NANOSECONDS)
    assert 19_999 == day_of(20_000 * DAY_NANOSECONDS - 1)


def test_the_offset_is_gone_in_the_first_period_only():
    quota = Quota(500, 100, "DAY")
    assert (400, 500, 450) == (
        allowance(quota, is_first=True),
        allowance(quota, is_first=False),
        allowance(quota, is_first=True, granted=50),
    )


def test_no_other_period():
    with pytest.raises(ValueError, match="DAY, WEEK or MONTH"):
        period_of("YEAR", 20_000)
