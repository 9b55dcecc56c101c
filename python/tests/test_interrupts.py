"""Ctrl-C, and signals that do not end anything, while the library waits."""

import contextlib
import os
import signal
import threading
import time

import pyarrow
import pytest

import flashflood
from flashflood import exceptions
from small_s3 import SmallS3


@pytest.fixture
def bucket():
    server = SmallS3()
    yield server
    server.close()


@contextlib.contextmanager
def signalled(after=0.3, number=signal.SIGINT):
    """Sends a signal while the block runs."""
    timer = threading.Timer(after, os.kill, (os.getpid(), number))
    timer.start()
    yield
    timer.join()


def interrupted(call, after=0.3):
    """How long the call took from the signal to its KeyboardInterrupt."""
    began = time.monotonic()
    with signalled(after):
        with pytest.raises(KeyboardInterrupt):
            call()
    return time.monotonic() - began - after


def test_following(flood):
    flood.put("data", "id")
    replay = flood.replay(follow=True, poll=30)
    assert next(replay).id == "id"
    assert interrupted(lambda: next(replay)) < 1
    with pytest.raises(exceptions.Interrupted):  # what is over by an error does not look complete
        list(replay)
    assert flood.get("id").id == "id"


@pytest.mark.parametrize(
    "call",
    [
        lambda flood: flood.get("id"),
        lambda flood: flood.put("data", "other"),
        lambda flood: list(flood.replay()),
        lambda flood: flood.journal(),
        lambda flood: flood.query("events").text(),
        lambda flood: flood.verify(),
        lambda flood: flood.splits(4),
    ],
    ids=["get", "put", "replay", "journal", "query", "verify", "splits"],
)
def test_a_store_that_stalls(bucket, call):
    flood = bucket.open()
    flood.put("data", "id")
    bucket.stalled.set()
    assert interrupted(lambda: call(flood)) < 1


def test_open(bucket):
    bucket.stalled.set()
    assert interrupted(bucket.open) < 1


def test_recording(bucket):
    flood = bucket.open()
    recorder = flood.recorder(batch_bytes=65536, in_flight=1)
    bucket.stalled.set()

    def record():
        for number in range(1000):
            recorder.put(os.urandom(1000))

    assert interrupted(record) < 1
    assert interrupted(recorder.flush) < 1
    began = time.monotonic()
    del recorder  # what is under way is stopped
    assert time.monotonic() - began < 1


def test_a_signal_that_raises_nothing_changes_nothing(flood):
    seen = []
    before = signal.signal(signal.SIGUSR1, lambda *_: seen.append(flood.put("from the handler")))
    try:
        with signalled(number=signal.SIGUSR1):
            replay = flood.replay(follow=True, poll=0.1)
            assert bytes(next(replay)) == b"from the handler"
        assert len(seen) == 1
    finally:
        signal.signal(signal.SIGUSR1, before)


def followed_by_arrow(flood):
    """A reader that waits for what comes after the first event."""
    flood.put("data", "id")
    stream = flood.replay(follow=True, poll=30).arrow()
    reader = pyarrow.RecordBatchReader.from_stream(stream)
    assert reader.read_next_batch()["id"].to_pylist() == ["id"]
    return reader


def test_an_arrow_stream(flood):
    reader = followed_by_arrow(flood)

    def read():
        with contextlib.suppress(OSError):
            reader.read_next_batch()
        time.sleep(5)  # Python handles the signal when the consumer has returned to it

    assert interrupted(read) < 1


def test_a_handler_that_raises_ends_an_arrow_stream(flood):
    def handler(*_):
        raise ValueError("enough of it")

    reader = followed_by_arrow(flood)
    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with signalled(number=signal.SIGUSR1), pytest.raises(OSError, match="enough of it"):
            reader.read_next_batch()
    finally:
        signal.signal(signal.SIGUSR1, before)
    with pytest.raises(OSError):
        reader.read_next_batch()


def test_a_replay_is_closed_by_another_thread(flood):
    replay = flood.replay(follow=True, poll=30)
    timer = threading.Timer(0.2, replay.close)
    timer.start()
    began = time.monotonic()
    with pytest.raises(exceptions.Interrupted):
        next(replay)
    assert time.monotonic() - began < 5
    timer.join()
    with pytest.raises(exceptions.Interrupted, match="closed"):
        list(replay)


def test_threads_are_not_interrupted_but_closed(bucket):
    flood = bucket.open()
    flood.put("data", "id")
    replay = flood.replay(follow=True, poll=30)
    next(replay)
    errors = []

    def wait():
        try:
            next(replay)
        except exceptions.Interrupted as error:
            errors.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    assert interrupted(lambda: time.sleep(30)) < 1
    assert thread.is_alive()
    replay.close()
    thread.join(5)
    assert len(errors) == 1


def test_an_exception_of_a_progress_function_ends_the_call(flood):
    with flood.recorder(batch_bytes=65536) as recorder:
        for _ in range(5000):
            recorder.put("x" * 100)

    def stop(events, total, data_bytes):
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        flood.verify(progress=stop)
    assert len(list(flood.replay())) == 5000


def test_memory_floods_are_of_one_process():
    # Named here, since the other tests use them: one name is one flood.
    flashflood.open("memory://shared-name").put("data", "id")
    assert flashflood.open("memory://shared-name").get("id").id == "id"
