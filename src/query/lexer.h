// Splits an expression into tokens.
//
// Threads: one at a time. Lifetime: values of tokens live in the program's arena.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "query/program.h"

namespace flashflood::query {

enum class TokenType : std::uint8_t {
  end,
  unquoted_identifier,
  quoted_identifier,
  literal,
  number,
  dot,
  star,
  left_bracket,
  right_bracket,
  left_brace,
  right_brace,
  left_paren,
  right_paren,
  flatten,  // []
  filter,   // [?
  comma,
  colon,
  current,    // @
  reference,  // &
  pipe,
  any,  // ||
  all,  // &&
  negation,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
};

struct Token {
  TokenType type = TokenType::end;
  std::uint32_t begin = 0;  // bytes into the expression
  std::uint32_t end = 0;
  Value value{};            // of a literal; the name of an identifier, as a string
  std::int64_t number = 0;  // beyond 64 bit: the nearest
};

// The tokens of program.text; the last one is `end`. Throws QueryError (syntax, limit).
std::vector<Token> tokenize(Program& program);

}  // namespace flashflood::query
