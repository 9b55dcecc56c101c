"""Measures the Python package beside the library and json.loads, on the same events, in one run:

    python main.py COMMAND CPP_REPLAY EVENTS.ndjson.zst FOLDER [--rounds N]

Contenders take turns, after a round that does not count; the median round of each counts. Before
anything is measured all of them must have given the same events, bytes and checksum.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import zlib

import flashflood


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", help="the flashflood command, which records the events")
    parser.add_argument("cpp_replay", help="python_bench_replay")
    parser.add_argument("events", help="NDJSON with invoice, line and date; .zst is decompressed")
    parser.add_argument("folder", help="where the flood is made")
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


def record(arguments):
    store = ["--store", arguments.folder]
    id = "join('-', [invoice, to_string(line)])"
    subprocess.run(
        [arguments.command, *store, "--quiet", "record", arguments.events, "--id", id, "--date", "date"],
        check=True, stdout=subprocess.DEVNULL,
    )
    subprocess.run([arguments.command, *store, "--quiet", "journal"], check=True, stdout=subprocess.DEVNULL)


class Contenders:
    """Each makes one pass over all events, and returns how many there were."""

    def __init__(self, arguments, flood):
        self.flood = flood
        self.lines = list(flood.replay().data())
        self.cpp_replay = [arguments.cpp_replay, arguments.folder, str(arguments.rounds + 1)]

    def events(self):
        count = 0
        for _ in self.flood.replay():
            count += 1
        return count

    def events_with_id_and_revision(self):
        count = 0
        for event in self.flood.replay():
            if event.id and event.revision:
                count += 1
        return count

    def events_with_date_and_bytes(self):
        count = 0
        for event in self.flood.replay():
            if event.date and bytes(event):
                count += 1
        return count

    def data(self):
        count = 0
        for _ in self.flood.replay().data():
            count += 1
        return count

    def json_loads(self):
        count = 0
        for line in self.lines:
            json.loads(line)
            count += 1
        return count

    def cpp(self):
        """Seconds of every round but the first, and what it counted."""
        result = subprocess.run(self.cpp_replay, check=True, capture_output=True, text=True)
        rounds = [line.split() for line in result.stdout.splitlines()]
        return [float(line[3]) for line in rounds[1:]], tuple(map(int, rounds[0][:3]))


def check(contenders):
    """The same events by every way, or an end."""
    expected = contenders.cpp()[1]
    epoch = flashflood.Event("", "1970-01-01T00:00:00Z", b"").date
    count = size = total = checksum = 0
    for event in contenders.flood.replay():
        count += 1
        size += len(event.data)
        age = event.date - epoch
        total += (age.days * 86_400 + age.seconds) * 1_000_000 + age.microseconds + event.revision
        checksum = zlib.crc32(event.data, checksum)
    found = (count, size, total % 2**64)
    by_data = 0
    for data in contenders.flood.replay().data():
        by_data = zlib.crc32(data, by_data)
    counts = {
        name: getattr(contenders, name)()
        for name in ("events", "events_with_id_and_revision", "data", "json_loads")
    }
    if found != expected or by_data != checksum or set(counts.values()) != {count}:
        sys.exit(f"the contenders differ: {expected}, {found}, {checksum}, {by_data}, {counts}")
    print(f"{count:,} events, {size:,} bytes of data, checksum {checksum:08x}: all the same\n")
    return count


def import_milliseconds(rounds):
    program = (
        "import time; began = time.perf_counter(); import flashflood; "
        "print((time.perf_counter() - began) * 1000)"
    )
    times = []
    for _ in range(rounds + 1):
        result = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
        times.append(float(result.stdout))
    return statistics.median(times[1:])


def resident_mebibytes():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def growth_over_a_million(contenders, count):
    """MiB of resident memory that a million more events leave behind, after some that warm up."""
    contenders.events_with_date_and_bytes()
    before = resident_mebibytes()
    for _ in range(max(2, 1_000_000 // count + 1)):
        contenders.events_with_date_and_bytes()
    return resident_mebibytes() - before


def main():
    arguments = parse_arguments()
    record(arguments)
    contenders = Contenders(arguments, flashflood.open(arguments.folder, create=False))
    count = check(contenders)
    names = ["events", "events_with_id_and_revision", "events_with_date_and_bytes", "data", "json_loads"]
    times = {name: [] for name in names}
    times["cpp"] = []
    for _ in range(arguments.rounds):
        times["cpp"].append(statistics.median(contenders.cpp()[0]))
        for name in names:
            began = time.perf_counter()
            getattr(contenders, name)()
            times[name].append(time.perf_counter() - began)
    rate = {name: count / statistics.median(values) / 1e6 for name, values in times.items()}
    print(f"{'':44}{'M/s':>8}{'of C++':>9}{'json.loads':>12}")
    rows = [
        ("cpp", "the library's replay, every event touched"),
        ("events", "events"),
        ("events_with_id_and_revision", "events, id and revision read"),
        ("events_with_date_and_bytes", "events, date read and data copied"),
        ("data", "bytes objects (Replay.data)"),
        ("json_loads", "json.loads of each line, in memory"),
    ]
    for name, title in rows:
        print(
            f"{title:44}{rate[name]:8.2f}{rate[name] / rate['cpp']:9.2f}"
            f"{rate[name] / rate['json_loads']:11.1f}x"
        )
    print("\ngoals: events 5 M/s or 0.50 of C++; bytes objects 3 M/s; both 12 times json.loads")
    print(f"import: {import_milliseconds(arguments.rounds):.0f} ms (goal: under 100)")
    print(f"a million events more: {growth_over_a_million(contenders, count):+.1f} MiB resident")


if __name__ == "__main__":
    main()
