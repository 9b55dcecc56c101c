"""jmespath: an expression on one document."""

from harness import CliTest, main


class Jmespath(CliTest):
    def test_result(self):
        document = '{"a": [1, {"b": "é"}]}\n'
        self.assertEqual(self.ok("jmespath", "a[1]", stdin=document, store=False).out, '{"b":"é"}\n')
        path = self.write("document.json", document)
        self.assertEqual(self.ok("jmespath", "a[0]", path).out, "1\n")
        self.assertEqual(self.ok("jmespath", "none", "-", stdin=document).out, "null\n")

    def test_mistake_in_the_expression(self):
        result = self.fails(2, "EXPR: ", "jmespath", "a[?b ==== `3`]", stdin="{}")
        lines = result.err.splitlines()
        self.assertEqual(lines[-2], "a[?b ==== `3`]")
        self.assertEqual(lines[-1].find("^"), 7)
        self.fails(2, "EXPR: ", "jmespath", "", stdin="{}")
        self.fails(2, "nosuch", "jmespath", "nosuch(@)", stdin="{}")
        self.fails(2, "abs", "jmespath", "abs(@, @)", stdin="{}")

    def test_wrong_type(self):
        self.fails(1, "abs", "jmespath", "abs(a)", stdin='{"a": "text"}')

    def test_broken_json(self):
        self.fails(1, ["standard input", "JSON"], "jmespath", "@", stdin='{"a": ')
        self.fails(1, ["standard input", "JSON"], "jmespath", "@", stdin="")
        path = self.write("broken.json", "[1, 2")
        self.fails(1, ["broken.json", "JSON"], "jmespath", "@", path)

    def test_nested_too_deep(self):
        self.fails(1, "deep", "jmespath", "@", stdin="[" * 10000 + "]" * 10000)
        self.fails(2, "", "jmespath", "(" * 10000 + "a" + ")" * 10000, stdin="{}")

    def test_missing_document(self):
        self.fails(1, ["nowhere", "No such file"], "jmespath", "@", "nowhere")


if __name__ == "__main__":
    main()
