"""put, get, update, delete."""

import base64

from harness import CliTest, main

LIMIT = 64 << 20


class Single(CliTest):
    def test_put_and_get(self):
        date = "2011-03-01T09:26:00.5+01:00"
        result = self.ok("put", "--id", "order-7", "--date", date, '{"amount": 3}')
        self.assertEqual(result.out, "order-7\n")
        self.assertEqual(self.ok("get", "order-7").out, '{"amount": 3}\n')
        self.assertEqual(
            self.ok("get", "order-7", "--format", "event").out,
            '{"id":"order-7","date":"2011-03-01T08:26:00.500000Z","revision":1,'
            '"data":{"amount": 3}}\n',
        )

    def test_ids_are_made(self):
        first = self.ok("put", "1").out.strip()
        second = self.ok("put", "1").out.strip()
        self.assertNotEqual(first, second)
        self.assertEqual(self.ok("get", first).out, "1\n")

    def test_arguments_that_look_like_lists_and_numbers(self):
        self.ok("put", "--id", "-1", "[1,2]")
        self.assertEqual(self.ok("get", "--", "-1").out, "[1,2]\n")
        self.ok("put", "--id", "minus", "--", "-5")
        self.assertEqual(self.ok("get", "minus").out, "-5\n")
        self.ok("put", "--id", "stats", "x")
        self.assertEqual(self.ok("get", "stats").out, "x\n")

    def test_standard_input(self):
        self.ok("put", "--id", "a", "-", stdin='{"a": 1}\n')
        self.ok("put", "--id", "b", stdin=b"\x00\xff\n\n")
        self.assertEqual(self.ok("get", "a").out, '{"a": 1}\n')
        self.assertEqual(self.ok("get", "b").bytes, b"\x00\xff\n\n")
        event = self.ok("get", "b", "--format", "event").json()
        self.assertEqual(base64.b64decode(event["data_base64"]), b"\x00\xff\n")

    def test_compressed_standard_input_is_data(self):
        self.ok("put", "--id", "gz", stdin=b"\x1f\x8b\x08\x00 not decompressed")
        self.assertEqual(self.ok("get", "gz").bytes, b"\x1f\x8b\x08\x00 not decompressed\n")

    def test_what_get_prints_can_be_put_again(self):
        self.ok("put", "--id", "a", stdin=b"two\nlines\n\n")
        self.ok("put", "--id", "b", stdin=self.ok("get", "a").bytes)
        self.assertEqual(self.ok("get", "a").bytes, self.ok("get", "b").bytes)

    def test_empty_data(self):
        self.ok("put", "--id", "empty", "")
        self.assertEqual(self.ok("get", "empty").out, "\n")
        self.assertEqual(self.ok("get", "empty", "--format", "event").json()["data_base64"], "")

    def test_a_taken_id(self):
        self.ok("put", "--id", "a", "1")
        self.fails(1, ["a", "exists"], "put", "--id", "a", "2")
        self.assertEqual(self.ok("get", "a").out, "1\n")

    def test_update_and_delete(self):
        self.ok("put", "--id", "a", "1")
        self.assertEqual(self.ok("update", "a", "2").out, "2\n")
        self.assertEqual(self.ok("update", "a", "-", stdin="3\n").out, "3\n")
        self.fails(1, "revision", "update", "a", "4", "--expected-revision", "2")
        self.assertEqual(self.ok("update", "a", "4", "--expected-revision", "3").out, "4\n")
        self.assertEqual(self.ok("get", "a").out, "4\n")
        self.fails(1, "revision", "delete", "a", "--expected-revision", "1")
        self.ok("delete", "a", "--expected-revision", "4")
        for arguments in (["get", "a"], ["update", "a", "5"], ["delete", "a"]):
            self.fails(1, "a", *arguments)
        self.assertEqual(self.ok("put", "--id", "a", "again").out, "a\n")

    def test_ids_out_of_bounds(self):
        self.ok("put", "--id", "x" * 1024, "1")
        self.fails(2, "id", "put", "--id", "", "1")
        self.fails(2, ["id", "1024"], "put", "--id", "x" * 1025, "1")
        self.fails(2, ["id", "UTF-8"], "put", "--id", b"\xff\xfe", "1")

    def test_dates_out_of_range(self):
        self.fails(2, "--date", "put", "--date", "0000-12-31T00:00:00Z", "1")
        self.fails(2, "--date", "put", "--date", "0001-01-01T00:00:00+01:00", "1")
        self.ok("put", "--id", "first", "--date", "0001-01-01T00:00:00Z", "1")
        self.ok("put", "--id", "last", "--date", "9999-12-31T23:59:59.9999999Z", "1")
        self.assertEqual(self.ids(), ["first", "last"])

    def test_data_over_the_limit(self):
        self.fails(2, "data", "put", stdin=b"x" * (LIMIT + 1))
        self.fails(1, "64", "put", stdin=b"x" * (LIMIT + 100))
        self.ok("put", "--id", "largest", stdin=b"x" * LIMIT)
        self.assertEqual(len(self.ok("get", "largest").bytes), LIMIT + 1)

    def test_reading_creates_no_flood(self):
        for arguments in (
            ["get", "a"], ["update", "a", "1"], ["delete", "a"], ["replay"], ["stats"],
            ["journals"], ["journal"], ["gc"], ["verify"],
        ):
            with self.subTest(arguments[0]):
                self.fails(1, self.store, *arguments)
                self.assertEqual(self.ok("jmespath", "@", stdin="1").out, "1\n")
        self.assertFalse(self.place.exists())

    def test_explain(self):
        self.ok("put", "1")  # makes the flood
        result = self.ok("put", "1", "--explain")
        # A process tries a server's promise once more before its first put.
        self.assertRegex(result.err, r"store requests: \d+ GET .*, [12] PUT .*, \d+ LIST, 0 DELETE")
        self.assertIn("store requests", self.fails(1, "none", "get", "none", "--explain").err)


if __name__ == "__main__":
    main()
