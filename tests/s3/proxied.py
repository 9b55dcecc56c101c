"""The proxy of tests/s3/proxy, for tests: `with Proxy(endpoint, seed=1) as proxy: ... proxy.url`.

ProxiedTest is for tests that have one between a flood in a bucket and whoever uses it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "proxy")
sys.path.insert(1, os.path.dirname(HERE))

from driver import Driver  # noqa: E402
from places import BucketPlace, new_place  # noqa: E402


class Proxy:
    def __init__(self, endpoint, seed=0, rules=None):
        self.process = subprocess.Popen(
            [sys.executable, "-B", FOLDER, "--to", endpoint, "--seed", str(seed),
             "--rules", json.dumps(rules or {})],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = self.process.stdout.readline().strip()
        self.control = self.process.stdout.readline().strip()
        if not self.control:
            raise RuntimeError("the proxy did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=20)

    def ask(self, path, body=None):
        with urllib.request.urlopen(self.control + path, body, timeout=20) as answer:
            return json.load(answer)

    def counts(self):
        return self.ask("/counts")

    def requests(self):
        """Kind -> how many, of those that there were."""
        return {kind: told["requests"] for kind, told in self.counts().items()
                if isinstance(told, dict) and told.get("requests")}

    def last(self):
        """(first line, fault or None) of the last requests."""
        return [tuple(request) for request in self.ask("/last")]

    def reset(self):
        self.ask("/reset", b"")

    def set_rules(self, rules):
        self.ask("/rules", json.dumps(rules).encode())

    def wait_for_late_requests(self, seconds=30):
        end = time.monotonic() + seconds
        while self.counts()["later"]:
            if time.monotonic() > end:
                raise RuntimeError("requests are still to be delivered")
            time.sleep(0.1)


class ProxiedTest(unittest.TestCase):
    """A place in the bucket for one flood, and a proxy that hands on to it without faults at first."""

    seed = 0

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="flashflood-s3-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.place = new_place(self.folder)
        self.assertIsInstance(self.place, BucketPlace, "FLASHFLOOD_TEST_STORE must be s3")
        self.addCleanup(self.place.clear)
        if not os.environ["AWS_ENDPOINT_URL"].startswith("http://"):
            self.skipTest("the proxy speaks plain HTTP, and this endpoint does not")
        self.proxy = Proxy(os.environ["AWS_ENDPOINT_URL"], self.seed)
        self.addCleanup(self.proxy.close)

    def open(self, *times, retry_for=None):
        """A driver of its own, through the proxy."""
        handle = Driver(self.place.url, *times, endpoint=self.proxy.url, retry_for=retry_for)
        self.addCleanup(handle.close)
        return handle

    def events_file(self):
        return os.path.join(self.folder, "events")
