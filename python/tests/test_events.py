"""Single events: put, get, update, delete; dates and data in and out."""

import datetime
import gc
import pickle

import pytest

import flashflood
from flashflood import exceptions

UTC = datetime.timezone.utc


def test_put_makes_an_id_and_a_date(flood):
    before = datetime.datetime.now(UTC)
    event = flood.get(flood.put(b"data"))
    assert len(event.id) == 32
    assert before - datetime.timedelta(seconds=1) < event.date
    assert event.date < datetime.datetime.now(UTC) + datetime.timedelta(seconds=1)
    assert event.revision == 1


@pytest.mark.parametrize(
    "date",
    [
        "2011-03-01T08:26:00.000001Z",
        "2011-03-01T09:26:00.000001+01:00",
        datetime.datetime(2011, 3, 1, 8, 26, 0, 1),
        datetime.datetime(2011, 3, 1, 8, 26, 0, 1, UTC),
        datetime.datetime(
            2011, 3, 1, 3, 56, 0, 1, datetime.timezone(datetime.timedelta(hours=-4, minutes=-30))
        ),
    ],
)
def test_dates(flood, date):
    flood.put("", "id", date)
    found = flood.get("id").date
    assert found == datetime.datetime(2011, 3, 1, 8, 26, 0, 1, UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "date", [datetime.datetime.min, datetime.datetime(1, 1, 1, 0, 0, 1), datetime.datetime.max]
)
def test_dates_far_away(flood, date):
    flood.put("", "id", date)
    assert flood.get("id").date == date.replace(tzinfo=UTC)


def test_a_date_that_leaves_the_calendar_is_refused(flood):
    zone = datetime.timezone(datetime.timedelta(hours=1))
    with pytest.raises(exceptions.InvalidArgument):
        flood.put("", "id", datetime.datetime.min.replace(tzinfo=zone))


@pytest.mark.parametrize("date", [datetime.date(2011, 3, 1), 1299000000, b"2011-03-01T00:00:00Z"])
def test_what_is_no_date_is_a_type_error(flood, date):
    with pytest.raises(TypeError, match="date is a datetime or RFC 3339 text, not"):
        flood.put("", "id", date)


@pytest.mark.parametrize(
    "data, stored",
    [
        ("gr\u00fc\u00df", "gr\u00fc\u00df".encode()),
        (b"\x00\xff", b"\x00\xff"),
        (bytearray(b"abc"), b"abc"),
        (memoryview(b"abcdef")[1:4], b"bcd"),
        ("", b""),
    ],
)
def test_data(flood, data, stored):
    flood.put(data, "id")
    event = flood.get("id")
    assert bytes(event) == stored
    assert bytes(event.data) == stored
    assert event.data.readonly


@pytest.mark.parametrize("data", [{"a": 1}, 3, None, ["x"]])
def test_what_is_no_data_is_a_type_error(flood, data):
    with pytest.raises(TypeError, match="data is str or bytes, not"):
        flood.put(data, "id")
    assert flood.find("id") is None


def test_lone_surrogates_are_refused(flood):
    with pytest.raises(UnicodeEncodeError):
        flood.put("\ud800", "id")


def test_json(flood):
    flood.put('{"amount": [1, 2.5, null]}', "id")
    assert flood.get("id").json() == {"amount": [1, 2.5, None]}
    flood.put("nothing", "other")
    with pytest.raises(ValueError):
        flood.get("other").json()


def test_update_and_delete(flood):
    flood.put("one", "id", "2020-01-01T00:00:00Z")
    assert flood.update("id", "two") == 2
    assert flood.update("id", "three", expected_revision=2) == 3
    with pytest.raises(exceptions.RevisionConflict):
        flood.update("id", "four", expected_revision=2)
    event = flood.get("id")
    assert (bytes(event), event.revision) == (b"three", 3)
    flood.delete("id", expected_revision=3)
    assert flood.find("id") is None
    with pytest.raises(exceptions.FlashFloodEventNotFound, match='"id"'):
        flood.get("id")
    with pytest.raises(exceptions.FlashFloodEventNotFound):
        flood.delete("id")


def test_an_id_is_taken_once(flood):
    flood.put("one", "id")
    with pytest.raises(exceptions.FlashFloodEventExistsError, match='"id"'):
        flood.put("two", "id")
    assert bytes(flood.get("id")) == b"one"


def test_events_are_values(flood):
    flood.put("data", "id", "2020-01-01T00:00:00Z")
    event = flood.get("id")
    assert event == flood.get("id")
    assert hash(event) == hash(flood.get("id"))
    assert event == flashflood.Event("id", datetime.datetime(2020, 1, 1), b"data", 1)
    assert event != flashflood.Event("id", datetime.datetime(2020, 1, 1), b"data", 2)
    assert event != "id"
    assert pickle.loads(pickle.dumps(event)) == event
    assert repr(event) == (
        "Event(id='id', date='2020-01-01T00:00:00.000000Z', revision=1, data=b'data')"
    )


def test_the_data_outlives_event_and_flood():
    flood = flashflood.open("memory://outlives")
    flood.put("x" * 1000, "id")
    data = flood.get("id").data
    del flood
    gc.collect()
    assert bytes(data) == b"x" * 1000
