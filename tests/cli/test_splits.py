"""splits and read-split: a replay in pieces, read by several processes."""

import concurrent.futures
import json
import os
import subprocess
import time
import unittest

from harness import COMMAND, ON_S3, CliTest, folders_only, lines_of, main


class Splits(CliTest):
    def setUp(self):
        super().setUp()
        for first in range(0, 30_000, 10_000):
            self.ok("record", "--id", "id", "--date", "time", stdin=lines_of(10_000, first))
            if first < 20_000:
                self.ok("journal")
        self.ok("put", "--id", "odd \u00e4", "--date", "2011-03-01T00:00:07Z", '{"amount": 5}')

    def make(self, *arguments):
        return self.ok("splits", *arguments).out.splitlines()

    def test_one_after_the_other_are_the_replay(self):
        for options in ([], ["--where", "amount > `3`", "--query", "[id, amount]"],
                        ["--from", "2011-03-01T01:00:00Z", "--to", "2011-03-01T03:00:00Z"]):
            expected = self.ok("replay", *options).out
            splits = self.make("--count", "5", *options)
            self.assertTrue(1 < len(splits) <= 5)
            together = "".join(
                self.ok("read-split", stdin=split, store=False).out for split in splits)
            self.assertEqual(together, expected)
            everything = self.ok("read-split", self.write("splits", "\n".join(splits) + "\n"))
            self.assertEqual(everything.out, expected)

    def test_of_which_a_range_is_read(self):
        splits = "\n".join(self.make("--count", "3"))
        for options in (["--from", "2011-03-01T01:00:00Z", "--to", "2011-03-01T01:00:09Z"],
                        ["--from", "2011-03-01T03:00:00+01:00"], ["--to", "2011-03-01T00:00:07Z"],
                        ["--from", "2012-01-01T00:00:00Z"]):
            result = self.ok("read-split", *options, stdin=splits)
            self.assertEqual(result.out, self.ok("replay", *options).out)
        self.assertNotIn("e0", result.out)
        self.fails(2, "--from is later than --to", "read-split", "--from", "2012-01-01T00:00:00Z",
                   "--to", "2011-01-01T00:00:00Z", stdin=splits)
        self.fails(2, "--from", "read-split", "--from", "soon", stdin=splits)

    def test_are_read_at_once_by_processes_while_others_journal(self):
        expected = self.ok("replay", "--format", "event").out
        splits = self.make("--count", "6")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            parts = [pool.submit(self.ok, "read-split", "--format", "event", stdin=split,
                                 store=False) for split in splits]
            self.ok("delete", "e000005")
            self.ok("journal")
            self.ok("gc")
            self.assertEqual("".join(part.result().out for part in parts), expected)

    def test_splits_outlive_journaling_and_end(self):
        self.store = self.path("short")
        self.ok("record", "--id", "id", "--date", "time", "--grace", "1s", "--patience", "1s",
                stdin=lines_of(100))
        expected = self.ok("replay").out
        lasting, ending = self.make("--count", "1"), self.make("--count", "1", "--valid-for", "1s")
        self.ok("journal")
        time.sleep(1.2)
        self.ok("gc")
        self.assertEqual(self.ok("read-split", stdin=lasting[0]).out, expected)
        fresh = self.ok("splits", "--refresh", "-", "--valid-for", "2h", stdin=lasting[0]).json()
        self.assertNotEqual(fresh["lease"], json.loads(lasting[0])["lease"])
        self.assertEqual(self.ok("read-split", stdin=json.dumps(fresh)).out, expected)
        time.sleep(3)
        self.fails(1, "make new splits", "splits", "--refresh", "-", stdin=ending[0])

    def test_laid_out_anew_by_other_programs(self):
        split = self.make("--count", "1")[0]
        again = json.dumps(json.loads(split), indent=None, separators=(" , ", " : "))
        self.assertEqual(self.ok("read-split", stdin=again).out, self.ok("replay").out)

    def test_limit_and_explain(self):
        splits = "\n".join(self.make("--count", "4"))
        result = self.ok("read-split", "--limit", "12", "--explain", stdin=splits)
        self.assertEqual(result.out, self.ok("replay", "--limit", "12").out)
        self.assertRegex(result.err, r"store requests: \d+ GET .*, 0 PUT .*, 0 LIST, 0 DELETE")
        self.assertEqual("$" in result.err, ON_S3, result)

    def test_fewer_than_asked_for(self):
        self.store = self.path("small")
        self.ok("put", "x")
        result = self.ok("splits", "--count", "10")
        self.assertEqual(len(result.out.splitlines()), 1)
        self.assertIn("1 split instead of 10", result.err)

    def test_what_is_refused(self):
        self.fails(2, "--count", "splits")
        self.fails(2, ["--count", "1 to 100000"], "splits", "--count", "0")
        self.fails(2, "--where", "splits", "--count", "1", "--where", "a[")
        self.fails(2, "exclude", "splits", "--count", "1", "--presign", "1h", "--valid-for", "1h")
        self.fails(2, "--valid-for", "splits", "--count", "1", "--refresh", "-")
        self.fails(2, "not a split", "read-split", stdin="{}")
        split = self.make("--count", "1")[0]
        self.fails(1, "checksum", "read-split", stdin=split.replace('"count":1', '"count":2'))
        self.fails(1, "update", "read-split", stdin=split.replace('"format":1', '"format":2'))
        self.store = self.path("other")
        self.ok("put", "x")
        self.fails(2, "another flood", "read-split", stdin=split)

    @folders_only
    def test_folders_have_no_urls(self):
        self.fails(1, "cannot be presigned", "splits", "--count", "1", "--presign", "1h")

    @unittest.skipUnless(ON_S3, "presigned URLs are of buckets; these floods lie in folders")
    def test_presigned_ones_are_read_without_credentials(self):
        self.ok("delete", "e000003")
        expected = self.ok("replay").out
        splits = self.ok("splits", "--count", "3", "--presign", "1h").out
        nothing = {"PATH": os.environ["PATH"], "HOME": self.folder}
        for command in ([COMMAND, "read-split"], [COMMAND, "read-split", "--explain"]):
            done = subprocess.run(command, input=splits.encode(), capture_output=True, env=nothing,
                                  timeout=120)
            self.assertEqual(done.returncode, 0, done)
            self.assertEqual(done.stdout.decode(), expected)
            self.assertNotIn(b"Signature", done.stderr)
        for journal in json.loads(splits.splitlines()[0])["journals"]:
            done = subprocess.run(["curl", "-sSf", journal["url"]], capture_output=True, timeout=120)
            self.assertEqual(done.returncode, 0, done)
            self.assertEqual(done.stdout, self.place.read(journal["key"]))
            self.assertEqual(len(done.stdout), journal["bytes"])

    def test_a_split_cannot_name_other_files(self):
        split = json.loads(self.make("--count", "1")[0])
        for key in ("flashflood.json", "journals/../../secret", "/etc/passwd"):
            split["journals"][0]["key"] = key
            self.fails(1, "key", "read-split", stdin=json.dumps(split))


if __name__ == "__main__":
    main()
