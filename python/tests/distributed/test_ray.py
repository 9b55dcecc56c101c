"""flashflood.ray on a local cluster, whose processes have no keys for the bucket."""

import datetime
import json
import os
import shutil
import tempfile

import pytest
import ray
import ray.data

import flashflood
import flashflood.ray
from flashflood import exceptions


@pytest.fixture(scope="module", autouse=True)
def cluster(without_keys):
    # Paths of sockets are short, so it is no folder of pytest.
    folder = tempfile.mkdtemp(prefix="ray-")
    with without_keys():
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        ray.init(num_cpus=2, object_store_memory=128 << 20, include_dashboard=False,
                 logging_level="warning", _temp_dir=folder)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = True
    yield
    ray.shutdown()
    shutil.rmtree(folder, ignore_errors=True)


def rows_of(events):
    return [{"id": event.id, "date": event.date, "revision": event.revision,
             "data": str(event.data, "utf-8")} for event in events]


def test_equals_the_replay_and_workers_have_no_keys(flood, url, stranger):
    dataset = flashflood.ray.read_flood(url, count=8).map_batches(stranger, batch_format="pyarrow")
    assert dataset.take_all() == rows_of(flood.replay())
    workers = stranger.processes()
    assert len(workers) >= 2 and os.getpid() not in workers


def test_expressions_and_ranges(flood):
    dates = "2011-03-01T00:00:00Z", datetime.datetime(2011, 6, 15, 12)
    asked = {"where": "country == 'France'", "query": "[quantity, stock_code]"}
    dataset = flashflood.ray.read_flood(flood, *dates, **asked, count=3)
    assert dataset.take_all() == rows_of(flood.replay(*dates, **asked))
    with pytest.raises(exceptions.QueryError):
        flashflood.ray.read_flood(flood, where="country ==")


def test_one_moment_and_its_columns(flood):
    before = flood.find("536365-2")
    dataset = flashflood.ray.read_flood(flood, to_date=before.date, data="binary", concurrency=1)
    empty = flashflood.ray.read_flood(flood, to_date="2000-01-01T00:00:00Z", data="binary")
    none = flashflood.ray.read_flood(flood, where="country == 'Atlantis'", count=2)
    flood.update(before.id, b"\xff")
    assert {row["id"]: row["data"] for row in dataset.take_all()}[before.id] == bytes(before)
    assert empty.take_all() == none.take_all() == []
    assert empty.schema().names == none.schema().names == dataset.schema().names
    assert empty.schema().types == dataset.schema().types


def test_splits_of_any_origin(tmp_path):
    flood = flashflood.open(str(tmp_path))
    for number in range(10):
        flood.put(json.dumps({"number": number}))
    source = flashflood.ray.FloodDatasource(flood.splits(3))
    assert ray.data.read_datasource(source).limit(4).count() == 4
    assert flashflood.ray.read_flood(flood).count() == 10
    with pytest.raises(exceptions.StoreUnsuitable):
        flashflood.ray.read_flood(flood, presign=60)
