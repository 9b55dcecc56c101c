"""bench: measures, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
import unittest

from harness import COMMAND, CliTest, folders_only, main
from places import ON_S3

sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "s3"))

from proxied import Proxy  # noqa: E402


class BenchTest(CliTest):
    def wait_until(self, true):
        for _ in range(400):
            if true():
                return
            time.sleep(0.05)
        self.fail("still not so after 20 s")


class Bench(BenchTest):
    @folders_only
    def test_table(self):
        result = self.ok("bench", "--events", "2000", "--threads", "2")
        for word in ("OPERATION", "put", "put, 2 threads", "record", "get", "journal", "replay"):
            self.assertIn(word, result.out)
        self.assertIn("measuring in " + self.store + "-bench-", result.err)
        self.assertNotIn("COST", result.out)
        self.assertEqual(self.place.beside(), [])

    def test_json(self):
        self.ok("put", "--id", "a", "1")
        result = self.ok("bench", "--events", "1000", "--threads", "1", "--json")
        by_name = {row["operation"]: row for row in result.json_lines()}
        self.assertEqual(by_name["record"]["count"], 1000)
        # 200 single puts, 100 of one thread, and what was recorded.
        self.assertEqual(by_name["replay"]["count"], 1300)
        self.assertGreater(by_name["get"]["median_seconds"], 0)
        self.assertEqual(by_name["put"]["requests"], 200)
        self.assertEqual("dollars" in by_name["put"], ON_S3)
        # The store itself is not touched, and nothing lies beside it.
        self.assertEqual(self.ids(), ["a"])
        self.assertEqual(self.place.beside(), [])

    def test_interrupt_cleans_up(self):
        process = self.start("bench", "--events", "3000000")
        self.wait_until(self.place.beside)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"removing", told)
        self.assertEqual(self.place.beside(), [])

    def test_places_that_cannot_be_removed_again(self):
        self.fails(2, "folders", "bench", "--store", "gopher://x")


class BenchInBucket(BenchTest):
    """Money is spent: it says how much, before and afterwards, and takes no more than that."""

    STORE = ("--store", "s3://no-such-bucket-of-flashflood/events")

    def test_size_is_bounded(self):
        self.fails(2, "10000000", "bench", *self.STORE, "--events", "10000001")
        self.fails(2, "256", "bench", *self.STORE, "--threads", "257")

    @unittest.skipUnless(ON_S3, "asks a bucket")
    def test_costs(self):
        result = self.ok("bench", "--events", "100", "--threads", "1")
        self.assertRegex(result.err, r"writes about 400 events, .* in about 310 objects: about \$0\.0")
        self.assertIn("COST", result.out.splitlines()[0])
        self.assertRegex(result.out, r"(?m)^put +200 .* 200 +\$0\.0010$")
        self.assertRegex(result.out, r"(?m)^all, with making and removing .*\$0\.00\d+$")
        self.assertEqual(self.place.beside(), [])

    @unittest.skipUnless(ON_S3 and os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://"),
                         "asks a bucket through a proxy of plain HTTP")
    def test_failure_cleans_up(self):
        with Proxy(os.environ["AWS_ENDPOINT_URL"]) as proxy:
            environment = self.environment() | {"AWS_ENDPOINT_URL": proxy.url,
                                                "FLASHFLOOD_RETRY_FOR": "5s"}
            process = subprocess.Popen([COMMAND, "bench", "--events", "3000000"], env=environment,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.wait_until(lambda: len(self.place.beside()) > 10)
            proxy.set_rules({"PUT": {"conflict": 1}})  # nothing can be created any more
            _, told = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, told)
        self.assertNotIn(b"cannot remove", told)
        self.assertEqual(self.place.beside(), [])

    @unittest.skipUnless(ON_S3, "asks a bucket")
    def test_bucket_that_is_not_there(self):
        self.fails(1, ["no-such-bucket-of-flashflood"], "bench", *self.STORE)


if __name__ == "__main__":
    main()
