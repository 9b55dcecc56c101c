"""replay: ranges, filters, formats, and what happens to the lines on their way out."""

import base64
import json
import os
import signal
import subprocess
import unittest

from harness import COMMAND, CliTest, lines_of, main

BY_ID = ("--id", "id", "--date", "time")


class Replay(CliTest):
    def fill(self, count=100):
        self.ok("record", *BY_ID, "--quiet", stdin=lines_of(count))

    def test_ranges_leave_out_the_beginning_and_keep_the_end(self):
        self.fill()
        ids = self.ids("--from", "2011-03-01T00:00:10Z", "--to", "2011-03-01T00:00:12Z")
        self.assertEqual(ids, ["e000011", "e000012"])
        self.assertEqual(len(self.ids("--from", "2011-03-01T00:00:10Z")), 89)
        self.assertEqual(len(self.ids("--to", "2011-03-01T01:00:10+01:00")), 11)
        self.assertEqual(self.ids("--from", "2012-01-01T00:00:00Z"), [])
        same = "2011-03-01T00:00:10Z"
        self.assertEqual(self.ids("--from", same, "--to", same), [])

    def test_the_same_before_and_after_journaling(self):
        self.fill(5000)
        self.ok("put", "--id", "early", "--date", "2000-01-01T00:00:00Z", "1")
        self.ok("update", "e000003", "{}")
        self.ok("delete", "e000004")
        before = self.ok("replay", "--format", "event").bytes
        self.ok("journal")
        self.assertEqual(self.ok("replay", "--format", "event").bytes, before)
        self.assertEqual(before.count(b"\n"), 5000)

    def test_where_and_query(self):
        self.fill()
        result = self.ok("replay", "--where", "amount > `8`", "--query", "[id, amount]", "--limit", "2")
        self.assertEqual(result.out, '["e000009",9]\n["e000019",9]\n')
        self.assertEqual(self.ok("replay", "--query", "nothing").out, "")
        self.assertEqual(len(self.ids("--where", "amount == `3`")), 10)
        self.assertEqual(
            self.replay("--query", "amount", "--limit", "1"),
            [{"id": "e000000", "date": "2011-03-01T00:00:00.000000Z", "revision": 1, "data": 0}],
        )

    def test_limit(self):
        self.fill()
        self.assertEqual(len(self.ids("--limit", "7")), 7)
        self.assertEqual(self.ids("--limit", "0"), [])

    def test_wrong_expressions(self):
        self.fill(1)
        result = self.fails(2, "--where: ", "replay", "--where", "amount >> `3`")
        lines = result.err.splitlines()
        self.assertEqual(lines[-2], "amount >> `3`")
        self.assertEqual(lines[-1].find("^"), 8)
        self.fails(2, "--query: ", "replay", "--query", "nosuch(@)")

    def test_expression_of_the_wrong_type(self):
        self.fill(3)
        result = self.ok("replay", "--where", "abs(text) > `3`")
        self.assertEqual(result.out, "")
        self.assertIn("left out 3 events because an expression failed", result.err)
        self.fails(1, "abs", "replay", "--where", "abs(text) > `3`", "--strict")

    def test_data_that_is_not_json(self):
        self.ok("put", "--id", "a", "--date", "2011-01-01T00:00:00Z", "no json")
        self.ok("put", "--id", "b", "--date", "2011-01-02T00:00:00Z", '{"x": 1}')
        self.assertEqual(self.ok("replay").out, 'no json\n{"x": 1}\n')
        result = self.ok("replay", "--where", "x")
        self.assertEqual(result.out, '{"x": 1}\n')
        self.assertIn("left out 1 event because the data is not JSON", result.err)
        self.assertEqual(self.ok("replay", "--where", "x", "--quiet").err, "")
        strict = self.run_command("replay", "--where", "x", "--strict")
        self.assertEqual(strict.code, 1, strict)
        self.assertIn("JSON", strict.err)

    def test_line_breaks_in_json(self):
        self.ok("put", "--id", "a", '{\n  "x": [1, 2],\r\n  "y": "a  \\" b"\n}')
        self.assertEqual(self.ok("replay").out, '{"x":[1,2],"y":"a  \\" b"}\n')
        event = self.ok("replay", "--format", "event").out
        self.assertIn('"data":{"x":[1,2],"y":"a  \\" b"}}\n', event)

    def test_line_breaks_in_other_data(self):
        self.ok("put", "--id", "a", "--date", "2011-01-01T00:00:00Z", "first")
        self.ok("put", "--id", "b", "--date", "2011-01-02T00:00:00Z", "two\nlines")
        result = self.run_command("replay")
        self.assertEqual(result.code, 1)
        self.assertEqual(result.out, "first\n")
        self.assertIn('"b"', result.err)
        self.assertIn("--format event", result.err)
        events = self.replay()
        self.assertEqual(base64.b64decode(events[1]["data_base64"]), b"two\nlines")
        self.assertNotIn("data", events[1])

    def test_odd_ids_and_bytes(self):
        odd = 'q"uote\\ \t\n\x01 é 🌊'
        self.ok("put", "--id", odd, b"\xff bytes")
        event = self.replay()[0]
        self.assertEqual(event["id"], odd)
        self.assertEqual(base64.b64decode(event["data_base64"]), b"\xff bytes")

    def test_invalid_json_is_never_passed_on_as_json(self):
        bad = ['{"a":1', "[1,]", '"\\ud800"', "01", '{"a":1}{}', "nul", "[" * 300 + "]" * 300, ""]
        for text in bad:
            self.ok("put", text)
        events = self.replay()
        decoded = sorted(base64.b64decode(e["data_base64"]).decode() for e in events)
        self.assertEqual(decoded, sorted(bad))

    def test_replayed_lines_can_be_recorded_again(self):
        self.fill(1000)
        other = self.path("other")
        replayed = self.ok("replay", "--format", "event").bytes
        self.ok("record", "--store", other, "--id", "id", "--date", "date", stdin=replayed)
        again = self.ok("replay", "--store", other, "--query", "data").out.splitlines()
        first = self.ok("replay").out.splitlines()
        self.assertEqual([json.loads(line) for line in again], [json.loads(line) for line in first])

    def test_closed_pipe_is_silent(self):
        self.fill(20000)
        done = subprocess.run(
            f"set -o pipefail; {COMMAND} replay | head -1",
            shell=True, executable="/bin/bash", capture_output=True, env=self.environment(),
        )
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(json.loads(done.stdout)["id"], "e000000")

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_full_disk_is_an_error(self):
        self.fill(10)
        for arguments in (["replay"], ["get", "e000000"], ["stats"], ["--help"]):
            with self.subTest(arguments), open("/dev/full", "wb") as full:
                process = self.start(*arguments, stdout=full)
                _, err = process.communicate()
                self.assertEqual(process.returncode, 1)
                self.assertIn(b"cannot write to standard output: No space left", err)

    def test_follow(self):
        self.fill(3)
        process = self.start("replay", "--follow", "--interval", "50ms", "--query", "id")
        lines = [process.stdout.readline() for _ in range(3)]
        self.ok("record", *BY_ID, "--quiet", stdin=lines_of(2, 3))
        lines += [process.stdout.readline() for _ in range(2)]
        self.ok("journal")
        self.ok("put", "--id", "x", '{"id": "single"}')
        lines.append(process.stdout.readline())
        self.ok("update", "x", '{"id": "updated"}')
        lines.append(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, rest), (0, b""), err)
        ids = [json.loads(line) for line in lines]
        self.assertEqual(ids[:3], ["e000000", "e000001", "e000002"])
        # A recorder writes several journals beside each other: either may be found first.
        self.assertEqual(sorted(ids[3:5]), ["e000003", "e000004"])
        self.assertEqual(ids[5:], ["single", "updated"])

    def test_follow_ends_with_its_limit_and_its_reader(self):
        self.fill(3)
        self.assertEqual(len(self.ids("--follow", "--interval", "20ms", "--limit", "2")), 2)
        process = self.start("replay", "--follow", "--interval", "20ms")
        process.stdout.readline()
        process.stdout.close()
        self.assertEqual(process.wait(timeout=60), 0)
        self.assertEqual(process.stderr.read(), b"")
        process.stderr.close()
        process.stdin.close()
        self.fails(2, "--follow", "replay", "--interval", "1s")

    def test_large_replay_is_byte_for_byte(self):
        text = lines_of(100000)
        self.ok("record", *BY_ID, "--quiet", stdin=text)
        self.assertEqual(self.ok("replay").out, text)
        self.ok("journal")
        self.assertEqual(self.ok("replay").out, text)


if __name__ == "__main__":
    main()
