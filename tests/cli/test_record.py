"""record: NDJSON to events, its bad lines and its interruption."""

import json
import signal
import time

from harness import CliTest, lines_of, main

BY_ID = ("--id", "id", "--date", "time")


class Record(CliTest):
    def record(self, text, *arguments, **options):
        return self.ok("record", *arguments, stdin=text, **options)

    def test_ids_and_dates(self):
        result = self.record(lines_of(1000), *BY_ID)
        self.assertIn("recorded 1,000 events", result.err)
        events = self.replay()
        self.assertEqual([e["id"] for e in events], [f"e{n:06}" for n in range(1000)])
        self.assertEqual(events[61]["date"], "2011-03-01T00:01:01.000000Z")
        self.assertEqual(events[61]["data"]["amount"], 1)

    def test_twice_leaves_one_of_each(self):
        path = self.write("events.ndjson", lines_of(500))
        self.ok("record", path, *BY_ID)
        self.ok("record", path, path, *BY_ID)
        self.ok("journal")
        self.ok("record", path, *BY_ID)
        self.assertEqual(self.ids(), [f"e{n:06}" for n in range(500)])

    def test_bytes_stay_as_they_are(self):
        lines = ['{"id": "a",  "x":1.50 , "y":"\\u00e9 é"}', '\t{"id":"b"}  ']
        self.record("\n".join(lines) + "\n", "--id", "id", "--date", "'2011-03-01T00:00:00Z'")
        self.assertEqual(self.ok("replay").out.split("\n"), lines + [""])

    def test_without_expressions_lines_are_bytes(self):
        before = time.time()
        self.record(b"not json\n\xff\xfe\n", "--quiet")
        events = self.replay()
        self.assertEqual(len({e["id"] for e in events}), 2)
        self.assertEqual(sorted(self.ok("replay").bytes.split(b"\n")), [b"", b"not json", b"\xff\xfe"])
        recent = time.strftime("%Y-%m-%dT%H", time.gmtime(before))
        self.assertTrue(events[0]["date"] >= recent, events[0]["date"])

    def test_only_an_id_or_only_a_date(self):
        self.record('{"id": "a"}\n', "--id", "id")
        self.record('{"time": "2001-01-01T00:00:00Z"}\n', "--date", "time")
        events = self.replay()
        self.assertEqual(events[0]["date"], "2001-01-01T00:00:00.000000Z")
        self.assertEqual(events[1]["id"], "a")

    def test_kinds_of_ids(self):
        self.record('{"id": 7}\n{"id": 1.50}\n{"id": true}\n{"id": "é\\n"}\n', "--id", "id")
        self.assertEqual(sorted(self.ids()), ["1.50", "7", "true", "é\n"])

    def test_kinds_of_dates(self):
        dates = {
            "a": ('"2011-03-01T08:26:00Z"', "2011-03-01T08:26:00.000000Z"),
            "b": ("0", "1970-01-01T00:00:00.000000Z"),
            "c": ("1299573000.25", "2011-03-08T08:30:00.250000Z"),
            "d": ("1299573000.1234567", "2011-03-08T08:30:00.123456Z"),
            "e": ("-0.5", "1969-12-31T23:59:59.500000Z"),
            "f": ("1.3e9", "2011-03-13T07:06:40.000000Z"),
            "g": ("-0.0000001", "1969-12-31T23:59:59.999999Z"),
        }
        text = "".join(f'{{"id":"{i}","t":{given}}}\n' for i, (given, _) in dates.items())
        self.record(text, "--id", "id", "--date", "t")
        self.assertEqual(
            {e["id"]: e["date"] for e in self.replay()}, {i: date for i, (_, date) in dates.items()}
        )

    def test_blank_lines_line_ends_and_byte_order_marks(self):
        text = '\ufeff{"id":"a"}\r\n\r\n  \n{"id":"b"}\n\n{"id":"c"}'
        self.record(text, "--id", "id")
        self.assertEqual(sorted(self.ok("replay").out.splitlines()),
                         ['{"id":"a"}', '{"id":"b"}', '{"id":"c"}'])

    def test_nothing_to_record(self):
        for text in ("", "\n", "\n\n  \n"):
            self.assertIn("recorded 0 events", self.record(text, *BY_ID).err)
        self.assertEqual(self.ok("replay").out, "")

    def test_quiet(self):
        self.assertEqual(self.record(lines_of(3), *BY_ID, "--quiet").err, "")

    def bad(self, line, words, *arguments):
        """`line` after two good ones: it is named, and the good ones are recorded."""
        arguments = arguments or BY_ID
        path = self.write("bad.ndjson", lines_of(2).encode() + b"\n" + line + b"\n" + lines_of(1, 9).encode())
        result = self.fails(1, [f"{path}:4: "] + words, "record", path, *arguments)
        self.assertIn("2 events were recorded", result.err)
        self.assertEqual(self.ids(), ["e000000", "e000001"])
        skipped = self.ok("record", path, *arguments, "--skip-bad")
        self.assertIn("skipped 1 bad line", skipped.err)
        self.assertIn(f"{path}:4: ", skipped.err)
        self.assertEqual(self.ids(), ["e000000", "e000001", "e000009"])

    def test_bad_json(self):
        self.bad(b'{"id": "x", "time": ', ["not", "JSON"])

    def test_two_documents_on_a_line(self):
        self.bad(b'{"id": "x"} {"id": "y"}', ["not", "JSON"])

    def test_bad_utf8(self):
        self.bad(b'{"id": "\xff"}', ["UTF-8"])

    def test_nested_too_deep(self):
        self.bad(b"[" * 10000 + b"]" * 10000, ["deep"])

    def test_null_id(self):
        self.bad(b'{"ID": "x", "time": "2011-03-01T00:00:00Z"}', ["--id", "null"])

    def test_object_id(self):
        self.bad(b'{"id": {}, "time": "2011-03-01T00:00:00Z"}', ["--id", "object"])

    def test_empty_id(self):
        self.bad(b'{"id": "", "time": "2011-03-01T00:00:00Z"}', ["--id", "empty"])

    def test_long_id(self):
        self.bad(b'{"id": "' + b"x" * 1025 + b'", "time": "2011-03-01T00:00:00Z"}', ["--id", "1024"])

    def test_null_date(self):
        self.bad(b'{"id": "x"}', ["--date", "null"])

    def test_malformed_date(self):
        self.bad(b'{"id": "x", "time": "yesterday"}', ["--date", "yesterday"])

    def test_date_out_of_range(self):
        self.bad(b'{"id": "x", "time": 1e15}', ["--date", "range"])

    def test_date_of_the_wrong_kind(self):
        self.bad(b'{"id": "x", "time": [2011]}', ["--date", "2011-03-01T08:26:00Z"])

    def test_expression_fails_on_a_line(self):
        self.bad(b'{"id": 5, "time": "2011-03-01T00:00:00Z"}', ["--id", "join"],
                 "--id", "join('', [id])", "--date", "time")

    def test_line_over_the_limit(self):
        self.bad(b'{"id": "' + b"x" * (64 << 20) + b'"}', ["longer than 64.0 MiB"])

    def test_line_at_the_limit(self):
        line = b'{"id":"big","x":"' + b"x" * ((64 << 20) - 19) + b'"}'
        self.assertEqual(len(line), 64 << 20)
        self.record(b"1\n" + line + b"\r\n2\n", "--quiet")
        self.assertEqual(sorted(map(len, self.ok("replay").bytes.split(b"\n"))), [0, 1, 1, 64 << 20])

    def test_skip_bad_counts(self):
        text = lines_of(10) + "bad\n" * 7 + lines_of(10, 10)
        result = self.record(text, *BY_ID, "--skip-bad")
        self.assertIn("skipped 7 bad lines", result.err)
        self.assertIn("standard input:11: ", result.err)
        self.assertNotIn("standard input:17: ", result.err)
        self.assertEqual(len(self.ids()), 20)

    def test_line_numbers_far_into_a_file(self):
        path = self.write("large.ndjson", lines_of(30000) + "bad\n")
        result = self.fails(1, f"{path}:30001: ", "record", path, *BY_ID)
        self.assertIn("30,000 events were recorded", result.err)
        self.assertEqual(len(self.ok("replay").out.splitlines()), 30000)

    def test_wrong_expressions(self):
        result = self.fails(2, "--id: ", "record", "--id", "id ]", "--date", "time")
        message = result.err.splitlines()
        self.assertEqual(message[-2].find("]"), message[-1].find("^"), result)
        self.fails(2, "--date: ", "record", "--id", "id", "--date", "nosuch(@)")
        self.assertFalse(self.place.exists())

    def test_interrupt_keeps_what_was_taken(self):
        process = self.start("record", *BY_ID)
        process.stdin.write(lines_of(100).encode() + b'{"id": "half')
        process.stdin.flush()
        self.wait_for_events(100)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)  # with its input still open: the end of it would be another thing
        _, err = process.communicate()
        self.assertEqual(process.returncode, 130, err)
        self.assertIn(b"interrupted; 100 events were recorded", err)
        self.assertEqual(len(self.ids()), 100)

    def wait_for_events(self, count):
        """A trickle is durable without the end of the input."""
        for _ in range(200):
            result = self.run_command("replay")
            if result.code == 0 and len(result.out.splitlines()) == count:
                return
            time.sleep(0.05)
        self.fail(f"no {count} events after 10 s: {result}")

    def test_bad_line_while_the_input_stays_open(self):
        process = self.start("record", *BY_ID)
        process.stdin.write(lines_of(3).encode() + b"bad\n")
        process.stdin.flush()
        self.assertEqual(process.wait(timeout=60), 1)
        self.assertIn(b"standard input:4: ", process.stderr.read())
        process.stdin.close()
        process.stdout.close()
        process.stderr.close()
        self.assertEqual(len(self.ids()), 3)

    def test_settings_of_the_recorder(self):
        self.record(lines_of(5000), *BY_ID, "--batch-bytes", "64K", "--in-flight", "2")
        self.assertEqual(len(self.ids()), 5000)
        self.fails(2, "batch", "record", "--batch-bytes", "1K")


class Terminal(CliTest):
    def test_progress_only_on_a_terminal(self):
        path = self.write("events.ndjson", lines_of(200000))
        shown = self.shown_on_a_terminal("record", path, *BY_ID)
        self.assertIn("recorded 200,000 events", shown)
        if "recording" in shown:  # a fast machine may be done before the first picture
            self.assertIn("events, ", shown)
        silent = self.ok("record", path, *BY_ID)
        self.assertNotIn("recording", silent.err)


if __name__ == "__main__":
    main()
