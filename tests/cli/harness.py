"""Runs the flashflood command in a folder of its own, on a flood in it or in a bucket (places.py).

FLASHFLOOD_COMMAND names the binary.
"""

import json
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(1, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from places import FOLDERS_ONLY, ON_S3, new_place  # noqa: E402

COMMAND = os.environ.get("FLASHFLOOD_COMMAND", "flashflood")


class Result:
    def __init__(self, code, stdout, stderr):
        self.code = code
        self.bytes = stdout
        self.out = stdout.decode("utf-8", "replace")
        self.err = stderr.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.out)

    def json_lines(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def __repr__(self):
        return f"exit {self.code}\nstdout: {self.out[:2000]}\nstderr: {self.err[:2000]}"


class CliTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="flashflood-cli-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.place = new_place(self.folder)
        self.addCleanup(self.place.clear)
        self.store = self.place.url

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        if isinstance(content, str):
            content = content.encode()
        with open(self.path(name), "wb") as file:
            file.write(content)
        return self.path(name)

    def environment(self, store=True):
        environment = {k: v for k, v in os.environ.items() if k != "FLASHFLOOD_STORE"}
        if store:
            environment["FLASHFLOOD_STORE"] = self.store
        return environment

    def run_command(self, *arguments, stdin=b"", store=True, **options):
        if isinstance(stdin, str):
            stdin = stdin.encode()
        done = subprocess.run(
            [COMMAND, *arguments],
            input=stdin,
            capture_output=True,
            cwd=self.folder,
            env=self.environment(store),
            timeout=120,
            **options,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def ok(self, *arguments, **options):
        result = self.run_command(*arguments, **options)
        self.assertEqual(result.code, 0, result)
        return result

    def fails(self, code, words, *arguments, **options):
        """The command ends with `code`, says all of `words` on stderr, and prints nothing."""
        result = self.run_command(*arguments, **options)
        self.assertEqual(result.code, code, result)
        self.assertIn("flashflood: ", result.err)
        for word in [words] if isinstance(words, str) else words:
            self.assertIn(word, result.err)
        self.assertEqual(result.out, "", result)
        return result

    def start(self, *arguments, **options):
        return subprocess.Popen(
            [COMMAND, *arguments],
            stdin=options.pop("stdin", subprocess.PIPE),
            stdout=options.pop("stdout", subprocess.PIPE),
            stderr=options.pop("stderr", subprocess.PIPE),
            cwd=self.folder,
            env=self.environment(),
            **options,
        )

    def shown_on_a_terminal(self, *arguments):
        """What the command, which succeeds, writes to stderr when that is a terminal."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            cwd=self.folder,
            env=self.environment() | {"TERM": "xterm"},
        )
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 65536):
                shown += chunk
        except OSError:
            pass  # the terminal's end
        os.close(ours)
        self.assertEqual(process.wait(timeout=120), 0, shown)
        return shown.decode()

    def replay(self, *arguments):
        return self.ok("replay", "--format", "event", *arguments).json_lines()

    def ids(self, *arguments):
        return [event["id"] for event in self.replay(*arguments)]


# For tests of what only folders can do or suffer.
folders_only = unittest.skipIf(ON_S3, FOLDERS_ONLY)


def lines_of(count, first=0):
    """NDJSON with ids e000000, e000001, ... a second apart."""
    return "".join(
        json.dumps(
            {
                "id": f"e{n:06}",
                "time": f"2011-03-{1 + n // 86400:02}T"
                f"{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}Z",
                "amount": n % 10,
                "text": "some words, the same in every line",
            }
        )
        + "\n"
        for n in range(first, first + count)
    )


def main():
    unittest.main(verbosity=2)
