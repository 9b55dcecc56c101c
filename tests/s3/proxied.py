"""The proxy of tests/s3/proxy, for tests: `with Proxy(endpoint, seed=1) as proxy: ... proxy.url`."""

import json
import os
import subprocess
import sys
import time
import urllib.request

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "proxy")


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
