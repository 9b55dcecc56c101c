"""How FlashFlood reads expressions otherwise than jmespath.py: see reference.py."""

import json

from jmespath import exceptions, functions, lexer, parser


class NotJson(ValueError):
    """A literal or document that FlashFlood refuses."""


def has_lone_surrogate(value):
    if isinstance(value, str):
        return any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, list):
        return any(map(has_lone_surrogate, value))
    if isinstance(value, dict):
        return any(has_lone_surrogate(key) or has_lone_surrogate(item) for key, item in value.items())
    return False


def mistakes_of_meaning(tree):
    """Kinds of error that FlashFlood finds anywhere in the expression; it reports one of them."""
    kinds = []

    def visit(node):
        if node["type"] == "function_expression":
            spec = functions.Functions.FUNCTION_TABLE.get(node["value"])
            given = len(node["children"])
            if spec is None:
                kinds.append("unknown_function")
            elif spec["signature"][-1].get("variadic"):
                if given < len(spec["signature"]):
                    kinds.append("invalid_arity")
            elif given != len(spec["signature"]):
                kinds.append("invalid_arity")
        if node["type"] == "slice":
            if node["children"][2] == 0:
                kinds.append("invalid_value")
            return
        for child in node["children"]:
            visit(child)

    visit(tree)
    return kinds


class ChangedLexer(lexer.Lexer):
    def __init__(self, met):
        self.met = met

    def _consume_literal(self):
        start = self._position
        lexeme = self._consume_until("`").replace("\\`", "`")

        def no_number(word):
            self.met.add("NaN and Infinity in literals")
            raise NotJson(word)

        def load(text):
            value = json.loads(text, parse_constant=no_number)
            if has_lone_surrogate(value):
                self.met.add("half of a surrogate pair")
                raise NotJson(text)
            return value

        try:
            value = load(lexeme)
        except ValueError:
            try:
                value = load('"%s"' % lexeme.lstrip())
            except ValueError:
                raise exceptions.LexerError(start, lexeme, "bad literal") from None
        return {"type": "literal", "value": value, "start": start, "end": self._position}

    def _consume_quoted_identifier(self):
        token = super()._consume_quoted_identifier()
        if has_lone_surrogate(token["value"]):
            self.met.add("half of a surrogate pair")
            raise exceptions.LexerError(token["start"], token["value"], "half of a surrogate pair")
        return token


class ChangedParser(parser.Parser):
    def __init__(self, met):
        super().__init__()
        self.met = met

    def parse(self, expression):
        self._tokens = list(ChangedLexer(self.met).tokenize(expression))
        self._index = 0
        tree = self._expression()
        if self._current_token() != "eof":
            self.refuse(None)
        return tree

    def refuse(self, difference):
        if difference:
            self.met.add(difference)
        self._raise_parse_error_for_token(self._lookahead_token(0), "unexpected")

    def _token_nud_expref(self, token):
        return self.refuse("& outside of arguments")

    def _token_led_lparen(self, left):
        if left["type"] != "field":
            return super()._token_led_lparen(left)
        args = []
        while self._current_token() != "rparen":
            if self._current_token() == "expref":
                self._advance()
                args.append(parser.ast.expref(self._expression()))
            else:
                args.append(self._expression())
            if self._current_token() == "comma":
                self._advance()
                if self._current_token() == "rparen":
                    self.refuse("forms outside of the grammar")
            elif self._current_token() != "rparen":
                self.refuse("forms outside of the grammar")
        self._advance()
        return parser.ast.function_expression(left["value"], args)

    def _parse_slice_expression(self):
        for at in range(self._index, len(self._tokens)):
            kind = self._tokens[at]["type"]
            if kind not in ("number", "colon"):
                break
            if kind == "number" and at > self._index and self._tokens[at - 1]["type"] == "number":
                self.refuse("forms outside of the grammar")
        return super()._parse_slice_expression()

    def _parse_multi_select_hash(self):
        pairs = []
        while True:
            key = self._lookahead_token(0)
            self._match_multiple_tokens(["quoted_identifier", "unquoted_identifier"])
            self._match("colon")
            pairs.append(parser.ast.key_val_pair(key_name=key["value"], node=self._expression()))
            if self._current_token() == "rbrace":
                self._advance()
                return parser.ast.multi_select_dict(nodes=pairs)
            if self._current_token() != "comma":
                self.refuse("forms outside of the grammar")
            self._advance()

    def _token_led_lbracket(self, left):
        index = self._index
        if left["type"] == "index_expression" and self._current_token() in ("number", "colon"):
            right = self._parse_index_expression()
            if right["type"] == "slice":
                self.met.add("a slice is a projection")
                return self._project_if_slice(left, right)
            self._index = index
        return super()._token_led_lbracket(left)
