"""record as people use it: again, in order, with dates as they come, with bad lines, back and forth."""

import json

from harness import CliTest, main

BY_ID = ("--id", "id", "--date", "t")

def line(**members):
    return json.dumps(members) + "\n"

class Order(CliTest):
    def test_lines_without_ids_and_dates_come_back_in_their_order(self):
        text = "".join(line(n=n) for n in range(20000))
        self.ok("record", stdin=text)
        self.assertEqual(self.ok("replay").out, text)
        self.ok("journal")
        self.assertEqual(self.ok("replay").out, text)

    def test_lines_with_one_date_come_back_in_their_order(self):
        text = "".join(line(n=n, t="2024-01-01T00:00:00Z") for n in range(1, 1001))
        self.ok("record", "--date", "t", stdin=text)
        self.assertEqual(self.ok("replay").out, text)

    def test_dates_made_here_ascend_strictly(self):
        self.ok("record", "--id", "id", stdin="".join(line(id=f"x{n % 7}-{n}") for n in range(5000)))
        dates = [event["date"] for event in self.replay()]
        self.assertEqual(len(set(dates)), 5000)

    def test_ids_of_single_puts_ascend(self):
        ids = [self.ok("put", "--date", "2024-01-01T00:00:00Z", str(n)).out for n in range(5)]
        self.assertEqual(sorted(ids), ids)
        self.assertEqual(self.ok("replay").out, "0\n1\n2\n3\n4\n")

    def test_the_recipe_of_the_guide_for_numbers_as_ids(self):
        text = "".join(line(n=n, t="2024-01-01T00:00:00Z") for n in range(1, 12))
        self.ok("record", "--date", "t", "--id", "to_string(sum([n, `1000000000`]))", stdin=text)
        self.assertEqual(self.ok("replay").out, text)
        self.assertEqual(self.ids()[0], "1000000001")

class Existing(CliTest):
    def test_what_was_there_already_is_told(self):
        old = line(id="a", t=1) + line(id="b", t=2)
        self.ok("record", *BY_ID, stdin=old)
        self.ok("put", "--id", "gone", "x")
        self.ok("delete", "gone")
        new = (old.replace("2", "3") + line(id="c", t=4) + line(id="c", t=4) + line(id="c", t=5)
               + line(id="gone", t=6))
        for journaled in (False, True):
            if journaled:
                self.ok("journal")
            result = self.ok("record", *BY_ID, "--existing", "count", "--json", stdin=new).json()
            self.assertEqual(
                {name: result[name] for name in
                 ("events", "new", "existing", "existing_with_other_data", "deleted", "ids")},
                {"events": 6, "new": 0 if journaled else 1, "existing": 3 if journaled else 2,
                 "existing_with_other_data": 2, "deleted": 1, "ids": ["b", "c", "gone"]})
        self.assertEqual(self.ok("replay").out, old + line(id="c", t=4))

    def test_in_words_and_with_a_status(self):
        self.ok("record", *BY_ID, stdin=line(id="a", t=1))
        result = self.ok("record", *BY_ID, "--existing", "fail", stdin=line(id="a", t=1))
        self.assertIn("recorded 0 new events", result.err)
        self.assertIn("1 already there, 0 already there with other data", result.err)
        result = self.run_command("record", *BY_ID, "--existing", "fail",
                                  stdin=line(id="a", t=1, v=2) + line(id="b", t=1))
        self.assertEqual(result.code, 3, result)
        self.assertIn("recorded 1 new event ", result.err)
        self.assertIn('"a"', result.err)
        self.assertEqual(self.ids(), ["a", "b"])

    def test_without_it_nothing_is_claimed(self):
        self.assertIn("--existing count", self.ok("record", *BY_ID, stdin=line(id="a", t=1)).err)
        self.assertNotIn("already", self.ok("record", stdin="x\n").err)
        self.assertIsNone(self.ok("record", *BY_ID, "--json", stdin=line(id="a", t=1)).json()["new"])
        self.assertEqual(self.ok("record", "--json", stdin="x\n").json()["new"], 1)
        self.fails(2, "--existing goes with --id", "record", "--existing", "count")

    def test_many_are_looked_up_together(self):
        text = "".join(line(id=f"e{n}", t=n) for n in range(20000))
        self.ok("record", *BY_ID, stdin=text)
        self.ok("journal")
        result = self.ok("record", *BY_ID, "--existing", "count", "--json", stdin=text)
        self.assertEqual((result.json()["new"], result.json()["existing"]), (0, 20000))

class Dates(CliTest):
    def dated(self, value, *arguments):
        self.ok("record", *BY_ID, *arguments, stdin=line(id=f"{value}{arguments}", t=value))
        return [e["date"] for e in self.replay() if e["id"] == f"{value}{arguments}"][0]

    def test_forms(self):
        for value in ("2024-01-02T10:30:00+0000", "2024-01-02 10:30:00,000 UTC", "20240102T103000Z",
                      "Tue, 02 Jan 2024 10:30:00 GMT", 1704191400, "1704191400",
                      {"$date": "2024-01-02T10:30:00Z"}, {"$date": {"$numberLong": "1704191400000"}}):
            with self.subTest(value):
                self.assertEqual(self.dated(value), "2024-01-02T10:30:00.000000Z")

    def test_units(self):
        for unit, number in {"ms": 1704191400123, "us": 1704191400123000, "ns": 1704191400123000000,
                             "auto": 1704191400123}.items():
            with self.subTest(unit):
                self.assertEqual(self.dated(number, "--date-unit", unit),
                                 "2024-01-02T10:30:00.123000Z")
        self.fails(1, ["out of range", "in milliseconds it is 2024-01-02", "give --date-unit ms"],
                   "record", *BY_ID, stdin=line(id="x", t=1704191400123))
        self.fails(2, "none of s, ms, us, ns, auto", "record", *BY_ID, "--date-unit", "h")
        self.fails(2, "go with --date", "record", "--id", "id", "--date-unit", "ms")

    def test_zones(self):
        self.assertEqual(self.dated("2024-01-02 10:30:00", "--zone", "+02:00"),
                         "2024-01-02T08:30:00.000000Z")
        self.assertEqual(self.dated("2024-01-02", "--zone", "UTC"), "2024-01-02T00:00:00.000000Z")
        self.fails(1, ["no zone is given", "--zone UTC"], "record", *BY_ID,
                   stdin=line(id="x", t="2024-01-02 10:30:00"))
        self.fails(2, ["--zone", "UTC or an offset"], "record", *BY_ID, "--zone", "Mars/Olympus")
        self.ok("put", "--id", "p", "--date", "2024-01-02 10:30", "--zone", "-01:00", "x")
        self.assertEqual(self.ok("get", "p", "--format", "event").json()["date"],
                         "2024-01-02T11:30:00.000000Z")

    def test_ranges_in_words(self):
        days = ["2024-01-01T23:59:59.999999Z", "2024-01-02T00:00:00Z", "2024-01-02T23:59:59.999999Z",
                "2024-01-03T00:00:00Z"]
        self.ok("record", *BY_ID, stdin="".join(line(id=str(n), t=t) for n, t in enumerate(days)))
        for arguments, ids in {
            ("--on", "2024-01-02"): "12",
            ("--on", "2024-01"): "0123",
            ("--from", "2024-01-02", "--to", "2024-01-02"): "12",
            ("--since", "2024-01-02", "--until", "2024-01-03"): "12",
            ("--from", "2024-01-02T00:00:00Z"): "23",
            ("--since", "2024-01-02T00:00:00Z"): "123",
            ("--to", "2024-01-01"): "0",
            ("--on", "2024-01-02", "--zone", "-00:01"): "23",
            ("--since", "7d"): "",
            ("--until", "yesterday"): "0123",
            ("--to", "now"): "0123",
        }.items():
            with self.subTest(arguments):
                self.assertEqual("".join(self.ids(*arguments)), ids)
        count = self.ok("query", "length(events)", "--on", "2024-01-02").out
        self.assertEqual(count, "2\n")
        self.fails(2, "--on and --from do not go together", "replay", "--on", "2024", "--from", "2024")

class BadLines(CliTest):
    TEXT = line(id="a", t=1) + "bad\n" + line(id="b", t=2) + '{"id": 5, "t": "\xff"}\n'

    def test_rejects_are_kept(self):
        path = self.write("in.ndjson", self.TEXT.encode("latin-1"))
        result = self.ok("record", *BY_ID, path, "--rejects", "bad.ndjson")
        self.assertIn("skipped 2 bad lines", result.err)
        self.assertIn("bad.ndjson", result.err)
        with open(self.path("bad.ndjson")) as file:
            rejects = [json.loads(text) for text in file]
        self.assertEqual([(r["file"], r["line"]) for r in rejects], [(path, 2), (path, 4)])
        self.assertEqual(rejects[0]["data"], "bad")
        self.assertIn("not JSON", rejects[0]["reason"])
        self.assertIn("data_base64", rejects[1])
        self.assertEqual(self.ids(), ["a", "b"])
        self.fails(1, "cannot write", "record", *BY_ID, path, "--rejects", "no/such/folder")

    def test_as_many_as_are_allowed(self):
        text = self.TEXT.encode("latin-1")
        self.ok("record", *BY_ID, "--max-bad", "2", stdin=text)
        self.ok("record", *BY_ID, "--max-bad", "50%", stdin=text)
        self.fails(1, ["standard input:4", "more than the 1 bad line"], "record", *BY_ID,
                   "--max-bad", "1", stdin=text)
        result = self.run_command("record", *BY_ID, "--max-bad", "49.9%", stdin=text)
        self.assertEqual(result.code, 1, result)
        self.assertIn("2 bad lines of 4", result.err)
        for wrong in ("x", "-1", "101%", "%"):
            self.fails(2, "--max-bad", "record", "--max-bad", wrong)

    def test_nothing_but_bad_lines_is_a_failure(self):
        result = self.run_command("record", *BY_ID, "--skip-bad", stdin="bad\nworse\n")
        self.assertEqual(result.code, 1, result)
        self.assertIn("no line could be recorded", result.err)
        self.assertEqual(self.ok("record", *BY_ID, "--skip-bad", stdin="\n").code, 0)

class BackAndForth(CliTest):
    def test_what_replay_prints_can_be_recorded(self):
        self.ok("record", *BY_ID, stdin='{"id":"a", "t":1,  "x":1.50}\n{"id":"b\\n","t":2.5}\n')
        self.ok("put", "--id", "bytes", "--date", "2024-01-02T10:30:00.123456Z", "-",
                stdin=b"\x00\xff\nline\r\n\n")
        self.ok("put", "--id", "text", "--date", "2024-01-03T00:00:00Z", "no JSON")
        self.ok("put", "--id", "nothing", "--date", "2024-01-04T00:00:00Z", "")
        events = self.ok("replay", "--format", "event").out
        copy = self.path("copy")
        self.ok("record", "--format", "event", "--store", copy, stdin=events)
        self.assertEqual(self.ok("replay", "--format", "event", "--store", copy).out, events)
        self.assertEqual(self.ok("get", "bytes", "--store", copy).bytes, b"\x00\xff\nline\r\n\n")

    def test_what_is_no_event_is_bad(self):
        for text, words in {'{"date":1,"data":1}': "id finds nothing", '{"id":"a","data":1}': "date",
                            '{"id":"a","date":1}': "data_base64",
                            '{"id":"a","date":1,"data_base64":"?"}': "not base64"}.items():
            self.fails(1, ["standard input:1", words], "record", "--format", "event", stdin=text)
        self.fails(2, "leave --id, --date", "record", "--format", "event", "--id", "id")

if __name__ == "__main__":
    main()
