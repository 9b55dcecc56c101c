#include "query_advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace flashflood::cli {

namespace {

enum class Kind { name, quoted_name, text, literal, number, comparison, other };

struct Token {
  Kind kind;
  std::string_view source;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// What stands between two of the same quotes, with them.
std::size_t quoted_size(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == text[0]) {
      return i + 1;
    }
  }
  return text.size();
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  while (!text.empty()) {
    const char c = text.front();
    std::size_t size = 1;
    Kind kind = Kind::other;
    const auto run = [&](auto belongs) {
      while (size < text.size() && belongs(text[size])) ++size;
    };
    if (c == '"' || c == '\'' || c == '`') {
      kind = c == '"' ? Kind::quoted_name : c == '\'' ? Kind::text : Kind::literal;
      size = quoted_size(text);
    } else if (begins_name(c)) {
      kind = Kind::name;
      run([](char next) { return begins_name(next) || is_digit(next); });
    } else if (is_digit(c)) {
      kind = Kind::number;
      run([](char next) { return is_digit(next) || next == '.'; });
    } else if (c == '=' || c == '<' || c == '>' || (c == '!' && text.substr(1, 1) == "=")) {
      kind = Kind::comparison;
      if (text.substr(1, 1) == "=") size = 2;
    }
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
      tokens.push_back({kind, text.substr(0, size)});
    }
    text.remove_prefix(size);
  }
  return tokens;
}

std::string_view inside(std::string_view quoted) {
  return quoted.size() < 2 ? quoted : quoted.substr(1, quoted.size() - 2);
}

bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && is_digit(text.front()) &&
         text.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
}

// Whether two tokens touch each other in the expression.
bool touch(const Token& a, const Token& b) {
  return a.source.data() + a.source.size() == b.source.data();
}

}  // namespace

std::string advice_on_syntax(std::string_view expression) {
  const std::vector<Token> tokens = tokens_of(expression);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const Token& token = tokens[i];
    const Token& next = tokens[i + 1];
    if (token.kind == Kind::comparison) {
      if (token.source == "=") return "two are equal by ==";
      const bool negative = next.source == "-" && i + 2 < tokens.size();
      const Token& value = negative ? tokens[i + 2] : next;
      if (value.kind == Kind::number) {
        return fmt::format("numbers are written in backquotes: `{}{}`", negative ? "-" : "",
                           value.source);
      }
    }
    if (token.source == "@" && next.kind == Kind::name && touch(token, next)) {
      return fmt::format(
          "a name that is more than letters, digits and _ is written in double "
          "quotes: \"@{}\"",
          next.source);
    }
    if (token.kind == Kind::name && next.source == "-" && touch(token, next)) {
      std::size_t last = i + 1;
      while (last + 1 < tokens.size() && touch(tokens[last], tokens[last + 1]) &&
             (tokens[last + 1].kind == Kind::name || tokens[last + 1].kind == Kind::number ||
              tokens[last + 1].source == "-")) {
        ++last;
      }
      const char* const begin = token.source.data();
      const char* const end = tokens[last].source.data() + tokens[last].source.size();
      return fmt::format(
          "a name that is more than letters, digits and _ is written in double "
          "quotes: \"{}\"",
          std::string_view(begin, static_cast<std::size_t>(end - begin)));
    }
  }
  return {};
}

std::string advice_on_no_match(std::string_view expression) {
  const std::vector<Token> tokens = tokens_of(expression);
  for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
    if (tokens[i].kind != Kind::comparison) continue;
    const std::string_view comparison = tokens[i].source;
    const bool orders = comparison.front() == '<' || comparison.front() == '>';
    const Token& right = tokens[i + 1];
    for (const Token& side : {tokens[i - 1], right}) {
      if (side.kind != Kind::text) continue;
      const std::string_view value = inside(side.source);
      if (is_number(value)) {
        return fmt::format("{} is text, which is never a number: the number is `{}`", side.source,
                           value);
      }
      if (orders) {
        return fmt::format("{} compares numbers alone, and {} is text", comparison, side.source);
      }
    }
    // Behind a comparison a field is rare: mostly a value was meant.
    const std::string_view behind = i + 2 < tokens.size() ? tokens[i + 2].source : "";
    const bool goes_on = behind == "." || behind == "[" || behind == "(";
    const bool is_name = right.kind == Kind::name || right.kind == Kind::quoted_name;
    if (is_name && !goes_on) {
      const std::string_view name = right.kind == Kind::name ? right.source : inside(right.source);
      return fmt::format("{} is the name of a field: {} is written {}", right.source,
                         is_number(name) ? "the number" : "the text",
                         is_number(name) ? fmt::format("`{}`", name) : fmt::format("'{}'", name));
    }
  }
  return {};
}

}  // namespace flashflood::cli
