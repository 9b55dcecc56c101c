"""tools/s3-server: what it starts answers, and nothing of it stays behind."""

import contextlib
import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))
sys.dont_write_bytecode = True

from s3server.client import Client  # noqa: E402
from s3server.place import Place  # noqa: E402

TOOL = os.path.join(ROOT, "tools", "s3-server")
KIND = "versitygw"


class Server(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="flashflood-s3-test-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        # Temporary folders of the tool lie here, so that those of others do not disturb.
        self.base = {k: v for k, v in os.environ.items()
                     if k not in ("FLASHFLOOD_S3_SERVER_DIR", "AWS_ENDPOINT_URL")}
        self.base["TMPDIR"] = self.folder

    def run_tool(self, *arguments, **options):
        return subprocess.run([TOOL, *arguments], env=self.base, capture_output=True, text=True,
                              timeout=120, stdin=subprocess.DEVNULL, check=False, **options)

    def ok(self, *arguments):
        done = self.run_tool(*arguments)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def environment_of(self, exports):
        shown = subprocess.run(["bash", "-c", exports + "\nenv -0"], capture_output=True, text=True,
                               env=self.base, check=True).stdout
        return dict(line.split("=", 1) for line in shown.split("\0") if line)

    def temporary(self):
        return glob.glob(os.path.join(self.folder, "flashflood-s3.*"))

    def wait_until(self, true):
        for _ in range(400):
            if true():
                return
            time.sleep(0.05)
        self.fail("still not so after 20 s")

    def assert_answers(self, environment):
        client = Client.of(environment)
        self.addCleanup(client.close)
        bucket = "/" + environment["FLASHFLOOD_TEST_S3_URL"].removeprefix("s3://")
        absent = {"If-None-Match": "*"}
        self.assertEqual(client.request("PUT", bucket + "/k", headers=absent, body=b"x").status, 200)
        self.assertEqual(client.request("PUT", bucket + "/k", headers=absent, body=b"y").status, 412)
        self.assertEqual(client.request("GET", bucket + "/k").body, b"x")
        return client

    def test_start_env_with_stop(self):
        exports = self.ok("start", KIND)
        self.assertEqual(self.ok("env"), exports)
        environment = self.environment_of(exports)
        client = self.assert_answers(environment)
        shown = self.ok("with", "--", "printenv", "AWS_ENDPOINT_URL")
        self.assertEqual(shown.strip(), environment["AWS_ENDPOINT_URL"])
        self.ok("stop")
        self.assertEqual(self.temporary(), [])
        with self.assertRaises(OSError):
            client.request("GET", "/")
        self.assertIn("no server is running", self.run_tool("stop").stderr)

    def test_wrong_keys_are_refused(self):
        environment = self.environment_of(self.ok("start", KIND))
        wrong = Client.of(environment | {"AWS_SECRET_ACCESS_KEY": "wrong"})
        self.assertEqual(wrong.request("GET", "/").status, 403)
        wrong.close()
        self.ok("stop")

    def test_several_at_once(self):
        first = self.environment_of(self.ok("start", KIND))
        place = os.path.join(self.folder, "named")
        second = self.environment_of(self.ok("start", KIND, "--dir", place))
        self.assert_answers(first)
        self.assert_answers(second)
        self.assertNotEqual(first["AWS_ENDPOINT_URL"], second["AWS_ENDPOINT_URL"])
        self.ok("stop", "--dir", place)
        self.assertFalse(os.path.exists(place))
        third = self.environment_of(self.ok("start", KIND))
        self.assertIn("--dir", self.run_tool("stop").stderr)
        self.assert_answers(third)
        self.ok("stop", "--all")
        self.assertEqual(self.temporary(), [])

    def test_a_folder_with_something_in_it_is_refused(self):
        with open(os.path.join(self.folder, "precious"), "w", encoding="utf-8"):
            pass
        done = self.run_tool("start", KIND, "--dir", self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("not empty", done.stderr)
        self.assertEqual(os.listdir(self.folder), ["precious"])

    def test_run(self):
        done = self.run_tool("run", KIND, "--", "bash", "-c",
                             'test -d "$FLASHFLOOD_S3_SERVER_DIR" && echo "$AWS_ENDPOINT_URL"; exit 7')
        self.assertEqual(done.returncode, 7)
        self.assertTrue(done.stdout.startswith("http://127.0.0.1:"), done)
        self.assertEqual(self.temporary(), [])
        self.assertEqual(self.run_tool("run", KIND, "--", "no-such-command").returncode, 1)
        self.assertEqual(self.run_tool("run", KIND).returncode, 2)
        self.assertEqual(self.run_tool("start", "gopher").returncode, 2)

    def start(self, *command):
        """In a process group that goes away with the test."""
        process = subprocess.Popen(command, env=self.base, stdout=subprocess.DEVNULL,
                                   start_new_session=True)

        def end():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

        self.addCleanup(end)
        return process

    def start_running(self):
        process = self.start(TOOL, "run", KIND, "--", "sleep", "60")
        self.wait_until(lambda: any(Place(f).environment() for f in self.temporary()))
        self.assertTrue(list(Place(self.temporary()[0]).processes()))
        time.sleep(0.3)  # the command begins
        return process, Place(self.temporary()[0])

    def test_signals_reach_the_command_and_nothing_stays(self):
        process, _ = self.start_running()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 128 + signal.SIGTERM)
        self.assertEqual(self.temporary(), [])

    def test_nothing_stays_of_one_that_is_killed(self):
        process, place = self.start_running()
        process.kill()
        process.wait()
        self.wait_until(lambda: not self.temporary())
        self.assertEqual(list(place.processes()), [])

    def test_a_start_that_is_cut_short_leaves_nothing(self):
        for delay in (0.05, 0.1, 0.15, 0.2):
            process = subprocess.Popen([TOOL, "start", KIND], env=self.base,
                                       stdout=subprocess.DEVNULL)
            time.sleep(delay)
            process.send_signal(signal.SIGTERM)
            if process.wait(20) == 0:
                self.ok("stop")  # it was quicker
            self.wait_until(lambda: not self.temporary())

    def test_tied_to_its_parent(self):
        parent = self.start("bash", "-c", f"{TOOL} start {KIND} --with-parent; sleep 60")
        self.wait_until(lambda: any(Place(f).environment() for f in self.temporary()))
        place = Place(self.temporary()[0])
        time.sleep(0.3)
        self.assertTrue(list(place.processes()))
        parent.kill()
        parent.wait()
        self.wait_until(lambda: not self.temporary())
        self.assertEqual(list(place.processes()), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
