"""Random expressions that mostly find something in a given document.

An expression grows together with a sample of the value that it gives, so that the next step fits:
a name that is there, a function that takes such a value. Now and then it does not fit on purpose.
"""

import json

import reference
from documents import INTEGERS, NAMES, PLAIN_NAMES, REALS, STRINGS, string_text

COMPARATORS = ["==", "!=", "<", "<=", ">", ">="]
# Function -> what its arguments are. "&" stands for an expression on the elements of the array.
FUNCTIONS = {
    "abs": ["number"], "avg": ["numbers"], "ceil": ["number"], "contains": ["array", "any"],
    "ends_with": ["string", "string"], "floor": ["number"], "join": ["string", "strings"], "keys": ["object"],
    "length": ["sized"], "map": ["&", "array"], "max": ["orderables"], "max_by": ["array", "&"],
    "merge": ["object"], "min": ["orderables"], "min_by": ["array", "&"], "not_null": ["any"],
    "reverse": ["reversible"], "sort": ["orderables"], "sort_by": ["array", "&"],
    "starts_with": ["string", "string"], "sum": ["numbers"], "to_array": ["any"], "to_number": ["scalar"],
    "to_string": ["any"], "type": ["any"], "values": ["object"],
}
VARIADIC = ("merge", "not_null")
UNKNOWN = ["nothing", "lenght", "sort_By", "group_by", "max_", "_", "abs1"]


def kinds_of(value):
    if value is None:
        return {"null", "any", "scalar"}
    if isinstance(value, bool):
        return {"boolean", "any", "scalar"}
    if isinstance(value, (int, float)):
        return {"number", "any", "scalar"}
    if isinstance(value, str):
        return {"string", "any", "scalar", "sized", "reversible"}
    if isinstance(value, dict):
        return {"object", "any", "sized"}
    kinds = {"array", "any", "sized", "reversible"}
    inner = set().union(*map(kinds_of, value[:8])) - {"any"} if value else {"number", "scalar"}
    if inner == {"number", "scalar"}:
        kinds |= {"numbers", "orderables"}
    if inner == {"string", "scalar", "sized", "reversible"}:
        kinds |= {"strings", "orderables"}
    return kinds


def first_of(items):
    return next((item for item in items if item is not None), None)


class Expressions:
    def __init__(self, random, value):
        self.random = random
        self.value = value

    def chance(self, probability):
        return self.random.random() < probability

    def expression(self):
        if self.chance(0.01):
            return self.deep()
        text = self.any(self.value, self.random.choice([1, 2, 2, 3, 3, 4, 5]))
        if self.chance(0.03):
            text = self.damaged(text)
        return text

    def deep(self):
        count = self.random.randrange(5, 50)
        inner = self.any(self.value, 2)
        begin, end = self.random.choice([("(", ")"), ("[", "]"), ("{a: ", "}"), ("!", ""), ("to_array(", ")"),
                                         ("@ | ", ""), ("`1` && ", ""), ("[*] || ", ""), ("not_null(", ")")])
        return begin * count + inner + end * count

    def damaged(self, text):
        random = self.random
        for _ in range(random.randrange(1, 3)):
            at = random.randrange(len(text) + 1)
            how = random.randrange(4)
            if how == 0:
                text = text[:at] + text[at + random.randrange(1, 4):]
            elif how == 1:
                text = text[:at] + random.choice("ab.*[]{}()?:,@&|!=<>-019'\"`\\ \n_é") + text[at:]
            elif how == 2:
                text = text[:at]
            else:
                end = random.randrange(len(text) + 1)
                text = text[:at] + text[min(at, end):max(at, end)] + text[at:]
        return text or "@"

    # --- pieces

    def name(self, name):
        plain = name in NAMES[:PLAIN_NAMES] or name.replace("_", "a").isalnum() and name.isascii() and \
            not name[0].isdigit()
        return name if plain and self.chance(0.85) else string_text(self.random, name)

    def some_name(self, value):
        if isinstance(value, dict) and value and self.chance(0.95):
            return self.random.choice(list(value))
        return self.random.choice(NAMES)

    def index(self, value):
        size = len(value) if isinstance(value, list) else 3
        if self.chance(0.05):
            return self.random.choice([9223372036854775807, -9223372036854775808, 2**70, -(2**70), size])
        return self.random.randrange(-size - 1, size + 1) if self.chance(0.1) or not size else \
            self.random.randrange(-size, size)

    def slice(self, value):
        parts = [str(self.index(value)) if self.chance(0.6) else "" for _ in range(2)]
        if self.chance(0.5):
            steps = ["1", "2", "-1", "-2", "3", "-3", "", "9223372036854775807", "-9223372036854775808"]
            parts.append("0" if self.chance(0.01) else self.random.choice(steps))
        if self.chance(0.003):
            parts[-1] += " 2"
        return "[" + ":".join(parts) + "]"

    def blank(self):
        return self.random.choice([" ", " ", " ", "", "\n", "  "])

    def literal_of(self, kind):
        random = self.random
        if kind in ("number", "scalar"):
            return self.json_literal(random.choice(INTEGERS if self.chance(0.6) else REALS))
        if kind == "string":
            text = random.choice(STRINGS)
            if self.chance(0.6) and not text.endswith("\\") and "\\'" not in text:
                return "'" + text.replace("'", "\\'") + "'"
            return self.json_literal(string_text(random, text))
        if kind == "numbers":
            return self.json_literal("[" + ", ".join(random.sample(INTEGERS + REALS, random.randrange(5))) + "]")
        if kind in ("strings", "orderables", "array", "sized", "reversible"):
            texts = random.sample(STRINGS, random.randrange(5))
            return self.json_literal("[" + ",".join(string_text(random, text) for text in texts) + "]")
        if kind == "object":
            names = random.sample(NAMES, random.randrange(4))
            return self.json_literal("{" + ",".join(
                string_text(random, name) + ":" + random.choice(INTEGERS + ["null", "[1]", '"x"']) for name in names)
                + "}")
        odd = ["null", "true", "false", "[]", "{}", '""', "[1, true, null]", "[[1, [2]], []]", "bare", " lead", "1.",
               "01", "[0]", "[true]", "[false, 1]", '{"a": 0}', '{"a": false}', "1e2", "\\`", "\\\\", "NaN", "[NaN]",
               "-Infinity", "\\ud83d", ""]
        return self.json_literal(random.choice(odd), is_escaped=True)

    def json_literal(self, text, is_escaped=False):
        return "`" + (text if is_escaped else text.replace("`", "\\`")) + "`"

    def like(self, value, kind="any"):
        """A literal near a value of the document: the same, or a little beside it."""
        if isinstance(value, str):
            return "'" + value.replace("'", "\\'") + "'" if "\\" not in value and self.chance(0.7) else \
                self.json_literal(string_text(self.random, value))
        if isinstance(value, int) and not isinstance(value, bool):
            near = value + self.random.choice([0, 0, 0, 1, -1])
            return self.json_literal(str(near) + self.random.choice(["", "", ".0", ".5"]))
        if isinstance(value, float) and abs(value) < 1e300 and self.chance(0.7):
            return self.json_literal(repr(value))
        if isinstance(value, (list, dict)) and "Infinity" not in json.dumps(value):
            return self.json_literal(json.dumps(value, ensure_ascii=self.chance(0.5)))
        return self.literal_of(kind)

    # --- paths

    def steps(self, value, depth):
        """A path from @ that stays within the document: its text, and what is reached."""
        text = ""
        for _ in range(self.random.randrange(1, 4)):
            if isinstance(value, dict) and value:
                name = self.some_name(value)
                text += ("." if text else "") + self.name(name)
                value = value.get(name)
                if self.chance(0.3):
                    break
            elif isinstance(value, list) and value:
                step, value = self.list_step(value, depth)
                text += step
            else:
                break
        return text or "@", value

    def list_step(self, value, depth):
        kind = self.random.random()
        if kind < 0.25:
            at = self.index(value)
            return f"[{at}]", value[at] if -len(value) <= at < len(value) else None
        if kind < 0.40:
            return self.slice(value), first_of(value)
        if kind < 0.60:
            return "[*]", first_of(value)
        if kind < 0.75:
            flat = [x for item in value for x in (item if isinstance(item, list) else [item])]
            return "[]", first_of(flat)
        element = self.random.choice(value)
        return "[?" + self.condition(element, depth - 1) + "]", element

    def condition(self, value, depth):
        kind = self.random.random()
        if depth > 0 and kind < 0.25:
            operator = self.random.choice([" && ", " || ", "&&", "||"])
            return self.condition(value, depth - 1) + operator + self.condition(value, depth - 1)
        if kind < 0.35:
            return "!" + self.steps(value, 0)[0]
        if kind < 0.45:
            return self.any(value, depth - 1)
        path, found = self.steps(value, 0)
        operator = self.random.choice(COMPARATORS)
        other = self.like(found) if self.chance(0.85) else self.any(value, depth - 1)
        left, right = (path, other) if self.chance(0.85) else (other, path)
        return left + self.blank() + operator + self.blank() + right

    # --- whole expressions

    def any(self, value, depth):
        random = self.random
        kind = random.random()
        if depth <= 0 or kind < 0.15:
            text, found = self.steps(value, depth)
            if depth > 0 and self.chance(0.3):
                text += self.tail(found, depth)
            return text
        if kind < 0.26:
            return self.multi(value, depth)
        if kind < 0.65:
            return self.call(value, depth)
        if kind < 0.75:
            text, found = self.steps(value, depth)
            right = found
            if any(part in text for part in ("*", ":", "[]", "?")):
                right = [found]
            return text + self.blank() + "|" + self.blank() + self.any(right, depth - 1)
        if kind < 0.85:
            return self.any(value, depth - 1) + self.blank() + random.choice(["||", "&&"]) + self.blank() + \
                self.any(value, depth - 1)
        if kind < 0.93:
            return self.condition(value, depth)
        if kind < 0.96:
            return "(" + self.any(value, depth - 1) + ")" + self.tail(None, 0)
        if kind < 0.98:
            return "!" + self.any(value, depth - 1)
        return self.literal_of(random.choice(["any", "number", "string", "object", "numbers"]))

    def tail(self, value, depth):
        if isinstance(value, dict) or self.chance(0.2):
            kind = self.random.random()
            if kind < 0.3:
                return ".*" + (self.tail(first_of(value.values()), 0) if isinstance(value, dict) else "")
            if kind < 0.7:
                return "." + self.multi(value, depth)
            return "." + self.name(self.some_name(value))
        if isinstance(value, list):
            return self.list_step(value, depth)[0] if value else "[*]"
        return self.random.choice(["", "", "[]", "[*]", "[0]", ".*", ".a", "[:]", "[?@]", "[::-1]", "[*][*]", "[][]"])

    def multi(self, value, depth):
        count = self.random.randrange(1, 4)
        parts = [self.any(value, depth - 1) for _ in range(count)]
        if self.chance(0.5):
            return "[" + ("," + self.blank()).join(parts) + "]"
        comma = " " if self.chance(0.003) else ","
        return "{" + comma.join(
            self.name(self.random.choice(NAMES if self.chance(0.3) else NAMES[:4])) + ":" + self.blank() + part
            for part in parts) + "}"

    def typed(self, value, kind, depth):
        """An expression that gives a value of a kind, if there is a way."""
        if self.chance(0.04):
            kind = self.random.choice(["any", "number", "string", "array", "object", "numbers", "null", "boolean"])
        for _ in range(6):
            if kind in kinds_of(value) and self.chance(0.3):
                return "@"
            text, found = self.steps(value, depth)
            if any(part in text for part in ("*", ":", "[]", "?")):
                found = [found]
            if kind in kinds_of(found):
                return text
        if depth > 0 and self.chance(0.5):
            makers = {"number": ["length", "abs", "sum", "avg", "ceil", "floor", "to_number"],
                      "string": ["to_string", "type", "join"], "array": ["keys", "values", "map", "sort", "to_array"],
                      "object": ["merge"], "strings": ["keys", "sort"], "orderables": ["keys", "sort"]}.get(kind)
            if makers:
                return self.call(value, depth - 1, self.random.choice(makers))
        return self.literal_of(kind)

    def call(self, value, depth, name=None):
        random = self.random
        name = name or random.choice(list(FUNCTIONS))
        parameters = list(FUNCTIONS[name])
        if name in VARIADIC:
            parameters *= random.randrange(1, 4)
        if self.chance(0.006):
            name = random.choice(UNKNOWN)
        if self.chance(0.006):
            parameters = random.choice([parameters[:-1], parameters + ["any"]])
        if name == "contains" and self.chance(0.5):
            parameters = ["string", "string"]
        array = self.typed(value, "array", depth - 1) if "&" in parameters else None
        arguments = []
        for kind in parameters:
            if kind == "&":
                arguments.append("&" + self.key_expression(value, array, depth))
            elif kind == "array" and array is not None:
                arguments.append(array)
            elif name == "contains" and kind == "any" and self.chance(0.5):
                arguments.append(self.like(self.steps(value, 0)[1]))
            else:
                arguments.append(self.typed(value, kind, depth - 1))
        if self.chance(0.003):
            arguments[:1] = ["&" + argument for argument in arguments[:1]]
        comma = " " if self.chance(0.003) else "," + self.blank()
        return name + "(" + comma.join(arguments) + ("," if self.chance(0.002) else "") + ")" + \
            (self.tail(None, 0) if self.chance(0.1) else "")

    def key_expression(self, value, array, depth):
        """An expression for the elements of the array that `array` gives on `value`."""
        element = self.element_of(value, array)
        if isinstance(element, (str, int, float)) and self.chance(0.6):
            return "@"
        if self.chance(0.6):
            for _ in range(4):
                text, found = self.steps(element, 0)
                if isinstance(found, (str, int, float)):
                    return text
        return self.any(element, depth - 1)

    def element_of(self, value, array):
        answer = reference.ask_value(array, value)
        return self.random.choice(answer) if isinstance(answer, list) and answer else None
