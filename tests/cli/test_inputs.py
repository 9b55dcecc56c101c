"""Compressed, truncated, damaged and missing inputs."""

import bz2
import gzip
import io
import lzma
import os
import shutil
import subprocess
import tarfile
import time
import unittest
import zipfile

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

    def test_bzip2_and_xz(self):
        text = lines_of(5000).encode()
        for compress in (bz2.compress, lzma.compress):
            with self.subTest(compress.__module__):
                data = compress(text[:99999]) + compress(b"") + compress(text[99999:])
                self.ok("record", self.write("a", data), *BY_ID)
                self.ok("record", *BY_ID, stdin=data)
                self.expect(5000)
                data = compress(text)
                for size in (len(data) - 1, len(data) // 2, 20):
                    path = self.write("cut", data[:size])
                    self.fails(1, ["cut", "ends in the middle"], "record", path, *BY_ID)
                path = self.write("bad", data[:1000] + b"garbage" + data[1000:])
                self.fails(1, ["bad", "damaged"], "record", path, *BY_ID)

    def test_utf16(self):
        text = lines_of(3).replace("some", "größer 𝄞")
        for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
            with self.subTest(encoding):
                store = ("--store", self.path(encoding))
                self.ok("record", *BY_ID, *store, stdin=text.encode(encoding))
                self.assertEqual(self.ok("replay", *store).out, text)
                self.ok("record", *BY_ID, *store, stdin=gzip.compress(text.encode(encoding)))
        self.fails(1, ["middle of a character of UTF-16"], "record", *BY_ID,
                   stdin=text.encode("utf-16")[:-1])
        self.fails(1, "not valid UTF-16 at byte 4", "record", stdin="{a".encode("utf-16-le") + b"\0\xdc{\0")

    def test_what_is_no_text_is_refused_by_name(self):
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w") as archive:
            archive.add(self.write("x", lines_of(3)), "x")
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("x", lines_of(3))
        text = lines_of(3).encode()
        for name, data in {
            "a zip archive": archive.getvalue(),
            "a tar archive": tar.getvalue(),
            "a tar archive in gzip": gzip.compress(tar.getvalue()),
            "gzip in gzip": gzip.compress(gzip.compress(text)),
            "xz in bzip2": bz2.compress(lzma.compress(text)),
            "a Parquet file": b"PAR1\x15\x04\x15" + bytes(100),
            "an Avro file": b"Obj\x01\x02" + bytes(20),
            "UTF-32": "{}".encode("utf-32"),
            "an SQLite database": b"SQLite format 3\0" + bytes(100),
        }.items():
            with self.subTest(name):
                for arguments in ([], list(BY_ID)):
                    self.fails(1, [f"it holds {name}", "standard input"], "record", *arguments,
                               stdin=data)
        self.assertEqual(self.ids(), [])

    @unittest.skipUnless(shutil.which("zstd"), "no zstd program to make the input")
    def test_zstandard_with_a_large_window(self):
        data = subprocess.run(["zstd", "-q", "-c", "--long=31"], input=lines_of(10).encode(),
                              capture_output=True, check=True).stdout
        self.ok("record", *BY_ID, stdin=data)
        self.expect(10)

    def test_byte_order_marks_of_files_that_were_joined(self):
        data = b"".join(b"\xef\xbb\xbf" + lines_of(2, first).encode() for first in (0, 2))
        self.ok("record", *BY_ID, stdin=data)
        self.expect(4)

    def test_a_line_that_is_typed_is_not_waited_for(self):
        process = self.start("record")
        for text in (b"PAR\n", b"B\n", b"{\n"):
            process.stdin.write(text)
            process.stdin.flush()
            for _ in range(200):
                if self.run_command("replay").bytes.endswith(text):
                    break
                time.sleep(0.05)
            self.assertTrue(self.ok("replay").bytes.endswith(text))
        process.communicate()

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
