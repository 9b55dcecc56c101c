"""journal() of the original's API, and dates, on a bucket in this process.

tests/original has more, on real servers, where the original runs beside it.
"""

import datetime

import boto3
import botocore.config
import pytest
from small_s3 import SmallS3

from flashflood import FlashFlood
from flashflood.exceptions import FlashFloodJournalingError, InvalidArgument


def day(number):
    return datetime.datetime(2020, 1, number)


@pytest.fixture
def flood():
    bucket = SmallS3()
    resource = boto3.resource(
        "s3", endpoint_url=f"http://127.0.0.1:{bucket.server.server_port}", region_name="us-east-1",
        aws_access_key_id="key", aws_secret_access_key="secret",
        config=botocore.config.Config(s3={"addressing_style": "path"}))
    yield FlashFlood(resource, "bucket", "prefix")
    bucket.close()


def refused(flood, *minimums):
    with pytest.raises(FlashFloodJournalingError):
        flood.journal(*minimums)


def test_nothing(flood):
    assert flood.journal(minimum_number_of_events=0) is None
    refused(flood, 1)
    refused(flood, 0, 1)
    flood.put(b"data", "a", day(1))
    flood.journal(0)
    assert flood.journal(minimum_number_of_events=0) is None
    assert flood.journal(-1, -1) is None


def test_what_is_beyond_a_minimum_counts_for_the_next(flood):
    for number in range(1, 7):
        flood.put(b"data", f"event{number}", day(number))
    flood.journal(3)
    flood.journal(2, minimum_size=1)
    refused(flood, 2)
    refused(flood, 1, 5)
    flood.journal(1, 4)
    refused(flood, 1)
    flood.put(b"data", "later", day(9))
    flood.journal(1, 4)
    refused(flood, 1)


def test_a_size_takes_as_many_events_as_it_needs(flood):
    for number in range(1, 7):
        flood.put(b"data", f"event{number}", day(number))
    flood.journal(1)        # five with 20 bytes are left
    flood.journal(1, 9)     # takes three of them
    refused(flood, 3)
    flood.journal(2)
    refused(flood, 0, 1)


def test_dates(flood):
    event = flood.put(b"data", "day", datetime.date(2020, 1, 9))
    assert event.date == flood.get_event("day").date == day(9)
    flood.put(b"data", "later", datetime.datetime(2020, 1, 10, tzinfo=datetime.timezone.utc))
    assert [e.event_id for e in flood.replay(datetime.date(2020, 1, 9))] == ["later"]
    flood.journal(1)
    for list_of in (flood.replay, flood.list_journals, flood.list_event_streams):
        with pytest.raises(InvalidArgument, match="comes after"):
            list(list_of(day(4), day(2)))
    [journal] = flood.list_journals()
    assert (journal.start_date, journal.end_date) == (day(9), day(10))
    assert journal.range_prefix == "2020-01-09T000000.000000Z--2020-01-10T000000.000000Z"
