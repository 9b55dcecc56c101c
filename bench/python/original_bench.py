"""FlashFlood from Python against the original 0.4.3, on one S3 server, in one run.

usage: original_bench.py EVENTS ORIGINAL      EVENTS: NDJSON (.zst too); ORIGINAL: where the original lies

The server is that of the AWS variables and FLASHFLOOD_TEST_S3_URL (tools/s3-server run radosgw). The two
take turns; figures are medians, with the least ratio of any turn beside them, and the requests of each. A
turn's replay with this package is the median of five; the original's takes seconds and is done once.
As many events as are put singly are journaled.
"""

import argparse
import hashlib
import itertools
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta

import boto3
import botocore.config

import flashflood
import pyarrow
from flashflood import FlashFlood

HERE = os.path.dirname(os.path.abspath(__file__))
FIRST = datetime(2011, 1, 1)
NAMED = 100  # events that are put with ids
REPLAYS = 5  # of a turn, which take no more than some hundredths of a second: the median counts
# What to reach, as a ratio.
WANTED = {
    "single put": 4,
    "single put, with an id": 4,
    "bulk record (its own: put)": 1000,
    "journaling": 30,
    "replay, the original's API": 20,
    "replay as events": 20,
    "replay as Arrow": 50,
}


class Figure:
    def __init__(self, seconds, events, requests, sha256=None):
        self.seconds = seconds
        self.events = events
        self.requests = requests
        self.sha256 = sha256

    @property
    def rate(self):
        return self.events / self.seconds


def measure_original(place, singles, replayed, prefix):
    """What bench/s3/original.py tells of a turn: name -> Figure."""
    files = [write_events(events) for events in (singles, replayed)]
    told = subprocess.run(
        [sys.executable, "-B", os.path.join(HERE, "..", "s3", "original.py"), *files, prefix],
        env=dict(os.environ, PYTHONPATH=place), stdout=subprocess.PIPE, check=True).stdout
    for file in files:
        os.remove(file)
    figures = {}
    for line in told.splitlines():
        one = json.loads(line)
        figures[one["what"]] = Figure(one["seconds"], one["count"], one["requests"],
                                      one.get("sha256"))
    return figures


def write_events(events):
    with tempfile.NamedTemporaryFile("wb", suffix=".events", delete=False) as file:
        for event_id, date, data in events:
            file.write(b"%s\t%d\t%s\n" % (event_id.encode(), micros_of(date), data))
    return file.name


def micros_of(date):
    return (date - datetime(1970, 1, 1)) // timedelta(microseconds=1)


def digest_of(events):
    """As bench/s3/original.py makes it of what it replays."""
    sha256 = hashlib.sha256()
    for _, date, data in events:
        sha256.update(b"%d\t%b\n" % (micros_of(date), data))
    return sha256.hexdigest()


class Ours:
    """The same tasks with this package, through one handle."""

    def __init__(self, resource, bucket, prefix):
        self.compatible = FlashFlood(resource, bucket, prefix)
        self.flood = self.compatible._flood()

    def measure(self, task, *arguments):
        before = self.requests()
        began = time.perf_counter()
        events = task(*arguments)
        return Figure(time.perf_counter() - began, events, self.requests() - before)

    def measure_replays(self, task):
        runs = [self.measure(task) for _ in range(REPLAYS)]
        return sorted(runs, key=lambda run: run.seconds)[REPLAYS // 2]

    def requests(self):
        report = self.flood.requests()
        return report.gets + report.puts + report.lists + report.removes + report.times

    def put(self, events):
        for _, date, data in events:
            self.compatible.put(data, date=date)
        return len(events)

    def put_named(self, events):
        """With ids: each has to be looked up."""
        for event_id, date, data in events:
            self.compatible.put(data, event_id, date)
        return len(events)

    def record(self, events):
        with self.flood.recorder() as recorder:
            for event_id, date, data in events:
                recorder.put(data, event_id, date)
        return len(events)

    def journal(self, number):
        self.compatible.journal(minimum_number_of_events=number)
        return number

    def replay_original_api(self):
        return sum(1 for _ in self.compatible.replay())

    def replay(self):
        return sum(1 for event in self.flood.replay() if event.data is not None)

    def replay_arrow(self):
        reader = pyarrow.RecordBatchReader.from_stream(self.flood.replay().arrow())
        return sum(batch.num_rows for batch in reader)


def lines_of(path):
    if not path.endswith(".zst"):
        with open(path, "rb") as lines:
            yield from lines
        return
    with subprocess.Popen(["zstd", "-dcq", path], stdout=subprocess.PIPE) as process:
        yield from process.stdout


class Events:
    """Real events with dates of their own: the original hides events of equal dates."""

    def __init__(self, path, count):
        self.path = path
        self.count = count
        self.lines = [line.rstrip(b"\n") for line in itertools.islice(lines_of(path), count)]
        self.taken = 0

    def take(self, number):
        first, self.taken = self.taken, self.taken + number
        return [(f"event-{n:08}", FIRST + timedelta(seconds=n), self.lines[n % len(self.lines)])
                for n in range(first, first + number)]


class Table:
    def __init__(self):
        print(f"{'':32}{'original':>14}{'flashflood':>14}{'ratio':>9}{'least':>9}"
              f"{'wanted':>8}   requests for an event", flush=True)

    @staticmethod
    def row(name, originals, ours, wanted):
        ratios = [b.rate / a.rate for a, b in zip(originals, ours)]
        rates = [statistics.median(figure.rate for figure in side) for side in (originals, ours)]
        requests = [sum(f.requests for f in side) / sum(f.events for f in side)
                    for side in (originals, ours)]
        print(f"{name:32}{rates[0]:>12,.1f}/s{rates[1]:>12,.1f}/s{statistics.median(ratios):>9,.1f}"
              f"{min(ratios):>9,.1f}{wanted:>8,}   {requests[0]:.4g} : {requests[1]:.4g}", flush=True)


def run(options, resource, bucket):
    events = Events(options.events, options.replayed)
    replayed = events.take(options.replayed)
    digest = digest_of(replayed)
    figures = {name: [] for name in WANTED}
    for turn in range(options.turns):
        prefix = f"bench-{secrets.token_hex(4)}"
        singles = events.take(options.puts)
        original = measure_original(options.original, singles, replayed, prefix)
        if original["replay"].sha256 != digest:
            sys.exit("the original replayed other events than were stored")
        ours = Ours(resource, bucket, prefix + "-singles")
        figures["single put"].append((original["put"], ours.measure(ours.put, singles)))
        figures["journaling"].append((original["journal"], ours.measure(ours.journal, len(singles))))
        ours = Ours(resource, bucket, prefix + "-named")
        figures["single put, with an id"].append(
            (original["put"], ours.measure(ours.put_named, singles[:NAMED])))
        ours = Ours(resource, bucket, prefix + "-replayed")
        figures["bulk record (its own: put)"].append(
            (original["put"], ours.measure(ours.record, replayed)))
        ours.flood.journal()
        if turn == 0 and digest_of(ours.compatible.replay()) != digest:
            sys.exit("other events were replayed than were recorded")
        for name, task in (("replay, the original's API", ours.replay_original_api),
                           ("replay as events", ours.replay),
                           ("replay as Arrow", ours.replay_arrow)):
            figures[name].append((original["replay"], ours.measure_replays(task)))
    table = Table()
    for name, wanted in WANTED.items():
        if figures[name]:
            table.row(name, *zip(*figures[name]), wanted)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("events")
    parser.add_argument("original")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--puts", type=int, default=1000, help="events put, and journaled, a turn")
    parser.add_argument("--replayed", type=int, default=200_000,
                        help="events replayed, and recorded in bulk, a turn")
    options = parser.parse_args()
    resource = boto3.resource("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"],
                              config=botocore.config.Config(s3={"addressing_style": "path"}))
    bucket = os.environ["FLASHFLOOD_TEST_S3_URL"].removeprefix("s3://").split("/")[0]
    run(options, resource, bucket)


if __name__ == "__main__":
    main()
