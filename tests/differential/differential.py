"""Compares FlashFlood's JMESPath with jmespath.py on random pairs of expression and document.

  python3 differential.py ANSWERS [--seed N] [--pairs N] [--first N]

ANSWERS is the test program jmespath_answers, which answers by every evaluator that FlashFlood has.
Pair I of seed S is always the same pair, so that a difference is two numbers: `--seed S --first I
--pairs 1` shows it again. Results must be equal down to the spelling of numbers and the order of
members, errors of the same kind; the differences that docs/jmespath.md lists are recognised one by
one (reference.py) and counted. Exit code 0 when there is no other, 1 when there is, 77 when
jmespath.py 1.0.1 is not here.
"""

import argparse
import collections
import json
import math
import os
import random
import re
import subprocess
import sys
import time

BATCH = 1000
BATCH_SECONDS_MAX = 120
SHOWN_MAX = 5
DEBIAN_PYTHON = "/usr/bin/python3"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def use_reference():
    """Imports the reference, if need be in Debian's Python, which has it as python3-jmespath."""
    try:
        import jmespath
        here = jmespath.__version__
    except ImportError:
        here = None
    if here == "1.0.1":
        return
    if os.path.exists(DEBIAN_PYTHON) and not os.environ.get("DIFFERENTIAL_AGAIN"):
        os.environ["DIFFERENTIAL_AGAIN"] = "1"
        os.execv(DEBIAN_PYTHON, [DEBIAN_PYTHON, *sys.argv])
    print("jmespath.py 1.0.1 is not here, only " + here if here else
          "jmespath.py 1.0.1 is not installed (Debian's package python3-jmespath)")
    sys.exit(77)


class Pair:
    def __init__(self, seed, number):
        from documents import Documents
        from expressions import Expressions
        self.number = number
        source = random.Random(f"{seed}:{number}")
        self.document = Documents(source).document()
        text = Expressions(source, json.loads(self.document)).expression()
        self.expression = text.encode("utf-8", "replace").decode()  # halves of surrogate pairs

    def question(self):
        return json.dumps({"expression": self.expression, "document": self.document}, ensure_ascii=False)


class NumberText(str):
    """A number of a result as it is written."""


def refuse_constant(word):
    raise ValueError(f"{word} is no JSON")


def read_result(text):
    return json.loads(text, parse_int=NumberText, parse_float=NumberText, parse_constant=refuse_constant)


def is_same(ours, theirs, known_numbers):
    """Whether a result read by read_result() is the reference's value."""
    if isinstance(ours, NumberText):
        if isinstance(theirs, bool) or not isinstance(theirs, (int, float)):
            return False
        value = json.loads(ours)
        if type(value) is not type(theirs) or repr(value) != repr(theirs):
            return False
        # Either Python's spelling, or that of the document or a literal, of which Python keeps none
        # when it is beyond the range of doubles.
        return ours == json.dumps(theirs) or ours in known_numbers or theirs in (math.inf, -math.inf)
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(
            is_same(x, y, known_numbers) for x, y in zip(ours, theirs))
    if isinstance(ours, dict):
        return list(ours) == list(theirs) and all(
            is_same(value, theirs[key], known_numbers) for key, value in ours.items())
    return ours == theirs


def agrees(ours, theirs, pair):
    """Whether FlashFlood's answer is a reference.Answer."""
    if "error" in ours:
        return ours["error"] in theirs.errors
    if theirs.errors:
        return False
    known_numbers = set(NUMBER.findall(pair.document) + NUMBER.findall(pair.expression))
    return is_same(read_result(ours["result"]), theirs.value, known_numbers)


def ask_flashflood(program, pairs):
    questions = "".join(pair.question() + "\n" for pair in pairs)
    outcome = subprocess.run([program], input=questions.encode(), capture_output=True, check=False,
                             timeout=BATCH_SECONDS_MAX)
    lines = outcome.stdout.decode().split("\n")[:-1]
    if outcome.returncode != 0 or len(lines) != len(pairs):
        pair = pairs[min(len(lines), len(pairs) - 1)]
        raise RuntimeError(f"{program} ended with {outcome.returncode} at pair {pair.number}:\n"
                           f"{pair.question()}\n{outcome.stderr.decode()[-2000:]}")
    return [json.loads(line) for line in lines]


class Comparison:
    def __init__(self, seed):
        self.seed = seed
        self.pairs = 0
        self.kinds = collections.Counter()
        self.documented = collections.Counter()
        self.failures = 0

    def take(self, pair, answers):
        import reference
        self.pairs += 1
        ours = answers[0]
        if len(answers) > 1:
            self.fail(pair, answers, None, "the evaluators disagree")
        theirs = reference.ask(pair.expression, pair.document)
        if "error" in ours:
            self.kinds[ours["error"]] += 1
        else:
            self.kinds["null" if ours["result"] == "null" else "result"] += 1
        if agrees(ours, theirs, pair):
            return
        changed = reference.ask_changed(pair.expression, pair.document)
        if changed.differences and agrees(ours, changed, pair):
            self.documented.update(changed.differences)
            return
        self.fail(pair, answers, (theirs, changed), "FlashFlood and jmespath.py disagree")

    def fail(self, pair, answers, theirs, what):
        self.failures += 1
        if self.failures > SHOWN_MAX:
            return
        print(f"{what}: --seed {self.seed} --first {pair.number} --pairs 1")
        print(f"  expression   {pair.expression}\n  document     {pair.document}")
        for answer in answers:
            print(f"  {answer['by']:<12} {answer.get('error', '')} {answer.get('result', answer.get('message'))}")
        if theirs:
            print(f"  jmespath.py  {theirs[0]}")
            print(f"  as documented {theirs[1]} ({', '.join(theirs[1].differences) or 'no difference'})")

    def summary(self, seconds):
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.kinds.most_common())
        yield f"seed {self.seed}: {self.pairs} pairs in {seconds:.1f} s: {kinds}"
        for name, count in sorted(self.documented.items()):
            yield f"  {count:>7} documented: {name}"
        yield f"{self.failures} differences that are not documented"


def main():
    use_reference()
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", metavar="ANSWERS")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=4000)
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    comparison = Comparison(arguments.seed)
    began = time.monotonic()
    end = arguments.first + arguments.pairs
    for begin in range(arguments.first, end, BATCH):
        pairs = [Pair(arguments.seed, number) for number in range(begin, min(begin + BATCH, end))]
        for pair, answers in zip(pairs, ask_flashflood(arguments.program, pairs)):
            comparison.take(pair, answers)
    print("\n".join(comparison.summary(time.monotonic() - began)))
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
