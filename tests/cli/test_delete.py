"""delete: several ids, and all that an expression is true of."""

from harness import CliTest, lines_of, main


class Delete(CliTest):
    def setUp(self):
        super().setUp()
        self.ok("record", "--id", "id", "--date", "time", stdin=lines_of(40))

    def test_several_ids(self):
        self.ok("delete", "e000001", "e000003")
        self.assertEqual(self.ids()[:3], ["e000000", "e000002", "e000004"])
        result = self.fails(1, ["no event", "the first 1 of 3 events were deleted"],
                            "delete", "e000000", "unknown", "e000002")
        self.assertNotIn("e000002", result.err)
        self.assertEqual(self.ids()[0], "e000002")

    def test_where(self):
        where = ("--where", "amount == `3`")
        dry = self.ok("delete", *where, "--dry-run")
        self.assertEqual(dry.out, "Would delete 4 events.\n")
        self.assertEqual(len(self.ids()), 40)
        result = self.ok("delete", *where)
        self.assertIn("deleting 4 events", result.err)
        self.assertEqual(result.out, "Deleted 4 events.\n")
        self.assertEqual(len(self.ids()), 36)
        self.assertEqual(self.ok("delete", *where).out, "Deleted 0 events.\n")
        self.ok("journal")
        self.assertEqual(len(self.ids()), 36)

    def test_where_in_a_range(self):
        self.ok("delete", "--where", "amount == `3`", "--until", "2011-03-01 00:00:13")
        self.assertEqual([n for n in range(40) if f"e{n:06}" not in self.ids()], [3])

    def test_what_does_not_go_together(self):
        self.fails(2, "an ID is required", "delete")
        self.fails(2, "leave the ids out", "delete", "a", "--where", "x")
        self.fails(2, "--where", "delete", "a", "--dry-run")
        self.fails(2, "--where", "delete", "--on", "2011", "a")
        self.fails(2, "one ID", "delete", "a", "b", "--expected-revision", "1")
        self.fails(2, "--where: ", "delete", "--where", "[")
        self.assertEqual(len(self.ids()), 40)


class NothingMatched(CliTest):
    """Expressions that are valid, and never what is meant."""

    def test_remarks(self):
        self.ok("record", stdin='{"country": "France", "amount": 4, "event-id": "x"}\n')
        for where, words in {
            'country == "France"': "'France'",
            "country == France": "'France'",
            "amount > '3'": "`3`",
        }.items():
            with self.subTest(where):
                result = self.ok("replay", "--where", where)
                self.assertEqual(result.out, "")
                self.assertIn("nothing matched; ", result.err)
                self.assertIn(words, result.err)
                self.assertEqual(self.ok("replay", "--where", where, "--quiet").err, "")
                self.assertIn(words, self.ok("query", f"events[?{where}]").err)
                self.assertIn(words, self.ok("query", f"length(events[?{where}])").err)
                self.assertIn(words, self.ok("delete", "--where", where).err)
        for where in ("country == 'France'", "country == 'Spain'", '"event-id" == \'x\''):
            self.assertEqual(self.ok("replay", "--where", where).err, "")
            self.assertEqual(self.ok("query", f"events[?{where}]").err, "")

    def test_advice_on_what_cannot_be_parsed(self):
        for where, words in {"amount > 3": "in backquotes: `3`", "@timestamp": '"@timestamp"',
                             "event-id == 'x'": '"event-id"', "a = 'x'": "=="}.items():
            result = self.fails(2, ["--where: ", words], "replay", "--where", where)
            self.assertEqual(result.err.splitlines()[-1].strip("-^ "), "", result)


if __name__ == "__main__":
    main()
