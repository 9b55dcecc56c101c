"""What is closed, has failed or was read already says so, and never looks complete."""

import collections
import gc
import threading
import time
import warnings

import duckdb
import pyarrow
import pytest

import flashflood
from flashflood import exceptions

COUNT = 100_000


@pytest.fixture(scope="module")
def flood():
    flood = flashflood.open("memory://closed")
    with flood.recorder() as recorder:
        for number in range(COUNT):
            recorder.put('{"n":%d}' % number, f"e{number:06}")
    flood.journal()
    return flood


def closed(flood):
    with flood.replay() as replay:
        first = next(replay)
    assert first.id == "e000000"  # events stay valid
    return replay


@pytest.mark.parametrize("read", [
    next, list, lambda replay: list(replay.data()), lambda replay: pyarrow.table(replay.arrow()),
    lambda replay: flashflood._native._tuples(replay, tuple).__next__(),
], ids=["next", "list", "data", "arrow", "tuples"])
def test_a_closed_replay(flood, read):
    replay = closed(flood)
    for _ in range(2):
        with pytest.raises((exceptions.Interrupted, OSError), match="closed"):
            read(replay)
    replay.close()
    assert replay.progress.events > 0


def test_a_stream_of_arrow_that_leaves_its_block(flood):
    with flood.replay() as replay:
        events = replay.arrow()
    with pytest.raises(OSError, match="closed"):
        pyarrow.table(events)


def test_one_that_ended_is_closed_all_the_same(flood):
    with flood.replay(limit=3) as replay:
        assert len(list(replay)) == 3
        assert list(replay) == []
    with pytest.raises(exceptions.Interrupted, match="closed"):
        list(replay)


def test_a_replay_is_closed_while_another_thread_reads(flood):
    outcomes = collections.Counter()

    def read(replay):
        count = 0
        try:
            for _ in replay:
                count += 1
            outcomes[count] += 1
        except exceptions.Interrupted:
            outcomes["closed"] += 1

    for turn in range(30):
        replay = flood.replay()
        thread = threading.Thread(target=read, args=(replay,))
        thread.start()
        time.sleep(0.001 * (turn % 10))
        replay.close()
        thread.join()
    assert outcomes["closed"] > 0
    assert set(outcomes) <= {COUNT, "closed"}


def test_a_replay_that_failed_fails_again(flood):
    with flood.recorder() as recorder:
        recorder.put("not JSON", "z", "2999-01-01T00:00:00Z")
    try:
        replay = flood.replay("2998-01-01T00:00:00Z", where="n", strict=True)
        for _ in range(2):
            with pytest.raises(exceptions.FlashFloodException) as error:
                list(replay)
            assert "z" in str(error.value)
    finally:
        flood.delete("z")


def test_the_result_of_a_query_is_read_once(flood):
    result = flood.query("length(events)")
    assert result.value() == COUNT
    assert result.progress.events == COUNT
    for read in (result.text, result.value):
        with pytest.raises(exceptions.InvalidArgument, match="read already"):
            read()
    assert list(result) == []


def test_a_query_that_failed_fails_again(flood):
    result = flood.query("sum(events[].to_string(n))")
    for read in (result.text, result.text, lambda: next(result), result.value):
        with pytest.raises(exceptions.QueryError):
            read()


def arrow_rows(events):
    return duckdb.sql("select count(*) from events").fetchall()[0][0]


def test_arrow_is_read_once(flood):
    events = flood.replay().arrow()
    assert pyarrow.table(events).num_rows == COUNT
    with pytest.raises(exceptions.InvalidArgument, match="already consumed"):
        pyarrow.table(events)
    assert pyarrow.schema(events).names == ["id", "date", "revision", "data"]


def test_arrow_was_read_in_part(flood):
    events = flood.replay().arrow()
    pyarrow.RecordBatchReader.from_stream(events).read_next_batch()
    with pytest.raises(exceptions.InvalidArgument, match="already consumed"):
        pyarrow.table(events)


def test_two_streams_of_arrow_at_once(flood):
    events = flood.replay().arrow()
    unread = [pyarrow.RecordBatchReader.from_stream(events) for _ in range(2)]
    assert sum(batch.num_rows for batch in unread[1]) == COUNT
    with pytest.raises((OSError, pyarrow.ArrowInvalid), match="already consumed"):
        unread[0].read_next_batch()


def test_a_stream_that_nobody_reads_takes_nothing(flood):
    events = flood.replay().arrow()
    for _ in range(2):
        del_me = pyarrow.RecordBatchReader.from_stream(events)
        del del_me
    assert pyarrow.table(events).num_rows == COUNT


def test_duckdb_asks_twice(flood):
    events = flood.replay().arrow()
    assert arrow_rows(events) == COUNT
    with pytest.raises(Exception, match="already consumed"):
        arrow_rows(events)
    events = flood.replay().arrow()
    relation = duckdb.sql("select * from events")
    assert len(relation.limit(3).fetchall()) == 3
    with pytest.raises(Exception, match="already consumed"):
        relation.fetchall()


def warned(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
        gc.collect()
    return [(warning.category, str(warning.message)) for warning in caught]


def test_a_recorder_that_is_not_closed(flood):
    def leave_open():
        flood.recorder().put("data", "left", "2000-01-01T00:00:00Z")

    [(category, message)] = warned(leave_open)
    assert category is ResourceWarning
    assert "not closed" in message and "with" in message

    def fail():
        with flood.recorder() as recorder:
            recorder.put("data", "failed")
            raise LookupError

    def close():
        flood.recorder().close()

    with pytest.raises(LookupError):
        assert warned(fail) == []
    assert warned(close) == []


def test_a_closed_recorder(flood):
    with flood.recorder() as recorder:
        pass
    for call in (lambda: recorder.put("data"), recorder.flush, lambda: recorder.progress):
        with pytest.raises(exceptions.InvalidArgument, match="closed"):
            call()
    recorder.close()
