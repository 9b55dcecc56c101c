"""One handle, many Python threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from flashflood import exceptions


def test_puts_and_gets(flood):
    def work(thread):
        for number in range(50):
            id = f"{thread}-{number}"
            flood.put(id, id)
            assert bytes(flood.get(id)) == id.encode()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert len(list(flood.replay())) == 400


def test_one_put_of_an_id_succeeds(flood):
    barrier = threading.Barrier(8)

    def put(thread):
        barrier.wait()
        try:
            flood.put(str(thread), "id")
        except exceptions.FlashFloodEventExistsError:
            return 0
        return 1

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(put, range(8))) == 1


def test_one_recorder_and_one_replay(flood):
    with flood.recorder(batch_bytes=65536, in_flight=2) as recorder:

        def record(thread):
            for number in range(5000):
                recorder.put("x" * 50, f"{thread}-{number}", "2020-01-01T00:00:00Z")

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(record, range(4)))
    flood.journal()
    replay = flood.replay()
    with ThreadPoolExecutor(4) as threads:
        read = list(threads.map(lambda _: [event.id for event in replay], range(4)))
    ids = [id for part in read for id in part]
    assert len(ids) == 20_000
    assert len(set(ids)) == 20_000


def test_a_recorder_closed_by_another_thread(flood):
    recorder = flood.recorder()
    stop = threading.Event()

    def record():
        try:
            while not stop.is_set():
                recorder.put("data")
        except exceptions.InvalidArgument as error:
            return str(error)

    with ThreadPoolExecutor(1) as threads:
        result = threads.submit(record)
        recorder.put("first")
        recorder.close()
        assert "closed" in result.result(30)


def test_others_run_while_one_waits(flood):
    flood.put("data", "id")
    replay = flood.replay(follow=True, poll=60)
    next(replay)

    def wait():
        with pytest.raises(exceptions.Interrupted, match="closed"):
            next(replay)

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(wait)
        assert flood.get("id").id == "id"
        replay.close()
        waiting.result(10)
