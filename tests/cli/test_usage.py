"""Wrong usage ends with exit code 2 and says what is expected; help and version go to stdout."""

import os
import subprocess
import unittest

from harness import COMMAND, CliTest, main

COMMANDS = (
    "put get update delete record replay splits read-split journal journals stats gc verify jmespath bench completion help version"
).split()


class Usage(CliTest):
    def test_help_of_every_command_has_an_example(self):
        for command in COMMANDS:
            with self.subTest(command):
                result = self.ok(command, "--help", store=False)
                self.assertIn("Example:\n", result.out)
                self.assertIn(f"flashflood {command}", result.out)

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

    def test_an_option_without_a_value_is_no_other_value(self):
        for arguments in (["put", "--id=", "x"], ["replay", "--from=", "x"], ["--store=", "stats"],
                          ["record", "--id=", "id"], ["replay", "--query="], ["journal", "--json="]):
            with self.subTest(arguments):
                self.fails(2, "has no value after the '='", *arguments)
                self.assertFalse(self.place.exists())
        # What follows after "--" are no options.
        self.ok("put", "--id", "a", "--", "--id=")
        self.assertEqual(self.ok("get", "a").out, "--id=\n")

    def test_an_option_given_twice(self):
        self.fails(2, "--from is given twice", "replay", "--from", "2011", "--from", "2012")
        self.fails(2, "--id is given twice", "put", "--id=a", "--id", "b", "x")

    def test_an_option_before_its_command(self):
        self.fails(2, ["--from stands before the command", "flashflood replay --from"],
                   "--from", "2011-03-01T00:00:00Z", "replay")
        self.fails(2, ["--min-events belongs to a command", "journal"], "--min-events", "3")

    def test_help_and_version_as_commands(self):
        self.assertEqual(self.ok("help", store=False).out, self.ok("--help", store=False).out)
        self.assertEqual(self.ok("help", "replay", store=False).out,
                         self.ok("replay", "--help", store=False).out)
        self.assertEqual(self.ok("version", store=False).out, self.ok("--version", store=False).out)
        self.fails(2, ['unknown command "recrod"', "record?"], "help", "recrod")

    def test_paths_that_were_meant_otherwise(self):
        self.fails(2, "s3://bucket/prefix", "stats", "--store", "s3:/bucket", store=False)
        self.fails(2, "$HOME", "stats", "--store", "~/events", store=False)

    def test_intervals_that_would_spin(self):
        self.ok("put", "x")
        for command in (["replay", "--follow"], ["journal", "--watch"]):
            self.fails(2, ["--interval", "10ms"], *command, "--interval", "0")

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_what_was_done_is_told_when_it_cannot_be_printed(self):
        with open("/dev/full", "wb") as full:
            def err_of(*arguments):
                process = self.start(*arguments, stdout=full)
                _, err = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 1, err)
                return err.decode()

            self.assertIn('the event is recorded with id "a"', err_of("put", "--id", "a", "1"))
            err = err_of("put", "2")
            self.assertIn(err.split('id "')[1].split('"')[0], [e["id"] for e in self.replay()])
            self.assertIn("revision 2", err_of("update", "a", "3"))
            self.assertIn("journaling is done", err_of("journal"))

    def test_closed_standard_descriptors(self):
        def code_of(redirection, *arguments):
            return subprocess.run(["bash", "-c", f'"$0" "$@" {redirection}', COMMAND, *arguments],
                                  env=self.environment(), timeout=60, capture_output=True)

        self.ok("put", "--id", "a", "1")
        for arguments in (["record"], ["put", "-"], ["jmespath", "a"]):
            done = code_of("<&-", *arguments)
            self.assertEqual(done.returncode, 1, done)
            self.assertIn(b"Bad file descriptor", done.stderr)
        done = code_of(">&-", "replay")
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual(code_of("2>&-", "get", "a").stdout, b"1\n")

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
            for date in ["soon", "2011-02-29T00:00:00Z", "2011-03-01T08:26", "10000-01-01T00:00:00Z"]:
                if date == "2011-03-01T08:26" and option != "--date":
                    continue  # in a range it counts in --zone, which is UTC
                with self.subTest(f"{option} {date}"):
                    self.fails(2, [option + ": ", "2011-03-01T08:26:00Z"], *arguments, date)
            self.fails(2, [option, "is empty"], *arguments, "")
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
