"""A program for the original 0.4.3, from its README on: what it prints is the same with ours.

usage: tour.py       with PYTHONPATH naming the implementation
"""

import io
import sys
from datetime import date, datetime, timedelta

import flashflood
from flashflood import FlashFlood, replay_event_stream
from flashflood.exceptions import (FlashFloodEventExistsError, FlashFloodEventNotFound,
                                   FlashFloodException, FlashFloodJournalingError)
from flashflood.util import datetime_from_timestamp

from stage import BUCKET, Stage, day, quiet


def tell(what, value):
    print(f"{what}: {value!r}", file=sys.__stdout__)


def tell_error(what, function, *arguments, **named):
    try:
        tell(what, function(*arguments, **named))
    except Exception as error:
        known = (FlashFloodEventExistsError, FlashFloodEventNotFound, FlashFloodJournalingError,
                 FlashFloodException, ValueError, TypeError)
        tell(what, next((kind.__name__ for kind in known if isinstance(error, kind)), error))


def record(flood):
    event = flood.put(b'{"amount": 0}', "event0", day(0))
    tell("put", event)
    tell("fields", (type(event).__name__, event._fields, isinstance(event, tuple)))
    for number in range(1, 9):
        flood.put(data=b'{"amount": %d}' % number, event_id=f"event{number}", date=day(number))
    given = flood.put(b"no id, no date")
    tell("a made id", (type(given.event_id), given.data, given.date.tzinfo))
    tell("dated now", abs(given.date - datetime.utcnow()) < timedelta(seconds=60))
    tell("an empty id is none", flood.put(b"x", "", day(20)).event_id != "")
    tell_error("put again", flood.put, b"", "event0")
    tell_error("put a delimiter", flood.put, b"", "a--b")
    tell_error("put a text", flood.put, "text", "text")
    tell_error("put nothing", flood.put, None, "none")
    tell_error("put a number", flood.put, 5, "number")
    tell("bytearray", flood.get_event(flood.put(bytearray(b"x"), "array", day(21)).event_id))


def look_up(flood):
    tell("get_event", flood.get_event("event3"))
    tell("type of data", type(flood.get_event(event_id="event3").data))
    tell("event_exists", (flood.event_exists("event3"), flood.event_exists(event_id="nothing")))
    tell_error("get nothing", flood.get_event, "nothing")
    tell_error("update nothing", flood.update_event, "nothing", b"")
    tell_error("delete nothing", flood.delete_event, "nothing")


def journal(flood):
    tell_error("too few events", flood.journal, minimum_number_of_events=1000)
    tell_error("the default is 100", flood.journal)
    tell_error("too little data", flood.journal, 2, 1000)
    for number in range(3):
        tell("journal", flood.journal(minimum_number_of_events=4))
    tell_error("nothing is left", flood.journal, 1)


def surplus(flood):
    tell("journal nothing", flood.journal(minimum_number_of_events=0))
    tell_error("no data", flood.journal, 0, 1)
    for number in range(6):
        flood.put(b"data", f"event{number}", day(number))
    tell("journal", flood.journal(3))
    tell("with a size", flood.journal(2, minimum_size=1))
    tell_error("too few are left", flood.journal, 2)
    tell_error("too little is left", flood.journal, 1, 5)
    tell("the rest", flood.journal(1, 4))
    tell_error("nothing is left", flood.journal, 1)
    tell("of a day", flood.put(b"data", "day", date(2020, 2, 1)).event_id)
    tell("its date", flood.get_event("day").date)


def replay(flood):
    events = list(flood.replay(to_date=day(100)))
    tell("replay", [(e.event_id if e.event_id.startswith("event") else "", e.date, e.data)
                    for e in events])
    tell("in order", [e.date for e in events] == sorted(e.date for e in events))
    tell("a range", [e.event_id for e in flood.replay(to_date=day(8))])
    tell("beyond", list(flood.replay(from_date=datetime.max)))
    tell("an empty range", list(flood.replay(day(3), day(3))))
    tell("is lazy", next(iter(flood.replay())).event_id)
    tell("the extremes", len(list(flood.replay(datetime.min, datetime.max))))


def change(flood):
    tell("update_event", flood.update_event("event1", b"new"))
    flood.update_event(event_id="event4", new_data="a text")
    flood.update_event("event5", io.BytesIO(b"a file"))
    tell("delete_event", flood.delete_event(event_id="event2"))
    tell("and its id", flood.event_exists("event2"))
    tell("applied", flood.update())
    tell("nothing to apply", flood.update(number_of_updates_to_apply=5))
    tell("updated", [flood.get_event(f"event{number}") for number in (1, 4, 5)])
    tell("replay", [(e.event_id, e.data) for e in flood.replay(to_date=day(3))])


def journals(flood):
    found = list(flood.list_journals())
    tell("a journal's id", all(isinstance(each, str) for each in found))
    tell("its dates", all(each.start_date <= each.end_date for each in found))
    tell("its other parts", all(each.count("--") == 3 and each.version for each in found))
    tell("of a range", list(flood.list_journals(to_date=day(-1))))


def streams(flood, prefix):
    wanted = list(flood.replay(to_date=day(8)))
    streams = list(flood.list_event_streams(to_date=day(8)))
    tell("a stream", all({"journal_id", "from_date", "to_date", "size"} <= set(s) for s in streams))
    for stream in streams:
        assert datetime_from_timestamp(stream["from_date"]) <= datetime_from_timestamp(
            stream["to_date"])
    tell("streams", [event for stream in streams
                     for event in replay_event_stream(stream, to_date=day(8))] == wanted)
    found, begin = [], day(0)
    for stream in flood.list_event_streams(day(0), day(8)):
        found += replay_event_stream(stream, from_date=begin, to_date=day(8))
        begin = datetime_from_timestamp(stream["to_date"])
        if begin >= day(8):
            break
    tell("page by page", found == wanted[1:])
    tell("none", list(FlashFlood(flood.s3, BUCKET, prefix + "-empty").list_event_streams()))
    tell("put it again", flood.put(b"again", "event2", day(2)).data)
    tell("and read it", flood.get_event("event2").data)


def empty(flood):
    tell("replay", list(flood.replay()))
    tell("journals", list(flood.list_journals()))
    tell_error("get", flood.get_event, "event0")
    tell_error("update", flood.update_event, "event0", b"")
    tell_error("delete", flood.delete_event, "event0")
    tell_error("journal", flood.journal, 1)
    tell("update", flood.update())


def main(stage):
    tell_error("a prefix that ends with /", FlashFlood, stage.resource, BUCKET, "prefix/")
    flood = FlashFlood(s3_resource=stage.resource, bucket=BUCKET, root_prefix=stage.prefix)
    tell("names", (flood.s3 is stage.resource, flood.bucket.name, flood.root_prefix == stage.prefix))
    tell("exceptions", [getattr(flashflood, name).__mro__[1].__name__
                        for name in ("FlashFloodEventNotFound", "FlashFloodEventExistsError",
                                     "FlashFloodJournalingError")])
    for part in (empty, record, look_up, journal, replay, change, journals):
        print(f"-- {part.__name__}", file=sys.__stdout__)
        part(flood)
    print("-- surplus", file=sys.__stdout__)
    surplus(FlashFlood(stage.resource, BUCKET, f"{stage.prefix}/surplus"))
    print("-- streams", file=sys.__stdout__)
    streams(flood, stage.prefix)


if __name__ == "__main__":
    stage = Stage()
    try:
        quiet(main, stage)
    finally:
        stage.clear()
