"""Wrong usage ends with exit code 2 and says what is expected; help and version go to stdout."""

from harness import CliTest, main

COMMANDS = (
    "put get update delete record replay splits read-split journal journals stats gc verify jmespath bench completion"
).split()


class Usage(CliTest):
    def test_help_of_every_command_has_an_example(self):
        for command in COMMANDS:
            with self.subTest(command):
                result = self.ok(command, "--help", store=False)
                self.assertIn("Example:\n", result.out)
                self.assertIn(f"flashflood {command} ", result.out)

    def test_help_names_every_command(self):
        result = self.ok("--help")
        for command in COMMANDS:
            self.assertIn(f"\n  {command} ", result.out)

    def test_version(self):
        self.assertRegex(self.ok("--version").out, r"^flashflood \d+\.\d+\.\d+\n$")

    def test_nothing_at_all(self):
        self.fails(2, ["no command", "--help"])

    def test_unknown_command(self):
        self.fails(2, ['unknown command "recrod"', "did you mean record?"], "recrod")
        result = self.fails(2, 'unknown command "zzzzzzz"', "zzzzzzz")
        self.assertNotIn("did you mean", result.err)

    def test_unknown_option(self):
        self.fails(2, ["unknown option --frm", "did you mean --from?"], "replay", "--frm", "x")
        self.fails(2, ["unknown option --sotre", "--store?"], "stats", "--sotre=x")
        self.fails(2, "unknown option -x", "stats", "-x")

    def test_missing_and_surplus_arguments(self):
        self.fails(2, "ID is required", "get")
        self.fails(2, 'no argument "b"', "get", "a", "b")
        self.fails(2, "--from needs a value", "replay", "--from")
        self.fails(2, ["--format", '"xml" is none of data, event'], "replay", "--format", "xml")

    def test_no_store(self):
        for arguments in (["stats"], ["put", "x"], ["record"], ["replay"], ["bench"]):
            with self.subTest(arguments):
                self.fails(2, ["--store", "FLASHFLOOD_STORE"], *arguments, store=False)
        self.fails(2, "FLASHFLOOD_STORE", "stats", "--store", "")

    def test_store_before_and_after_the_command(self):
        self.ok("--store", self.store, "put", "--id", "a", "1", store=False)
        self.assertEqual(self.ok("get", "a", "--store", self.store, store=False).out, "1\n")

    def test_option_wins_over_environment(self):
        self.ok("put", "--id", "a", "1")
        self.ok("put", "--id", "a", "2", "--store", self.path("other"))
        self.assertEqual(self.ok("get", "a").out, "1\n")

    def test_dates_name_their_option(self):
        self.ok("put", "x")
        for option, arguments in {
            "--from": ["replay", "--from"],
            "--to": ["replay", "--to"],
            "--date": ["put", "x", "--date"],
        }.items():
            for date in ["yesterday", "2011-02-29T00:00:00Z", "2011-03-01", "", "10000-01-01T00:00:00Z"]:
                with self.subTest(f"{option} {date}"):
                    self.fails(2, [option + ": ", "2011-03-01T08:26:00Z"], *arguments, date)
        self.fails(2, "--from: ", "journals", "--from", "x")
        self.fails(
            2, "--from is later", "replay", "--from", "2012-01-01T00:00:00Z", "--to",
            "2011-01-01T00:00:00Z",
        )

    def test_numbers_sizes_and_durations(self):
        self.ok("put", "x")
        self.fails(2, ["--limit", '"-1"'], "replay", "--limit", "-1")
        self.fails(2, ["--limit", '"many"'], "replay", "--limit", "many")
        self.fails(2, ["--in-flight", "1 to 64"], "record", "--in-flight", "65")
        self.fails(2, ["--batch-bytes", "8M"], "record", "--batch-bytes", "8X")
        self.fails(2, "--expected-revision", "delete", "x", "--expected-revision", "0")
        self.fails(2, "--min-bytes", "journal", "--min-bytes", "x")
        self.fails(2, ["--interval", "10s"], "journal", "--watch", "--interval", "10 weeks")
        self.fails(2, "--watch", "journal", "--interval", "10s")
        self.fails(2, "--grace", "put", "x", "--grace", "forever")

    def test_settings_of_a_new_flood_out_of_range(self):
        self.fails(2, "", "put", "x", "--patience", "2h", "--grace", "1h")
        self.fails(2, "", "put", "x", "--grace", "0s")
        self.fails(2, "", "put", "x", "--compression", "zip")
        self.ok("put", "x", "--grace", "2m", "--patience", "1m", "--compression", "zstd:3")
        stats = self.ok("stats", "--json").json()
        self.assertEqual((stats["grace_seconds"], stats["patience_seconds"]), (120, 60))


if __name__ == "__main__":
    main()
