"""bench: measures, and leaves nothing behind."""

import os
import signal
import time

from harness import CliTest, folders_only, main


class Bench(CliTest):
    @folders_only
    def test_table(self):
        result = self.ok("bench", "--events", "2000", "--threads", "2")
        for word in ("OPERATION", "put", "put, 2 threads", "record", "get", "journal", "replay"):
            self.assertIn(word, result.out)
        self.assertEqual(os.listdir(self.folder), [])

    @folders_only
    def test_json(self):
        rows = self.ok("bench", "--events", "1000", "--threads", "1", "--json").json_lines()
        by_name = {row["operation"]: row for row in rows}
        self.assertEqual(by_name["record"]["count"], 1000)
        # 200 single puts, 100 of one thread, and what was recorded.
        self.assertEqual(by_name["replay"]["count"], 1300)
        self.assertGreater(by_name["get"]["median_seconds"], 0)

    @folders_only
    def test_the_store_itself_is_not_touched(self):
        self.ok("put", "--id", "a", "1")
        self.ok("bench", "--events", "100", "--threads", "1")
        self.assertEqual(self.ids(), ["a"])
        self.assertEqual(os.listdir(self.folder), ["flood"])

    @folders_only
    def test_interrupt_cleans_up(self):
        process = self.start("bench", "--events", "3000000")
        for _ in range(200):
            if os.listdir(self.folder):
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(os.listdir(self.folder), [])

    def test_places_that_cannot_be_removed_again(self):
        self.fails(2, "folders", "bench", "--store", "gopher://x")


if __name__ == "__main__":
    main()
