"""Replays: ranges, filters, order, and events that are kept."""

import datetime
import resource

import pytest

import flashflood
from flashflood import exceptions

DAY = datetime.datetime(2021, 5, 1, tzinfo=datetime.timezone.utc)


def record(flood, count):
    with flood.recorder() as recorder:
        for number in range(count):
            recorder.put(
                '{"number": %d}' % number, f"event-{number:06}", DAY + datetime.timedelta(seconds=number)
            )


def numbers(replay):
    return [event.json()["number"] for event in replay]


def test_a_range_is_open_at_its_beginning(flood):
    record(flood, 10)
    second = datetime.timedelta(seconds=1)
    assert numbers(flood.replay()) == list(range(10))
    assert numbers(flood.replay(DAY + 2 * second, DAY + 5 * second)) == [3, 4, 5]
    assert numbers(flood.replay(to_date="2021-05-01T00:00:01Z")) == [0, 1]
    with pytest.raises(exceptions.InvalidArgument):
        flood.replay(DAY + second, DAY)


def test_a_range_of_splits(flood):
    record(flood, 10_000)
    flood.journal()
    splits = flood.splits(3, to_date=DAY + datetime.timedelta(seconds=9000))
    second = datetime.timedelta(seconds=1)

    def read(*dates):
        return [number for split in splits for number in numbers(flashflood.read_split(split, *dates))]

    assert read() == list(range(9001))
    assert read(DAY + 2 * second, DAY + 5 * second) == [3, 4, 5]
    assert read(None, "2021-05-01T00:00:01Z") == [0, 1]
    assert read(DAY + 8998 * second) == [8999, 9000]
    assert read(DAY + 9500 * second) == []
    with pytest.raises(exceptions.InvalidArgument, match="comes after"):
        flashflood.read_split(splits[0], DAY + second, DAY)


def test_where_query_and_limit(flood):
    record(flood, 100)
    assert numbers(flood.replay(where="number >= `98`")) == [98, 99]
    assert list(flood.replay(query="number", limit=3).data()) == [b"0", b"1", b"2"]
    replay = flood.replay(where="number >= `98`")
    assert len(list(replay)) == 2
    assert replay.progress.events == 2
    assert replay.progress.filtered == 98


def test_a_wrong_expression_says_where(flood):
    with pytest.raises(exceptions.QueryError) as caught:
        flood.replay(where="number = `1`")
    assert caught.value.kind == "syntax"
    assert caught.value.column == 7


def test_strict(flood):
    flood.put("no JSON", "id")
    replay = flood.replay(where="number")
    assert list(replay) == []
    with pytest.raises(exceptions.QueryError, match="not JSON"):
        list(flood.replay(where="number", strict=True))


def test_events_stay_valid_after_the_replay(flood):
    record(flood, 20_000)
    replay = flood.replay()
    events = list(replay)
    replay.close()
    del replay
    assert [event.id for event in events] == [f"event-{number:06}" for number in range(20_000)]
    assert bytes(events[12345].data) == b'{"number": 12345}'
    views = [event.data for event in events[::100]]
    del events
    assert bytes(views[7]) == b'{"number": 700}'


def test_a_closed_replay_is_over(flood):
    record(flood, 10)
    with flood.replay() as replay:
        first = next(replay)
        assert first.id == "event-000000"
    with pytest.raises(exceptions.Interrupted, match="closed"):
        list(replay)
    assert replay.progress.events >= 1


def test_data_and_events_share_one_replay(flood):
    record(flood, 4)
    replay = flood.replay()
    assert next(replay).id == "event-000000"
    assert next(replay.data()) == b'{"number": 1}'
    assert [event.id for event in replay] == ["event-000002", "event-000003"]


def test_folder(folder):
    flood = flashflood.open(folder)
    record(flood, 1000)
    assert numbers(flashflood.open(folder, create=False).replay()) == list(range(1000))
    with pytest.raises(exceptions.NotAFlood):
        flashflood.open(folder + "-other", create=False)


def resident_bytes():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def test_a_million_events_leave_nothing_behind(flood):
    record(flood, 100_000)
    flood.journal()

    def read():
        count = 0
        for event in flood.replay():
            count += bool(event.id) + bool(event.date) + len(event.data) * 0
        for data in flood.replay().data():
            count += bool(data)
        return count

    for _ in range(2):
        assert read() == 300_000
    before = resident_bytes()
    for _ in range(5):
        read()
    assert resident_bytes() - before < 16 << 20
