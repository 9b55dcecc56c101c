"""tests/s3/driver.cc from Python: one handle on a flood, in a process of its own.

FLASHFLOOD_DRIVER names the binary.
"""

import contextlib
import os
import subprocess

DRIVER = os.environ.get("FLASHFLOOD_DRIVER", "driver")


class Refused(Exception):
    """The command's exception: its name and message."""

    def __init__(self, name, message):
        super().__init__(f"{name}: {message}")
        self.name = name


class SnapshotExpired(Refused):
    """A read that took too long."""


class Driver:
    def __init__(self, url, *times, endpoint=None, retry_for=None):
        environment = dict(os.environ)
        if retry_for is not None:
            environment["FLASHFLOOD_RETRY_FOR"] = retry_for
        if endpoint:
            environment["AWS_ENDPOINT_URL"] = endpoint
        self.process = subprocess.Popen([DRIVER, url, *map(str, times)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, env=environment)
        try:
            self.answer()
        except Exception:
            self.end()
            raise

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the driver ended with {self.process.wait()}")
        words = line.decode().rstrip("\n").split("\t")
        if words[0] == "error":
            kind = SnapshotExpired if words[1] == "SnapshotExpired" else Refused
            raise kind(words[1], " ".join(words[2:]))
        return words[1] if len(words) > 1 else ""

    def do(self, *words):
        self.process.stdin.write(("\t".join(map(str, words)) + "\n").encode())
        self.process.stdin.flush()
        return self.answer()

    def close(self):
        code = self.end()
        if code != 0:  # a sanitizer's report, for instance
            raise AssertionError(f"the driver ended with {code}")

    def end(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        code = self.process.wait(60)
        self.process.stdout.close()
        return code
