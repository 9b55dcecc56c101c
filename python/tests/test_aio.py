"""flashflood.aio: the same answers from coroutines, and cancelling."""

import asyncio
import gc
import inspect
import threading
import time
import warnings

import pyarrow
import pytest

from flashflood import _native, aio, exceptions
from small_s3 import SmallS3
from test_types import FUNCTIONS, NODES, find, native_parameters

# Of functions: the parameters.
MEMBERS = {name: native_parameters(find(name))
           if name in FUNCTIONS and hasattr(find(name), "__nb_signature__") else None
           for name in NODES if name != "Event.__buffer__"}


def run(coroutine):
    return asyncio.run(coroutine)


def test_the_same_answers():
    async def tour():
        flood = await aio.open("memory://aio-tour")
        id = await flood.put('{"amount": 3}')
        assert bytes(await flood.get(id)) == b'{"amount": 3}'
        assert await flood.find("none") is None
        assert await flood.update(id, '{"amount": 4}') == 2
        await flood.delete(id)
        with pytest.raises(exceptions.FlashFloodEventNotFound):
            await flood.get(id)
        async with flood.recorder(batch_bytes=65536, in_flight=1) as recorder:
            for number in range(5000):
                await recorder.put('{"n": %d}' % number, f"{number:05}", "2020-01-01T00:00:00Z")
        assert recorder.sync is not None
        assert (await flood.journal()).sealed_events >= 5000
        ids = [event.id async for event in await flood.replay()]
        assert ids == [f"{number:05}" for number in range(5000)]
        async with await flood.replay(where="n < `10`") as replay:
            assert sum([len(batch) async for batch in replay.batches()]) == 10
        result = await flood.query("sum(events[].n)")
        assert await result.value() == 4999 * 2500
        pieces = [piece async for piece in await flood.query("events[?n < `3`].n")]
        assert "".join(pieces) == "[0,1,2]"
        assert (await flood.verify()).problems == []
        assert (await flood.stats()).sealed_entries >= 5000

    run(tour())


def test_splits(folder):
    async def tour():
        flood = await aio.open(folder)
        await asyncio.gather(*[flood.put("data", str(number)) for number in range(20)])
        splits = await flood.splits(2)
        read = [await aio.read_split(split) for split in splits]
        assert sum([1 for replay in read async for _ in replay]) == 20

    run(tour())


def test_cancelling_ends_a_replay_that_follows():
    async def tour():
        flood = await aio.open("memory://aio-cancel")
        replay = await flood.replay(follow=True, poll=60)

        async def follow():
            async for event in replay:
                seen.append(event.id)

        seen = []
        task = asyncio.create_task(follow())
        await asyncio.sleep(0.1)
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - began < 5

    began = time.monotonic()
    run(tour())
    assert time.monotonic() - began < 10


def parameters(function):
    """As test_types.parameters, of a function of Python."""
    return [(parameter.name, parameter.kind is inspect.Parameter.KEYWORD_ONLY,
             parameter.default is not inspect.Parameter.empty)
            for parameter in inspect.signature(function).parameters.values()]


@pytest.mark.parametrize("name", [name for name in MEMBERS if name.split(".")[0] in aio.__all__])
def test_everything_is_there_with_the_same_parameters(name):
    """But for what blocks and what does not, aio is the other API."""
    owner, _, member = name.partition(".")
    renamed = {"__enter__": "__aenter__", "__exit__": "__aexit__", "__iter__": "__aiter__",
               "__next__": "__anext__"}
    if member.startswith("_") and member not in renamed:
        return
    other = getattr(aio, owner)
    if member:
        other = getattr(other, renamed.get(member, member))
    if MEMBERS[name] is not None and not member.startswith("__"):
        assert parameters(other) == MEMBERS[name]


def test_defaults_are_the_same():
    def defaults(function):
        return [parameter.default for parameter in inspect.signature(function).parameters.values()]

    assert defaults(aio.Replay.arrow)[1:] == defaults(_native.Replay.arrow)[1:] == [65536, 2097152, "string"]


def test_a_replay_in_other_forms():
    async def tour():
        flood = await aio.open("memory://aio-forms")
        async with flood.recorder() as recorder:
            for number in range(1000):
                await recorder.put("%d" % number, f"{number:04}", "2020-01-01T00:00:00Z")
        journals = await flood.journals(read_pending=True)
        assert sum(journal.entries for journal in journals) == 1000
        async with await flood.replay() as replay:
            assert [data async for data in replay.data()] == [b"%d" % n for n in range(1000)]
            assert replay.progress.events == 1000
            assert replay.requests.lists > 0
        replay = await flood.replay()
        first = await anext(replay)
        table = await asyncio.to_thread(pyarrow.table, replay.arrow(data="binary"))
        assert [first.id, *table["id"].to_pylist()] == [f"{n:04}" for n in range(1000)]
        result = await flood.query("length(events)")
        assert await result.text() == "1000"
        assert result.progress.events == 1000

    run(tour())


def test_coroutines_share_a_replay():
    async def tour():
        flood = await aio.open("memory://aio-shared")
        async with flood.recorder() as recorder:
            for number in range(20_000):
                await recorder.put("%d" % number, str(number))

        async def consume(events):
            return [event.id async for event in events]

        replay = await flood.replay()
        parts = await asyncio.gather(*[consume(replay) for _ in range(3)])
        assert sorted(int(id) for part in parts for id in part) == list(range(20_000))

        replay = await flood.replay()
        async for event in replay:  # a loop that is left loses nothing
            break
        assert len(await consume(replay)) == 19_999

    run(tour())


def test_a_closed_replay_is_closed():
    async def tour():
        flood = await aio.open("memory://aio-closed")
        await flood.put("data")
        replay = await flood.replay()
        await replay.close()
        with pytest.raises(exceptions.Interrupted, match="closed"):
            await anext(replay)
        replay = await flood.replay(follow=True, poll=60)
        await anext(replay)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(replay), 0.1)
        with pytest.raises(exceptions.Interrupted, match="closed"):
            await anext(replay)

    run(tour())


def test_followers_keep_no_other_call_waiting():
    async def tour():
        flood = await aio.open("memory://aio-followers")
        await flood.put("data")
        seen = []

        async def follow():
            async for event in await flood.replay(follow=True, poll=0.2):
                seen.append(event.id)

        followers = [asyncio.create_task(follow()) for _ in range(100)]
        while len(seen) < 100:
            await asyncio.sleep(0.05)
        id = await asyncio.wait_for(flood.put("more"), 10)
        while seen.count(id) < 100:
            await asyncio.sleep(0.05)
        for task in followers:
            task.cancel()
        await asyncio.gather(*followers, return_exceptions=True)

    run(tour())


def test_a_store_that_stalls_keeps_no_other_flood_waiting():
    bucket = SmallS3()

    async def tour():
        stalling = aio.Flood(bucket.open())
        bucket.stalled.set()
        stuck = [asyncio.create_task(stalling.put("data")) for _ in range(200)]
        flood = await aio.open("memory://aio-other")
        await asyncio.wait_for(flood.put("data"), 10)
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)
        # What they waited for is stopped, so that this one has its turn.
        bucket.stalled.clear()
        assert await asyncio.wait_for(stalling.find("none"), 10) is None

    try:
        run(tour())
    finally:
        bucket.close()


def test_idle_threads_hold_nothing():
    async def tour():
        flood = await aio.open("memory://aio-threads")
        await asyncio.gather(*[flood.put("data") for _ in range(500)])
        return [thread for thread in threading.enumerate() if thread.name == "flashflood"]

    threads = run(tour())
    assert all(thread.daemon for thread in threads)
    assert len(threads) <= 2 * 64


def test_a_recorder_that_is_not_closed_warns():
    async def tour():
        flood = await aio.open("memory://aio-unclosed")
        recorder = flood.recorder()
        await recorder.put("data")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run(tour())
        gc.collect()
    assert [warning.category for warning in caught] == [ResourceWarning]
