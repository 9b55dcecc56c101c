"""The API of the original Python package, flash-flood 0.4.3, on a flood of this one.

    from flashflood import FlashFlood, replay_event_stream

    ff = FlashFlood(boto3.resource("s3"), "my_bucket", "my_prefix")

docs/python.md lists what is different, and why.
"""

import json
import os
import threading
from collections.abc import Iterator, Mapping
from datetime import date as Date
from datetime import datetime, timedelta, timezone
from typing import Any

from . import _native
from .boto import s3_settings
from .exceptions import (
    FlashFloodEventNotFound,
    FlashFloodException,
    FlashFloodJournalingError,
    InvalidArgument,
    NotAFlood,
)
from .identifiers import JournalID
from .objects import Event
from .util import DateRange, datetime_to_timestamp, naive_utc

__all__ = ["Event", "FlashFlood", "JournalID", "replay_event_stream"]

# As long as a URL that boto3 presigns lasts unless it is told otherwise.
_STREAM_SECONDS = 3600
_STREAMS_MAX = 100_000
_MICROSECOND = timedelta(microseconds=1)


class FlashFlood:
    """Events in a bucket, below a prefix.

    Nothing is asked of the store before the first call that needs it. Threads: any.
    """

    def __init__(self, s3_resource: Any, bucket: str, root_prefix: str) -> None:
        if root_prefix.endswith("/"):
            raise ValueError(f"root_prefix {root_prefix!r} ends with '/': leave that out")
        self.s3 = s3_resource
        self.s3_client = s3_resource.meta.client
        self.bucket = s3_resource.Bucket(bucket)
        self.root_prefix = root_prefix
        self._lock = threading.Lock()
        self._opened: _native.Flood | None = None
        self._opened_in = 0
        self._changes_to_tell = 0
        self._ahead = _Ahead()

    # ---- events

    def put(
        self, data: bytes, event_id: str | None = None, date: Date | None = None
    ) -> Event:
        """Records an event. FlashFloodEventExistsError when the id is taken."""
        if not isinstance(data, bytes):
            data = bytes(memoryview(data))
        if event_id and JournalID.DELIMITER in event_id:
            raise FlashFloodException(f"'{JournalID.DELIMITER}' not allowed in event_id: {event_id!r}")
        date = naive_utc(date or datetime.now(timezone.utc))
        event_id = self._flood().put(data, event_id or None, date)
        return Event(event_id, date, data)

    def get_event(self, event_id: str) -> Event:
        """The event of this id. FlashFloodEventNotFound when there is none."""
        return _event(self._existing(event_id).get(event_id))

    def event_exists(self, event_id: str) -> bool:
        """Whether there is an event of this id."""
        flood = self._flood_if_any()
        return bool(event_id) and flood is not None and flood.find(event_id) is not None

    def update_event(self, event_id: str, new_data: bytes) -> None:
        """Replaces the data of an event, at once. FlashFloodEventNotFound when there is none."""
        if hasattr(new_data, "read"):  # boto3, to which the original passed it, reads files too
            new_data = new_data.read()
        self._existing(event_id).update(event_id, new_data)
        self._changed()

    def delete_event(self, event_id: str) -> None:
        """Deletes an event, at once. FlashFloodEventNotFound when there is none."""
        self._existing(event_id).delete(event_id)
        self._changed()

    def update(self, number_of_updates_to_apply: int = 1000) -> int:
        """Nothing is left to apply: updates and deletes count at once.

        Returns how many were made through this object and not returned yet, so that a loop until 0
        ends as it did.
        """
        with self._lock:
            told = min(self._changes_to_tell, number_of_updates_to_apply)
            self._changes_to_tell -= told
            return told

    def _changed(self) -> None:
        with self._lock:
            self._changes_to_tell += 1

    # ---- journals

    def journal(self, minimum_number_of_events: int = 100, minimum_size: int | None = None) -> None:
        """Journals all that is new. FlashFloodJournalingError when that is too little.

        What one call journals beyond its minimum (events, and bytes of data) counts for the next
        ones, so that a program that journals so many times succeeds as often as when each call took
        just its minimum.
        """
        events, size = max(0, minimum_number_of_events), max(0, minimum_size or 0)
        with self._lock:
            if events + size > 0 and self._ahead.take(events, size):
                return
            missing = self._ahead.missing(events, size)
        flood = self._flood_if_any()
        if flood is None:
            if events + size == 0:
                return
            raise FlashFloodJournalingError("there are no events to journal")
        report = flood.journal(min_events=missing[0], min_data_bytes=missing[1])
        with self._lock:
            self._ahead.add(report.sealed_events, report.sealed_data_bytes)
            self._ahead.take(events, size)

    def list_journals(
        self, from_date: Date | None = None, to_date: Date | None = None
    ) -> Iterator[JournalID]:
        """The journals with events of (from_date, to_date], in order of their first events."""
        dates = _range(from_date, to_date)
        flood = self._flood_if_any()
        if flood is not None:
            journals = flood.journals(*dates, read_pending=True)
            ids = (_journal_id(journal) for journal in journals)
            yield from sorted(id for id in ids if id is not None)

    # ---- replay

    def replay(
        self, from_date: Date | None = None, to_date: Date | None = None
    ) -> Iterator[Event]:
        """The events with from_date < date <= to_date, in order of (date, id), as of the first next()."""
        dates = _range(from_date, to_date)
        flood = self._flood_if_any()
        if flood is not None:
            with flood.replay(*dates) as replay:
                yield from _native._tuples(replay, Event)

    def list_event_streams(
        self, from_date: Date | None = None, to_date: Date | None = None
    ) -> Iterator[dict[str, Any]]:
        """A replay in pieces, in order, for replay_event_stream(); each a dict that JSON can carry."""
        dates = _range(from_date, to_date)
        flood = self._flood_if_any()
        if flood is None:
            return
        # About one for each journal, as in the original.
        count = sum(journal.sealed for journal in flood.journals(*dates))
        splits = flood.splits(min(max(count, 1), _STREAMS_MAX), *dates, presign=_STREAM_SECONDS)
        group: list[str] = []
        for split in splits:
            group.append(str(split))
            # Streams are cut between dates, so that a client may go on behind the last date it has.
            if "id" not in json.loads(group[-1]).get("upto", {}):
                yield _stream(group)
                group = []
        if group:
            yield _stream(group)

    # ---- the flood

    def _flood(self, create: bool = True) -> _native.Flood:
        with self._lock:
            # A process that was forked off cannot use the handle of its parent.
            if self._opened is None or self._opened_in != os.getpid():
                url = f"s3://{self.bucket.name}" + (f"/{self.root_prefix}" if self.root_prefix else "")
                s3 = _native.S3Options(**s3_settings(self.s3_client, self.bucket.name))
                self._opened = _native.open(url, create=create, s3=s3)
                self._opened_in = os.getpid()
            return self._opened

    def _flood_if_any(self) -> _native.Flood | None:
        """For reading, which creates nothing; None where nothing was recorded yet."""
        try:
            return self._flood(create=False)
        except NotAFlood:
            prefix = f"{self.root_prefix}/" if self.root_prefix else ""
            if any(True for _ in self.bucket.objects.filter(Prefix=prefix).limit(1)):
                raise
            return None

    def _existing(self, event_id: str) -> _native.Flood:
        flood = self._flood_if_any()
        if flood is None or not event_id:
            raise FlashFloodEventNotFound(f"there is no event {event_id!r}")
        return flood


def replay_event_stream(
    event_stream: Mapping[str, Any],
    from_date: Date | None = None,
    to_date: Date | None = None,
) -> Iterator[Event]:
    """The events of a stream of list_event_streams() with from_date < date <= to_date.

    Needs no credentials, and asks nobody but the store.
    """
    if "splits" not in event_stream:
        raise InvalidArgument("event_stream is not of list_event_streams(): it has no 'splits'")
    dates = _range(from_date, to_date)
    for split in event_stream["splits"]:
        with _native.read_split(split, *dates) as replay:
            yield from _native._tuples(replay, Event)


class _Ahead:
    """What was journaled beyond the minimums so far."""

    def __init__(self) -> None:
        self.events = 0
        self.size = 0

    def add(self, events: int, size: int) -> None:
        self.events += events
        self.size += size

    def missing(self, events: int, size: int) -> tuple[int, int]:
        """How much more it takes for so many events, and so many bytes of data."""
        return max(0, events - self.events), max(0, size - self.size)

    def take(self, events: int, size: int) -> bool:
        """Takes so many events, and as many more as it takes for so many bytes; false: too few."""
        if self.missing(events, size) != (0, 0):
            return False
        # Of data as it is on average.
        taken = max(events, -(-size * self.events // self.size) if size else 0)
        share = self.size * taken // self.events if self.events else 0
        self.events -= taken
        self.size -= share
        return True


def _range(from_date: Date | None, to_date: Date | None) -> tuple[datetime | None, datetime | None]:
    DateRange(from_date, to_date)  # refuses those that are the wrong way round
    return (
        None if from_date is None else naive_utc(from_date),
        None if to_date is None else naive_utc(to_date),
    )


def _event(event: _native.Event) -> Event:
    return Event(event.id, event.date.replace(tzinfo=None), bytes(event))


def _journal_id(journal: _native.JournalInfo) -> JournalID | None:
    """None for an update or a delete that was not journaled yet: in the original no journal."""
    if journal.from_date is None or journal.to_date is None:
        return None  # somebody has journaled it meanwhile
    first, last = (datetime_to_timestamp(date) for date in (journal.from_date, journal.to_date))
    if journal.sealed:
        version, name = journal.key.rsplit("--", 1)[1].split("-", 1)
        return JournalID.make(first, last, version, name)
    name = journal.key.removeprefix("head/")
    if name.startswith("e-") and not name.endswith("-0000000001"):
        return None
    return JournalID.make(first, last, "new", name)


def _stream(splits: list[str]) -> dict[str, Any]:
    """Splits that follow each other, with what the original tells of a stream (docs/format.md has the
    fields of a split)."""
    parts = [json.loads(split) for split in splits]
    keys = [journal["key"] for part in parts for journal in part["journals"]]
    ranges = [key.rsplit("/", 1)[1].split("--") for key in keys]
    first = min(_compact_date(names[0]) for names in ranges)
    last = max(_compact_date(names[1]) for names in ranges)
    if "after" in parts[0]:
        first = max(first, _rfc_3339_date(parts[0]["after"]["date"]) + _MICROSECOND)
    if "upto" in parts[-1]:
        last = min(last, _rfc_3339_date(parts[-1]["upto"]["date"]))
    from_date, to_date = datetime_to_timestamp(first), datetime_to_timestamp(last)
    catalog, number = f"{parts[0]['catalog']:016x}", parts[0]["number"]
    return {
        "journal_id": JournalID.make(from_date, to_date, catalog, f"split-{number}"),
        "from_date": from_date,
        "to_date": to_date,
        "size": sum(part["stored_bytes"] for part in parts),
        "splits": splits,
    }


def _compact_date(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%S.%fZ")


def _rfc_3339_date(text: str) -> datetime:
    return naive_utc(datetime.fromisoformat(text))
