"""docs/record.md: every command of it, and inputs that are no lines."""

import json
import os
import re
import subprocess

from harness import COMMAND, CliTest, main

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Page(CliTest):
    def test_every_block_prints_what_it_says(self):
        with open(os.path.join(ROOT, "docs", "record.md")) as page:
            blocks = re.findall(r"```console\n(.*?)```", page.read(), re.DOTALL)
        self.assertGreaterEqual(len(blocks), 12)
        os.symlink(COMMAND, self.path("flashflood"))
        for number, block in enumerate(blocks):
            with self.subTest(block.splitlines()[0]):
                commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
                expected = [line for line in block.splitlines() if not line.startswith("$ ")]
                environment = self.environment() | {
                    "FLASHFLOOD_STORE": self.path(f"flood-{number}"),
                    "PATH": f"{self.folder}:{os.environ['PATH']}",
                }
                done = subprocess.run(["bash", "-ec", "\n".join(commands)], cwd=ROOT, env=environment,
                                      capture_output=True, text=True, timeout=120)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(done.stdout.splitlines(), expected, done.stderr)
                # A second time adds nothing where a format has ids of its own.
                if "--id" in commands[0] or any(
                    name in commands[0]
                    for name in ("cloudtrail", "cloudevents", "gharchive", "journald", "s3-not")
                ):
                    again = subprocess.run(
                        ["bash", "-ec", commands[0] + " --existing count --json"], cwd=ROOT,
                        env=environment, capture_output=True, text=True, timeout=120)
                    self.assertEqual(json.loads(again.stdout)["new"], 0, again.stdout)

    def test_every_sample_is_on_the_page(self):
        with open(os.path.join(ROOT, "docs", "record.md")) as page:
            text = page.read()
        for name in os.listdir(os.path.join(ROOT, "examples", "formats")):
            self.assertIn(f"examples/formats/{name}", text)


class Json(CliTest):
    def recorded(self, text, *arguments):
        self.ok("record", "--input", "json", *arguments, stdin=text)
        return [bytes_of for bytes_of in self.ok("replay").bytes.split(b"\n") if bytes_of]

    def test_documents_without_line_breaks(self):
        self.assertEqual(self.recorded('{"a":1}{"b": 2} 3 "four"{}null\n[ 5 , {"c" :  6}][]{}'),
                         [b'{"a":1}', b'{"b": 2}', b"3", b'"four"', b"{}", b"null", b"5", b'{"c" :  6}',
                          b"{}"])

    def test_bytes_stay_as_they_are(self):
        documents = [{"n": n, "x": [1.5, {"y": "}"}]} for n in range(3)]
        text = json.dumps(documents, indent=3)
        self.ok("record", "--input", "json", "--id", "n", "--date", "n", stdin=text)
        shown = self.ok("get", "1").out
        self.assertIn(shown.strip(), text)
        self.assertEqual(json.loads(shown), documents[1])
        self.assertIn("\n", shown.strip())

    def test_arrays_in_arrays_are_values(self):
        self.assertEqual(self.recorded("[[1],[[2]]]"), [b"[1]", b"[[2]]"])

    def test_an_array_of_any_size_in_bounded_memory(self):
        count = 200_000
        with open(self.path("large.json"), "w") as file:
            file.write("[")
            for n in range(count):
                file.write(("," if n else "") + "\n  " + json.dumps({"n": n, "text": "x" * 300}))
            file.write("\n]\n")
        size = os.path.getsize(self.path("large.json"))
        self.assertGreater(size, 60 << 20)
        record = subprocess.Popen([COMMAND, "record", "--quiet", "--input", "json", "--id", "n",
                                   "--date", "n", "--batch-bytes", "1MiB", "--in-flight", "1",
                                   "large.json"],
                                  cwd=self.folder, env=self.environment())
        _, status, used = os.wait4(record.pid, 0)
        record.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(record.returncode, 0)
        with open(COMMAND, "rb") as file:
            sanitized = b"__asan_init" in file.read()  # which keeps what was freed
        if not sanitized:
            self.assertLess(used.ru_maxrss << 10, size)
        self.assertEqual(self.ok("query", "[length(events), sum(events[].n)]").json(),
                         [count, count * (count - 1) // 2])

    def test_what_is_wrong_names_its_line(self):
        for text, words in {
            '{"a":1}\n\n{"b":': ":3: not JSON",
            '[1\n2]': ":2: a comma is missing",
            "[1,\n]": ":2: a value is missing",
            "[1,\n2": ":2: it ends inside of an array",
            "1 }": ":1: not JSON: a value is expected",
            '[{"a":1},\n{"a" 2},{"a":3}]': ":2: not JSON",
        }.items():
            with self.subTest(text):
                self.fails(1, words, "record", "--input", "json", stdin=text)

    def test_line_numbers_far_into_a_file(self):
        text = "[\n" + ",\n".join('{"n":\n%d}' % n for n in range(200_000)) + ",\nbad]"
        self.fails(1, ":400002: not JSON", "record", "--quiet", "--input", "json", stdin=text)

    def test_lines_that_are_no_documents_name_the_option(self):
        for text in ('{\n"a": 1\n}\n', "[\n1]\n", '{"a":1}{"a":2}\n'):
            self.fails(1, "--input json", "record", "--id", "a", stdin=text)


class Each(CliTest):
    def test_several_events_of_a_line(self):
        text = '{"k": 1, "all": [{"id": "a", "x": 1.50}, {"id": "b"}]}\n{"all": []}\n{"all":[{"id":"c,]"}]}\n'
        self.ok("record", "--each", "all", "--id", "id", stdin=text)
        self.assertEqual(self.ok("replay").out, '{"id":"a","x":1.50}\n{"id":"b"}\n{"id":"c,]"}\n')

    def test_what_gives_no_events_is_bad(self):
        for text, words in {'{"b":1}': "--each finds nothing", '{"a":1}': "no array",
                            "{": "not JSON", '{"a":[{"id":1},{}]}': "--id finds nothing"}.items():
            self.fails(1, ["standard input:1", words], "record", "--each", "a", "--id", "id",
                       stdin=text)
        self.fails(2, "--each", "record", "--each", "[")


class Others(CliTest):
    def test_server_sent_events(self):
        text = "\ufeffdata: 1\r\n\r\n:c\ndata:2\n\n\ndata: three\ndata:  more\n\nid: 9\n\ndata: last"
        self.ok("record", "--input", "sse", stdin=text)
        self.assertEqual([self.ok("get", i).out for i in self.ids()],
                         ["1\n", "2\n", "three\n more\n", "last\n"])

    def test_text(self):
        self.ok("record", "--text", stdin='a "b"\n\tc\n')
        self.assertEqual(self.ok("replay", "--query", "line").json_lines(), ['a "b"', "\tc"])
        self.fails(1, ":1: the text is not UTF-8", "record", "--text", stdin=b"\xff\n")
        self.fails(2, "--text", "record", "--text", "--each", "a")

    def test_presets_can_be_changed(self):
        self.ok("record", "--preset", "zeek", "--id", "uid", stdin='{"ts":1.5,"uid":"C1"}')
        self.assertEqual(self.replay()[0]["date"], "1970-01-01T00:00:01.500000Z")
        self.assertEqual(self.ids(), ["C1"])
        self.fails(2, "none of cloudtrail", "record", "--preset", "cloudtrial")


if __name__ == "__main__":
    main()
