"""The faults of the original 0.4.3, each as a scenario that whoever implements its API can run.

usage: scenarios.py [NAME...]       with PYTHONPATH naming the implementation; prints JSON lines

A scenario asserts what is right. The original fails each of them, every time.
"""

import contextlib
import json
import sys
import threading
import time
from datetime import datetime, timedelta, timezone

from stage import Stage, day, quiet

from flashflood.exceptions import FlashFloodEventExistsError, FlashFloodEventNotFound

SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


def equal(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found!r} instead of {wanted!r}")


def refused(error, function, *arguments):
    try:
        given = function(*arguments)
    except error:
        return
    raise AssertionError(f"{function.__name__}{arguments} gave {given!r} instead of {error.__name__}")


def fill(flood, *ids, first=0):
    for number, event_id in enumerate(ids, first):
        flood.put(f"data of {event_id}".encode(), event_id, day(number))


def told(*ids):
    return [(event_id, f"data of {event_id}".encode()) for event_id in ids]


@scenario
def replay_from_inside_a_journal(stage):
    """Each event comes with its own data, also where the range begins within a journal."""
    flood = stage.open()
    fill(flood, "a", "b", "c")
    flood.journal(3)
    equal(stage.replay(day(0)), told("b", "c"))


@scenario
def simultaneous_events(stage):
    """Events of one instant are all replayed."""
    flood = stage.open()
    for event_id in ("a", "b", "c"):
        flood.put(f"data of {event_id}".encode(), event_id, day(0))
    equal(stage.replay(), told("a", "b", "c"))


@scenario
def journals_of_equal_range(stage):
    """Journals with the same first and last date are all replayed."""
    flood = stage.open()
    for ids in (("a", "c"), ("b", "d")):
        fill(flood, *ids)
        flood.journal(2)
    equal(stage.replay(), told("a", "b", "c", "d"))


@scenario
def journaling_during_a_replay(stage):
    """A replay gives what there was when it began, whoever journals meanwhile."""
    ids = [f"event{number}" for number in range(8)]
    fill(stage.open(), *ids)
    # As with hundreds of times as many events and the usual pages of a listing.
    replay = stage.open(page=3).replay()
    found = [quiet(next, replay)]
    stage.open().journal(8)
    found += quiet(list, replay)
    equal([event.event_id for event in found], ids)


@scenario
def two_updates(stage):
    """The newer of two updates stays."""
    flood = stage.open()
    fill(flood, "a", "b")
    flood.journal(2)
    flood.update_event("a", b"older")
    flood.update_event("a", b"newer")
    while flood.update():
        pass
    equal(flood.get_event("a").data, b"newer")
    equal(stage.replay(), [("a", b"newer")] + told("b"))


@scenario
def overlapping_journals(stage):
    """A replay is in order of the dates, however journals overlap."""
    flood = stage.open()
    for event_id, number in (("a", 0), ("c", 2)):
        fill(flood, event_id, first=number)
    flood.journal(2)
    fill(flood, "b", first=1)
    equal(stage.replay(), told("a", "b", "c"))


@scenario
def concurrent_puts(stage):
    """Of concurrent puts of one id one succeeds, the others get FlashFloodEventExistsError."""
    stage.open().put(b"another", "another", day(1))
    outcomes = []
    start = threading.Barrier(4)

    def put(number):
        flood = stage.open(page=None)
        start.wait()
        try:
            flood.put(b"%d" % number, "id", day(0))
            outcomes.append(number)
        except FlashFloodEventExistsError:
            pass

    threads = [threading.Thread(target=put, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(len(outcomes), 1)
    equal(stage.replay(), [("id", b"%d" % outcomes[0]), ("another", b"another")])


@scenario
def crash_inside_journaling(stage):
    """A journaling that crashes changes no replay."""
    fill(stage.open(), "a", "b")
    for number in range(1, 20):
        died = stage.killed_before_change(number, lambda flood: flood.journal(2))
        equal(stage.replay(), told("a", "b"))
        if not died:
            break


@scenario
def crash_inside_put(stage):
    """A put that crashed may be tried again: its event is there once."""
    flood = stage.open()
    fill(flood, "later", first=5)
    ids = [f"event{number}" for number in range(1, 9)]
    for number, event_id in enumerate(ids, 1):
        event = f"data of {event_id}".encode(), event_id, day(1)
        died = stage.killed_before_change(number, lambda flood: flood.put(*event))
        with contextlib.suppress(FlashFloodEventExistsError):
            flood.put(*event)
        equal(sorted(stage.replay()), told(*ids[:number], "later"))
        if not died:
            break


@scenario
def id_that_is_a_prefix(stage):
    """An id is not taken because a longer one is."""
    flood = stage.open()
    flood.put(b"longer", "event-10", day(0))
    equal(flood.event_exists("event-1"), False)
    refused(FlashFloodEventNotFound, flood.get_event, "event-1")
    flood.put(b"shorter", "event-1", day(1))
    equal(flood.get_event("event-1").data, b"shorter")
    flood.delete_event("event-1")
    equal(flood.get_event("event-10").data, b"longer")


def update_of(stage, event_id):
    flood = stage.open()
    flood.put(b"old", event_id, day(0))
    flood.put(b"old", "another", day(1))
    for changed in (event_id, "another"):
        flood.update_event(changed, b"new")
    flood.update()
    equal(stage.replay(), [(event_id, b"new"), ("another", b"new")])


@scenario
def id_with_a_slash(stage):
    """An event whose id holds a slash is updated, and so are others beside it."""
    update_of(stage, "folder/event")


@scenario
def id_with_a_leading_dash(stage):
    """An event whose id begins with a dash is updated, and so are others beside it."""
    update_of(stage, "-event")


@scenario
def empty_id(stage):
    """There is no event with an empty id, and asking for one harms no other."""
    flood = stage.open()
    fill(flood, "a", "b")
    equal(flood.event_exists(""), False)
    for function, *arguments in ((flood.get_event,), (flood.update_event, b"new"),
                                 (flood.delete_event,)):
        refused(FlashFloodEventNotFound, function, "", *arguments)
    flood.update_event("a", b"new")
    flood.update()
    equal(stage.replay(), [("a", b"new")] + told("b"))


@scenario
def empty_data(stage):
    """Empty data is data."""
    flood = stage.open()
    flood.put(b"", "empty", day(0))
    equal(flood.get_event("empty").data, b"")
    flood.put(b"full", "emptied", day(1))
    flood.update_event("emptied", b"")
    flood.update()
    equal(flood.get_event("emptied").data, b"")
    equal(stage.replay(), [("empty", b""), ("emptied", b"")])


@scenario
def date_with_an_offset(stage):
    """A date with an offset is the same instant in UTC."""
    flood = stage.open()
    noon = datetime(2020, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    flood.put(b"", "a", noon)
    [event] = quiet(list, flood.replay())
    equal(event.date, datetime(2020, 1, 1, 10))
    flood.put(b"1", "b", noon + timedelta(hours=1))
    equal(stage.replay(noon), [("b", b"1")])


@scenario
def years_before_1000(stage):
    """Every date of Python's can be recorded and replayed."""
    flood = stage.open()
    dates = [datetime(1, 1, 1, microsecond=1), datetime(476, 9, 4), datetime(999, 12, 31)]
    for number, date in enumerate(dates):
        flood.put(b"%d" % number, f"event{number}", date)
    equal([event.date for event in quiet(list, flood.replay())], dates)
    equal(flood.get_event("event1").date, dates[1])


def run(name):
    stage = Stage()
    began = time.monotonic()
    try:
        quiet(SCENARIOS[name], stage)
        failure = None
    except Exception as error:  # whatever it is, the implementation is to blame
        failure = f"{type(error).__name__}: {error}"
    finally:
        stage.clear()
    return {"scenario": name, "right": failure is None, "failure": failure,
            "seconds": round(time.monotonic() - began, 2)}


if __name__ == "__main__":
    for name in sys.argv[1:] or SCENARIOS:
        print(json.dumps(run(name)), file=sys.__stdout__, flush=True)
