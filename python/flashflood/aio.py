"""FlashFlood for asyncio: the same floods, with coroutines and `async for`.

    from flashflood import aio

    flood = await aio.open("s3://bucket/events")
    async with flood.recorder() as recorder:
        await recorder.put('{"amount": 3}')
    async for event in await flood.replay(where="amount > `2`"):
        ...

Classes and functions have the parameters of their counterparts in flashflood. The library's own
threads do the work; what would block waits on a thread meanwhile: at most 64 calls of one flood, and as
many of one recorder, at once, while every replay and every result that is read has a thread of its own.

A coroutine that is cancelled ends at once, and the call that it waited for is stopped, as by Ctrl-C: a
change may or may not have happened; a replay or a result is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from . import _native
from ._lanes import Lane
from ._split import Split

if TYPE_CHECKING:
    from ._native import _Data, _Date, _Duration, _Place, _Progress

__all__ = ["Flood", "QueryResult", "Recorder", "Replay", "open", "read_split"]

_CALLS_AT_ONCE = 64

_opening = Lane(_CALLS_AT_ONCE)
_reading = Lane(None)


async def open(
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
    s3: _native.S3Options | None = None,
) -> Flood:
    """flashflood.open."""
    return Flood(
        await _opening.run(
            _native.open,
            url,
            create=create,
            lazy=lazy,
            grace=grace,
            patience=patience,
            compression=compression,
            block_bytes=block_bytes,
            cache_bytes=cache_bytes,
            block_cache_bytes=block_cache_bytes,
            threads=threads,
            retry_for=retry_for,
            s3=s3,
        )
    )


async def read_split(
    split: _Data,
    from_date: _Date | None = None,
    to_date: _Date | None = None,
    *,
    store: _Place | None = None,
    limit: int | None = None,
    read_ahead_bytes: int | None = None,
    threads: int = 0,
    retry_for: _Duration | None = None,
    s3: _native.S3Options | None = None,
) -> Replay:
    """flashflood.read_split."""
    return Replay(
        await _opening.run(
            _native.read_split,
            split,
            from_date,
            to_date,
            store=store,
            limit=limit,
            read_ahead_bytes=read_ahead_bytes,
            threads=threads,
            retry_for=retry_for,
            s3=s3,
        )
    )


class Flood:
    """flashflood.Flood, with coroutines; `sync` is the flood itself."""

    def __init__(self, flood: _native.Flood) -> None:
        self.sync = flood
        self._run = Lane(_CALLS_AT_ONCE).run

    @property
    def url(self) -> str:
        return self.sync.url

    def __repr__(self) -> str:
        return repr(self.sync).replace("flashflood.", "flashflood.aio.", 1)

    async def close(self) -> None:
        await self._run(self.sync.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    @overload
    async def put(self, data: _Data, id: str | None = None, date: _Date | None = None) -> str: ...
    @overload
    async def put(
        self, *, id: str | None = None, date: _Date | None = None, json: object
    ) -> str: ...
    async def put(
        self, data: Any = ..., id: str | None = None, date: Any = None, *, json: Any = ...
    ) -> str:
        return await self._run(self.sync.put, data, id, date, json=json)

    async def get(self, id: str) -> _native.Event:
        return await self._run(self.sync.get, id)

    async def find(self, id: str) -> _native.Event | None:
        return await self._run(self.sync.find, id)

    @overload
    async def update(self, id: str, data: _Data, expected_revision: int | None = None) -> int: ...
    @overload
    async def update(
        self, id: str, *, expected_revision: int | None = None, json: object
    ) -> int: ...
    async def update(
        self, id: str, data: Any = ..., expected_revision: int | None = None, *, json: Any = ...
    ) -> int:
        return await self._run(self.sync.update, id, data, expected_revision, json=json)

    async def delete(self, id: str, expected_revision: int | None = None) -> None:
        await self._run(self.sync.delete, id, expected_revision)

    def recorder(
        self, *, batch_bytes: int | None = None, in_flight: int | None = None, eager: bool = True
    ) -> Recorder:
        return Recorder(
            self.sync.recorder(batch_bytes=batch_bytes, in_flight=in_flight, eager=eager)
        )

    async def replay(
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
        return Replay(
            await self._run(
                self.sync.replay,
                from_date,
                to_date,
                where=where,
                query=query,
                strict=strict,
                limit=limit,
                follow=follow,
                poll=poll,
                read_ahead_bytes=read_ahead_bytes,
            )
        )

    async def query(
        self,
        expression: str,
        from_date: _Date | None = None,
        to_date: _Date | None = None,
        *,
        strict: bool = False,
        memory_bytes: int | None = None,
        read_ahead_bytes: int | None = None,
    ) -> QueryResult:
        return QueryResult(
            await self._run(
                self.sync.query,
                expression,
                from_date,
                to_date,
                strict=strict,
                memory_bytes=memory_bytes,
                read_ahead_bytes=read_ahead_bytes,
            )
        )

    async def splits(
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
        return await self._run(
            self.sync.splits,
            count,
            from_date,
            to_date,
            where=where,
            query=query,
            strict=strict,
            valid_for=valid_for,
            presign=presign,
        )

    async def refresh_splits(
        self, splits: Iterable[str], valid_for: _Duration | None = None
    ) -> list[Split]:
        return await self._run(self.sync.refresh_splits, splits, valid_for)

    async def journal(
        self,
        *,
        min_events: int = 0,
        min_bytes: int = 0,
        min_data_bytes: int = 0,
        journal_bytes: int | None = None,
        merge: bool = True,
        progress: _Progress | None = None,
    ) -> _native.JournalReport:
        return await self._run(
            self.sync.journal,
            min_events=min_events,
            min_bytes=min_bytes,
            min_data_bytes=min_data_bytes,
            journal_bytes=journal_bytes,
            merge=merge,
            progress=progress,
        )

    async def collect_garbage(
        self, *, dry_run: bool = False, advance: bool = True
    ) -> _native.CollectReport:
        return await self._run(self.sync.collect_garbage, dry_run=dry_run, advance=advance)

    async def verify(
        self, *, problems_max: int | None = None, progress: _Progress | None = None
    ) -> _native.VerifyReport:
        return await self._run(self.sync.verify, problems_max=problems_max, progress=progress)

    async def destroy(self) -> int:
        return await self._run(self.sync.destroy)

    async def import_original(
        self,
        url: _Place,
        *,
        source: _native.S3Options | None = None,
        strict: bool = False,
        names_max: int | None = None,
        memory_bytes: int | None = None,
        progress: _Progress | None = None,
    ) -> _native.ImportReport:
        return await self._run(
            self.sync.import_original,
            url,
            source=source,
            strict=strict,
            names_max=names_max,
            memory_bytes=memory_bytes,
            progress=progress,
        )

    async def journals(
        self,
        from_date: _Date | None = None,
        to_date: _Date | None = None,
        *,
        read_pending: bool = False,
    ) -> list[_native.JournalInfo]:
        return await self._run(self.sync.journals, from_date, to_date, read_pending=read_pending)

    async def stats(self) -> _native.FloodStats:
        return await self._run(self.sync.stats)

    async def requests(self) -> _native.RequestReport:
        return await self._run(self.sync.requests)


class Recorder:
    """flashflood.Recorder; an async context manager, which flushes on exit."""

    def __init__(self, recorder: _native.Recorder) -> None:
        self.sync = recorder
        self._run = Lane(_CALLS_AT_ONCE).run

    @overload
    async def put(self, data: _Data, id: str | None = None, date: _Date | None = None) -> None: ...
    @overload
    async def put(
        self, *, id: str | None = None, date: _Date | None = None, json: object
    ) -> None: ...
    async def put(
        self, data: Any = ..., id: str | None = None, date: Any = None, *, json: Any = ...
    ) -> None:
        if not self.sync._try_put(data, id, date, json=json):
            await self._run(self.sync.put, data, id, date, json=json)

    async def flush(self) -> None:
        await self._run(self.sync.flush)

    async def close(self) -> None:
        await self._run(self.sync.close)

    @property
    def progress(self) -> _native.RecorderProgress:
        return self.sync.progress

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._run(self.sync.__exit__, kind, error, traceback)


class Replay:
    """flashflood.Replay; an async iterator of events, and an async context manager.

    Several coroutines may read one replay: each event goes to one of them. When one of them is
    cancelled while it waits, the replay is closed.
    """

    def __init__(self, replay: _native.Replay) -> None:
        self.sync = replay

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> _native.Event:
        while (event := self.sync._next_read()) is None:
            if not await self._read():
                raise StopAsyncIteration
        return event

    async def batches(self) -> AsyncIterator[list[_native.Event]]:
        """The events in lists, as they are read: faster than one by one."""
        while await self._read():
            if events := self.sync._batch():
                yield events

    async def data(self) -> AsyncIterator[bytes]:
        """The data of the events as bytes objects."""
        async for event in self:
            yield bytes(event)

    def arrow(
        self,
        *,
        batch_rows: int = 65536,
        batch_bytes: int = 2097152,
        data: Literal["string", "binary"] = "string",
    ) -> _native.ArrowReplay:
        """flashflood.Replay.arrow. Whatever reads it blocks: call that by asyncio.to_thread."""
        return self.sync.arrow(batch_rows=batch_rows, batch_bytes=batch_bytes, data=data)

    async def _read(self) -> bool:
        try:
            return await _reading.run(self.sync._read)
        except asyncio.CancelledError:
            self.sync._stop()
            raise

    @property
    def progress(self) -> _native.ReplayProgress:
        return self.sync.progress

    @property
    def requests(self) -> _native.RequestReport:
        return self.sync.requests

    async def close(self) -> None:
        await _reading.run(self.sync.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()


class QueryResult:
    """flashflood.QueryResult; an async iterator of pieces."""

    def __init__(self, result: _native.QueryResult) -> None:
        self.sync = result

    async def text(self) -> str:
        return await _reading.run(self.sync.text)

    async def value(self) -> Any:
        return await _reading.run(self.sync.value)

    @property
    def progress(self) -> _native.ReplayProgress:
        return self.sync.progress

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        piece: str = await _reading.run(next, self.sync, "")
        if not piece:
            raise StopAsyncIteration
        return piece
