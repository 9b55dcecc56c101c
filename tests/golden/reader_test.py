"""The second reader (tools/reader.py), which is written from docs/format.md alone, reads what FlashFlood wrote.

It reads every golden file, refuses each of them with any byte changed or cut off, and prints the events of
floods made here just as `flashflood replay` and `read-split` do. FLASHFLOOD_COMMAND names the binary.
"""

import base64
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

DEBIAN_PYTHON = "/usr/bin/python3"
TOOLS = os.path.join(os.path.dirname(__file__), "..", "..", "tools")
GOLDEN = os.path.dirname(os.path.abspath(__file__))
COMMAND = os.environ.get("FLASHFLOOD_COMMAND", "flashflood")
MARCH_FIRST = 1298967960000000  # 2011-03-01T08:26:00Z
DATE_MIN, DATE_MAX = -62135596800000000, 253402300799999999

sys.dont_write_bytecode = True
sys.path.insert(0, TOOLS)
try:
    import reader
    import reader_objects as objects
except ImportError as problem:
    if sys.executable != DEBIAN_PYTHON and os.path.exists(DEBIAN_PYTHON):
        os.execv(DEBIAN_PYTHON, [DEBIAN_PYTHON, *sys.argv])  # Debian's has its packages
    print(f"{problem} (Debian's packages python3-xxhash, python3-zstandard, python3-lz4)")
    sys.exit(77)


def golden(name):
    with open(os.path.join(GOLDEN, name), "rb") as file:
        return file.read()


def golden_names():
    return sorted(name for name in os.listdir(GOLDEN) if name.endswith((".bin", ".json")))


class GoldenFiles(unittest.TestCase):
    """What golden_objects.h says that the files hold."""

    def test_every_file_is_read(self):
        kinds = {name: objects.read_object(golden(name))["object"] for name in golden_names()}
        self.assertEqual(set(kinds.values()), {
            "journal", "catalog", "catalog page", "index part", "flashflood", "flashflood-lease",
            "flashflood-import", "flashflood-split"})

    def test_journals(self):
        expected = [
            (DATE_MIN, b"first", b"f" * 300, 1, 2, 1298967960123456789),
            (0, b"epoch", b"", 3, 1, 3),
            (MARCH_FIRST, b"a", b"a" * 200 + b"b" * 200, 2, 1, 9999999999),
            (MARCH_FIRST, "bä".encode(), b"\0\xff\n", 4, 2, 5),
            (DATE_MAX, b"last", b"[]", 1, 1, 1),
        ]
        for codec, name in enumerate(("journal-none.bin", "journal-zstd.bin", "journal-lz4.bin")):
            journal = objects.read_object(golden(name))
            self.assertEqual(journal["entries"], expected, name)
            self.assertEqual([line["codec"] for line in journal["blocks"]], [codec, codec], name)
            self.assertEqual((journal["epoch"], journal["token"]), (7, b"fedcba9876543210"))
            self.assertEqual(journal["id_table"], codec != 2)

    def test_a_single_operation(self):
        journal = objects.read_object(golden("single.bin"))
        self.assertEqual(journal["entries"], [(MARCH_FIRST, b"order-536365", b'{"amount":3}', 2, 1, 2)])
        self.assertEqual((journal["origin"], journal["flags"], journal["epoch"]), (1, 0, 42))

    def test_catalogs(self):
        catalog = objects.read_object(golden("catalog.bin"))
        self.assertEqual([catalog[name] for name in ("number", "fence", "swept", "boot_id", "boot_clock_ns")],
                         [43, 40, 41, b"boot-1", 1234567890123])
        self.assertEqual([reader.sealed_key(line) for line in catalog["journals"]],
                         ["journals/20110301T082600.000000Z--20110301T172000.000000Z--0000000000000029-"
                          + b"journal-token-00".hex()])
        self.assertEqual(catalog["retired"], {"head/e-old": 42, "journals/old": 43})
        self.assertEqual([[part["entries"] for part in run] for run in catalog["index"]], [[1000]])
        self.assertEqual(len(objects.read_object(golden("catalog-zstd.bin"))["retired"]), 100)
        paged = objects.read_object(golden("catalog-pages.bin"))
        self.assertEqual([(line["from_date"], line["to_date"]) for line in paged["pages"]], [(-5, 9), (6, 7)])
        self.assertEqual([[part["entries"] for part in run] for run in paged["index"]], [[10, 11], [1]])

    def test_posts_and_settings_in_a_catalog(self):
        catalog = objects.read_object(golden("catalog-posts.bin"))
        self.assertEqual(catalog["settings"], objects.read_object(golden("flashflood.json")))
        for found in (catalog, objects.read_object(golden("page-posts.bin"))):
            self.assertEqual([(line["posts"], line["blocks_end"]) for line in found["journals"]],
                             [([(24, MARCH_FIRST), (16000, 1298990000000000)], 30500), ([], 0)])

    def test_an_index_part(self):
        self.assertEqual([(one["date"], one["kind"], one["class"], one["order"])
                          for one in objects.read_object(golden("index.bin"))["entries"]],
                         [(0, 1, 2, 1298967960123456789), (DATE_MIN, 3, 1, 9999999999), (MARCH_FIRST, 2, 1, 2),
                          (DATE_MAX, 4, 2, 0)])

    def test_splits(self):
        split = objects.read_object(golden("split.json"))
        self.assertEqual(split["pending"], [(1298970000000000, b"late", b'{"amount":4}', 1, 1, 1)])
        self.assertEqual(split["after"]["id"], 'order-"536365"\n')
        laid_out = json.dumps(json.loads(golden("split.json")), indent=2, sort_keys=True).encode()
        self.assertEqual(objects.read_object(laid_out), split)
        repeated = golden("split.json").replace(b'"fence":40', b'"fence":40,"fence":40')
        with self.assertRaises(objects.Damage):
            objects.read_object(repeated)


class Damaged(unittest.TestCase):
    def refuses(self, data, name):
        with self.assertRaises(objects.Damage, msg=name):
            objects.read_object(data)

    def test_any_changed_byte(self):
        for name in golden_names():
            data = golden(name)
            step = 1 if len(data) < 6000 else 7
            for at in range(0, len(data), step):
                changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
                with self.subTest(name=name, at=at):
                    self.refuses(changed, name)

    def test_any_length(self):
        for name in golden_names():
            data = golden(name)
            for length in range(0, len(data), 1 if len(data) < 6000 else 7):
                if data[length:].strip():  # a split may lack its line break
                    with self.subTest(name=name, length=length):
                        self.refuses(data[:length], name)


def with_sum(data, start, size):
    """The checksum after data[start:start + size] set right."""
    end = start + size
    return data[:end] + struct.pack("<Q", objects.xxh3(data[start:end])) + data[end + 8:]


def changed(data, at, layout, value):
    bytes_there = bytearray(data)
    struct.pack_into("<" + layout, bytes_there, at, value)
    return bytes(bytes_there)


class FromTheFuture(unittest.TestCase):
    """Whole objects of newer versions are no damage, and are told apart from it."""

    def newer(self, data, words):
        with self.assertRaises(objects.Newer) as caught:
            objects.read_object(data)
        self.assertIn(words, str(caught.exception))

    def test_versions(self):
        single, size = golden("single.bin"), len(golden("single.bin"))
        self.newer(with_sum(changed(single, 8, "H", 2), 0, 16), "version 2 of FFjourn")
        self.newer(with_sum(changed(single, size - 56, "H", 2), size - 64, 56), "version 2 of FFjfoot")
        self.newer(with_sum(changed(golden("catalog.bin"), 8, "H", 2), 0, 48), "version 2 of FFcatlg")
        text = golden("flashflood.json").replace(b'"format":1', b'"format":2')
        covered = text[:text.rindex(b',"checksum"')]
        self.newer(covered + f',"checksum":"{objects.xxh3(covered):016x}"}}\n'.encode(), "format 2 of flashflood")

    def test_an_unknown_kind_of_block(self):
        self.newer(with_sum(changed(golden("single.bin"), 24, "B", 9), 24, 40), "unknown block kind 9")

    def test_sections(self):
        """An unknown section is passed over where it is optional."""
        catalog = golden("catalog.bin")
        for flags in (0, 1):
            payload = catalog[56:] + struct.pack("<HHIQ", 99, flags, 0, 3) + b"new"
            whole = changed(changed(catalog[:56], 16, "Q", len(payload)), 24, "Q", len(payload))
            for at in (32, 40):
                whole = changed(whole, at, "Q", objects.xxh3(payload))
            whole = with_sum(whole, 0, 48) + payload
            if flags:
                self.assertEqual(objects.read_object(whole), objects.read_object(catalog))
            else:
                self.newer(whole, "unknown section 99")


def event_of(line):
    """(id, date, revision, data) of a line of --format event: the data byte for byte."""
    event = json.loads(line)
    data = (base64.b64decode(event["data_base64"]) if "data_base64" in event
            else line[line.index('"data":') + 7:-1].encode())
    return event["id"], event["date"], event["revision"], data


class Floods(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="flashflood-reader-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.flood = os.path.join(self.folder, "flood")

    def run_command(self, *arguments, stdin=b"", ok=True):
        done = subprocess.run([COMMAND, "--store", self.flood, *arguments], input=stdin, capture_output=True,
                              timeout=120, check=False)
        self.assertTrue(done.returncode == 0 or not ok, done.stderr)
        return [line for line in done.stdout.decode().split("\n") if line]

    def record(self, lines, *arguments):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        self.run_command("record", "--id", "id", "--date", "date", *arguments, stdin=text.encode())

    def read(self, *arguments):
        done = subprocess.run([sys.executable, "-B", os.path.join(TOOLS, "reader.py"), *arguments],
                              capture_output=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [event_of(line) for line in done.stdout.decode().split("\n") if line]

    def compare(self):
        """Both tell the same events, and the second reader reads every object of the flood."""
        ours = [event_of(line) for line in self.run_command("replay", "--format", "event")]
        self.assertEqual(self.read("events", self.flood), ours)
        found = set()
        for folder, _, names in os.walk(self.flood):
            for name in names:
                found.add(reader.read_file(os.path.join(folder, name))["object"])
        return ours, found

    def compare_splits(self, count):
        whole = []
        for number, split in enumerate(self.run_command("splits", "--count", str(count))):
            path = os.path.join(self.folder, f"split-{number}.json")
            with open(path, "w", encoding="utf-8") as file:
                file.write(split + "\n")
            ours = [event_of(line) for line in self.run_command("read-split", "--format", "event", path)]
            self.assertEqual(self.read("split", path, self.flood), ours)
            whole += ours
        return whole

    def test_each_operation_before_and_after_journaling(self):
        def line(name, day, **more):
            return {"id": name, "date": f"2011-03-{day:02}T00:00:00Z", **more}

        self.record([line(f"e{n:03}", 1 + n % 20, text="bulk", n=n) for n in range(300)])
        self.record([line(f"e{n:03}", 1 + n % 20, text="sent again", n=n) for n in range(250, 350)])
        self.run_command("put", "--id", "ä\n\"é", "--date", "0001-01-01T00:00:00Z", '{"first": 1}')
        self.run_command("put", "--id", "x" * 1024, "--date", "9999-12-31T23:59:59.999999Z", "not JSON")
        self.run_command("put", "--date", "2011-03-05T00:00:00Z", stdin=b"\x00\xff\nlines\n\n")
        self.run_command("put", "--id", "empty", "--date", "2011-03-05T00:00:00Z", "")
        self.run_command("update", "e007", '{"updated": "while pending"}')
        self.run_command("delete", "e008")
        before, found = self.compare()
        self.assertEqual(len(before), 353)
        self.assertEqual(found, {"flashflood", "journal"})

        self.run_command("journal")
        after, found = self.compare()
        self.assertEqual(after, before)
        self.assertEqual(found, {"flashflood", "journal", "catalog", "index part"})

        self.run_command("update", "e007", '{"updated": "again"}')
        self.run_command("delete", "e009")
        self.run_command("put", "--id", "e009", "--date", "2012-01-01T00:00:00Z", '"at another date"')
        self.run_command("delete", "empty")
        self.record([line("e010", 28, text="of an id that is there"), line("new", 28)])
        self.compare()
        self.compare_splits(3)
        self.run_command("journal")
        self.run_command("journal")
        last, found = self.compare()
        self.assertEqual(self.compare_splits(4), last)
        self.assertIn("flashflood-lease", found)  # of the splits before

    def test_every_compression(self):
        for compression in ("zstd:9", "lz4", "none"):
            self.record([{"id": f"{compression}-{n}", "date": f"2011-03-01T00:{n // 60:02}:{n % 60:02}Z",
                          "text": "some words " * (n % 40)} for n in range(2000)], "--compression", compression)
        for _ in range(2):
            self.compare()
            codecs = {line["codec"] for name in os.listdir(os.path.join(self.flood, "head")) if name[0] == "j"
                      for line in reader.read_file(os.path.join(self.flood, "head", name))["blocks"]}
            self.assertEqual(codecs, {0, 1, 2})
            self.run_command("journal")

    def test_events_larger_than_a_block(self):
        self.record([{"id": f"large-{n}", "date": f"2011-03-{1 + n:02}T00:00:00Z",
                      "text": random.Random(n).randbytes(300000).hex()} for n in range(4)])
        self.compare()
        self.run_command("journal")
        self.compare()
        self.compare_splits(3)

    def test_what_the_collector_leaves(self):
        self.record([{"id": f"e{n}", "date": 10 * n} for n in range(50)], "--patience", "1s", "--grace", "1s")
        for n in range(3):
            self.run_command("update", f"e{n}", '{"updated": true}')
        self.run_command("journal")
        self.run_command("delete", "e4")
        self.run_command("journal")
        self.run_command("gc")
        self.compare()

    def test_random_operations(self):
        source = random.Random(4711)
        self.run_command("put", "--id", "e0", "--date", "2011-03-01T00:00:00Z", "0")
        for step in range(40):
            name, day = f"e{source.randrange(12)}", f"2011-03-{1 + source.randrange(3):02}T00:00:00Z"
            what = source.choice(["put", "put", "update", "delete", "record", "journal"])
            if what == "put":
                self.run_command("put", "--id", name, "--date", day, f'{{"put": {step}}}', ok=False)
            elif what == "update":
                self.run_command("update", name, f'{{"updated": {step}}}', ok=False)
            elif what == "delete":
                self.run_command("delete", name, ok=False)
            elif what == "journal":
                self.run_command("journal", ok=False)
            else:
                self.record([{"id": f"e{source.randrange(12)}", "step": step, "n": n,
                              "date": f"2011-03-{1 + source.randrange(3):02}T00:00:00Z"} for n in range(4)])
            self.compare()
            if step % 10 == 9:
                self.compare_splits(2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
