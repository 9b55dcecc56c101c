"""flashflood.dask with processes that have no keys for the bucket."""

import dask
import pytest

import flashflood
import flashflood.dask
from flashflood import exceptions


@pytest.fixture(autouse=True)
def processes(without_keys):
    with dask.config.set(scheduler="processes", num_workers=2):
        yield


def test_equals_the_replay_and_workers_have_no_keys(flood, url, stranger, without_keys):
    bag = flashflood.dask.to_bag(url, count=8)
    assert 4 <= bag.npartitions <= 8
    with without_keys():
        events = bag.map_partitions(stranger).compute()
    assert events == list(flood.replay())
    assert len(stranger.processes()) == 2


def test_a_sum(flood):
    bag = flashflood.dask.to_bag(flood, where="country == 'France'", count=4)
    quantities = bag.map(flashflood.Event.json).pluck("quantity")
    assert quantities.sum().compute() == flood.query(
        "sum(events[?country == 'France'].quantity)").value()


def test_one_moment(flood):
    before = flood.find("536365-2")
    bag = flashflood.dask.to_bag(flood, to_date=before.date, presign=60)
    flood.update(before.id, "{}")
    assert before in bag.compute(scheduler="sync") and before in bag.compute(scheduler="sync")


def test_in_a_folder(tmp_path):
    flood = flashflood.open(str(tmp_path))
    assert flashflood.dask.to_bag(flood).compute(scheduler="sync") == []
    ids = [flood.put(str(number), date=f"2020-01-01T00:00:0{number}Z") for number in range(5)]
    bag = flashflood.dask.to_bag(flood, presign=False)
    assert bag.map(lambda event: event.id).compute(scheduler="sync") == ids
    with pytest.raises(exceptions.StoreUnsuitable):
        flashflood.dask.to_bag(flood, presign=60)
    with pytest.raises(exceptions.NotAFlood):
        flashflood.dask.to_bag(str(tmp_path / "nothing"))
