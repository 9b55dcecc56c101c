"""Compressed, truncated, damaged and missing inputs."""

import gzip
import os
import shutil
import subprocess
import unittest

from harness import CliTest, lines_of, main

BY_ID = ("--id", "id", "--date", "time")


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


class Inputs(CliTest):
    def expect(self, count):
        self.assertEqual(self.ids(), [f"e{n:06}" for n in range(count)])

    def test_gzip_by_content_not_by_name(self):
        path = self.write("events.txt", gzip.compress(lines_of(5000).encode()))
        self.ok("record", path, *BY_ID)
        self.expect(5000)

    def test_gzip_on_standard_input(self):
        self.ok("record", *BY_ID, stdin=gzip.compress(lines_of(10).encode()))
        self.expect(10)

    def test_gzip_members_one_after_the_other(self):
        text = lines_of(1000).encode()
        data = gzip.compress(text[:7777]) + gzip.compress(b"") + gzip.compress(text[7777:]) + bytes(512)
        self.ok("record", self.write("a.gz", data), *BY_ID)
        self.expect(1000)

    def test_plain_file_named_gz(self):
        self.ok("record", self.write("a.gz", lines_of(5)), *BY_ID)
        self.expect(5)

    def test_several_files(self):
        text = lines_of(3).encode()
        a = self.write("a", text.rstrip(b"\n"))  # its last line is a line all the same
        b = self.write("b.gz", gzip.compress(lines_of(3, 3).encode()))
        self.ok("record", a, b, "-", *BY_ID, stdin=lines_of(3, 6))
        self.expect(9)

    def test_truncated_gzip(self):
        data = gzip.compress(lines_of(20000).encode())
        for size in (len(data) - 1, len(data) // 2, 12, 5):
            with self.subTest(size):
                path = self.write("cut.gz", data[:size])
                self.fails(1, ["cut.gz", "ends in the middle"], "record", path, *BY_ID)
        self.fails(1, ["standard input", "ends in the middle"], "record", *BY_ID, stdin=data[:-4])

    def test_damaged_gzip(self):
        data = bytearray(gzip.compress(lines_of(20000).encode()))
        data[len(data) // 2] ^= 0xFF
        self.fails(1, "bad.gz", "record", self.write("bad.gz", bytes(data)), *BY_ID, "--skip-bad")
        data = gzip.compress(lines_of(2).encode()) + b"garbage"
        self.fails(1, ["tail.gz", "damaged"], "record", self.write("tail.gz", data), *BY_ID)

    @unittest.skipUnless(shutil.which("zstd"), "no zstd program to make the input")
    def test_zstandard(self):
        text = lines_of(5000).encode()
        path = self.write("a", zstd(text[:99999]) + zstd(text[99999:]))
        self.ok("record", path, *BY_ID)
        self.expect(5000)
        self.ok("record", *BY_ID, stdin=zstd(lines_of(10, 5000).encode()))
        self.expect(5010)

    @unittest.skipUnless(shutil.which("zstd"), "no zstd program to make the input")
    def test_truncated_and_damaged_zstandard(self):
        data = zstd(lines_of(20000).encode())
        for size in (len(data) - 1, len(data) // 2, 6):
            with self.subTest(size):
                path = self.write("cut.zst", data[:size])
                self.fails(1, ["cut.zst", "ends in the middle"], "record", path, *BY_ID)
        path = self.write("tail.zst", data + b"garbage")
        self.fails(1, ["tail.zst", "damaged"], "record", path, *BY_ID)

    def test_what_came_before_the_damage_counts(self):
        data = gzip.compress(lines_of(100).encode()) + b"\x1f\x8b\x08"
        self.fails(1, "100 events were recorded", "record", self.write("cut.gz", data), *BY_ID)
        self.expect(100)

    def test_missing_file(self):
        good = self.write("good", lines_of(5))
        self.fails(1, ["missing", "No such file"], "record", good, self.path("missing"), *BY_ID)
        self.assertFalse(self.place.exists(), "nothing is recorded before all are found")

    def test_folder_as_file(self):
        self.fails(1, [self.folder, "directory"], "record", self.folder, *BY_ID)

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_file_without_permission(self):
        path = self.write("secret", "x")
        os.chmod(path, 0)
        self.fails(1, [path, "Permission denied"], "record", path)


if __name__ == "__main__":
    main()
