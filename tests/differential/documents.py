"""Random JSON texts: few names and many spellings."""

NAMES = ["a", "b", "c", "d", "name", "price", "tags", "items", "Key_1", "x-y", "ключ", "日本", "😀", "", "a b",
         'quo"te', "back\\slash", "new\nline", "tab\t", "été"]
PLAIN_NAMES = 9  # of these the first, which need no quotes

INTEGERS = ["0", "-0", "1", "-1", "2", "3", "5", "7", "10", "-10", "42", "100", "255", "65536", "1000000",
            "9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993",
            "9223372036854775806", "9223372036854775807", "9223372036854775808",
            "-9223372036854775807", "-9223372036854775808", "-9223372036854775809",
            "18446744073709551615", "18446744073709551616", "123456789012345678901234567890",
            "-99999999999999999999", "1" + "0" * 40, "4611686018427387904"]
# A number beyond the range of doubles is always spelt so: reference.py relies on it.
REALS = ["0.0", "-0.0", "0.5", "-0.5", "1.0", "1.5", "1.50", "2.5", "-2.5", "3.14159", "0.1", "0.2", "0.3", "1e0",
         "1E+2", "1e2", "1e-7", "1.0e-5", "0.0001", "0.00001", "1e15", "1e16", "1e17", "123456789.123456789",
         "1e22", "1e23", "9007199254740993.0", "9223372036854775807.0", "9223372036854775808.0", "-9.3e18",
         "1e308", "1.7976931348623157e308", "-1.7976931348623157e308", "2.2250738585072014e-308",
         "4.9e-324", "5e-324", "1e-400", "-1e-400", "1e400", "-1e400", "99999999999999999999.5",
         "0.1000000000000000055511151231257827", "7.0E0", "100.0", "10.00"]
STRINGS = ["", "a", "b", "ab", "abc", "B", "foo", "foo bar", "10", "-1", "1.5", "1e3", " 7 ", "1_000", "0x10", "007",
           "+5", ".5", "5.", "1e400", "nan", "inf", "-Infinity", "null", "true", "é", "e\u0301", "ß", "ключ", "日本語",
           "😀", "a😀b", "\U0010ffff", "\uffff", "\ufeff", "\u2028", "\x7f", "\x1f", '"', "\\", "\\\\", "'", "`",
           "\n", "\t\r\b\f", "/", "</script>", "\u0000", "٣", "1٣", "\u00a07", "2010-12-01T08:26:00Z", "x" * 40,
           "9223372036854775808", "1e-400", "--1", "1__0", "_1", "-", "e5", "1e", "1e+5"]
BLANKS = ["", "", "", "", "", " ", "\n", "\t ", "\r\n"]


def string_text(random, text):
    """A JSON string in one of its spellings."""
    out = ['"']
    style = random.random()
    for c in text:
        code = ord(c)
        if c in '"\\' or code < 0x20 or (style < 0.15 and random.random() < 0.5):
            short = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r",
                     "\t": "\\t"}.get(c)
            if short and random.random() < 0.7:
                out.append(short)
            elif code > 0xffff:
                code -= 0x10000
                out.append("\\u%04x\\u%04X" % (0xd800 + (code >> 10), 0xdc00 + (code & 0x3ff)))
            else:
                out.append(("\\u%04x" if random.random() < 0.5 else "\\u%04X") % code)
        else:
            out.append(c)
    out.append('"')
    return "".join(out)


class Documents:
    def __init__(self, random):
        self.random = random

    def blank(self):
        return self.random.choice(BLANKS) if self.blanks else ""

    def document(self):
        random = self.random
        self.blanks = random.random() < 0.2
        if random.random() < 0.01:
            return self.deep()
        kind = random.random()
        if kind < 0.85:
            return self.object(4)
        return self.array(4) if kind < 0.97 else self.scalar()

    def deep(self):
        depth = self.random.randrange(20, 100)
        kinds = [self.random.random() < 0.5 for _ in range(depth)]
        name = self.random.choice("ab")
        begin = "".join("[" if kind else '{"%s":' % name for kind in kinds)
        return begin + self.scalar() + "".join("]" if kind else "}" for kind in reversed(kinds))

    def number(self):
        random = self.random
        kind = random.random()
        if kind < 0.45:
            return str(random.randrange(-5, 20))
        if kind < 0.55:
            return "%.2f" % random.uniform(-50, 500)
        if kind < 0.60:
            return repr(random.uniform(-1, 1) * 10.0 ** random.randrange(-30, 30))
        return random.choice(INTEGERS if kind < 0.80 else REALS)

    def string(self):
        text = self.random.choice(STRINGS)
        if self.random.random() < 0.002:
            return '"half \\ud83d"'
        return string_text(self.random, text)

    def scalar(self):
        kind = self.random.random()
        if kind < 0.45:
            return self.number()
        if kind < 0.85:
            return self.string()
        return "null" if kind < 0.90 else "true" if kind < 0.95 else "false"

    def value(self, depth):
        kind = self.random.random()
        if depth <= 0 or kind < 0.40:
            return self.scalar()
        return self.object(depth) if kind < 0.68 else self.array(depth)

    def member(self, depth):
        random = self.random
        name = random.choice(NAMES[:PLAIN_NAMES] if random.random() < 0.85 else NAMES)
        return name, string_text(random, name) + self.blank() + ":" + self.blank() + self.value(depth - 1)

    def object(self, depth):
        random = self.random
        count = 0 if random.random() < 0.04 else random.randrange(1, 7)
        members, names = [], set()
        for _ in range(count):
            name, text = self.member(depth)
            if name in names and random.random() < 0.7:
                continue  # mostly, but not always, a key occurs once
            names.add(name)
            members.append(text)
        return self.wrap("{", members, "}")

    def array(self, depth):
        random = self.random
        count = 0 if random.random() < 0.05 else random.randrange(1, 7)
        kind = random.random()
        if kind < 0.25:
            items = [self.number() for _ in range(count)]
        elif kind < 0.45:
            items = [self.string() for _ in range(count)]
        elif kind < 0.75 and depth > 1:
            # Records: the same keys with mostly the same kinds.
            columns = [(name, random.choice([self.number, self.string, self.number, self.string,
                                             lambda: self.value(depth - 2)]))
                       for name in random.sample(NAMES[:PLAIN_NAMES], random.randrange(1, 4))]
            items = [self.wrap("{", [string_text(random, name) + ":" + make() for name, make in columns
                                     if random.random() < 0.95], "}")
                     for _ in range(count)]
        elif kind < 0.85 and depth > 1:
            items = [self.array(depth - 2) for _ in range(count)]
        else:
            items = [self.value(depth - 1) for _ in range(count)]
        return self.wrap("[", items, "]")

    def wrap(self, begin, items, end):
        if not self.blanks:
            return begin + ",".join(items) + end
        return begin + self.blank() + ("," + self.blank()).join(item + self.blank() for item in items) + end
