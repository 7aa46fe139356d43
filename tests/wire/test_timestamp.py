"""Instants in their three written forms."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.wire.timestamp import parse_timestamp, render_epoch_seconds, render_iso8601, render_timestamp

INSTANT = datetime(2024, 2, 29, 12, 34, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        1709210096,
        1709210096.0,
        "1709210096",
        "1.709210096E9",
        "2024-02-29T12:34:56Z",
        "2024-02-29T12:34:56+00:00",
        "2024-02-29T13:34:56.000+01:00",
        "2024-02-29T12:34:56",
        "Thu, 29 Feb 2024 12:34:56 GMT",
        " Thu, 29 Feb 2024 12:34:56 GMT ",
    ],
)
def test_each_form_is_read_as_the_same_instant_in_utc(written):
    parsed = parse_timestamp(written)
    assert INSTANT == parsed
    assert parsed.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "written", ["", "yesterday", "2024-13-01", "1e99", 10**30, float("nan"), float("inf"), "Thu, 99 Feb"]
)
def test_what_is_no_instant_is_refused(written):
    with pytest.raises(ValueError, match="is not a timestamp that can be read"):
        parse_timestamp(written)


@given(st.text() | st.floats() | st.integers())
def test_anything_is_an_instant_or_a_value_error(written):
    with suppress(ValueError):
        assert parse_timestamp(written).tzinfo is UTC


def test_epoch_seconds_are_whole_when_the_instant_is():
    assert repr(render_epoch_seconds(INSTANT)) == "1709210096"
    assert repr(render_epoch_seconds(INSTANT.replace(microsecond=500_000))) == "1709210096.5"


def test_iso_8601_has_milliseconds_when_there_are_some():
    assert render_iso8601(INSTANT) == "2024-02-29T12:34:56Z"
    assert render_iso8601(INSTANT.replace(microsecond=789_999)) == "2024-02-29T12:34:56.789Z"


def test_another_zone_is_written_in_utc():
    elsewhere = INSTANT.astimezone(timezone(timedelta(hours=-7)))
    assert render_timestamp(elsewhere, "iso8601") == "2024-02-29T12:34:56Z"
    assert render_timestamp(elsewhere, "rfc822") == "Thu, 29 Feb 2024 12:34:56 GMT"
    assert render_timestamp(elsewhere, "unixTimestamp") == "1709210096"
