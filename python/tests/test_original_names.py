"""The names of the original package 0.4.3, module by module: ours have the same signatures.

What is not there, or different, is listed here and stands in the table of docs/python.md.
"""

import datetime
import json
import os
import pathlib
import subprocess
import sys

import pytest

import flashflood
import flashflood.identifiers
from flashflood.exceptions import InvalidArgument
from flashflood.identifiers import JournalID, JournalUpdateAction, JournalUpdateID
from flashflood.util import DateRange

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
ORIGINAL = os.path.join(sys.prefix, "original")
ABSENT = {"BaseJournal", "BaseJournalUpdate", "BaseKeyIndex", "flashflood.key_index",
          "FlashFlood.combine_journals"}
DIFFERENT = {"flashflood.Event": "flashflood.Event", "version.__version__": "version.__version__"}


def both(*program):
    """What the program prints with the original, and with ours."""
    if not os.path.isdir(ORIGINAL):
        pytest.skip("there is no build/python-venv/original (tools/setup python makes it)")
    answers = []
    for path in ({"PYTHONPATH": ORIGINAL}, {}):
        done = subprocess.run([sys.executable, "-B", *program], env=dict(os.environ, **path),
                              text=True, stdout=subprocess.PIPE, check=True)
        answers.append(json.loads(done.stdout))
    return answers


def test_same_names_and_signatures():
    theirs, ours = both(HERE / "public_names.py")
    differences, absent, different = [], set(), set()
    for module, names in theirs.items():
        if module not in ours:
            absent.add(module)
            names = {}
        for name, wanted in names.items():
            found = ours[module].get(name)
            full = f"{module}.{name}"
            if name in ABSENT and found is None:
                absent.add(name)
            elif full.removeprefix("flashflood.") in DIFFERENT or full in DIFFERENT:
                assert found != wanted, f"{full} is the same after all"
                different.add(full.removeprefix("flashflood.") if "version" in full else full)
            elif isinstance(wanted, dict) and "members" in wanted:
                for member, kind in wanted["members"].items():
                    if f"{name}.{member}" in ABSENT:
                        absent.add(f"{name}.{member}")
                    elif found is None or found["members"].get(member) != kind:
                        differences.append((full, member, kind, found and found["members"].get(member)))
            elif isinstance(wanted, dict):
                if not set(wanted["bases"]) <= set((found or {}).get("bases", ())):
                    differences.append((full, wanted, found))
            elif found != wanted:
                differences.append((full, wanted, found))
    assert differences == []
    assert absent == ABSENT and different == set(DIFFERENT)
    assert len(theirs["flashflood"]) > 10 and len(theirs["flashflood.util"]) > 8


@pytest.mark.parametrize("name", sorted(ABSENT) + sorted(DIFFERENT))
def test_what_differs_is_in_the_table(name):
    text = (ROOT / "docs" / "python.md").read_text()
    table = text.partition("What is different, and why:")[2].partition("## ")[0]
    shown = "combine_journals()" if "combine_journals" in name else name
    assert f"`{shown}`" in table


def test_ids_of_journals():
    first, last = "2020-01-01T000000.000000Z", "2020-01-02T000000.000000Z"
    made = JournalID.make(start_timestamp=first, end_timestamp=last, version="new", blob_id="blob")
    assert made == f"{first}--{last}--new--blob" and isinstance(made, JournalID)
    assert JournalID.from_key(f"prefix/journals/{made}") == made
    assert made.range_prefix == f"{first}--{last}"
    assert (made.version, made.blob_id) == ("new", "blob")
    assert (made.start_date, made.end_date) == (
        datetime.datetime(2020, 1, 1), datetime.datetime(2020, 1, 2))
    assert JournalID(f"{first}--new--new--blob").end_date == datetime.datetime(2020, 1, 1)
    with pytest.raises(ValueError, match="four parts"):
        JournalID("other").version
    update = JournalUpdateID.make(made, "an-id", JournalUpdateAction.DELETE)
    assert update.startswith(JournalUpdateID.prefix_for_journal(made))
    assert (update.journal_id, update.event_id, update.action) == (
        made, "an-id", JournalUpdateAction.DELETE)
    assert flashflood.util.datetime_from_timestamp(update.timestamp).tzinfo is None


def test_timestamps_of_dates():
    assert flashflood.datetime_to_timestamp(datetime.date(2020, 1, 1)) == "2020-01-01T000000.000000Z"


RANGES = """
import datetime, json, random, sys
from flashflood.util import DateRange
days = [datetime.datetime(2020, 1, day) for day in range(1, 6)]
dates = random.Random(4711)
def a_range():
    first, last = sorted(dates.choices(days, k=2))
    return DateRange(*dates.choice([(first, last)] * 5 + [(None, last), (first, None), (None, None)]))
answers = []
for _ in range(2000):
    a, b, date = a_range(), a_range(), dates.choice(days)
    answers.append([date in a, b in a, date in a.future])
print(json.dumps(answers))
"""


def test_ranges_answer_as_the_original():
    theirs, ours = both("-c", RANGES)
    assert theirs == ours and len({tuple(answer) for answer in theirs}) > 4


def test_ranges():
    days = [datetime.datetime(2020, 1, day) for day in range(1, 6)]
    middle = DateRange(days[1], days[3])
    assert days[1] in middle.past and days[2] not in middle.past and days[0] in middle.past
    assert days[0] not in DateRange(None, days[1]).past
    assert datetime.date(2020, 1, 3) in middle and datetime.date(2020, 1, 2) not in middle
    with pytest.raises(InvalidArgument, match="comes after"):
        DateRange(days[1], days[0])
    with pytest.raises(TypeError, match="str"):
        "2020-01-03" in middle


class Bucket:
    def __init__(self):
        self.deleted = []
        self.objects = self

    def delete_objects(self, Delete):
        self.deleted.append([each["Key"] for each in Delete["Objects"]])

    def filter(self, Prefix):
        return [f"{Prefix}/{number}" for number in range(3)]


def test_tools_for_buckets(monkeypatch):
    bucket = Bucket()
    with flashflood.S3Deleter(bucket, deletion_threshold=2500) as deleter:
        for number in range(2501):
            deleter.delete(str(number))
        assert sorted(map(len, bucket.deleted)) == [500, 1000, 1000]
    assert sorted(sum(bucket.deleted, []), key=int) == [str(number) for number in range(2501)]
    assert sorted(flashflood.util.concurrent_listing(bucket, ["a", "b"])) == [
        "a/0", "a/1", "a/2", "b/0", "b/1", "b/2"]
    with pytest.raises(ValueError, match="several"):
        next(flashflood.util.concurrent_listing(bucket, "ab"))
    asked = []

    class Client:
        def __getattr__(self, name):
            return lambda *given, **named: asked.append((name, given, named)) or self

    assert flashflood.util.upload_object(Client(), "bucket", "key", b"data", {"a": "b", "c": "d"}) is False
    flashflood.util.update_object_tagging(Client(), "bucket", "key", {"a": "b"})
    assert asked == [
        ("put_object", (), {"Bucket": "bucket", "Key": "key", "Body": b"data", "Tagging": "a=b&c=d"}),
        ("put_object_tagging", (), {"Bucket": "bucket", "Key": "key",
                                    "Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}})]
    monkeypatch.setitem(flashflood.config.object_exists_waiter_config, "Delay", 1)
    assert flashflood.util.upload_object(Client(), "bucket", "key") is True
    assert [name for name, _, _ in asked[2:]] == ["put_object", "get_waiter", "wait"]
