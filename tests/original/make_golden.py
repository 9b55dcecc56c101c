"""Makes a small bucket with the original, and copies it to a folder: make_golden.py FOLDER

What tests/original/golden holds was made by this once, and stays as it is. Where it ran:
    tools/s3-server run -- env FLASHFLOOD_ORIGINAL=build/python-venv/original \\
        build/python-venv/bin/python tests/original/make_golden.py FOLDER
"""

import sys

from bucket import Original, day


def fill(original):
    for number in range(1, 6):
        original.put(f"event-{number}", day(number))
    original.journal(minimum_number_of_events=4)      # event-1 to event-4
    original.update_event("event-1", b'{"updated": 1}')
    original.update()
    original.put("binary", day(6), b"\x00\xff\n")
    original.put("empty", day(7), b"")
    original.put("old", day(8).replace(year=987))
    # Not applied yet.
    original.update_event("event-2", b'{"updated": "first"}')
    original.update_event("event-2", b'{"updated": "then"}')
    original.delete_event("event-3")
    # As crashes leave them: a journal and what it was made of; data without a manifest; a manifest
    # without data.
    tombstone = next(key for key in original.keys("journals/")
                     if key.startswith("journals/2019-11-04") and key.endswith(".dead"))
    original.remove(tombstone)
    original.put("lost", day(9))
    original.put("dropped", day(10))
    original.remove(original.blob_of("lost"))
    original.remove("journals/" + original.journal_of("dropped"))


def run(folder):
    original = Original()
    try:
        fill(original)
        original.download(folder)
    finally:
        original.clear()


if __name__ == "__main__":
    run(sys.argv[1])
