"""The reference: jmespath.py as it is, and the same with the documented differences built in.

Each row of the table "Differences from jmespath.py" in docs/jmespath.md that a random pair can meet
is a small change of the reference, with a name, in changed_syntax.py or changed_evaluation.py. Where
FlashFlood does not answer like the reference, it must answer like the changed one, and the changes
that came to bear are counted.
"""

import json
import sys
import warnings

from changed_evaluation import ChangedInterpreter, ValueProblem
from changed_syntax import ChangedParser, NotJson, has_lone_surrogate, mistakes_of_meaning
from jmespath import exceptions, parser, visitor

# Integers of any length, and expressions and documents as deep as FlashFlood takes them.
sys.setrecursionlimit(20_000)
if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(0)
warnings.simplefilter("ignore", PendingDeprecationWarning)


class Answer:
    """A value, or the kinds of error that it may be; and the differences that led to it."""

    def __init__(self, value=None, errors=(), differences=()):
        self.value = value
        self.errors = tuple(errors)
        self.differences = tuple(differences)

    def __repr__(self):
        return " or ".join(self.errors) if self.errors else json.dumps(self.value)


def error_kind(error):
    if isinstance(error, exceptions.UnknownFunctionError):
        return "unknown_function"
    if isinstance(error, exceptions.ArityError):
        return "invalid_arity"
    if isinstance(error, exceptions.JMESPathTypeError):
        return "invalid_type"
    if isinstance(error, ValueProblem):
        return "invalid_value"
    if isinstance(error, exceptions.JMESPathError):
        return "syntax"
    # Not a kind of the specification: Python's own, which escaped.
    return type(error).__name__


def parse(expression):
    return parser.Parser()._parse(expression).parsed


def ask(expression, document):
    """What the reference says."""
    try:
        return Answer(visitor.TreeInterpreter().visit(parse(expression), json.loads(document)))
    except (ValueError, TypeError, ArithmeticError) as error:
        return Answer(errors=[error_kind(error)])


def ask_value(expression, value):
    """The result on a value, None when there is none that is JSON (`&a` gives none)."""
    try:
        result = visitor.TreeInterpreter().visit(parse(expression), value)
        json.dumps(result)
        return result
    except (ValueError, TypeError, ArithmeticError):
        return None


def ask_changed(expression, document):
    """What FlashFlood should say."""
    met = set()
    try:
        tree = ChangedParser(met).parse(expression)
        errors = mistakes_of_meaning(tree)
        if errors:
            return Answer(errors=errors, differences=met | {"found when compiled"})
        value = read_document(document, met)
        interpreter = ChangedInterpreter(met)
        return Answer(interpreter.visit(tree, value), differences=met)
    except NotJson:
        return Answer(errors=["not_json"], differences=met)
    except (ValueError, TypeError, ArithmeticError) as error:
        return Answer(errors=[error_kind(error)], differences=met)


def read_document(text, met):
    # Of a key that occurs twice only the last value remains, but the text is checked whole.
    pairs_seen = []

    def keep(pairs):
        pairs_seen.append(pairs)
        return dict(pairs)

    value = json.loads(text, object_pairs_hook=keep)
    seen = [item for pairs in pairs_seen for pair in pairs for item in pair]
    if has_lone_surrogate(value) or has_lone_surrogate(seen):
        met.add("half of a surrogate pair")
        raise NotJson(text)
    return value
