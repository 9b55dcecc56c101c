"""Dates that are no dates, durations, ranges, and what data may be."""

import array
import datetime
import mmap
import urllib.parse

import numpy
import pandas
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


DATES = {
    "put": lambda flood, date: flood.put("data", None, date),
    "Event": lambda flood, date: flashflood.Event("id", date, b"data"),
    "recorder": lambda flood, date: flood.recorder().put("data", None, date),
    "replay from": lambda flood, date: flood.replay(date),
    "replay to": lambda flood, date: flood.replay(None, date),
    "query": lambda flood, date: flood.query("events", date),
    "splits": lambda flood, date: flood.splits(1, date),
    "read_split": lambda flood, date: flashflood.read_split(flood.splits(1)[0], date),
    "journals": lambda flood, date: flood.journals(date),
    "credentials": lambda flood, date: flashflood.S3Credentials("a", "b", expires=date),
}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("name", DATES)
def test_what_is_no_date(flood, name):
    flood.put("data", "id", "2020-01-01T00:00:00Z")
    call = DATES[name]
    with pytest.raises(exceptions.InvalidArgument, match="no time"):
        call(flood, pandas.NaT)
    with pytest.raises(TypeError):
        call(flood, numpy.datetime64("NaT"))
    call(flood, pandas.Timestamp("2020-01-01T00:00:00.123456789Z"))


def test_dates_of_pandas(flood):
    flood.put("data", "id", pandas.Timestamp("2020-01-01T02:00:00.123456789+02:00"))
    assert flood.get("id").date == datetime.datetime(
        2020, 1, 1, 0, 0, 0, 123456, tzinfo=datetime.timezone.utc)


RANGES = {
    "replay": lambda flood, dates: flood.replay(*dates),
    "query": lambda flood, dates: flood.query("events", *dates),
    "splits": lambda flood, dates: flood.splits(1, *dates),
    "read_split": lambda flood, dates: flashflood.read_split(flood.splits(1)[0], *dates),
    "journals": lambda flood, dates: flood.journals(*dates),
    "journals, pending": lambda flood, dates: flood.journals(*dates, read_pending=True),
}


@pytest.mark.parametrize("name", RANGES)
def test_ranges_the_wrong_way_round(flood, name):
    flood.put("data", "id", "2020-01-03T00:00:00Z")
    flood.journal()
    early, late = "2020-01-02T00:00:00Z", "2020-01-04T00:00:00Z"
    with pytest.raises(exceptions.InvalidArgument, match="comes after"):
        RANGES[name](flood, (late, early))
    RANGES[name](flood, (early, late))
    RANGES[name](flood, (early, early))


DURATIONS = {
    "poll": lambda flood, value: flood.replay(follow=True, poll=value, limit=1),
    "valid_for": lambda flood, value: flood.splits(1, valid_for=value),
    "refresh_splits": lambda flood, value: flood.refresh_splits(flood.splits(1), valid_for=value),
    "grace": lambda flood, value: flashflood.open("memory://durations", grace=value),
    "patience": lambda flood, value: flashflood.open("memory://durations", patience=value),
}


@pytest.mark.parametrize("name", DURATIONS)
def test_durations(flood, name):
    flood.put("data")
    call = DURATIONS[name]
    for value in (3600, 3600.0, datetime.timedelta(hours=1)):
        call(flood, value)
    for value in (True, False, "1h"):
        with pytest.raises(TypeError, match="number of seconds or a timedelta"):
            call(flood, value)
    for value in (-1, float("nan"), float("inf"), datetime.timedelta(seconds=-1)):
        with pytest.raises(exceptions.InvalidArgument):
            call(flood, value)


def lifetimes(splits):
    """Of the URLs in presigned splits, in seconds."""
    found = set()
    for split in splits:
        for text in str(split).split('"'):
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(text).query)
            found |= {int(seconds) for seconds in query.get("X-Amz-Expires", [])}
    return found


def test_presigning(bucket):
    flood = bucket.open()
    flood.put("data")
    assert lifetimes(flood.splits(1, presign=True)) == {3600}
    assert lifetimes(flood.splits(1, presign=60)) == {60}
    assert lifetimes(flood.splits(1, presign=datetime.timedelta(minutes=2))) == {120}
    for presign in (False, None):
        assert lifetimes(flood.splits(1, presign=presign)) == set()
    with pytest.raises(exceptions.InvalidArgument):
        flood.splits(1, presign=0)
    # As the engines have it, which take True and False too.
    from flashflood._workers import splits_for_workers

    plain = {"where": None, "query": None, "strict": False, "count": 1}
    for presign, wanted in ((None, {3600}), (True, {3600}), (60, {60}), (False, set())):
        splits = splits_for_workers(flood, None, None, **plain, presign=presign)
        assert lifetimes(splits) == wanted


def test_any_buffer_is_data(flood):
    mapped = mmap.mmap(-1, 4)
    mapped.write(b"data")
    whole = [b"data", bytearray(b"data"), memoryview(b"data"), array.array("b", b"data"), mapped,
             numpy.frombuffer(b"data", "u1"), pyarrow.py_buffer(b"data")]
    for data in [*whole, flashflood.Event("id", "2020-01-01T00:00:00Z", b"data")]:
        assert bytes(flood.get(flood.put(data))) == b"data"
