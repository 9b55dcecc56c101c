"""Places that are no flood, cannot be written, or are full."""

import json
import os
import shutil
import subprocess
import unittest

from harness import CliTest, folders_only, lines_of, main

# With the checksum (XXH3) of what stands before it, which Python cannot compute.
NEWER = (
    '{"type":"flashflood","format":999'
    ',"flood_id":"00112233445566778899aabbccddeeff","grace_seconds":3600,"patience_seconds":600'
    ',"checksum":"655bcedcec2a164c"}'
)
ROOT = os.geteuid() == 0


class Stores(CliTest):
    def test_unknown_scheme(self):
        self.fails(1, "gopher", "stats", "--store", "gopher://somewhere")
        self.fails(1, "gopher", "put", "x", "--store", "gopher://somewhere")

    @folders_only
    def test_urls_of_a_folder(self):
        self.ok("put", "--id", "a", "1", "--store", "file://" + self.store)
        self.assertEqual(self.ok("get", "a", "--store", self.store).out, "1\n")
        self.assertEqual(self.ok("get", "a", "--store", self.store + "/").out, "1\n")
        self.assertEqual(self.ok("get", "a", "--store", "flood").out, "1\n")

    def test_memory(self):
        self.ok("put", "x", "--store", "memory://here")

    def test_nothing_there(self):
        self.fails(1, self.store, "replay")

    @folders_only
    def test_folder_that_is_no_flood(self):
        os.mkdir(self.store)
        self.write("flood/precious", "data")
        for arguments in (["stats"], ["put", "x"], ["record"]):
            with self.subTest(arguments):
                self.fails(1, self.store, *arguments)
        self.assertEqual(os.listdir(self.store), ["precious"])

    @folders_only
    def test_empty_folder(self):
        os.mkdir(self.store)
        self.fails(1, self.store, "stats")
        self.assertEqual(os.listdir(self.store), [])
        self.ok("put", "x")

    @folders_only
    def test_file_in_place_of_the_folder(self):
        self.write("flood", "data")
        for arguments in (["stats"], ["put", "x"]):
            self.fails(1, self.store, *arguments)
        with open(self.store) as file:
            self.assertEqual(file.read(), "data")

    def test_newer_format(self):
        self.ok("put", "x")
        self.place.write("flashflood.json", (NEWER + "\n").encode())
        for arguments in (["stats"], ["put", "x"]):
            self.fails(1, ["999", "newer"], *arguments)

    def test_damaged_settings(self):
        self.ok("put", "x")
        self.place.write("flashflood.json", b"{")
        self.fails(1, "flashflood.json", "stats")

    @folders_only
    def test_read_only_folder(self):
        """As somebody who is not root: root may write anywhere."""
        self.ok("put", "--id", "a", "1")
        os.chmod(self.folder, 0o755)
        for folder, _, _ in os.walk(self.store):
            os.chmod(folder, 0o555)
        self.addCleanup(lambda: [os.chmod(f, 0o755) for f, _, _ in os.walk(self.store)])
        as_other = {"user": 65534, "group": 65534} if ROOT else {}
        try:
            got = self.run_command("get", "a", **as_other)
        except PermissionError:
            self.skipTest("another user cannot run the command from where it lies")
        self.assertEqual((got.code, got.out), (0, "1\n"), got)
        self.fails(1, self.store, "put", "x", **as_other)
        self.fails(1, self.store, "record", stdin="x\n", **as_other)
        self.assertEqual(self.ok("replay", **as_other).out, "1\n")

    @folders_only
    def test_full_disk(self):
        mount = self.path("small")
        os.mkdir(mount)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mount], capture_output=True, text=True
        ) if ROOT and shutil.which("mount") else None
        if done is None or done.returncode != 0:
            self.skipTest("a small file system can only be mounted by root: "
                          + (done.stderr.strip() if done else "not root"))
        self.addCleanup(subprocess.run, ["umount", mount], check=False)
        store = os.path.join(mount, "flood")
        self.ok("put", "--id", "a", "1", "--store", store)
        noise = "".join(json.dumps({"x": os.urandom(3000).hex()}) + "\n" for _ in range(2000))
        result = self.fails(1, "", "record", "--store", store, stdin=noise)
        self.assertRegex(result.err, "full|space")
        self.assertRegex(result.err, r"events? (was|were) recorded")
        # What was there is still right, and what is there is whole.
        self.assertEqual(self.ok("get", "a", "--store", store).out, "1\n")
        self.assertIn("All is well", self.ok("verify", "--store", store).out)

    def test_command_on_a_flood_with_a_damaged_object_names_it(self):
        self.ok("record", "--id", "id", "--date", "time", stdin=lines_of(10))
        key = self.place.keys("head/j-")[0]
        data = self.place.read(key)
        self.place.write(key, data[:len(data) // 2])
        self.fails(1, os.path.basename(key), "replay")


if __name__ == "__main__":
    main()
