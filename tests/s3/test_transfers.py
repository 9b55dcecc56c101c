"""Large objects and slow or damaged answers on a real server: what is repeated, and that it is counted."""

import re
import unittest

from driver import Refused
from proxied import ProxiedTest

MIB = 1 << 20


class Transfers(ProxiedTest):
    seed = 3

    @staticmethod
    def told(handle):
        return {name: int(count) for name, count in
                (word.split("=") for word in handle.do("requests").split())}

    def assert_counted(self, told):
        """Those that the proxy saw since it began, but for copies that were cut off before it did."""
        seen = self.proxy.requests()
        changes = sum(seen.get(kind, 0) for kind in ("PUT", "PART", "MULTIPART", "DELETE"))
        self.assertEqual(told["puts"] + told["removes"], changes)
        spare = told["hedges"]
        for name, kind in (("gets", "GET"), ("lists", "LIST")):
            self.assertLessEqual(seen.get(kind, 0), told[name])
            self.assertLessEqual(told[name], seen.get(kind, 0) + spare)

    def parts(self):
        """(method, part number or None) of the requests of uploads in parts."""
        found = []
        for line, _ in self.proxy.last():
            method, target, _ = line.split(" ")
            if "uploads" in target or "uploadId" in target:
                number = re.search(r"partNumber=(\d+)", target)
                found.append((method, int(number[1]) if number else None))
        return found

    def test_uploads_in_parts(self):
        handle = self.open()
        handle.do("record", "large", 85, MIB)  # a sealed journal of more than 64 MiB
        self.assert_failed_upload_is_aborted()
        told = self.told(handle)
        self.proxy.set_rules({"PART": {"error_500": 0.2, "reset_before": 0.1, "answer_lost": 0.1},
                              "MULTIPART": {"answer_lost": 0.2}})
        before = len(self.parts())
        handle.do("journal")
        self.proxy.set_rules({})
        uploads = self.parts()[before:]
        numbers = [number for method, number in uploads if method == "PUT"]
        self.assertGreater(len(numbers), len(set(numbers)), uploads)  # some were repeated
        self.assertEqual(set(numbers), set(range(1, max(numbers) + 1)))
        self.assertLess(len(numbers), 3 * max(numbers))  # and not all of them
        self.assertNotIn("DELETE", [method for method, _ in uploads])
        # The client may repeat by itself what went down a connection that the proxy had reset.
        self.assertLessEqual(self.told(handle)["parts"] - told["parts"], len(numbers))
        self.assertEqual(self.open().do("replay", self.events_file()), "85")

    def assert_failed_upload_is_aborted(self):
        handle = self.open(retry_for="0")
        before = len(self.parts())
        self.proxy.set_rules({"PART": {"error_500": 1.0}})
        with self.assertRaises(Refused) as refused:
            handle.do("journal")
        self.assertEqual(refused.exception.name, "StoreUnavailable")
        self.proxy.set_rules({})
        uploads = self.parts()[before:]
        self.assertEqual(uploads[-1], ("DELETE", None))
        self.assertEqual([method for method, number in uploads if number is None],
                         ["POST", "DELETE"])
        # Nothing is repeated: neither a part by itself nor the upload as a whole.
        numbers = [number for _, number in uploads if number is not None]
        self.assertEqual(len(numbers), len(set(numbers)), numbers)

    def test_slow_reads_are_sent_twice_and_counted(self):
        handle = self.open()
        handle.do("put", "a", "{}")
        for _ in range(60):
            handle.do("get", "a")
        self.proxy.set_rules({"*": {"latency": 0.05}, "seconds": {"latency": 5}})
        for _ in range(60):
            self.assertEqual(handle.do("get", "a"), "{}")
        told = self.told(handle)
        self.assertGreater(told["hedges"], 0)
        self.assert_counted(told)

    def test_damaged_bytes_are_read_again(self):
        handle = self.open()
        handle.do("record", "e", 200, 2000)
        handle.do("journal")
        handle.do("record", "late", 50, 2000)
        self.proxy.set_rules({"GET": {"wrong_byte": 0.15}})
        rereads = 0
        for _ in range(8):
            try:
                fresh = self.open()
                self.assertTrue(fresh.do("get", "e-7").startswith("e-7 "))
                self.assertEqual(fresh.do("replay", self.events_file()), "250")
            except Refused as refusal:  # twice, one after the other
                self.assertEqual(refusal.name, "CorruptData")
                continue
            rereads += self.told(fresh)["rereads"]
        self.assertGreater(rereads, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
