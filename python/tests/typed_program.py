"""A program that uses every public name: strict type checkers accept it, and it runs.

usage: typed_program.py FOLDER
"""

import array
import asyncio
import datetime
import pathlib
import pickle
import sys
from typing import Any, Iterator

import flashflood as ff
from flashflood import aio

now = datetime.datetime.now(datetime.timezone.utc)
folder = pathlib.Path(sys.argv[1])


def told(events: int, events_total: int, data_bytes: int) -> None:
    assert events <= events_total and data_bytes >= 0


def originals(resource: Any) -> Iterator[ff.JournalID | bytes]:
    flood = ff.FlashFlood(resource, "bucket", "prefix")
    yield from flood.list_journals(now, None)
    for stream in flood.list_event_streams():
        yield from (event.data for event in ff.replay_event_stream(stream))
    with ff.S3Deleter(flood.bucket) as deleter:
        deleter.delete("prefix/key" + ff.TOMBSTONE_SUFFIX)


def refused(flood: ff.Flood) -> ff.FlashFloodException:
    try:
        flood.get("none")
    except (ff.FlashFloodEventExistsError, ff.FlashFloodEventNotFound) as error:
        return error
    except (ff.FlashFloodJournalingError, ff.FlashFloodJournalUploadError) as error:
        raise ff.exceptions.OutcomeUnknown(ff.__version__) from error
    raise AssertionError


async def asynchronous(place: pathlib.Path) -> list[bytes]:
    async with await aio.open(place, retry_for=0) as flood:
        id: str = await flood.put(json=[1], date=now)
        revision: int = await flood.update(id, memoryview(b"[2]"), 1)
        async with flood.recorder(eager=True) as recorder:
            await recorder.put(array.array("b", b"3"))
        splits: list[ff.Split] = await flood.splits(2, presign=False)
        assert revision == 2 and flood.url == str(place)
        async with await aio.read_split(splits[0], retry_for=1.5) as first:
            events: list[ff.Event] = [event async for event in first]
        async with await flood.replay() as replay:
            assert len(events) <= 2
            return [data async for data in replay.data()]


def presigned(flood: ff.Flood) -> list[ff.Split]:
    return flood.splits(2, presign=True)


keys: ff.S3Credentials = ff.S3Credentials("id", "secret", expires=now)
options: ff.S3Options = ff.S3Options(region="eu-west-1", credentials=lambda: keys, sse_c_key=None)
with ff.open(folder, grace=datetime.timedelta(hours=2), compression="lz4", retry_for=1) as flood:
    id: str = flood.put(json={"amount": 3}, date=now)
    event: ff.Event = flood.get(id)
    data: memoryview = event.data
    assert flood.put(event, "a") == "a" and flood.update("a", bytearray(b"[1]")) == 2
    recorder: ff.Recorder = flood.recorder(eager=False)
    with recorder:
        recorder.put(json=None)
    recorded: ff.RecorderProgress = pickle.loads(pickle.dumps(flood)).recorder().progress
    journaled: ff.JournalReport = flood.journal(progress=told)
    infos: list[ff.JournalInfo] = flood.journals("2020-01-01T00:00:00Z", read_pending=True)
    stats: ff.FloodStats = flood.stats()
    replay: ff.Replay = flood.replay(where="amount > `2`", poll=datetime.timedelta(seconds=1))
    with replay:
        events: list[ff.Event] = list(replay)
    progress: ff.ReplayProgress = replay.progress
    arrow: ff.ArrowReplay = flood.replay().arrow(data="binary")
    result: ff.QueryResult = flood.query("length(events)")
    splits: list[ff.Split] = flood.splits(2)
    read: list[bytes] = [data for split in splits for data in ff.read_split(split).data()]
    verified: ff.VerifyReport = flood.verify()
    problems: list[ff.VerifyProblem] = verified.problems
    collected: ff.CollectReport = flood.collect_garbage(dry_run=True)
    requests: ff.RequestReport = flood.requests()
    imported: ff.ImportReport | None = None
    skipped: list[ff.ImportProblem] = imported.problems if imported else []
    error: ff.FlashFloodException = refused(flood)
    day = ff.datetime_from_timestamp(ff.datetime_to_timestamp(datetime.date(2020, 1, 1)))
    assert day in ff.DateRange(None, now) and result.value() == 3 == len(read)
    assert journaled.sealed_events and len(events) == 1 and flood.url == str(folder)
assert asyncio.run(asynchronous(folder.with_name("other"))) == [b"[2]", b"3"]
