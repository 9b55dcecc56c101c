"""The original Python package (PyPI flash-flood) as a contender of s3_bench.

usage: original.py SINGLES REPLAYED PREFIX

SINGLES and REPLAYED are files of events: id, microseconds since 1970 and data on a line, separated
by tabs. Puts the first ones singly, journals and gets them, and replays the others, which it stores
with the package's own journals, since putting them would take an hour. Prints a line of JSON for
each: seconds, how many, HTTP requests (counted as botocore sends them), and the SHA-256 of what came
back. The bucket is FLASHFLOOD_TEST_S3_URL; endpoint and keys are those of the AWS variables.
"""

import contextlib
import datetime
import hashlib
import json
import os
import random
import sys
import time

# A server such as radosgw does not know the checksums that boto3 has added since the package was made.
os.environ.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
os.environ.setdefault("AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required")

import boto3  # noqa: E402
from flashflood import FlashFlood  # noqa: E402
from flashflood.util import datetime_to_timestamp  # noqa: E402

EPOCH = datetime.datetime(1970, 1, 1)
JOURNALS = 10  # of the events to replay
GETS = 200


def read_events(path):
    with open(path, "rb") as file:
        for line in file:
            event_id, micros, data = line.rstrip(b"\n").split(b"\t", 2)
            date = EPOCH + datetime.timedelta(microseconds=int(micros))
            yield event_id.decode(), date, data


def line_of(date, data):
    micros = (date - EPOCH) // datetime.timedelta(microseconds=1)
    return b"%d\t%b\n" % (micros, data)


class Contender:
    def __init__(self, bucket, prefix):
        self.bucket, self.prefix = bucket, prefix
        self.s3 = boto3.resource("s3")
        self.requests = 0
        self.s3.meta.client.meta.events.register("before-send.s3", self.count)

    def count(self, **_):
        self.requests += 1

    def flood(self, name):
        return FlashFlood(self.s3, self.bucket, f"{self.prefix}/{name}")

    def measure(self, what, count, work):
        """The package prints as it goes: that goes nowhere."""
        before, began = self.requests, time.perf_counter()
        with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
            result = work()
        told = {"what": what, "seconds": time.perf_counter() - began, "count": count,
                "requests": self.requests - before}
        return told, result

    def singles(self, events):
        flood = self.flood("singles")
        told, put = self.measure("put", len(events),
                                 lambda: [flood.put(data, date=date) for _, date, data in events])
        print(json.dumps(told), flush=True)
        told, _ = self.measure("journal", len(events), lambda: flood.journal(len(events)))
        print(json.dumps(told), flush=True)
        some = random.Random(1).choices(put, k=GETS)
        told, got = self.measure("get", GETS, lambda: [flood.get_event(e.event_id) for e in some])
        if [e.data for e in got] != [e.data for e in some]:
            sys.exit("original.py: got other data than was put")
        print(json.dumps(told), flush=True)
        self.replay("journaled", flood, len(events), sort=True)

    def replay(self, what, flood, count, sort=False):
        told, events = self.measure(what, count, lambda: list(flood.replay()))
        lines = [line_of(event.date, event.data) for event in events]
        if sort:
            lines.sort()
        told["sha256"] = hashlib.sha256(b"".join(lines)).hexdigest()
        print(json.dumps(told), flush=True)

    def replayed(self, events):
        flood = self.flood("replayed")
        size = -(-len(events) // JOURNALS)
        for first in range(0, len(events), size):
            described, data = [], b""
            for event_id, date, event_data in events[first:first + size]:
                described.append({"event_id": event_id, "timestamp": datetime_to_timestamp(date),
                                  "offset": len(data), "size": len(event_data)})
                data += event_data
            self.measure("store", 1, flood._Journal(described, data=data).upload)
        self.replay("replay", flood, len(events))


def main(singles, replayed, prefix):
    bucket = os.environ["FLASHFLOOD_TEST_S3_URL"].removeprefix("s3://").rstrip("/")
    contender = Contender(bucket, prefix)
    contender.singles(list(read_events(singles)))
    contender.replayed(list(read_events(replayed)))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
