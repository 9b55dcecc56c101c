"""Shows that the comparison would find differences, and that the pairs are worth comparing."""

import collections
import json
import random
import sys
import unittest
import warnings

import differential

differential.use_reference()

import documents  # noqa: E402: these need the reference
import expressions  # noqa: E402
import reference  # noqa: E402


def pair_of(expression, document):
    pair = differential.Pair(1, 0)
    pair.expression, pair.document = expression, document
    return pair


class Comparing(unittest.TestCase):
    def check(self, result, expression, document="{}"):
        pair = pair_of(expression, document)
        return differential.agrees({"result": result}, reference.ask(expression, document), pair)

    def test_values(self):
        for expression, right, wrong in [
            ("a", "1.50", "1.5001"), ("a", "1.50", "1"), ("a", "1.50", '"1.50"'), ("a", "1.50", "null"),
            ("avg(`[2]`)", "2.0", "2"), ("avg(`[1e16]`)", "1e+16", "10000000000000000.0"),
            ("avg(`[1e16]`)", "1e+16", "1E16"), ("length('ab')", "2", "2.0"), ("`true`", "true", "1"),
            ("sum(`[0.1,0.2]`)", "0.30000000000000004", "0.3"), ("`[1,2]`", "[1,2]", "[2,1]"),
            ('{b: `1`, a: `2`}', '{"b":1,"a":2}', '{"a":2,"b":1}'), ("abs(`-0.0`)", "0.0", "-0.0"),
            ("'é'", '"é"', '"e\u0301"'), ("`9007199254740993`", "9007199254740993", "9007199254740992"),
        ]:
            with self.subTest(expression=expression, wrong=wrong):
                self.assertTrue(self.check(right, expression, '{"a":1.50}'))
                self.assertFalse(self.check(wrong, expression, '{"a":1.50}'))

    def test_infinity_is_no_result(self):
        with self.assertRaises(ValueError):
            self.check("Infinity", "a", '{"a":1e400}')

    def test_kinds_of_error(self):
        for expression, kind in [("a b", "syntax"), ("", "syntax"), ("f(@)", "unknown_function"),
                                 ("abs()", "invalid_arity"), ("abs('x')", "invalid_type")]:
            answer = reference.ask(expression, "{}")
            self.assertTrue(differential.agrees({"error": kind}, answer, None))
            self.assertFalse(differential.agrees({"error": "limit"}, answer, None))
            self.assertFalse(differential.agrees({"result": "null"}, answer, None))


class Differences(unittest.TestCase):
    """Every change of the reference comes to bear where it should, and only there."""

    DOCUMENTED = [
        ("`1` || f(@)", "unknown_function", "found when compiled"),
        ("`1` || [0:1:0]", "invalid_value", "found when compiled"),
        ("max(@ @)", "syntax", "forms outside of the grammar"),
        ("type(@,)", "syntax", "forms outside of the grammar"),
        ("{a: a b: b}", "syntax", "forms outside of the grammar"),
        ("[:1 2]", "syntax", "forms outside of the grammar"),
        ("type(!&a)", "syntax", "& outside of arguments"),
        ("type(&a)", "invalid_type", "& where a value belongs"),
        ("`[1]` == `[true]`", False, "booleans are no numbers"),
        ("contains(`[1]`, `true`)", False, "booleans are no numbers"),
        ("`1` < 'a'", None, "order of a number and a string"),
        ("contains('1', `1`)", "invalid_type", "contains of a string and another type"),
        ("merge(@, `[]`)", "invalid_type", "merge of what is no object"),
        ("`[[{\"b\":1},{\"b\":2}]]` | [0][0:1].b", [1], "a slice is a projection"),
        ("max_by(`[1,\"a\"]`, &@)", "invalid_type", "keys of both types"),
        ("sum(`[9223372036854775807,1]`)", 9223372036854775808.0, "sums beyond 64 bit"),
        ("abs(`1e400`)", "invalid_value", "infinite results"),
        ("to_number('inf')", None, "to_number of infinity"),
        ("`NaN`", "NaN", "NaN and Infinity in literals"),
        ("to_number('٣')", None, "to_number of characters outside of ASCII"),
        ("`\"\\ud83d\"`", "syntax", "half of a surrogate pair"),
        ("`18446744073709551617` == `18446744073709551616.0`", True, "wide integers against fractions"),
        ("to_string(`[1e400]`)", "[1e400]", "numbers beyond double keep their text"),
    ]

    def test_documented(self):
        for expression, answer, difference in self.DOCUMENTED:
            with self.subTest(expression=expression):
                changed = reference.ask_changed(expression, "{}")
                self.assertIn(difference, changed.differences)
                self.assertIn(answer, changed.errors or [changed.value])

    def test_nothing_else(self):
        for expression in ["a.b[*].c", "max_by(`[1,2]`, &@)", "type(@)", "`1` < `2`", "merge(@, @)", "sort(`[2,1]`)",
                           "[0][0]", "[1:2].a", "{a: a, b: b}", "to_number('12')", "`1` == `2`"]:
            self.assertEqual(reference.ask_changed(expression, "{}").differences, (), expression)


class Generating(unittest.TestCase):
    def test_a_pair_is_always_the_same(self):
        for number in range(50):
            one, two = differential.Pair(5, number), differential.Pair(5, number)
            self.assertEqual((one.expression, one.document), (two.expression, two.document))

    def test_pairs_are_interesting(self):
        seen = collections.Counter()
        for number in range(1500):
            pair = differential.Pair(7, number)
            answer = reference.ask(pair.expression, pair.document)
            seen["error" if answer.errors else "null" if answer.value is None else "result"] += 1
            for name in expressions.FUNCTIONS:
                seen[name] += name + "(" in pair.expression
            for part in ["[*]", "[]", "[?", ".*", "||", "&&", "!", "==", "<", ">=", "|", "&", "'", "`", '"', "::", "@"]:
                seen[part] += part in pair.expression
        self.assertGreater(seen["result"], 900)
        self.assertEqual([name for name, count in seen.items() if count < 5], [])

    def test_documents_are_json(self):
        source = random.Random(1)
        for _ in range(500):
            json.loads(documents.Documents(source).document())


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.exit(unittest.main(warnings="ignore"))
