"""Dates as the original package writes them, ranges of them, and its tools for any bucket.

The functions on buckets take resources and clients of boto3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timezone
from typing import Any, Self, TypeVar

from . import config
from .exceptions import InvalidArgument

__all__ = [
    "DateRange",
    "S3Deleter",
    "concurrent_listing",
    "datetime_from_timestamp",
    "datetime_to_timestamp",
    "delete_keys",
    "timestamp_now",
    "update_object_tagging",
    "upload_object",
]

_FORMAT = "%Y-%m-%dT%H%M%S.%fZ"
_DELETED_AT_ONCE = 1000  # as many as S3 takes

_T = TypeVar("_T")


def naive_utc(date: date) -> datetime:
    """The same instant as a datetime without an offset.

    A datetime that has none is in UTC; a date is its midnight in UTC.
    """
    if not isinstance(date, datetime):
        return datetime.combine(date, time())
    return date if date.tzinfo is None else date.astimezone(timezone.utc).replace(tzinfo=None)


def datetime_to_timestamp(dt: date) -> str:
    """2011-03-01T082600.000000Z, of a date, a naive datetime in UTC or one with an offset."""
    dt = naive_utc(dt)
    return f"{dt.year:04}-{dt:%m-%dT%H%M%S.%f}Z"


def datetime_from_timestamp(ts: str) -> datetime:
    """The naive datetime in UTC that datetime_to_timestamp wrote."""
    return datetime.strptime(ts, _FORMAT)


def timestamp_now() -> str:
    """This instant, by this machine's clock."""
    return datetime_to_timestamp(datetime.now(timezone.utc))


class DateRange:
    """The instants with start < instant <= end; without a bound it is open on that side.

    `in` tells whether it contains an instant, or has some in common with another range.
    """

    def __init__(self, start: date | None = None, end: date | None = None) -> None:
        self.start = naive_utc(start) if start else datetime.min
        self.end = naive_utc(end) if end else datetime.max
        if self.start > self.end:
            raise InvalidArgument(f"from {self.start} comes after to {self.end}: swap them")

    def contains(self, date: date) -> bool:
        """Whether it contains this instant."""
        return self.start < naive_utc(date) <= self.end

    def overlaps(self, other: DateRange) -> bool:
        """Whether the range, taken with its start, has instants in common with another range."""
        if other.start < self.end and self.start <= other.end:
            return True
        # One is a single instant, with which the other begins or ends.
        return other.start == self.end and (self.start == self.end or other.start == other.end)

    def __contains__(self, item: date | DateRange) -> bool:
        if isinstance(item, DateRange):
            return item.overlaps(self)
        if isinstance(item, date):
            return self.contains(item)
        raise TypeError(f"a DateRange contains dates and ranges, not {type(item).__name__}")

    @property
    def past(self) -> DateRange:
        """All before the range: nothing where it is open on that side."""
        return _EmptyDateRange() if self.start == datetime.min else type(self)(None, self.start)

    @property
    def future(self) -> DateRange:
        """All after the range: nothing where it is open on that side."""
        return _EmptyDateRange() if self.end == datetime.max else type(self)(self.end, None)


class _EmptyDateRange(DateRange):
    """A range without instants."""

    def contains(self, date: date) -> bool:
        return False

    def overlaps(self, other: DateRange) -> bool:
        return False


def delete_keys(bucket: Any, keys: Iterable[str], number_of_workers: int = 4) -> None:
    """Deletes these objects, many with a request, with several requests under way at once."""
    left = list(keys)
    batches = [left[at : at + _DELETED_AT_ONCE] for at in range(0, len(left), _DELETED_AT_ONCE)]

    def delete(batch: list[str]) -> None:
        bucket.delete_objects(Delete={"Objects": [{"Key": key} for key in batch]})

    _each(delete, batches, number_of_workers)


class S3Deleter:
    """Collects keys, and deletes their objects when its block ends, or sooner when there are many."""

    def __init__(
        self,
        bucket: Any,
        deletion_threshold: int = 5 * _DELETED_AT_ONCE,
        number_of_workers: int = 4,
    ) -> None:
        self.bucket = bucket
        self.deletion_threshold = deletion_threshold
        self.number_of_workers = number_of_workers
        self._keys: list[str] = []

    def delete(self, key: str) -> None:
        """Deletes this object, at the latest when the block ends."""
        self._keys.append(key)
        if len(self._keys) >= self.deletion_threshold:
            self._delete_collected()

    def _delete_collected(self) -> None:
        keys, self._keys = self._keys, []
        delete_keys(self.bucket, keys, self.number_of_workers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._delete_collected()


def concurrent_listing(
    bucket: Any, prefixes: Iterable[str], number_of_workers: int = 4
) -> Iterator[Any]:
    """The objects below several prefixes, listed at once, in no order."""
    if isinstance(prefixes, str):
        raise InvalidArgument(f"prefixes are several texts, not the one text {prefixes!r}")

    def listed(prefix: str) -> list[Any]:
        return list(bucket.objects.filter(Prefix=prefix))

    for objects in _each(listed, [str(prefix) for prefix in prefixes], number_of_workers):
        yield from objects


def upload_object(
    s3_client: Any,
    bucket: str,
    key: str,
    data: bytes = b"",
    tagging: Mapping[str, str] | None = None,
    metadata: Mapping[str, str] | None = None,
) -> bool:
    """Uploads an object. Whether it was waited for: config.object_exists_waiter_config says so."""
    options: dict[str, Any] = {}
    if tagging:
        options["Tagging"] = "&".join(f"{name}={value}" for name, value in tagging.items())
    if metadata:
        options["Metadata"] = dict(metadata)
    s3_client.put_object(Bucket=bucket, Key=key, Body=data, **options)
    waiting = config.object_exists_waiter_config
    if not waiting["Delay"]:
        return False
    s3_client.get_waiter("object_exists").wait(Bucket=bucket, Key=key, WaiterConfig=waiting)
    return True


def update_object_tagging(s3_client: Any, bucket: str, key: str, tagging: Mapping[str, str]) -> None:
    """Replaces the tags of an object."""
    tags = [{"Key": name, "Value": value} for name, value in tagging.items()]
    s3_client.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": tags})


def _each(work: Callable[[Any], _T], items: list[Any], number_of_workers: int) -> list[_T]:
    """What `work` gives for each; its first error."""
    from concurrent.futures import ThreadPoolExecutor  # the package is to be imported quickly

    if not items:
        return []
    with ThreadPoolExecutor(max_workers=number_of_workers) as executor:
        return list(executor.map(work, items))
