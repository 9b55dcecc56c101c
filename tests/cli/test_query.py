"""query: one expression on all events of a range."""

import json
import os
import signal
import subprocess

from harness import COMMAND, CliTest, lines_of, main

BY_ID = ("--id", "id", "--date", "time")


class Query(CliTest):
    def fill(self, count=100):
        self.ok("record", *BY_ID, "--quiet", stdin=lines_of(count))

    def test_results(self):
        self.fill()
        for expression, result in [
            ("length(events)", "100"),
            ("sum(events[?amount > `8`].amount)", "90"),
            ("events[?amount == `3`] | [-2:].id", '["e000083","e000093"]'),
            ("{n: length(events), last: events[-1].id}", '{"n":100,"last":"e000099"}'),
            ("sort_by(events, &amount)[-1].id", '"e000099"'),
            ("foo", "null"),
            ("events[?amount > `10`]", "[]"),
            ("length(@.events)", "100"),
        ]:
            self.assertEqual(self.ok("query", expression).out, result + "\n")
        whole = self.ok("query", "@").json()
        self.assertEqual(list(whole), ["events"])
        self.assertEqual(len(whole["events"]), 100)

    def test_range(self):
        self.fill()
        result = self.ok("query", "events[].id", "--from", "2011-03-01T00:00:10Z",
                         "--to", "2011-03-01T00:00:12Z")
        self.assertEqual(result.out, '["e000011","e000012"]\n')

    def test_the_same_as_on_the_document(self):
        self.fill(3000)
        events = [json.loads(line) for line in self.ok("replay").out.splitlines()]
        path = self.write("document.json", json.dumps({"events": events}))
        for expression in ["events[].amount", "events[?amount > `4`] | [5:100:7].[id, amount]",
                           "{a: max_by(events, &amount).id, b: avg(events[].amount)}",
                           "join(',', sort(events[].id)[:3])"]:
            self.assertEqual(self.ok("query", expression).out,
                             self.ok("jmespath", expression, path).out)

    def test_empty_flood(self):
        self.ok("put", "--id", "a", "{}")
        self.ok("delete", "a")
        self.assertEqual(self.ok("query", "events").out, "[]\n")
        self.assertEqual(self.ok("query", "sum(events[].x)").out, "0\n")
        self.fails(1, "there is no folder", "query", "events", "--store", self.path("none"))

    def test_what_is_not_json(self):
        self.ok("put", "--id", "a", "--date", "2011-01-01T00:00:00Z", "no JSON")
        self.ok("put", "--id", "b", "--date", "2011-01-02T00:00:00Z", "7")
        result = self.ok("query", "events")
        self.assertEqual(result.out, "[7]\n")
        self.assertIn("left out 1 event because the data is not JSON", result.err)
        self.assertEqual(self.ok("query", "events", "--quiet").err, "")
        self.fails(1, ['event "a"', "not JSON"], "query", "events", "--strict")

    def test_wrong_expressions_and_options(self):
        self.fill(1)
        result = self.fails(2, "EXPR: ", "query", "sum(events[?amount >> `3`])")
        lines = result.err.splitlines()
        self.assertEqual(lines[-2], "sum(events[?amount >> `3`])")
        self.assertEqual(lines[-1].find("^"), 20)
        self.fails(2, "EXPR", "query")
        self.fails(2, "--memory-limit", "query", "events", "--memory-limit", "much")
        self.fails(2, "--from is later than --to", "query", "events", "--from",
                   "2011-03-02T00:00:00Z", "--to", "2011-03-01T00:00:00Z")
        self.fails(2, "did you mean --strict?", "query", "events", "--strikt")
        self.fails(2, "no argument", "query", "events", "more")
        self.fails(2, "no store", "query", "events", store=False)

    def test_errors_on_events(self):
        self.fill()
        result = self.fails(1, ["sum()", "(column 4)"], "query", "[@, sum(events[].text)]")
        self.assertEqual(result.err.splitlines()[-1].find("^"), 4)

    def test_an_error_after_a_part_was_printed(self):
        bad = '{"id": "z", "time": "2012-01-01T00:00:00Z", "text": 7}\n'
        self.ok("record", *BY_ID, "--quiet", stdin=lines_of(50000) + bad)
        self.ok("journal")
        result = self.run_command("query", "events[].length(text)")
        self.assertEqual(result.code, 1)
        self.assertTrue(result.out.startswith("[34,34,"))
        self.assertIn("not the whole result", result.err)
        self.assertIn("length()", result.err)

    def test_memory_limit(self):
        self.fill(5000)
        result = self.fails(1, ["sort_by(events, &amount)", "1048576 bytes", "(column 0)"],
                            "query", "sort_by(events, &amount)", "--memory-limit", "1M")
        self.assertEqual(result.err.splitlines()[-1].find("^"), 0)
        self.assertEqual(
            self.ok("query", "sort_by(events, &amount)[:1].id", "--memory-limit", "1M").out,
            '["e000000"]\n')

    def test_explain(self):
        plan = self.ok("query", "{n: length(events), total: sum(events[?amount > `3`].amount)}",
                       "--explain", store=False)
        for words in ["length: counted", "where amount>`3`, amount", "sum", "{n: #1, total: #2}",
                      "does not grow"]:
            self.assertIn(words, plan.out)
        self.assertEqual(plan.err, "")
        plan = self.ok("--explain", "query", "sort_by(events, &x)", "--memory-limit", "2K").out
        self.assertIn("collects all", plan)
        self.assertIn("2048 bytes", plan)
        self.assertIn("reads no events", self.ok("query", "foo", "--explain").out)
        self.fails(2, "EXPR: ", "query", "foo[", "--explain")

    def test_closed_pipe(self):
        self.fill(20000)
        process = self.start("query", "events")
        self.assertEqual(process.stdout.read(1), b"[")
        process.stdout.close()
        self.assertEqual(process.stderr.read(), b"")
        self.assertEqual(process.wait(timeout=60), 0)
        process.stderr.close()
        process.stdin.close()

    def test_interrupt_ends_it(self):
        self.fill(20000)
        read_end, write_end = os.pipe()
        with subprocess.Popen([COMMAND, "query", "events"], stdout=write_end,
                              env=self.environment()) as process:
            os.close(write_end)
            self.assertEqual(os.read(read_end, 1), b"[")
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(timeout=60), -signal.SIGINT)
        os.close(read_end)


if __name__ == "__main__":
    main()
