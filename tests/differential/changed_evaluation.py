"""How FlashFlood evaluates otherwise than jmespath.py: see reference.py."""

import json
import math
import re
from functools import cmp_to_key

from jmespath import exceptions, functions, visitor


class ValueProblem(ValueError):
    """invalid_value."""


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_wide(value):
    return isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63


def comparable(left, right, met):
    """The two numbers as FlashFlood compares them."""
    if is_wide(left) and isinstance(right, float):
        met.add("wide integers against fractions")
        return to_double(left), right
    if is_wide(right) and isinstance(left, float):
        met.add("wide integers against fractions")
        return left, to_double(right)
    return left, right


def to_double(number):
    try:
        return float(number)
    except OverflowError:
        return math.copysign(math.inf, number)


def strictly_equal(left, right, met):
    if is_number(left) and is_number(right):
        left, right = comparable(left, right, met)
        return left == right
    if type(left) is not type(right):
        if isinstance(left, (bool, int, float)) and isinstance(right, (bool, int, float)):
            met.add("booleans are no numbers")
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(map(lambda x, y: strictly_equal(x, y, met), left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(
            strictly_equal(value, right[key], met) for key, value in left.items())
    return left == right


class ChangedFunctions(functions.Functions):
    def __init__(self, met):
        self.met = met

    def call_function(self, function_name, resolved_args):
        result = super().call_function(function_name, resolved_args)
        # A number that comes from the document passes; one that is made here has to be finite.
        if function_name in ("abs", "avg", "sum") and isinstance(result, float):
            self.check_finite(result)
        return result

    def check_finite(self, number):
        if not math.isfinite(number):
            self.met.add("infinite results")
            raise ValueProblem(number)

    def refuse(self, difference, function_name, value):
        self.met.add(difference)
        raise exceptions.JMESPathTypeError(function_name, value, type(value).__name__, [])

    def _type_check(self, actual, signature, function_name):
        super()._type_check(actual, signature, function_name)
        for i, value in enumerate(actual):
            if not signature[min(i, len(signature) - 1)]["types"]:
                if isinstance(value, visitor._Expression):
                    self.refuse("& where a value belongs", function_name, value)
        if function_name == "merge":
            for value in actual:
                if not isinstance(value, dict):
                    self.refuse("merge of what is no object", function_name, value)

    @functions.signature({"types": ["array", "string"]}, {"types": []})
    def _func_contains(self, subject, search):
        if isinstance(subject, list):
            return any([strictly_equal(item, search, self.met) for item in subject])
        if not isinstance(search, str):
            self.refuse("contains of a string and another type", "contains", search)
        return search in subject

    def sum_in_64_bit(self, numbers):
        total = 0
        for number in numbers:
            if isinstance(total, int):
                if isinstance(number, int) and not is_wide(number) and not is_wide(total + number):
                    total += number
                    continue
                if isinstance(number, int):
                    self.met.add("sums beyond 64 bit")
                total = float(total)
            total += to_double(number)
        return total

    @functions.signature({"types": ["array-number"]})
    def _func_sum(self, numbers):
        return self.sum_in_64_bit(numbers)

    @functions.signature({"types": ["array-number"]})
    def _func_avg(self, numbers):
        return self.sum_in_64_bit(numbers) / float(len(numbers)) if numbers else None

    @functions.signature({"types": ["number"]})
    def _func_ceil(self, number):
        self.check_finite(to_double(number) if isinstance(number, float) else 0)
        return math.ceil(number)

    @functions.signature({"types": ["number"]})
    def _func_floor(self, number):
        self.check_finite(to_double(number) if isinstance(number, float) else 0)
        return math.floor(number)

    # max(), min() and sorted() of Python on keys that compare as FlashFlood compares them.
    def order(self, keys):
        if any(map(is_wide, keys)) and any(isinstance(key, float) for key in keys):
            self.met.add("wide integers against fractions")
        def compare(left, right):
            left, right = comparable(left, right, set())
            return (left > right) - (left < right)
        return [cmp_to_key(compare)(key) for key in keys]

    def pick(self, choose, items, keys):
        ordered = self.order(keys)
        return items[choose(range(len(items)), key=ordered.__getitem__)] if items else None

    def by_keys(self, items, expression, name):
        check = self._create_key_func(expression, ["number", "string"], name)
        keys = []
        for item in items:
            keys.append(check(item))
            if isinstance(keys[0], str) != isinstance(keys[-1], str):
                self.refuse("keys of both types", name, keys[-1])
        return keys

    @functions.signature({"types": ["array-number", "array-string"]})
    def _func_max(self, items):
        return self.pick(max, items, items)

    @functions.signature({"types": ["array-number", "array-string"]})
    def _func_min(self, items):
        return self.pick(min, items, items)

    @functions.signature({"types": ["array-string", "array-number"]})
    def _func_sort(self, items):
        return [items[i] for i in sorted(range(len(items)), key=self.order(items).__getitem__)]

    @functions.signature({"types": ["array"]}, {"types": ["expref"]})
    def _func_max_by(self, items, expression):
        return self.pick(max, items, self.by_keys(items, expression, "max_by"))

    @functions.signature({"types": ["array"]}, {"types": ["expref"]})
    def _func_min_by(self, items, expression):
        return self.pick(min, items, self.by_keys(items, expression, "min_by"))

    @functions.signature({"types": ["array"]}, {"types": ["expref"]})
    def _func_sort_by(self, items, expression):
        ordered = self.order(self.by_keys(items, expression, "sort_by"))
        return [items[i] for i in sorted(range(len(items)), key=ordered.__getitem__)]

    @functions.signature({"types": []})
    def _func_to_number(self, value):
        if isinstance(value, str):
            stripped = value.strip()
            if re.search(r"[^\x00-\x7f]", value):
                self.met.add("to_number of characters outside of ASCII")
                return None
            if re.fullmatch(r"[+-]?(inf|infinity|nan)", stripped, re.IGNORECASE):
                self.met.add("to_number of infinity")
                return None
        return super()._func_to_number(value)

    @functions.signature({"types": []})
    def _func_to_string(self, value):
        text = super()._func_to_string(value)
        if not isinstance(value, str) and "Infinity" in text and holds_infinity(value):
            # The generator spells every number beyond the range of doubles so.
            self.met.add("numbers beyond double keep their text")
            return json.dumps(value, separators=(",", ":"), cls=InfinityAsText)
        return text


def holds_infinity(value):
    if isinstance(value, float):
        return math.isinf(value)
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return False
    return any(map(holds_infinity, value))


class InfinityAsText(json.JSONEncoder):
    def iterencode(self, o, _one_shot=False):
        def spell(number):
            if math.isinf(number):
                return "1e400" if number > 0 else "-1e400"
            return float.__repr__(number)
        return json.encoder._make_iterencode(
            {}, self.default, json.encoder.encode_basestring_ascii, None, spell, self.key_separator,
            self.item_separator, False, False, False)(o, 0)

    def encode(self, o):
        return "".join(self.iterencode(o))


class ChangedInterpreter(visitor.TreeInterpreter):
    def __init__(self, met):
        super().__init__(visitor.Options(custom_functions=ChangedFunctions(met)))
        self.met = met

    def visit_comparator(self, node, value):
        left = self.visit(node["children"][0], value)
        right = self.visit(node["children"][1], value)
        if node["value"] in ("eq", "ne"):
            return strictly_equal(left, right, self.met) == (node["value"] == "eq")
        if is_number(left) and is_number(right):
            left, right = comparable(left, right, self.met)
        elif not (isinstance(left, str) and isinstance(right, str)):
            if {type(left), type(right)} & {str} and (is_number(left) or is_number(right)):
                self.met.add("order of a number and a string")
            return None
        return self.COMPARATOR_FUNC[node["value"]](left, right)
