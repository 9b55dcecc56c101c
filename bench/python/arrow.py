"""What Arrow batches cost in Python, against the replay in C++, in one run.

    python3 bench/python/arrow.py FLOOD BENCH      (BENCH: the program flashflood_bench)

Prints medians of pairs in turn, after a run that does not count, of the time that passed and of the
CPU time of all threads, which other programs on the machine disturb less. The C++ replay is a process
of its own, its start included; the others run inside this one, with the flood opened anew.
"""

import resource
import statistics
import subprocess
import sys
import time

import pyarrow

import flashflood

PAIRS = 7


def cpp(flood, bench):
    done = subprocess.run([bench, "--library-replay", flood], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[0])


def arrow(flood, _):
    stream = flashflood.open(flood, create=False).replay().arrow()
    return sum(batch.num_rows for batch in pyarrow.RecordBatchReader.from_stream(stream))


def table(flood, _):
    return pyarrow.table(flashflood.open(flood, create=False).replay().arrow()).num_rows


CONTENDERS = {
    "replay in C++": (cpp, None),
    "Arrow batches": (arrow, 0.8),
    "Arrow table of all": (table, None),
}


def cpu_seconds():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def ratio(baseline, times):
    return statistics.median(a / b for a, b in zip(baseline, times))


def main(flood, bench):
    seconds = {name: [] for name in CONTENDERS}
    cpu = {name: [] for name in CONTENDERS}
    counts = set()
    for turn in range(PAIRS + 1):
        for name, (contender, _) in CONTENDERS.items():
            begin, cpu_begin = time.perf_counter(), cpu_seconds()
            counts.add(contender(flood, bench))
            if turn > 0:
                seconds[name].append(time.perf_counter() - begin)
                cpu[name].append(cpu_seconds() - cpu_begin)
    if len(counts) != 1:
        sys.exit(f"the contenders counted different events: {sorted(counts)}")
    count = counts.pop()
    print(f"{count:,} events; speed of the replay in C++")
    print(f"{'':<20} {'M/s':>7} {'speed':>7} {'of CPU':>7}")
    baseline = "replay in C++"
    for name, (_, goal) in CONTENDERS.items():
        rate = count / statistics.median(seconds[name]) / 1e6
        speeds = [ratio(times[baseline], times[name]) for times in (seconds, cpu)]
        print(f"{name:<20} {rate:7.2f} {speeds[0]:7.2f} {speeds[1]:7.2f}   {f'>= {goal}' if goal else ''}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
