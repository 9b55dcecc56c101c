"""The requests that each operation makes on a real server, counted on the wire: the design's bounds.

On a handle that is warm, on floods of different sizes.
"""

import os
import subprocess
import unittest

from proxied import ProxiedTest

# A read that the machine makes slow would be sent twice.
os.environ["FLASHFLOOD_S3_HEDGING"] = "false"


class Requests(ProxiedTest):
    def setUp(self):
        super().setUp()
        self.handle = self.open()

    def cost(self, *words, on=None):
        self.proxy.reset()
        (on or self.handle).do(*words)
        return self.proxy.requests()

    def assert_cost(self, words, lists=0, gets_max=0, puts=0, on=None):
        cost = self.cost(*words, on=on)
        print(f"  {' '.join(map(str, words))[:40]:40} {cost}", flush=True)
        made = f"{words}: {self.proxy.last()}"
        gets = cost.pop("GET", 0)
        self.assertLessEqual(gets, gets_max, made)
        wanted = {kind: n for kind, n in (("LIST", lists), ("PUT", puts)) if n}
        self.assertEqual(cost, wanted, made)

    def fill(self):
        """Five sealed journals over different dates, and a warm handle."""
        for n in range(5):
            self.handle.do("record", f"old{n}", 50, 100)
            self.handle.do("journal")
        self.handle.do("get", "old1-7")
        self.handle.do("get", "unknown")

    def operations(self):
        self.assert_cost(("put-new", "{}"), puts=1)
        self.assert_cost(("put", "new", "{}"), lists=1, gets_max=2, puts=1)
        self.assert_cost(("get", "new"), lists=1, gets_max=2)
        self.assert_cost(("get", "unknown"), lists=1, gets_max=2)
        self.assert_cost(("update", "new", "{2}"), lists=1, gets_max=2, puts=1)
        self.assert_cost(("delete", "new"), lists=1, gets_max=2, puts=1)
        self.assert_cost(("record", "rec", 100, 100), puts=1)

    def test_empty_flood(self):
        # This handle has made the flood, and tried then whether the server keeps conditions.
        self.assert_cost(("put-new", "{}"), puts=1)
        self.operations()

    def test_journaled_flood(self):
        self.fill()
        self.operations()
        # As many journals cover this date as were made.
        self.assert_cost(("get", "old1-7"), lists=1, gets_max=6)
        self.assert_cost(("update", "old2-7", "{}"), lists=1, gets_max=6, puts=1)

    def test_record_is_one_put_for_each_8_mib(self):
        mib = 1 << 20
        cost = self.cost("record", "big", 40, mib)
        print("  record 40 MiB", cost)
        self.assertEqual(set(cost), {"PUT"})
        self.assertLessEqual(cost["PUT"], 5 + 1)
        self.handle.do("journal")
        self.handle.do("get", "big-1")
        replay = self.cost("replay", self.events_file())
        print("  replay 40 MiB", replay)
        self.assertEqual(replay["LIST"], 1)
        self.assertLessEqual(replay["GET"], 40 // 8 + 2)
        self.assertEqual(set(replay), {"LIST", "GET"})

    def test_what_is_sent_again_is_counted(self):
        """By the store after a pause, or by libcurl at once where a kept connection was reset."""
        def told():
            counts = dict(word.split("=") for word in self.handle.do("requests").split())
            return int(counts["gets"])

        self.fill()
        self.proxy.set_rules({"GET": {"reset_before": 0.3}})
        self.proxy.reset()
        before = told()
        for n in range(12):
            self.handle.do("get", f"old{n % 5}-{n}")
        self.assertGreater(self.proxy.counts()["faults"].get("reset_before", 0), 2)
        self.assertEqual(told() - before, self.proxy.requests()["GET"])

    def test_open_and_first_get(self):
        self.fill()
        self.proxy.reset()
        fresh = self.open()
        opened = self.proxy.requests()
        print("  open", opened)
        self.assertLessEqual(opened.get("LIST", 0), 1)
        self.assertEqual(opened.get("GET", 0), 1)  # the settings
        self.assertLessEqual(set(opened), {"LIST", "GET"})
        self.assert_cost(("get", "old4-7"), on=fresh, lists=1, gets_max=12)

    def test_a_get_of_the_command(self):
        """Of a process of its own: listing, catalog, index, journal; the catalog has the settings."""
        self.handle.do("record", "one", 5000, 100)
        self.handle.do("journal")
        self.proxy.reset()
        got = subprocess.run(
            [os.environ["FLASHFLOOD_COMMAND"], "--store", self.place.url, "get", "one-4321"],
            env={**os.environ, "AWS_ENDPOINT_URL": self.proxy.url}, capture_output=True, check=True)
        self.assertEqual(len(got.stdout), 100 + 1)
        made = self.proxy.requests()
        print("  get, of the command", made)
        self.assertEqual(set(made), {"LIST", "GET"}, self.proxy.last())
        self.assertEqual(made["LIST"], 1)
        self.assertLessEqual(made["GET"], 3, self.proxy.last())


if __name__ == "__main__":
    unittest.main(verbosity=2)
