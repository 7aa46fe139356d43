"""Retry-After in both of its forms, and in none."""

import pytest

from gatewright.acme.retry_after import parse_retry_after

# RFC 9110's own example, and the instant that it names.
DATE, INSTANT = "Fri, 31 Dec 1999 23:59:59 GMT", 946_684_799.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        (DATE, 60.0),
        ("Fri, 31 Dec 1999 23:57:59 GMT", 0.0),
        (None, 0.0),
        ("", 0.0),
        ("-5", 0.0),
        ("soon", 0.0),
        ("٣", 0.0),
    ],
)
def test_how_long_to_wait(header, seconds):
    assert seconds == parse_retry_after(header, INSTANT - 60)
