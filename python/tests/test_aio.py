"""flashflood.aio: the same answers from coroutines, and cancelling."""

import asyncio
import time

import pytest

from flashflood import aio, exceptions


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
