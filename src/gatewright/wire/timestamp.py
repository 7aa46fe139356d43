"""Instants as AWS writes them: epoch seconds, ISO 8601 and the HTTP date, each in both directions.

A model names the format with `timestampFormat`; where it is silent the protocol's default holds, which the caller
passes in. Reading is more liberal than writing: any of the three is understood wherever an instant is expected, for
the SDKs of the various languages do not agree on fractions and zones. What is read is always aware and in UTC.
"""

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?")


def parse_timestamp(value: str | float) -> datetime:
    """The instant that a number of epoch seconds, an ISO 8601 or an HTTP date stands for; raises ValueError."""
    try:
        if isinstance(value, str):
            value = value.strip()
            if not _NUMBER.fullmatch(value):
                return _parse_date(value)
            value = float(value)
        return datetime.fromtimestamp(value, UTC)
    except (ArithmeticError, OSError, TypeError, ValueError) as error:
        raise ValueError(f"{value!r} is not a timestamp that can be read.") from error


def _parse_date(text: str) -> datetime:
    instant = datetime.fromisoformat(text) if text[:1].isdigit() else parsedate_to_datetime(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def render_timestamp(instant: datetime, timestamp_format: str) -> str:
    """An instant as text in one of the three formats; sub-second parts are kept to the millisecond."""
    match timestamp_format.lower():
        case "unixtimestamp":
            return str(render_epoch_seconds(instant))
        case "rfc822":
            return format_datetime(instant.astimezone(UTC).replace(microsecond=0), usegmt=True)
        case _:
            return render_iso8601(instant)


def render_epoch_seconds(instant: datetime) -> int | float:
    """Epoch seconds as a number: whole when the instant is, else with milliseconds."""
    milliseconds = round(instant.timestamp() * 1000)
    return milliseconds // 1000 if milliseconds % 1000 == 0 else milliseconds / 1000


def render_iso8601(instant: datetime) -> str:
    """ISO 8601 in UTC with a Z; milliseconds only when there are some."""
    precision = "milliseconds" if instant.microsecond >= 1000 else "seconds"
    return instant.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
