"""Dates as the original package writes them in the ids of journals and in streams."""

from datetime import datetime, timezone

__all__ = ["datetime_from_timestamp", "datetime_to_timestamp", "timestamp_now"]

_FORMAT = "%Y-%m-%dT%H%M%S.%fZ"


def naive_utc(date: datetime) -> datetime:
    """The same instant without an offset; a date that has none is in UTC."""
    return date if date.tzinfo is None else date.astimezone(timezone.utc).replace(tzinfo=None)


def datetime_to_timestamp(dt: datetime) -> str:
    """2011-03-01T082600.000000Z, of a naive date in UTC or one with an offset."""
    dt = naive_utc(dt)
    return f"{dt.year:04}-{dt:%m-%dT%H%M%S.%f}Z"


def datetime_from_timestamp(ts: str) -> datetime:
    """The naive date in UTC that datetime_to_timestamp wrote."""
    return datetime.strptime(ts, _FORMAT)


def timestamp_now() -> str:
    """This instant, by this machine's clock."""
    return datetime_to_timestamp(datetime.now(timezone.utc))
