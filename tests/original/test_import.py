"""import-original on buckets that the original itself has written, on a real S3 server.

Where the original is right, what comes out is what its own replay gives; where it is not, what was
acknowledged. FLASHFLOOD_ORIGINAL is where the original is installed (bucket.py).
"""

import json
import os
import signal
import sys
import threading
import time

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[1:1] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(TESTS, "cli"),
                 os.path.join(TESTS, "s3")]

from bucket import WHY_NOT, FlashFlood, Original, day, text_of  # noqa: E402
from harness import CliTest, Result, main  # noqa: E402
from proxied import Proxy  # noqa: E402

if FlashFlood is None:
    print(WHY_NOT)
    sys.exit(77)


class Import(CliTest):
    """Into a flood in a folder, where FLASHFLOOD_TEST_STORE does not say otherwise."""

    def setUp(self):
        super().setUp()
        self.original = Original()
        self.addCleanup(self.original.client.close)
        self.addCleanup(self.original.clear)
        self.changes = {}

    def environment(self, store=True):
        return super().environment(store) | self.changes

    def take_over(self, *arguments, url=None):
        before = self.original.state()
        report = self.ok("import-original", url or self.original.url, "--json", *arguments).json()
        self.assertEqual(self.original.state(), before, "the source was written")
        return report

    def found(self):
        return {event["id"]: (event["date"], self.data_of(event)) for event in self.replay()}

    @staticmethod
    def data_of(event):
        return event["data"] if "data" in event else event["data_base64"]

    def assert_events(self, wanted):
        """`wanted`: id -> (date, data), the data JSON."""
        self.assertEqual(self.found(), {name: (text_of(date), json.loads(data))
                                        for name, (date, data) in wanted.items()})
        self.assertIn("All is well", self.ok("verify").out)

    def assert_as_the_original_replays(self):
        events = list(self.original.replay())
        self.assertEqual(len({event.event_id for event in events}), len(events))
        self.assert_events({event.event_id: (event.date, event.data) for event in events})

    def assert_report(self, report, **wanted):
        self.assertEqual({name: report[name] for name in wanted}, wanted, report)

    def problems(self, report):
        return {problem["reason"]: problem["count"] for problem in report["problems"]}


class WhatTheOriginalHas(Import):
    def test_journals_and_pending_events(self):
        for number in range(1, 9):
            self.original.put(f"event-{number}", day(number))
        self.original.journal(minimum_number_of_events=4)
        self.original.put("late", day(2, 30), b'{"late": true}')
        self.original.put("same instant", day(20), b"1")
        report = self.take_over()
        # The original had four left when it had journaled four, and two were put then.
        self.assert_report(report, journals=1, journal_events=4, pending_events=6, tombstones=4,
                           recorded=10, duplicates=0, skipped=0, problems=[], unnamed_blobs=0)
        self.assert_as_the_original_replays()

    def test_bytes_as_they_are(self):
        data = {"binary": bytes(range(256)), "empty": b"", "lines": b"a\nb\r\n", "blank": b" "}
        for number, (name, value) in enumerate(data.items()):
            self.original.put(name, day(1 + number), value)
        self.take_over()
        for name, value in data.items():
            self.assertEqual(self.ok("get", name).bytes, value + b"\n", name)

    def test_updates_and_deletes_applied_and_not(self):
        for number in range(1, 7):
            self.original.put(f"event-{number}", day(number))
        self.original.journal(minimum_number_of_events=4)
        self.original.update_event("event-1", b'{"updated": 1}')
        self.original.delete_event("event-2")
        self.original.update_event("event-6", b'{"updated": 6}')
        self.original.update()
        applied = self.take_over()
        self.assert_report(applied, updates_applied=0, deletes_applied=0, applied_markers=3,
                           recorded=5, duplicates=0)
        self.assert_as_the_original_replays()

        self.original.update_event("event-1", b'{"updated": 2}')
        self.original.update_event("event-5", b'{"updated": "first"}')
        self.original.update_event("event-5", b'{"updated": "then"}')
        self.original.delete_event("event-3")
        self.original.update_event("event-4", b'{"updated": "in vain"}')
        self.original.delete_event("event-4")
        self.store = self.path("another")
        pending = self.take_over()
        self.assert_report(pending, updates_applied=2, deletes_applied=2, superseded=2, recorded=3)
        found = self.found()
        self.original.update()
        self.assert_as_the_original_replays()
        self.assertEqual(found["event-5"][1], {"updated": "then"})

    def test_from_a_folder(self):
        for number in range(1, 9):
            self.original.put(f"event-{number}", day(number))
        self.original.journal(minimum_number_of_events=4)
        self.original.update_event("event-1", b'{"updated": 1}')
        self.original.delete_event("event-8")
        self.original.download(self.path("copy"))
        report = self.take_over(url=self.path("copy"))
        self.assert_report(report, recorded=7, updates_applied=1, deletes_applied=1)
        self.original.update()
        self.assert_as_the_original_replays()
        self.fails(2, "no bucket: give s3://", "import-original", self.path("copy"), "--source-region", "x")


class WhatACrashLeft(Import):
    def fill(self, count=6):
        for number in range(1, count + 1):
            self.original.put(f"event-{number}", day(number))
        return {f"event-{number}": (day(number), f'{{"id":"event-{number}"}}')
                for number in range(1, count + 1)}

    def revive(self, count):
        """As if a crash had come before the tombstones of so many journals."""
        dead = [key for key in self.original.keys("journals/") if key.endswith(".dead")]
        self.original.remove(*dead[:count])
        return [key.removesuffix(".dead").removeprefix("journals/") for key in dead[:count]]

    def test_in_journaling(self):
        wanted = self.fill()
        self.original.update_event("event-2", b'{"updated": true}')
        self.original.delete_event("event-3")
        self.original.journal(minimum_number_of_events=6)
        self.revive(4)
        markers = [key for key in self.original.keys("update/") if key.endswith(".dead")]
        self.original.remove(*markers)
        report = self.take_over()
        wanted["event-2"] = (day(2), '{"updated": true}')
        del wanted["event-3"]
        self.assert_events(wanted)
        self.assert_report(report, journal_events=5, pending_events=4, duplicates=3, recorded=5,
                           deletes_applied=1, skipped=0)

    def test_in_update(self):
        wanted = self.fill()
        self.original.journal(minimum_number_of_events=6)
        self.original.update_event("event-2", b'{"updated": 1}')
        self.original.update()
        # The journal that the update replaced last; then another update, on what replaced it.
        key = max(k for k in self.original.keys("journals/")
                  if k.endswith(".dead") and "--new--" not in k)
        self.original.remove(key)
        self.original.update_event("event-2", b'{"updated": 2}')
        report = self.take_over()
        wanted["event-2"] = (day(2), '{"updated": 2}')
        self.assert_events(wanted)
        self.assert_report(report, duplicates=6, recorded=6, updates_applied=1)

    def test_broken_objects(self):
        wanted = self.fill(8)
        self.original.put("two", day(9))
        self.original.remove(self.original.blob_of("event-1"))
        self.original.remove("journals/" + self.original.journal_of("event-2"))
        self.original.write("journals/" + self.original.journal_of("event-3"), b'{"events": [{')
        self.original.write("journals/" + self.original.journal_of("event-4"), b"{}")
        self.original.write(self.original.blob_of("event-5"), b'{"id":')
        self.original.write(self.original.blob_of("event-6"), b'{"id":"event-6"} and more')
        self.original.write("journals/no-name", b"")
        self.original.write("update/no-name", b"")
        for name in ("event-1", "event-2", "event-3", "event-4", "event-5"):
            del wanted[name]
        wanted["two"] = (day(9), '{"id":"two"}')
        strict = self.fails(1, "nothing was recorded", "import-original", self.original.url,
                            "--strict")
        self.assertIn("without strict", strict.err.lower())
        self.assertFalse(self.place.exists(), "a flood was made, and nothing recorded")
        report = self.take_over()
        self.assert_events(wanted)
        self.assert_report(report, recorded=4, skipped=6, unnamed_blobs=1)
        self.assertEqual(report["unnamed_blob_names"], [self.original.blob_of("event-2")])
        problems = self.problems(report)
        self.assertEqual(problems["a manifest without its blob"], 1)
        self.assertEqual(problems["its data lies beyond the end of the blob"], 1)
        self.assertEqual(problems["a blob that has not the size that its manifest says"], 2)
        self.assertEqual(problems["not the name of a journal"], 1)
        self.assertEqual(problems["not the name of an update or delete"], 1)
        self.assertEqual(problems["the manifest has no list of events"], 1)
        names = json.dumps(report["problems"])
        for name in ("event-1", "event-3", "event-5"):
            self.assertIn(self.original.journal_of(name), names)
        text = self.ok("import-original", self.original.url).out
        for words in ("Found 0 events in 0 journals", "journals/no-name", "Recorded 0 events",
                      "Passed over 4 journals and pending events"):
            self.assertIn(words, text)


class WhatTheOriginalGetsWrong(Import):
    def test_simultaneous_events(self):
        wanted = {}
        for number in range(4):
            self.original.put(f"event-{number}", day(3))
            wanted[f"event-{number}"] = (day(3), f'{{"id":"event-{number}"}}')
        self.original.update_event("event-1", b'{"updated": true}')
        self.original.update()  # of one range with the others, which it hides or is hidden by
        wanted["event-1"] = (day(3), '{"updated": true}')
        self.take_over()
        self.assert_events(wanted)

    def test_ids_of_which_one_begins_another(self):
        self.original.put("ab", day(1))
        # The original takes "a" for "ab" and refuses it, or finds the journal of "ab" for it.
        journal = self.original.put_many([("a", day(2), b'{"id":"a"}')], version="new")
        self.original.mark(self.original.journal_of("ab"), "a", b'{"updated": "a"}')
        report = self.take_over()
        self.assertTrue(journal)
        self.assert_events({"ab": (day(1), '{"id":"ab"}'), "a": (day(2), '{"updated": "a"}')})
        self.assert_report(report, updates_applied=1, superseded=0)

    def test_ids_that_break_its_updates(self):
        wanted = {}
        for number, name in enumerate(("a/b", "-a", "ü & ?", "per%20cent", "x.dead")):
            self.original.put(name, day(1 + number))
            self.original.update_event(name, b'{"updated": true}')
            wanted[name] = (day(1 + number), '{"updated": true}')
        report = self.take_over()
        self.assert_events(wanted)
        self.assert_report(report, updates_applied=5, skipped=0, problems=[])

    def test_two_puts_of_one_id(self):
        for date in (day(1), day(2)):
            self.original.put("twice", date)
            self.original.remove(*self.original.keys("index/twice"))
        report = self.take_over()
        self.assert_events({"twice": (day(2), '{"id":"twice"}')})
        self.assert_report(report, pending_events=2, duplicates=1, recorded=1)

    def test_put_again_after_a_delete(self):
        self.original.put("again", day(1))
        self.original.put("other", day(2))
        self.original.journal(minimum_number_of_events=2)
        self.original.delete_event("again")
        self.original.put("again", day(3), b'{"second": true}')
        report = self.take_over()
        self.assert_events({"again": (day(3), '{"second": true}'), "other": (day(2), '{"id":"other"}')})
        self.assert_report(report, deletes_applied=1, duplicates=0, superseded=0, recorded=2)

    def test_deleted_with_a_copy_from_a_crash(self):
        self.original.put("gone", day(1))
        self.original.put("other", day(2))
        self.original.journal(minimum_number_of_events=2)
        dead = [key for key in self.original.keys("journals/") if key.endswith(".dead")]
        self.original.remove(*dead)
        self.original.delete_event("gone")
        report = self.take_over()
        self.assert_events({"other": (day(2), '{"id":"other"}')})
        self.assert_report(report, deletes_applied=1, recorded=1)

    def test_years_before_1000(self):
        self.original.put("old", day(1).replace(year=987))
        self.take_over()
        self.assertEqual(self.found()["old"][0], "0987-11-01T10:00:00.123456Z")

    def test_ids_that_ours_refuses(self):
        self.original.put_many([("", day(1), b"1"), ("good", day(2), b"22"),
                                ("x" * 1025, day(3), b"333")])
        report = self.take_over()
        self.assert_events({"good": (day(2), "22")})
        self.assert_report(report, recorded=1, skipped=2)
        self.assertEqual(self.problems(report), {"the id is empty": 1,
                                                 "the id is longer than 1024 bytes": 1})


class Going(Import):
    def test_what_is_no_bucket_of_the_original(self):
        self.fails(1, "nothing of the original", "import-original", self.original.url + "-not")
        self.fails(1, "no folder", "import-original", self.path("nothing"))
        self.fails(2, "URL", "import-original")
        self.fails(2, "compression", "import-original", self.original.url, "--compression", "best")
        self.assertFalse(self.place.exists(), "a flood was made though there is nothing to record")

    def test_a_profile_for_the_source(self):
        self.original.put("event", day(1))
        config = self.write("config", (
            "[profile old]\nregion = {AWS_REGION}\nendpoint_url = {AWS_ENDPOINT_URL}\n"
            "aws_access_key_id = {AWS_ACCESS_KEY_ID}\n"
            "aws_secret_access_key = {AWS_SECRET_ACCESS_KEY}\n").format(**os.environ))
        self.changes = {"AWS_CONFIG_FILE": config, "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
                        "AWS_ACCESS_KEY_ID": "other", "AWS_SECRET_ACCESS_KEY": "other"}
        self.store = self.path("flood-of-its-own")
        report = self.take_over("--source-profile", "old", "--explain")
        self.assertEqual(report["recorded"], 1)

    def test_an_endpoint_for_the_source(self):
        self.original.put("event", day(1))
        endpoint = os.environ["AWS_ENDPOINT_URL"]
        self.changes = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
        self.store = self.path("flood-of-its-own")
        result = self.ok("import-original", self.original.url, "--explain",
                         "--source-endpoint", endpoint, "--source-region", "us-east-1")
        self.assertIn("Recorded 1 event ", result.out)
        self.assertRegex(result.err, r"source requests: 2 GET .* 0 PUT .* 3 LIST, 0 DELETE")
        self.assertRegex(result.err, "store requests: ")

    def test_again_only_takes_what_is_new(self):
        self.original.put_many([(f"e{n}", day(1, n), b"{}") for n in range(20)])
        self.original.put("first", day(2))
        self.assert_report(self.take_over(), recorded=21, journals_done_before=0)
        self.ok("delete", "e3")
        self.original.put("second", day(1))
        self.assert_report(self.take_over(), recorded=1, journals_done_before=2)
        self.assertEqual(len(self.ids()), 21)

    def test_killed_and_interrupted_and_started_again(self):
        events = [(f"e{number:03}", day(1 + number // 60, number % 60),
                   json.dumps({"n": number}).encode()) for number in range(600)]
        quarters = [events[first::4] for first in range(4)]
        writers = [threading.Thread(target=lambda some=some: [
            self.original.put_many([event], version="new") for event in some]) for some in quarters]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        self.store = self.path("flood-of-its-own")
        slow = {"GET": {"latency": 1.0}, "seconds": {"latency": 0.25}}  # a mark for each window
        with Proxy(os.environ["AWS_ENDPOINT_URL"], seed=1, rules=slow) as proxy:
            self.changes = {"AWS_ENDPOINT_URL": proxy.url, "FLASHFLOOD_S3_HEDGING": "false"}
            self.assertEqual(self.end_after_a_mark(signal.SIGKILL).code, -signal.SIGKILL)
            first = len(self.ids())
            interrupted = self.end_after_a_mark(signal.SIGINT)
            self.assertEqual(interrupted.code, 130, interrupted)
            self.assertIn("interrupted; the same command goes on where it was", interrupted.err)
            self.assertEqual(interrupted.out, "")
            second = len(self.ids())
            proxy.reset()
            report = self.take_over()
            requests = proxy.requests()
        self.assertGreater(first, 0)
        self.assertGreater(second, first)
        self.assertGreater(report["journals_done_before"], 0)
        self.assertEqual(report["recorded"] + report["journals_done_before"], 600)
        # All manifests, and the data of those that were not done.
        self.assertEqual(requests["GET"], 600 + report["recorded"])
        self.assert_events({name: (date, data) for name, date, data in events})


    def end_after_a_mark(self, number):
        """Starts an import, and sends it a signal as soon as it has left a mark that is new."""
        marks = os.path.join(self.store, "imports")

        def count():
            return len(os.listdir(marks)) if os.path.isdir(marks) else 0

        before, end = count(), time.monotonic() + 100
        process = self.start("import-original", self.original.url)
        while count() == before:
            self.assertIsNone(process.poll(), "it ended before it left a mark")
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        return Result(process.returncode, out, err)

    def test_progress_on_a_terminal(self):
        self.original.put_many([(f"e{n}", day(1, n), b"{}") for n in range(50)])
        for number in range(3):
            self.original.put(f"late-{number}", day(2, number))
        with Proxy(os.environ["AWS_ENDPOINT_URL"], seed=1,
                   rules={"GET": {"latency": 1.0}, "seconds": {"latency": 0.3}}) as proxy:
            self.changes = {"AWS_ENDPOINT_URL": proxy.url, "FLASHFLOOD_S3_HEDGING": "false"}
            self.store = self.path("flood-of-its-own")
            shown = self.shown_on_a_terminal("import-original", self.original.url)
            self.assertIn("importing [", shown)
            self.assertRegex(shown, r"100%  53 events, ")
            self.assertTrue(shown.endswith("\r\x1b[K"), shown)
            silent = self.ok("import-original", self.original.url)
        self.assertEqual(silent.err, "")


if __name__ == "__main__":
    main()
