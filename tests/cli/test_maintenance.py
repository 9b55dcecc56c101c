"""journal, gc, verify, journals, stats."""

import os
import re
import signal
import time

from harness import CliTest, lines_of, main

BY_ID = ("--id", "id", "--date", "time")


class Maintenance(CliTest):
    def fill(self, count=1000, first=0):
        self.ok("record", *BY_ID, "--quiet", stdin=lines_of(count, first))

    def test_journal(self):
        self.fill()
        self.ok("put", "1")
        result = self.ok("journal")
        self.assertRegex(result.out, r"^Sealed 1,001 entries from \d+ pending journals, wrote 1 journal")
        self.assertEqual(self.ok("journal").out, "Nothing to do.\n")
        stats = self.ok("stats", "--json").json()
        self.assertEqual((stats["sealed_entries"], stats["pending_bulk_journals"]), (1001, 0))

    def test_journal_as_json(self):
        self.fill(10)
        report = self.ok("journal", "--json").json()
        self.assertEqual(report["sealed_events"], 10)
        self.assertEqual(report["commits"], 1)

    def test_conditions(self):
        self.fill(10)
        self.fails(1, "", "journal", "--min-events", "11")
        self.fails(1, "", "journal", "--min-bytes", "1G")
        self.ok("journal", "--min-events", "10", "--min-bytes", "100")

    def test_watch(self):
        self.fill(10)
        process = self.start("journal", "--watch", "--interval", "50ms", "--min-events", "1")
        self.wait_for_sealed(10)
        self.fill(10, first=10)
        self.wait_for_sealed(20)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)
        sealed = re.findall(rb"Sealed (\d+) entr", out)
        self.assertEqual(sum(map(int, sealed)), 20, out)

    def wait_for_sealed(self, count):
        for _ in range(200):
            stats = self.ok("stats", "--json").json()
            if stats["sealed_entries"] == count:
                return
            time.sleep(0.05)
        self.fail(f"not journaled after 10 s: {stats}")

    def test_journals(self):
        self.fill()
        pending = self.ok("journals", "--json").json_lines()
        self.assertTrue(pending and all(j["kind"] == "pending" for j in pending))
        self.ok("journal")
        (sealed,) = self.ok("journals", "--json").json_lines()
        self.assertEqual(sealed["kind"], "sealed")
        self.assertEqual(sealed["from"], "2011-03-01T00:00:00.000000Z")
        self.assertEqual(sealed["to"], "2011-03-01T00:16:39.000000Z")
        self.assertEqual(sealed["entries"], 1000)
        table = self.ok("journals").out.splitlines()
        self.assertTrue(table[0].startswith("KIND"), table)
        self.assertIn("1,000", table[1])
        self.assertEqual(self.ok("journals", "--json", "--from", "2012-01-01T00:00:00Z").out, "")

    def test_stats(self):
        self.fill()
        self.ok("journal")
        stats = self.ok("stats", "--json").json()
        self.assertEqual(stats["sealed_entries"], 1000)
        self.assertEqual(stats["grace_seconds"], 3600)
        self.assertEqual(stats["to"], "2011-03-01T00:16:39.000000Z")
        table = self.ok("stats").out
        self.assertIn("1,000 entries", table)
        self.assertIn("2011-03-01T00:16:39.000000Z", table)

    def test_gc(self):
        self.ok("put", "1", "--grace", "4s", "--patience", "2s")
        self.fill()
        self.ok("journal")
        kept = self.ok("gc", "--json").json()
        self.assertEqual(kept["dry_run"], False)
        events = self.ids()
        for _ in range(20):
            time.sleep(1)
            dry = self.ok("gc", "--dry-run", "--json").json()
            self.assertEqual(len(dry["keys"]), dry["removed_objects"])
            self.ok("gc")
            self.assertEqual(self.ids(), events)
            stats = self.ok("stats", "--json").json()
            if stats["retired_objects"] == 0:
                break
        self.assertEqual(stats["retired_objects"], 0, stats)
        self.assertIn("All is well", self.ok("verify").out)
        self.assertRegex(self.ok("gc").out, r"Removed \d+ object")

    def test_verify_finds_damage(self):
        self.fill(5000)
        self.ok("journal")
        self.assertIn("All is well: ", self.ok("verify").out)
        report = self.ok("verify", "--json").json()
        self.assertEqual((report["live_events"], report["problems"]), (5000, []))
        (journal,) = self.place.keys("journals/")
        data = bytearray(self.place.read(journal))
        data[len(data) // 3] ^= 1
        self.place.write(journal, data)
        result = self.run_command("verify")
        self.assertEqual(result.code, 1, result)
        self.assertIn(os.path.basename(journal), result.out)
        self.assertRegex(result.out, r"\d+ problems? in ")
        damaged = self.run_command("verify", "--json")
        self.assertEqual(damaged.code, 1)
        self.assertTrue(damaged.json()["problems"])
        replay = self.run_command("replay")
        self.assertEqual(replay.code, 1)
        self.assertIn(os.path.basename(journal), replay.err)

    def test_missing_journal(self):
        self.fill(100)
        self.ok("journal")
        (journal,) = self.place.keys("journals/")
        self.place.remove(journal)
        result = self.run_command("verify")
        self.assertEqual(result.code, 1, result)
        self.assertIn(os.path.basename(journal), result.out)
        self.assertEqual(self.run_command("replay").code, 1)


if __name__ == "__main__":
    main()
