"""`Validity`: five ways to say when a certificate begins or ends to be valid."""

import calendar
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from gatewright.controlplane.acmpca import refusals
from gatewright.controlplane.acmpca.refusals import invalid_args, validation_error

# M (ValidityNotBefore): "the issuance time minus 60 minutes", for clients whose clock is behind.
_BACKDATED = timedelta(minutes=60)

# M (Validity, END_DATE): from 50 on, UTCTime means the last century (RFC 5280 section 4.1.2.5.1).
_LAST_CENTURY = 50
_UTC_TIME_DIGITS, _GENERALIZED_TIME_DIGITS = 12, 14


class Period(NamedTuple):
    """From when until when; both in whole seconds, as X.509 has it."""

    not_before: datetime
    not_after: datetime


def parse_period(validity: Mapping[str, Any], not_before: Mapping[str, Any] | None, now: float) -> Period:
    """The period that a request means; raises ValidationException for one that is over, or never was."""
    issued = datetime.fromtimestamp(int(now), UTC)
    if not_before is not None and not_before["Type"] != "ABSOLUTE":
        raise invalid_args(refusals.NOT_BEFORE_TYPE)
    begins = issued - _BACKDATED if not_before is None else _parse(not_before, issued)
    period = Period(begins, _parse(validity, issued))
    if period.not_after <= max(issued, period.not_before):
        raise validation_error(refusals.VALIDITY_PAST)
    return period


def _parse(validity: Mapping[str, Any], issued: datetime) -> datetime:
    value = validity["Value"]
    try:
        match validity["Type"]:
            case "DAYS":
                return issued + timedelta(days=value)
            case "MONTHS":
                return _add_months(issued, value)
            case "YEARS":
                return _add_months(issued, 12 * value)
            case "ABSOLUTE":
                return datetime.fromtimestamp(value, UTC)
            case _:  # END_DATE
                return _parse_date(str(value))
    except (ValueError, OverflowError, OSError):
        raise validation_error(refusals.VALIDITY_UNREADABLE) from None


def _add_months(issued: datetime, months: int) -> datetime:
    """The same day of a later month, or the last one it has."""
    years, month = divmod(issued.month - 1 + months, 12)
    year = issued.year + years
    day = min(issued.day, calendar.monthrange(year, month + 1)[1])
    return issued.replace(year=year, month=month + 1, day=day)


def _parse_date(digits: str) -> datetime:
    # An integer has lost the leading zeros of a year such as 05.
    if len(digits) <= _UTC_TIME_DIGITS:
        digits = digits.zfill(_UTC_TIME_DIGITS)
        digits = ("19" if int(digits[:2]) >= _LAST_CENTURY else "20") + digits
    if len(digits) != _GENERALIZED_TIME_DIGITS:
        raise ValueError(digits)
    return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
