"""What Arrow batches cost in Python, against the replay in C++, in one run.

    python3 bench/python/arrow.py FLOOD CPP      (CPP: the program python_bench_replay)

Prints medians of pairs in turn, of the time that passed and of the CPU time of all threads, which other
programs on the machine disturb less. Each has a handle of its own that has replayed the flood before; the
C++ replay touches every event, and is timed by its program, which is a process of its own.
"""

import statistics
import subprocess
import sys
import time

import pyarrow

import flashflood

PAIRS = 15


class Cpp:
    """The program that replays, a line for each round: the last one counts."""

    def __init__(self, flood, program):
        self.command = [program, flood, "3"]

    def __call__(self):
        lines = subprocess.run(self.command, capture_output=True, text=True, check=True).stdout
        events, *_, seconds, cpu_seconds = lines.splitlines()[-1].split()
        return int(events), float(seconds), float(cpu_seconds)


class Arrow:
    def __init__(self, flood, read):
        self.flood = flashflood.open(flood, create=False)
        self.read = read

    def __call__(self):
        begin, cpu_begin = time.perf_counter(), time.process_time()
        rows = self.read(self.flood.replay().arrow())
        return rows, time.perf_counter() - begin, time.process_time() - cpu_begin


def batches(stream):
    return sum(batch.num_rows for batch in pyarrow.RecordBatchReader.from_stream(stream))


def table(stream):
    return pyarrow.table(stream).num_rows


def ratio(baseline, times):
    return statistics.median(a / b for a, b in zip(baseline, times))


def main(flood, program):
    contenders = {
        "replay in C++": (Cpp(flood, program), None),
        "Arrow batches": (Arrow(flood, batches), 0.8),
        "Arrow table of all": (Arrow(flood, table), None),
    }
    runs = {name: [] for name in contenders}
    for turn in range(PAIRS + 1):
        for name, (contender, _) in contenders.items():
            run = contender()
            if turn > 0:
                runs[name].append(run)
    counts, seconds, cpu = ({name: [run[i] for run in of_one] for name, of_one in runs.items()}
                            for i in range(3))
    if len(set(sum(counts.values(), []))) != 1:
        sys.exit(f"the contenders counted different events: {counts}")
    baseline = "replay in C++"
    count = counts[baseline][0]
    print(f"{count:,} events; speed of the replay in C++")
    print(f"{'':<20} {'M/s':>7} {'speed':>7} {'of CPU':>7}")
    for name, (_, goal) in contenders.items():
        rate = count / statistics.median(seconds[name]) / 1e6
        speeds = [ratio(times[baseline], times[name]) for times in (seconds, cpu)]
        print(f"{name:<20} {rate:7.2f} {speeds[0]:7.2f} {speeds[1]:7.2f}   {f'>= {goal}' if goal else ''}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
