"""Arrow: pyarrow, Polars and DuckDB read replays, and the rules of the interface between them."""

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import duckdb
import polars
import pyarrow
import pytest

import flashflood
from flashflood import exceptions

COUNT = 20_000
SCHEMA = pyarrow.schema(
    [
        pyarrow.field("id", pyarrow.string(), nullable=False),
        pyarrow.field("date", pyarrow.timestamp("us", "UTC"), nullable=False),
        pyarrow.field("revision", pyarrow.int64(), nullable=False),
        pyarrow.field("data", pyarrow.string(), nullable=False),
    ]
)
BINARY_SCHEMA = SCHEMA.set(3, pyarrow.field("data", pyarrow.binary(), nullable=False))


@pytest.fixture
def sales(flood):
    """A flood with COUNT events, of which one was changed."""
    with flood.recorder() as recorder:
        for number in range(COUNT):
            recorder.put(
                f'{{"amount": {number % 100}, "country": "{"Österreich" if number % 3 else "France"}"}}',
                f"sale-{number:05}",
                f"2021-05-01T00:{number // 1000 % 60:02}:{number % 60:02}.{number:06}Z",
            )
    flood.update("sale-00042", '{"amount": 1000, "country": "France"}')
    return flood


def rows(replay):
    return [(event.id, event.date, event.revision, bytes(event.data).decode()) for event in replay]


def table_rows(table):
    return list(zip(*(table[name].to_pylist() for name in ["id", "date", "revision", "data"])))


def test_pyarrow(sales):
    table = pyarrow.table(sales.replay().arrow())
    table.validate(full=True)
    assert table.schema == SCHEMA
    assert table_rows(table) == rows(sales.replay())
    assert table.num_rows == COUNT
    filtered = pyarrow.table(sales.replay(where="amount > `98` && country == 'France'").arrow())
    assert table_rows(filtered) == rows(sales.replay(where="amount > `98` && country == 'France'"))
    assert 0 < filtered.num_rows < COUNT // 100


def test_batches_are_bounded(sales):
    reader = pyarrow.RecordBatchReader.from_stream(sales.replay().arrow(batch_rows=999))
    assert [batch.num_rows for batch in reader] == [999] * (COUNT // 999) + [COUNT % 999]
    reader = pyarrow.RecordBatchReader.from_stream(sales.replay().arrow(batch_bytes=1 << 16))
    for batch in reader:
        texts = sum(len(text.as_py().encode()) for name in ["id", "data"] for text in batch[name])
        assert texts <= 1 << 16


def test_polars(sales):
    frame = polars.DataFrame(sales.replay(where="amount > `50`").arrow())
    assert frame.schema["date"] == polars.Datetime("us", "UTC")
    assert frame.schema["revision"] == polars.Int64
    found = (
        frame.with_columns(polars.col("data").str.json_path_match("$.country").alias("country"))
        .group_by("country")
        .len()
        .sort("country")
    )
    assert found["country"].to_list() == ["France", "Österreich"]
    assert found["len"].sum() == frame.height == len(list(sales.replay(where="amount > `50`")))
    assert frame.filter(polars.col("revision") > 1)["id"].to_list() == ["sale-00042"]


def test_duckdb(sales):
    events = sales.replay(query="amount").arrow()
    found = duckdb.sql("select count(*), sum(data::int), max(revision), min(date) from events").fetchall()[0]
    amounts = [int(data) for data in sales.replay(query="amount").data()]
    assert found == (COUNT, sum(amounts), 2, next(sales.replay()).date)
    events = sales.replay().arrow()
    assert duckdb.sql("select id from events where revision = 2").fetchall() == [("sale-00042",)]


def test_nothing_and_binary(flood):
    assert pyarrow.table(flood.replay().arrow()).num_rows == 0
    assert polars.DataFrame(flood.replay().arrow()).height == 0
    flood.put(b"\xff\x00", "raw", "0001-01-01T00:00:00Z")
    with pytest.raises(pyarrow.ArrowInvalid, match='event "raw" is not valid UTF-8.*binary'):
        pyarrow.table(flood.replay().arrow())
    table = pyarrow.table(flood.replay().arrow(data="binary"))
    assert table.schema == BINARY_SCHEMA
    assert table["data"].to_pylist() == [b"\xff\x00"]


def test_what_was_read_before_is_gone(sales):
    replay = sales.replay()
    first = next(replay)
    arrow = replay.arrow()
    arrow.__arrow_c_stream__()  # read by nobody: takes nothing away
    table = pyarrow.table(arrow)
    assert first.id == "sale-00000"
    assert table_rows(table) == rows(sales.replay())[1:]
    assert replay.progress.events == COUNT
    assert pyarrow.table(replay.arrow()).num_rows == 0  # what is left


def test_schemas(sales):
    arrow = sales.replay().arrow()
    assert pyarrow.schema(arrow) == SCHEMA
    assert pyarrow.schema(sales.replay().arrow(data="binary")) == BINARY_SCHEMA

    def read(requested):
        capsule = sales.replay(limit=3).arrow().__arrow_c_stream__(requested.__arrow_c_schema__())
        return pyarrow.RecordBatchReader._import_from_c_capsule(capsule).read_all()

    assert read(BINARY_SCHEMA).schema == BINARY_SCHEMA
    assert read(SCHEMA).schema == SCHEMA
    large = SCHEMA.set(3, pyarrow.field("data", pyarrow.large_binary()))
    assert read(large).schema == BINARY_SCHEMA, "the nearest that there is"
    for index, field in [
        (0, pyarrow.field("id", pyarrow.int64())),
        (1, pyarrow.field("date", pyarrow.string())),
        (2, pyarrow.field("revision", pyarrow.float64())),
        (3, pyarrow.field("data", pyarrow.list_(pyarrow.string()))),
        (3, pyarrow.field("text", pyarrow.string())),
        (3, pyarrow.field("data", pyarrow.dictionary(pyarrow.int32(), pyarrow.string()))),
    ]:
        with pytest.raises(ValueError, match="does not fit"):
            read(SCHEMA.set(index, field))
    with pytest.raises(ValueError, match="does not fit"):
        read(SCHEMA.remove(2))
    with pytest.raises(ValueError):
        arrow.__arrow_c_stream__(arrow.__arrow_c_stream__())
    with pytest.raises((TypeError, ValueError)):
        arrow.__arrow_c_stream__("schema")


def test_options_out_of_bounds(flood):
    for options in [{"batch_rows": 0}, {"batch_bytes": 1}, {"batch_bytes": 1 << 31}, {"data": "text"}]:
        with pytest.raises(exceptions.InvalidArgument):
            flood.replay().arrow(**options)
    with pytest.raises(TypeError):
        flashflood.Replay.arrow(5)


def test_batches_outlive_everything(sales):
    expected = rows(sales.replay())[:999]
    replay = sales.replay()
    reader = pyarrow.RecordBatchReader.from_stream(replay.arrow(batch_rows=999))
    batch = reader.read_next_batch()
    del reader, replay
    gc.collect()
    assert table_rows(pyarrow.Table.from_batches([batch])) == expected


def test_nothing_is_kept(sales):
    replay = sales.replay()
    arrow = replay.arrow()
    capsule = arrow.__arrow_c_stream__()
    schema = arrow.__arrow_c_schema__()
    reader = pyarrow.RecordBatchReader.from_stream(arrow)
    reader.read_next_batch()
    references = sys.getrefcount(replay)
    assert references > 3
    del capsule, schema, reader, arrow
    gc.collect()
    assert sys.getrefcount(replay) < references


def test_errors_come_with_their_message(flood):
    flood.put("no JSON", "bad")
    replay = flood.replay(where="`true`", strict=True)
    with pytest.raises((pyarrow.ArrowException, OSError), match='"bad" is not JSON'):
        pyarrow.table(replay.arrow())


@pytest.mark.parametrize("read", [pyarrow.table, polars.DataFrame])
def test_other_threads_run_meanwhile(flood, read):
    """The GIL is free while a batch is waited for: another thread records what it waits for."""
    replay = flood.replay(follow=True, poll=0.01, limit=1)
    thread = threading.Thread(target=lambda: tables.append(read(replay.arrow())))
    tables = []
    thread.start()
    time.sleep(0.1)
    flood.put("{}", "first")
    thread.join()
    assert tables[0].shape == (1, 4)


def test_a_followed_replay_gives_what_there_is(flood):
    flood.put("{}", "first")
    replay = flood.replay(follow=True, poll=0.01, limit=2)
    reader = pyarrow.RecordBatchReader.from_stream(replay.arrow())
    assert reader.read_next_batch()["id"].to_pylist() == ["first"]
    flood.put("{}", "second")
    assert reader.read_next_batch()["id"].to_pylist() == ["second"]


def test_a_program_may_end_in_the_middle(folder):
    program = textwrap.dedent(
        """
        import sys, flashflood, pyarrow
        flood = flashflood.open(sys.argv[1])
        with flood.recorder() as recorder:
            for number in range(10_000):
                recorder.put("{}", str(number))
        replay = flood.replay()
        reader = pyarrow.RecordBatchReader.from_stream(replay.arrow(batch_rows=10))
        sys.batch = reader.read_next_batch()
        sys.reader = reader
        """
    )
    done = subprocess.run([sys.executable, "-c", program, folder], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_control_c(folder):
    """A program that reads for long ends within a second of Ctrl-C, with KeyboardInterrupt."""
    program = textwrap.dedent(
        """
        import sys, time, flashflood, pyarrow
        flood = flashflood.open(sys.argv[1])
        with flood.recorder() as recorder:
            for number in range(50_000):
                recorder.put('{"n": 1}', str(number), "2021-05-01T00:00:00Z")
        print("ready", flush=True)
        try:
            try:
                while True:
                    pyarrow.table(flood.replay().arrow())
            except (OSError, pyarrow.ArrowException) as error:
                print("error", error, flush=True)
                time.sleep(0)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, folder], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.2)
        os.kill(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=20)
    finally:
        process.kill()
    assert output.splitlines()[-1] == "interrupted"
