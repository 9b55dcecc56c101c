"""Kills the flashflood command at random times and checks that nothing acknowledged is lost.

usage: crash_test.py FLASHFLOOD [--seed N] [--kills N] [--seconds N] [--writers N] [--readers N]
                     [--kill-within SECONDS] [unittest arguments]

Kills up to N times (400), in about so many seconds (30; 0: however long it takes).

Several workers run the command on one flood (in a folder, or in a bucket: tests/places.py), each in a
process of its own: put, update, delete, record, journal, gc and replay. Most are killed (SIGKILL) after a random time. What a worker is
about to do stands in a side file before it begins, and again once it was acknowledged. In the end:

  - verify finds nothing wrong;
  - everything acknowledged is there, in get and in replay;
  - what was not acknowledged is there whole or not at all;
  - recording everything again leaves one of each event.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(1, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from places import FOLDERS_ONLY, ON_S3, new_place  # noqa: E402

OPTIONS = None


class Expectations:
    """Intents and acknowledgements, in a side file that is flushed before the command starts."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.file = open(path, "a", encoding="utf-8")

    def close(self):
        self.file.close()

    def write(self, **line):
        with self.lock:
            self.file.write(json.dumps(line) + "\n")
            self.file.flush()
            os.fsync(self.file.fileno())

    def read(self):
        with open(self.path, encoding="utf-8") as file:
            return [json.loads(line) for line in file]


class Command:
    """Runs the command; one run in most is killed."""

    def __init__(self, store, chance):
        self.store = store
        self.random = chance

    def arguments(self, *arguments):
        return [OPTIONS.binary, "--store", self.store, *arguments]

    def run(self, *arguments, stdin=None, kill_within=None):
        """Returns (exit code, stdout, stderr); the code is negative when it was killed."""
        process = subprocess.Popen(
            self.arguments(*arguments),
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        timer = None
        if kill_within is not None:
            timer = threading.Timer(self.random.uniform(0, kill_within), process.kill)
            timer.start()
        out, err = process.communicate(stdin)
        if timer:
            timer.cancel()
        return process.returncode, out, err.decode("utf-8", "replace")


class CrashTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="flashflood-crash-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.store = self.new_store("flood")

    def new_store(self, name):
        place = new_place(self.folder, name)
        self.addCleanup(place.clear)
        return place.url

    def command(self, seed=0):
        return Command(self.store, random.Random(seed))

    def create(self, *options):
        code, _, err = self.command().run("put", *options, "--id", "first", "{}")
        self.assertEqual(code, 0, err)

    def events(self):
        code, out, err = self.command().run("replay", "--format", "event")
        self.assertEqual(code, 0, err)
        return [json.loads(line) for line in out.splitlines()]

    def assert_sound(self):
        code, out, err = self.command().run("verify", "--json")
        self.assertEqual(code, 0, out.decode() + err)

    @staticmethod
    def wide_ids(events):
        ids = [event["id"] for event in events]
        return ids, set(ids)


class Workers:
    """Workers that act until so many commands were killed."""

    def __init__(self, test, seed, kills):
        self.test = test
        self.seed = seed
        self.expectations = Expectations(os.path.join(test.folder, "expectations"))
        self.lock = threading.Lock()
        self.kills_left = kills
        self.end = time.monotonic() + OPTIONS.seconds if OPTIONS.seconds else float("inf")
        self.killed = 0
        self.runs = 0
        self.unexpected = []
        self.files = []

    def act(self, command, *arguments, stdin=None):
        """Runs a command that is killed most of the time; true when it was acknowledged."""
        kill = OPTIONS.kill_within if command.random.random() < 0.8 else None
        if arguments[0] == "record":
            kill = kill and 2.5 * kill
        code, out, err = command.run(*arguments, stdin=stdin, kill_within=kill)
        with self.lock:
            self.runs += 1
            if code == -signal.SIGKILL:
                self.killed += 1
                self.kills_left -= 1
            elif code != 0:
                self.unexpected.append((arguments[:3], code, err))
        return code == 0

    def alive(self):
        with self.lock:
            return self.kills_left > 0 and time.monotonic() < self.end

    def start(self, name, act):
        chance = random.Random(f"{self.seed}-{name}")
        command = Command(self.test.store, chance)

        def loop():
            number = 0
            while self.alive():
                number += 1
                act(command, chance, f"{name}-{number}", number)

        thread = threading.Thread(target=loop, name=name)
        thread.start()
        return thread

    def put(self, command, chance, name, _):
        data = json.dumps({"name": name, "pad": "x" * chance.randrange(3000)})
        self.expectations.write(put=name, data=data)
        if not self.act(command, "put", "--id", name, data):
            return
        self.expectations.write(put_done=name)
        change = chance.randrange(3)
        if change == 0:
            new = json.dumps({"name": name, "updated": True})
            self.expectations.write(update=name, data=new)
            if self.act(command, "update", name, new):
                self.expectations.write(update_done=name)
        elif change == 1:
            self.expectations.write(delete=name)
            if self.act(command, "delete", name):
                self.expectations.write(delete_done=name)

    def record(self, command, chance, name, number):
        path = os.path.join(self.test.folder, name + ".ndjson")
        count = chance.randrange(1, 3000)
        with open(path, "w", encoding="utf-8") as file:
            for i in range(count):
                event = {
                    "id": f"{name}-{i}",
                    "date": f"2020-01-{1 + i % 28:02}T00:00:00Z",
                    "pad": "y" * (i % 200),
                }
                file.write(json.dumps(event) + "\n")
        self.expectations.write(record=name, file=path, count=count)
        with self.lock:
            self.files.append(path)
        if self.act(command, "record", path, "--id", "id", "--date", "date"):
            self.expectations.write(record_done=name)

    def journal(self, command, chance, name, number):
        self.act(command, "journal")

    def collect(self, command, chance, name, number):
        self.act(command, "gc")
        time.sleep(0.02)

    def replay(self, command, chance, name, number):
        self.act(command, "replay")


class KilledAtRandomTimes(CrashTest):
    def test_nothing_acknowledged_is_lost(self):
        seed = OPTIONS.seed
        print(f"seed {seed}, {OPTIONS.kills} kills", flush=True)
        self.create("--grace", "5s", "--patience", "5s")
        workers = Workers(self, seed, OPTIONS.kills)
        self.addCleanup(workers.expectations.close)
        acts = [("put", workers.put, OPTIONS.writers // 2),
                ("record", workers.record, OPTIONS.writers - OPTIONS.writers // 2),
                ("journal", workers.journal, 2), ("gc", workers.collect, 1),
                ("replay", workers.replay, OPTIONS.readers)]
        threads = [workers.start(f"{name}-{number}", act)
                   for name, act, count in acts for number in range(count)]
        for thread in threads:
            thread.join()
        print(f"{workers.runs} commands, {workers.killed} of them killed", flush=True)
        for arguments, code, err in workers.unexpected:
            # A replay or a look-up that is slower than the short grace of this test says so.
            self.assertRegex(err, "three quarters|snapshot|patience|may or may not",
                             f"{arguments} ended with {code}")
        self.check(workers)
        self.check_again_after("journal")
        self.check(workers)
        for path in workers.files:
            code, _, err = self.command().run("record", path, "--id", "id", "--date", "date")
            self.assertEqual(code, 0, err)
        ids, distinct = self.wide_ids(self.events())
        self.assertEqual(len(ids), len(distinct), "recording again doubled events")
        time.sleep(5.5)
        for _ in range(3):
            self.check_again_after("gc")
        self.check(workers)

    def check_again_after(self, name):
        code, _, err = self.command().run(name)
        self.assertEqual(code, 0, err)

    def check(self, workers):
        self.assert_sound()
        events = self.events()
        found = {event["id"]: event for event in events}
        self.assertEqual(len(found), len(events), "an event is there twice")
        lines = workers.expectations.read()
        done = {key: {line[key] for line in lines if key in line}
                for key in ("put_done", "update_done", "delete_done", "record_done")}
        states = {}
        for line in lines:
            if "put" in line:
                states[line["put"]] = {"put": line["data"]}
            elif "update" in line:
                states[line["update"]]["update"] = line["data"]
            elif "delete" in line:
                states[line["delete"]]["delete"] = True
        for name, state in states.items():
            allowed = {state["put"]}
            if "update" in state:
                allowed.add(state["update"])
            if name in done["update_done"]:
                allowed = {state["update"]}
            if name not in done["put_done"] or "delete" in state:
                allowed.add(None)
            if name in done["delete_done"]:
                allowed = {None}
            event = found.get(name)
            data = None if event is None else event["data"]
            if data is not None:
                data = data if isinstance(data, str) else json.dumps(data)
            self.assertIn(data, allowed, name)
        for line in lines:
            if "record" not in line or line["record"] not in done["record_done"]:
                continue
            for i in range(line["count"]):
                self.assertIn(f"{line['record']}-{i}", found)


class KilledInTheMiddle(CrashTest):
    """One process each, killed later and later through one long command."""

    def lines(self, count):
        path = os.path.join(self.folder, "events.ndjson")
        with open(path, "w", encoding="utf-8") as file:
            for i in range(count):
                date = f"2021-03-01T{i % 24:02}:00:00Z"
                file.write(json.dumps({"id": f"e{i}", "date": date, "pad": "z" * 100}) + "\n")
        return path

    def test_recording_is_taken_up_again(self):
        path = self.lines(20_000)
        for tenths in range(12):
            process = subprocess.Popen(
                self.command().arguments("record", path, "--id", "id", "--date", "date"),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.01 + tenths * 0.015)
            process.kill()
            process.wait()
        code, _, err = self.command().run("record", path, "--id", "id", "--date", "date")
        self.assertEqual(code, 0, err)
        self.assert_sound()
        ids, distinct = self.wide_ids(self.events())
        self.assertEqual((len(ids), len(distinct)), (20_000, 20_000))
        for tenths in range(12):
            process = subprocess.Popen(self.command().arguments("journal"),
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.005 + tenths * 0.015)
            process.kill()
            process.wait()
            ids, distinct = self.wide_ids(self.events())
            self.assertEqual((len(ids), len(distinct)), (20_000, 20_000))
        code, _, err = self.command().run("journal")
        self.assertEqual(code, 0, err)
        self.assert_sound()
        ids, distinct = self.wide_ids(self.events())
        self.assertEqual((len(ids), len(distinct)), (20_000, 20_000))

    def test_creation(self):
        for i in range(20):
            self.store = self.new_store(f"flood-{i}")
            self.command(i).run("put", "--id", "a", "{}", kill_within=0.03)
            code, _, err = self.command().run("put", "--id", "b", "{}")
            self.assertEqual(code, 0, err)
            self.assertIn("b", [event["id"] for event in self.events()])
            self.assert_sound()


@unittest.skipIf(ON_S3, FOLDERS_ONLY)
class FullDisk(CrashTest):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("only root may mount a small tmpfs")
        self.disk = os.path.join(self.folder, "disk")
        os.mkdir(self.disk)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", self.disk],
                                 capture_output=True, check=False)
        if mounted.returncode != 0:
            self.skipTest("cannot mount a tmpfs: " + mounted.stderr.decode().strip())
        self.addCleanup(subprocess.run, ["umount", self.disk], check=False)
        self.store = os.path.join(self.disk, "flood")

    def test_says_so_and_stays_whole(self):
        done = []
        for i in range(200):
            data = json.dumps({"n": i, "pad": random.Random(i).randbytes(20_000).hex()})
            code, _, err = self.command().run("put", "--id", f"e{i}", data)
            if code != 0:
                self.assertEqual(code, 1)
                self.assertRegex(err.lower(), "full|space")
                break
            done.append(f"e{i}")
        else:
            self.fail("the disk is not full")
        for arguments in (("journal",), ("put", "--id", "late", "x" * 40_000)):
            code, _, err = self.command().run(*arguments)
            self.assertIn(code, (0, 1), err)
        self.assert_sound()
        self.assertEqual(sorted(event["id"] for event in self.events()), sorted(done))
        subprocess.run(["mount", "-o", "remount,size=16m", self.disk], check=True)
        code, _, err = self.command().run("journal")
        self.assertEqual(code, 0, err)
        code, _, err = self.command().run("put", "--id", "later", "{}")
        self.assertEqual(code, 0, err)
        self.assert_sound()
        self.assertEqual(sorted(event["id"] for event in self.events()), sorted(done + ["later"]))


@unittest.skipIf(ON_S3, FOLDERS_ONLY)
class ReadOnlyFolder(CrashTest):
    def as_nobody(self):
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)

    def run_as_nobody(self, *arguments):
        return subprocess.run(self.command().arguments(*arguments), capture_output=True,
                              stdin=subprocess.DEVNULL, preexec_fn=self.as_nobody, check=False)

    def test_can_be_read_and_not_written(self):
        self.create()
        code, _, err = self.command().run("journal")
        self.assertEqual(code, 0, err)
        for path, folders, files in os.walk(self.folder):
            for name in files:
                os.chmod(os.path.join(path, name), 0o444)
            os.chmod(path, 0o555)
        try:
            if self.run_as_nobody("--version").returncode != 0:
                self.skipTest("another user cannot run the binary where it lies")
            replayed = self.run_as_nobody("replay")
            self.assertEqual((replayed.returncode, replayed.stdout), (0, b"{}\n"), replayed.stderr)
            self.assertEqual(self.run_as_nobody("get", "first").returncode, 0)
            self.assertEqual(self.run_as_nobody("verify").returncode, 0)
            refused = self.run_as_nobody("put", "--id", "second", "{}")
            self.assertEqual(refused.returncode, 1)
            self.assertIn(b"ermission", refused.stderr)
        finally:
            for path, _, _ in os.walk(self.folder):
                os.chmod(path, 0o755)
        self.assertEqual([event["id"] for event in self.events()], ["first"])
        self.assert_sound()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--kills", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--writers", type=int, default=4, help="half put, half record")
    parser.add_argument("--readers", type=int, default=1)
    parser.add_argument("--kill-within", type=float, default=0.06)
    OPTIONS, rest = parser.parse_known_args()
    OPTIONS.binary = os.path.abspath(OPTIONS.binary)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
