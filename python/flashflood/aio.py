"""FlashFlood for asyncio: the same floods, with coroutines and `async for`.

    from flashflood import aio

    flood = await aio.open("s3://bucket/events")
    async with flood.recorder() as recorder:
        await recorder.put('{"amount": 3}')
    async for event in await flood.replay(where="amount > `2`"):
        ...

The library's own threads do the work; what would block waits on a thread of an executor meanwhile. A
coroutine that is cancelled ends at once. The call that it waited for ends by itself, and a change may
still happen; a replay is closed.
"""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, TypeVar

from . import _native
from ._split import Split

__all__ = ["Flood", "QueryResult", "Recorder", "Replay", "open", "read_split"]

_T = TypeVar("_T")
_CALLS_AT_ONCE = 64

_executor: ThreadPoolExecutor | None = None


async def _run(call: Callable[..., _T], /, *arguments: Any, **keywords: Any) -> _T:
    global _executor
    if _executor is None:
        _executor = ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="flashflood")
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_executor, functools.partial(call, *arguments, **keywords))


async def open(url: str | os.PathLike[str], **options: Any) -> Flood:
    """Opens a flood, with the options of flashflood.open."""
    return Flood(await _run(_native.open, url, **options))


async def read_split(
    split: str | bytes, from_date: Any = None, to_date: Any = None, **options: Any
) -> Replay:
    """The events of one split, with the options of flashflood.read_split."""
    return Replay(await _run(_native.read_split, split, from_date, to_date, **options))


class Flood:
    """flashflood.Flood, with coroutines; `sync` is the flood itself."""

    def __init__(self, flood: _native.Flood) -> None:
        self.sync = flood

    @property
    def url(self) -> str:
        return self.sync.url

    def __repr__(self) -> str:
        return repr(self.sync).replace("flashflood.", "flashflood.aio.", 1)

    async def close(self) -> None:
        await _run(self.sync.close)

    async def __aenter__(self) -> Flood:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def put(
        self, data: Any = ..., id: str | None = None, date: Any = None, *, json: Any = ...
    ) -> str:
        return await _run(self.sync.put, data, id, date, json=json)

    async def get(self, id: str) -> _native.Event:
        return await _run(self.sync.get, id)

    async def find(self, id: str) -> _native.Event | None:
        return await _run(self.sync.find, id)

    async def update(
        self,
        id: str,
        data: Any = ...,
        expected_revision: int | None = None,
        *,
        json: Any = ...,
    ) -> int:
        return await _run(self.sync.update, id, data, expected_revision, json=json)

    async def delete(self, id: str, expected_revision: int | None = None) -> None:
        await _run(self.sync.delete, id, expected_revision)

    def recorder(self, **options: Any) -> Recorder:
        return Recorder(self.sync.recorder(**options))

    async def replay(self, from_date: Any = None, to_date: Any = None, **options: Any) -> Replay:
        return Replay(await _run(self.sync.replay, from_date, to_date, **options))

    async def query(
        self, expression: str, from_date: Any = None, to_date: Any = None, **options: Any
    ) -> QueryResult:
        return QueryResult(await _run(self.sync.query, expression, from_date, to_date, **options))

    async def splits(
        self, count: int, from_date: Any = None, to_date: Any = None, **options: Any
    ) -> list[Split]:
        return await _run(self.sync.splits, count, from_date, to_date, **options)

    async def refresh_splits(self, splits: list[Split], valid_for: Any = None) -> list[Split]:
        return await _run(self.sync.refresh_splits, splits, valid_for)

    async def journal(self, **options: Any) -> _native.JournalReport:
        return await _run(self.sync.journal, **options)

    async def collect_garbage(self, **options: Any) -> _native.CollectReport:
        return await _run(self.sync.collect_garbage, **options)

    async def verify(self, **options: Any) -> _native.VerifyReport:
        return await _run(self.sync.verify, **options)

    async def destroy(self) -> int:
        return await _run(self.sync.destroy)

    async def import_original(self, url: str, **options: Any) -> _native.ImportReport:
        return await _run(self.sync.import_original, url, **options)

    async def journals(
        self, from_date: Any = None, to_date: Any = None
    ) -> list[_native.JournalInfo]:
        return await _run(self.sync.journals, from_date, to_date)

    async def stats(self) -> _native.FloodStats:
        return await _run(self.sync.stats)

    async def requests(self) -> _native.RequestReport:
        return await _run(self.sync.requests)


class Recorder:
    """flashflood.Recorder; an async context manager, which flushes on exit."""

    def __init__(self, recorder: _native.Recorder) -> None:
        self.sync = recorder

    async def put(
        self, data: Any = ..., id: str | None = None, date: Any = None, *, json: Any = ...
    ) -> None:
        if not self.sync._try_put(data, id, date, json=json):
            await _run(self.sync.put, data, id, date, json=json)

    async def flush(self) -> None:
        await _run(self.sync.flush)

    async def close(self) -> None:
        await _run(self.sync.close)

    @property
    def progress(self) -> _native.RecorderProgress:
        return self.sync.progress

    async def __aenter__(self) -> Recorder:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await _run(self.sync.__exit__, kind, error, traceback)


class Replay:
    """flashflood.Replay; an async iterator of events, and an async context manager."""

    def __init__(self, replay: _native.Replay) -> None:
        self.sync = replay
        self._events: AsyncIterator[_native.Event] | None = None

    def __aiter__(self) -> AsyncIterator[_native.Event]:
        if self._events is None:
            self._events = self._read_events()
        return self._events

    async def batches(self) -> AsyncIterator[list[_native.Event]]:
        """The events in lists, as they are read: faster than one by one."""
        while await self._read():
            yield self.sync._batch()

    async def _read_events(self) -> AsyncIterator[_native.Event]:
        async for batch in self.batches():
            for event in batch:
                yield event

    async def _read(self) -> bool:
        try:
            return await _run(self.sync._read)
        except asyncio.CancelledError:
            self.sync.close()
            raise

    @property
    def progress(self) -> _native.ReplayProgress:
        return self.sync.progress

    async def close(self) -> None:
        await _run(self.sync.close)

    async def __aenter__(self) -> Replay:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()


class QueryResult:
    """flashflood.QueryResult; an async iterator of pieces."""

    def __init__(self, result: _native.QueryResult) -> None:
        self.sync = result

    async def text(self) -> str:
        return await _run(self.sync.text)

    async def value(self) -> Any:
        return await _run(self.sync.value)

    async def __aiter__(self) -> AsyncIterator[str]:
        while piece := await _run(next, self.sync, ""):
            yield piece
