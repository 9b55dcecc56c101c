"""The types of the extension. docs/python.md is the tour; what a function throws stands in it too."""

import datetime
import os
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, TypeVar, final, overload

if TYPE_CHECKING:  # comes with every type checker, and is not needed to run
    from typing_extensions import Buffer

from ._reports import (
    CollectReport as CollectReport,
    FloodStats as FloodStats,
    ImportProblem as ImportProblem,
    ImportReport as ImportReport,
    JournalInfo as JournalInfo,
    JournalReport as JournalReport,
    RecorderProgress as RecorderProgress,
    ReplayProgress as ReplayProgress,
    RequestReport as RequestReport,
    VerifyProblem as VerifyProblem,
    VerifyReport as VerifyReport,
)
from ._split import Split

# A naive datetime is UTC; text is RFC 3339.
_Date = datetime.datetime | str
# Seconds.
_Duration = float | datetime.timedelta
# Text is recorded as UTF-8.
_Data: TypeAlias = str | Buffer
# A path becomes absolute; "~" in front of it is the home folder.
_Place: TypeAlias = str | os.PathLike[str]
_Progress = Callable[[int, int, int], object]

@final
class Event:
    def __new__(cls, id: str, date: _Date, data: _Data, revision: int = 1) -> Self: ...
    @property
    def id(self) -> str: ...
    @property
    def date(self) -> datetime.datetime: ...
    @property
    def revision(self) -> int: ...
    @property
    def data(self) -> memoryview: ...
    def json(self) -> Any:
        """The data, decoded by json.loads."""
    def __bytes__(self) -> bytes: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

class Flood:
    @property
    def url(self) -> str: ...
    def close(self) -> None:
        """Ends the use of this handle: every later call of it is InvalidArgument. Calls that are under way, and recorders and replays that were made of it, go on. Once more does nothing."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    @overload
    def put(self, data: _Data, id: str | None = None, date: _Date | None = None) -> str:
        """Records an event, durably, and returns its id.

        data: str, which is recorded as UTF-8, bytes, or anything else with a buffer; at most 64 MiB.
        json: instead of data, a value to be recorded as compact JSON. NaN is a ValueError.
        id: 1 to 1024 bytes of UTF-8. Default: one is made, which saves a look-up.
        date: a datetime (a naive one is UTC) or RFC 3339 text. Default: now, by this machine's clock.

        FlashFloodEventExistsError when the id is taken.
        """
    @overload
    def put(self, *, id: str | None = None, date: _Date | None = None, json: object) -> str: ...
    def get(self, id: str) -> Event:
        """The event of this id. FlashFloodEventNotFound when there is none."""
    def find(self, id: str) -> Event | None:
        """The event of this id, or None."""
    @overload
    def update(self, id: str, data: _Data, expected_revision: int | None = None) -> int:
        """Replaces the data and returns the new revision; id and date stay.

        data, json: as for put.
        expected_revision: only if that is the event's revision, otherwise RevisionConflict. Default: any.

        FlashFloodEventNotFound when there is no such event.
        """
    @overload
    def update(self, id: str, *, expected_revision: int | None = None, json: object) -> int: ...
    def delete(self, id: str, expected_revision: int | None = None) -> None:
        """Deletes the event. Its id may be put again.

        expected_revision: only if that is the event's revision, otherwise RevisionConflict. Default: any.

        FlashFloodEventNotFound when there is no such event.
        """
    def recorder(
        self, *, batch_bytes: int | None = None, in_flight: int | None = None, eager: bool = True
    ) -> Recorder:
        """Records in bulk: a context manager, and what was put is durable when its block ends.

        batch_bytes: how many bytes of ids and data are written at once, 64 KiB to 64 MiB. Default: 8 MiB.
        in_flight: how many such writes are under way at once, 1 to 64. Default: 4.
        eager: write as soon as no write is under way, too. Default: True; False makes the fewest requests.

        It holds at most about (in_flight + 2) * batch_bytes in memory.
        """
    def replay(
        self,
        from_date: _Date | None = None,
        to_date: _Date | None = None,
        *,
        where: str | None = None,
        query: str | None = None,
        strict: bool = False,
        limit: int | None = None,
        follow: bool = False,
        poll: _Duration = 1.0,
        read_ahead_bytes: int | None = None,
    ) -> Replay:
        """The events with from_date < date <= to_date in order of (date, id), as of now.

        from_date, to_date: datetimes (naive ones are UTC) or RFC 3339 text. Default: open on that side.
        where: keep the events for which this JMESPath expression is true. Default: all.
        query: put the result of this JMESPath expression in the place of the data; events for which it
            is null are left out. Default: the data.
        strict: data that is not JSON, or on which where or query fails, is an error, instead of being left
            out and counted in Replay.progress. Default: False.
        limit: stop after this many events. Default: no limit.
        follow: go on with what is recorded later, and never end. Default: False.
        poll: how often follow looks, in seconds or as a timedelta. Default: 1 second.
        read_ahead_bytes: memory for what is read ahead. Default: 64 MiB.
        """
    def query(
        self,
        expression: str,
        from_date: _Date | None = None,
        to_date: _Date | None = None,
        *,
        strict: bool = False,
        memory_bytes: int | None = None,
        read_ahead_bytes: int | None = None,
    ) -> QueryResult:
        """A JMESPath expression on {"events": [the data of every event of a range]}, as of now.

        expression: for example "sum(events[?country=='France'].quantity)".
        from_date, to_date: as for replay.
        strict: data that is not JSON is an error, instead of being left out and counted. Default: False.
        memory_bytes: for what has to be held together, such as what is sorted. Default: 256 MiB.
        read_ahead_bytes: memory for what is read ahead. Default: 64 MiB.
        """
    def splits(
        self,
        count: int,
        from_date: _Date | None = None,
        to_date: _Date | None = None,
        *,
        where: str | None = None,
        query: str | None = None,
        strict: bool = False,
        valid_for: _Duration | None = None,
        presign: _Duration | bool | None = None,
    ) -> list[Split]:
        """A replay in pieces that any machine can read, with read_split().

        count: into how many, 1 to 100,000; fewer when there is too little to cut.
        from_date, to_date, where, query, strict: as for replay; they travel in the splits.
        valid_for: how long they can be read, in seconds or as a timedelta, 1 second to 365 days. Default:
            1 day.
        presign: for how long they can be read without credentials instead; True: an hour. Whoever has such a
            split can read the whole journals that it names. Default: not at all.
        """
    def refresh_splits(
        self, splits: Iterable[str], valid_for: _Duration | None = None
    ) -> list[Split]:
        """The same splits, for a new term from now on.

        valid_for: in seconds or as a timedelta. Default: as long as they were made for.

        SnapshotExpired when the old term has ended, or is about to.
        """
    def journal(
        self,
        *,
        min_events: int = 0,
        min_bytes: int = 0,
        min_data_bytes: int = 0,
        journal_bytes: int | None = None,
        merge: bool = True,
        progress: _Progress | None = None,
    ) -> JournalReport:
        """Merges pending journals to sorted sealed ones. Changes no answer, and blocks nobody.

        min_events: only if this many events are pending, otherwise FlashFloodJournalingError. Default: 0.
        min_bytes: the same for the bytes of pending objects. Default: 0.
        min_data_bytes: the same for the bytes of their data. Default: 0.
        journal_bytes: data in one sealed journal, 1 MiB to 1 GiB. Default: 128 MiB.
        merge: merge sealed journals too where many cover one date or many are small. Default: True.
        progress: called with (events, events_total, bytes of data) when it begins and as it goes on; what
            it raises ends the operation. Default: nothing is called.
        """
    def collect_garbage(self, *, dry_run: bool = False, advance: bool = True) -> CollectReport:
        """Removes what journaling has retired, once nobody can still be reading it.

        dry_run: only tell what would be removed. Default: False.
        advance: first commit that more may be removed, as far as time and leases allow. Default: True.
        """
    def verify(
        self, *, problems_max: int | None = None, progress: _Progress | None = None
    ) -> VerifyReport:
        """Reads everything, and checks every checksum, order and reference.

        problems_max: stop after this many problems. Default: 1000.
        progress: called with (events, events_total, bytes) as it goes on; what it raises ends it. Default:
            nothing is called.
        """
    def destroy(self) -> int:
        """Removes the flood with every event in it, for good; how many objects that were."""
    def import_original(
        self,
        url: _Place,
        *,
        source: S3Options | None = None,
        strict: bool = False,
        names_max: int | None = None,
        memory_bytes: int | None = None,
        progress: _Progress | None = None,
    ) -> ImportReport:
        """Records what a bucket, or a folder, of the original FlashFlood holds.

        url: s3://bucket/root_prefix, or a path. It is only read.
        source: how that bucket is reached. Default: as the environment says.
        strict: CorruptData for anything that would be skipped, before anything is recorded. Default: False.
        names_max: names kept for each reason for which something was skipped. Default: 10.
        memory_bytes: for finding events that lie in several journals, 1 MiB or more. Default: 256 MiB.
        progress: called with (events, events_total, bytes) as it goes on; what it raises ends the import,
            and the next one goes on from there. Default: nothing is called.
        """
    def journals(
        self,
        from_date: _Date | None = None,
        to_date: _Date | None = None,
        *,
        read_pending: bool = False,
    ) -> list[JournalInfo]:
        """The journals that hold entries with from_date < date <= to_date.

        from_date, to_date: as for replay.
        read_pending: read pending single operations too, a request for each, so that all is known of them;
            without it they are all told. Default: False.
        """
    def stats(self) -> FloodStats:
        """What there is in the flood."""
    def requests(self) -> RequestReport:
        """Store requests of this handle since it was opened."""

class Recorder:
    @overload
    def put(self, data: _Data, id: str | None = None, date: _Date | None = None) -> None:
        """Takes an event; it is durable after the next flush().

        data, json, id and date are those of Flood.put. An event whose id exists already is left as it
        is. Waits while as much is under way as the recorder may hold.
        """
    @overload
    def put(self, *, id: str | None = None, date: _Date | None = None, json: object) -> None: ...
    def _try_put(
        self,
        data: Any = ...,
        id: str | None = None,
        date: _Date | None = None,
        *,
        json: object = ...,
    ) -> bool: ...
    def flush(self) -> None:
        """Returns when all that was taken before is durable, and in every later get and replay."""
    def close(self) -> None:
        """Flushes and ends; nothing can be put any more."""
    @property
    def progress(self) -> RecorderProgress: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...

class Replay:
    def data(self) -> Iterator[bytes]:
        """The data of the events as bytes objects."""
    def arrow(
        self,
        *,
        batch_rows: int = ...,
        batch_bytes: int = ...,
        data: Literal["string", "binary"] = "string",
    ) -> ArrowReplay:
        """What is left of the replay as Arrow batches, without an object for each event.

        batch_rows: at most this many events in a batch, 1 to 16,777,216. Default: 65,536.
        batch_bytes: at most this many bytes of ids and data in a batch, 64 KiB to 1 GiB; a larger event
            gets one of its own. Default: 2 MiB.
        data: the type of the column data, "string" or "binary", which takes any bytes. Default: "string".
        """
    @property
    def progress(self) -> ReplayProgress: ...
    @property
    def requests(self) -> RequestReport: ...
    def close(self) -> None:
        """Ends the replay: reading on raises Interrupted. Events that were read stay valid."""
    def _read(self) -> bool: ...
    def _next_read(self) -> Event | None: ...
    def _batch(self) -> list[Event]: ...
    def _stop(self) -> None: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Event: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...

class ArrowReplay:
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

class QueryResult:
    def text(self) -> str:
        """All that is left of the result, as JSON."""
    def value(self) -> Any:
        """The result, decoded by json.loads."""
    @property
    def progress(self) -> ReplayProgress: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> str: ...

class S3Credentials:
    def __init__(
        self,
        access_key_id: str,
        secret_access_key: str,
        session_token: str | None = None,
        expires: _Date | None = None,
    ) -> None:
        """Keys as the store has issued them.

        session_token: of temporary ones. Default: none.
        expires: when they end, as a datetime (a naive one is UTC) or RFC 3339 text. Default: never.
        """

class S3Options:
    def __init__(
        self,
        *,
        endpoint: str | None = None,
        region: str | None = None,
        addressing: str | None = None,
        profile: str | None = None,
        anonymous: bool | None = None,
        credentials: S3Credentials | Callable[[], S3Credentials] | None = None,
        ca_bundle: str | None = None,
        verify_tls: bool | None = None,
        sse_c_key: str | None = None,
    ) -> None:
        """What is left out is as the environment and the profiles of the AWS tools say.

        endpoint: "https://host" or "http://host:port".
        region: such as "eu-west-1".
        addressing: "path", "virtual" or "auto".
        profile: one of the files of the AWS tools.
        anonymous: requests without a signature, for what is public.
        credentials: S3Credentials, or a function that returns some, which is called when they are needed
            and again before they expire.
        ca_bundle: a file of trusted certificates (PEM).
        verify_tls: whether certificates are checked.
        sse_c_key: 32 bytes in base64, with which the server encrypts objects, and which it does not keep.
        """

def open(
    url: _Place,
    *,
    create: bool = True,
    lazy: bool = False,
    grace: _Duration | None = None,
    patience: _Duration | None = None,
    compression: str | None = None,
    block_bytes: int | None = None,
    cache_bytes: int | None = None,
    block_cache_bytes: int | None = None,
    threads: int = 0,
    retry_for: _Duration | None = None,
    s3: S3Options | None = None,
) -> Flood:
    """Opens the flood at a place.

    url: a path, as str or os.PathLike ("~" in front is the home folder), or file:///path,
        s3://bucket/prefix or memory://name.
    create: create the flood when there is none. Default: True; False: NotAFlood then.
    lazy: ask nothing of the store before the first operation, which then also fails for what open()
        would have failed for. Default: False.
    grace: only when it is created, how long a snapshot can be read without a lease, in seconds or as
        a timedelta. Default: 1 hour.
    patience: only when it is created, how long a single operation may last. Default: 10 minutes.
    compression: of what is written: "zstd", "zstd:N" with N from 1 to 19, "lz4" or "none". Default:
        "zstd", which is level 1.
    block_bytes: data in a block, 4 KiB to 16 MiB. Default: 256 KiB.
    cache_bytes: memory for what is kept between calls. Default: 64 MiB.
    block_cache_bytes: memory for decoded blocks that look-ups have read. Default: 128 MiB.
    threads: how many decode, encode and filter. Default: 0, one for each core.
    retry_for: how long a request that the store does not answer is repeated, in seconds or as a
        timedelta, at most a day; 0: never. Default: as FLASHFLOOD_RETRY_FOR says, or 1 minute.
    s3: how a bucket is reached. Default: as the environment and the profiles of the AWS tools say.
    """
def read_split(
    split: _Data,
    from_date: _Date | None = None,
    to_date: _Date | None = None,
    *,
    store: _Place | None = None,
    limit: int | None = None,
    read_ahead_bytes: int | None = None,
    threads: int = 0,
    retry_for: _Duration | None = None,
    s3: S3Options | None = None,
) -> Replay:
    """The events of one split, as Flood.splits made it.

    split: its JSON document.
    from_date, to_date: of these only, as for Flood.replay. Default: all.
    store: where the flood is, as for open(). Default: where the split says; presigned ones need none.
    limit: stop after this many events. Default: no limit.
    read_ahead_bytes: memory for what is read ahead. Default: 64 MiB.
    threads: how many decode and filter. Default: 0, one for each core.
    retry_for: as for open().
    s3: how a bucket is reached, for a split that is not presigned. Default: as the environment says.
    """

# For flashflood.aio: stops calls from outside.
class _Stop:
    def request(self) -> None: ...

def _stop_calls_with(stop: _Stop | None) -> None: ...

# For the original's API: what is left of a replay, as (id, naive date, data).
_Tuple = TypeVar("_Tuple", bound=tuple[Any, ...])

def _tuples(replay: Replay, type: type[_Tuple]) -> Iterator[_Tuple]: ...
