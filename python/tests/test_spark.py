"""Spark reads splits by mapInArrow, as docs/python.md shows it.

pyspark takes 400 MB and a Java, so it is not among what tools/setup installs.
"""

import importlib.util
import shutil
import sys

import pytest

import flashflood

SCHEMA = "id string, date timestamp, revision long, data string"

if not importlib.util.find_spec("pyspark"):
    missing = "needs Spark: build/python-venv/bin/pip install pyspark"
elif not shutil.which("java"):
    missing = "needs a Java 17 or newer for Spark: apt-get install default-jre-headless"
else:
    missing = None
pytestmark = pytest.mark.skipif(missing is not None, reason=missing or "")


def read(batches):
    import pyarrow

    for batch in batches:
        for split in batch.column("split").to_pylist():
            with flashflood.read_split(split) as replay:
                yield from pyarrow.RecordBatchReader.from_stream(replay.arrow())


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYSPARK_PYTHON", sys.executable)
        session = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
                   .config("spark.sql.session.timeZone", "UTC").getOrCreate())
        yield session
        session.stop()


def frame_of(spark, splits):
    rows = [(str(split),) for split in splits]
    return (spark.createDataFrame(rows, "split string").repartition(max(1, len(rows)))
            .mapInArrow(read, SCHEMA))


def test_equals_the_replay(spark, folder):
    flood = flashflood.open(folder)
    with flood.recorder() as recorder:
        for number in range(5000):
            recorder.put(json={"number": number}, id=f"event-{number}")
    flood.journal()
    flood.update("event-7", json={"number": -7})
    splits = flood.splits(4, where="number < `4000`")
    found = frame_of(spark, splits).sort("date", "id").collect()
    wanted = list(flood.replay(where="number < `4000`"))
    assert len(splits) > 1 and len(wanted) == 4000
    assert [(row.id, row.revision, row.data) for row in found] == [
        (event.id, event.revision, bytes(event).decode()) for event in wanted]
    assert found[0].date == wanted[0].date.astimezone().replace(tzinfo=None)


def test_nothing(spark, folder):
    assert frame_of(spark, flashflood.open(folder).splits(4)).collect() == []


def test_spark_s_own_queries(spark, folder):
    flood = flashflood.open(folder)
    for number in range(10):
        flood.put(json={"number": number}, date=f"2020-01-0{number % 3 + 1}T00:00:00Z")
    frame_of(spark, flood.splits(2)).createOrReplaceTempView("events")
    [row] = spark.sql("select sum(get_json_object(data, '$.number')) as total from events "
                      "where date < '2020-01-02'").collect()
    assert row.total == 0 + 3 + 6 + 9
