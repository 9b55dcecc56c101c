"""tools/changelog, on a small tree of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

TOOL = os.path.join(os.path.dirname(__file__), "..", "..", "tools", "changelog")


class Changelog(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="flashflood-changelog-")
        self.addCleanup(shutil.rmtree, self.root)
        os.makedirs(os.path.join(self.root, "tools"))
        os.makedirs(os.path.join(self.root, "changes"))
        shutil.copy(TOOL, os.path.join(self.root, "tools"))
        self.write("CMakeLists.txt", "project(flashflood VERSION 1.2.0 LANGUAGES CXX)\n")
        self.write("CHANGELOG.md", "# Changes\n\nNewest first.\n\n## 1.1.0 (2020-01-01)\n\n### Added\n\n- Old.\n")
        self.write("changes/README.md", "# How\n")

    def write(self, path, text):
        with open(os.path.join(self.root, path), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8") as file:
            return file.read()

    def run_tool(self, *arguments, code=0):
        done = subprocess.run([sys.executable, os.path.join(self.root, "tools", "changelog"), *arguments],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def test_sections_are_in_order_and_long_texts_are_indented(self):
        self.write("changes/fixed-b.md", "Second fault.\n")
        self.write("changes/fixed-a.md", "First\nfault.\n")
        self.write("changes/added-z.md", "A thing.\n")
        self.assertEqual(self.run_tool(), "## Unreleased\n\n### Added\n\n- A thing.\n\n### Fixed\n\n"
                                          "- First\n  fault.\n- Second fault.\n")

    def test_a_release_goes_on_top_once(self):
        self.write("changes/removed-x.md", "Gone.\n")
        self.run_tool("release")
        text = self.read("CHANGELOG.md")
        self.assertTrue(text.startswith("# Changes\n\nNewest first.\n\n## 1.2.0 ("), text)
        self.assertTrue(text.endswith("- Gone.\n\n## 1.1.0 (2020-01-01)\n\n### Added\n\n- Old.\n"), text)
        self.assertEqual(os.listdir(os.path.join(self.root, "changes")), ["README.md"])
        self.run_tool("release", code=1)  # nothing is left to release
        self.write("changes/fixed-y.md", "More.\n")
        self.run_tool("release", code=1)  # the version is there already
        self.assertEqual(self.read("CHANGELOG.md"), text)

    def test_wrong_usage(self):
        self.run_tool("publish", code=2)
        self.assertIn("Nothing has changed", self.run_tool())


if __name__ == "__main__":
    unittest.main(verbosity=2)
