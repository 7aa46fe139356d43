"""Instants as API Gateway shows them: M, seconds since the epoch; whole ones, in all of its documentation's examples."""

from datetime import UTC, datetime


def shown_instant(seconds: float) -> datetime:
    """The instant without its fraction; a record keeps it, so that what was made within one second has an order."""
    return datetime.fromtimestamp(int(seconds), UTC)
