"""For tests whose endpoint, bucket or keys are other than those of the environment."""

import os
import sys
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(os.path.dirname(FOLDER), "cli"))

from harness import CliTest, main  # noqa: E402

# A command gives up when the store has not answered for so long, and says so. The last try may begin
# then, and a silent server is noticed after ten seconds.
RETRY_FOR = "5s"
SECONDS_MAX = 30


class Elsewhere(CliTest):
    """Commands with another endpoint, bucket or keys than those of the environment."""

    def setUp(self):
        super().setUp()
        self.changes = {}

    def environment(self, store=True):
        return super().environment(store) | {"FLASHFLOOD_RETRY_FOR": RETRY_FOR} | self.changes

    def refused(self, words, *arguments, **changes):
        self.changes = changes
        began = time.monotonic()
        result = self.fails(1, words, *(arguments or ("put", "x")))
        self.assertLess(time.monotonic() - began, SECONDS_MAX)
        self.assertNotIn(os.environ["AWS_SECRET_ACCESS_KEY"], result.err)
        self.assertNotIn("Signature=", result.err)
        return result


__all__ = ["Elsewhere", "main"]
