"""fork(), multiprocessing, and pickled splits."""

import asyncio
import concurrent.futures
import multiprocessing
import os
import pickle
import sys
import traceback

import pytest

import flashflood
from flashflood import aio, exceptions


def in_child(call):
    """What the call returns in a child that was forked, as text."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = str(call())
        except BaseException:
            answer = traceback.format_exc()
        os.write(write, answer.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as file:
        answer = file.read()
    assert os.waitpid(child, 0)[1] == 0
    return answer


def record(flood, count):
    with flood.recorder() as recorder:
        for number in range(count):
            recorder.put('{"number": %d}' % number, f"event-{number:06}", "2020-01-01T00:00:00Z")


def test_what_was_opened_before_a_fork_is_refused(folder):
    flood = flashflood.open(folder)
    record(flood, 5000)
    replay = flood.replay()
    event = next(replay)
    recorder = flood.recorder()
    recorder.put("data")

    def refusals():
        calls = [
            lambda: flood.get("event-000000"),
            lambda: flood.replay(),
            lambda: next(replay) and [*replay],
            lambda: replay.close(),
            lambda: recorder.put("data"),
        ]
        for call in calls:
            with pytest.raises(exceptions.InvalidArgument, match="forked"):
                call()
        return event.id

    assert in_child(refusals) == "event-000000"
    assert len(list(replay)) == 4999
    recorder.close()


def test_a_child_opens_the_flood_anew(folder):
    flood = flashflood.open(folder)
    record(flood, 100)
    assert in_child(lambda: len(list(flashflood.open(folder).replay()))) == "100"
    assert len(list(flood.replay())) == 100


def test_a_child_uses_aio(folder):
    """Also while threads of the parent are in calls of it."""

    async def put(flood):
        return await flood.put("data")

    async def use():
        return await put(await aio.open(folder))

    async def forked():
        flood = await aio.open(folder)
        calls = [asyncio.ensure_future(put(flood)) for _ in range(200)]
        await asyncio.sleep(0)

        def in_loop_of_its_own(call):
            with concurrent.futures.ThreadPoolExecutor(1) as threads:
                return threads.submit(asyncio.run, call).result(30)

        def refusal():
            with pytest.raises(exceptions.InvalidArgument, match="forked"):
                in_loop_of_its_own(put(flood))
            return len(in_loop_of_its_own(use()))

        answers = [in_child(refusal) for _ in range(3)]
        assert len(set(await asyncio.gather(*calls))) == 200
        return answers

    assert asyncio.run(forked()) == ["32"] * 3
    asyncio.run(use())
    assert in_child(lambda: len(asyncio.run(use()))) == "32"


def test_a_child_ends_though_it_holds_handles(folder):
    script = (
        "import os, sys, flashflood\n"
        "flood = flashflood.open(sys.argv[1])\n"
        "recorder = flood.recorder(); recorder.put('data')\n"
        "replay = flood.replay()\n"
        "child = os.fork()\n"
        "if child == 0: sys.exit(7)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7\n"
    )
    import subprocess

    subprocess.run([sys.executable, "-c", script, folder], check=True, timeout=60)


def count(split):
    return sum(1 for _ in flashflood.read_split(split))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_splits_are_read_by_processes(folder, method):
    flood = flashflood.open(folder)
    record(flood, 20_000)
    flood.journal()
    splits = flood.splits(3)
    assert pickle.loads(pickle.dumps(splits)) == splits
    assert isinstance(pickle.loads(pickle.dumps(splits[0])), flashflood.Split)
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        assert sum(executor.map(count, splits)) == 20_000
