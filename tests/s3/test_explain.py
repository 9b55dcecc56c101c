"""What `--explain` says a command asked of a real server, which the proxy confirms."""

import os
import re
import subprocess
import unittest

from proxied import ProxiedTest

COMMAND = os.environ.get("FLASHFLOOD_COMMAND", "flashflood")
MIB = 1 << 20


class Explain(ProxiedTest):
    def test_pieces_are_counted(self):
        data = "x" * (20 * MIB)
        self.explained("put", "--id", "large", "-", data=data)
        line = self.explained("get", "large", out=data + "\n")
        self.assertIn("GET for further pieces of large objects", line)

    def explained(self, *words, data=None, out=None):
        """The command through the proxy: its line of requests, which the proxy confirms."""
        self.proxy.reset()
        environment = os.environ | {"AWS_ENDPOINT_URL": self.proxy.url,
                                    "FLASHFLOOD_STORE": self.place.url}
        done = subprocess.run([COMMAND, "--explain", *words], input=data, capture_output=True,
                              text=True, env=environment, check=True)
        if out is not None:
            self.assertEqual(done.stdout, out)
        line = done.stderr.strip().splitlines()[-1]
        seen = self.proxy.requests()
        for kind in ("GET", "PUT", "LIST"):
            count = re.search(rf"(\d+) {kind}\b", line)[1]
            self.assertEqual(int(count), seen.get(kind, 0), f"{kind} of {line}: {seen}")
        return line


if __name__ == "__main__":
    unittest.main(verbosity=2)
