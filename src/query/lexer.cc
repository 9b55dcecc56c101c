#include "query/lexer.h"

#include <charconv>
#include <limits>
#include <string>

#include "query/json/reader.h"
#include "query/json/structure.h"

namespace flashflood::query {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_identifier(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

class Lexer {
 public:
  explicit Lexer(Program& program) : program_(program), text_(program.text) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    for (;;) {
      while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
      Token token;
      token.begin = static_cast<std::uint32_t>(at_);
      if (at_ < text_.size()) read_token(token);
      token.end = static_cast<std::uint32_t>(at_);
      tokens.push_back(token);
      if (token.type == TokenType::end) return tokens;
    }
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  [[noreturn]] void fail(std::size_t column, const std::string& what) const {
    raise_query_error(QueryError::Kind::syntax, text_, column, what);
  }

  bool accept(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void read_token(Token& token) {
    char c = text_[at_];
    if (starts_identifier(c)) return read_identifier(token);
    if (is_digit(c) || c == '-') return read_number(token);
    ++at_;
    switch (c) {
      case '.':
        token.type = TokenType::dot;
        return;
      case '*':
        token.type = TokenType::star;
        return;
      case ']':
        token.type = TokenType::right_bracket;
        return;
      case '{':
        token.type = TokenType::left_brace;
        return;
      case '}':
        token.type = TokenType::right_brace;
        return;
      case '(':
        token.type = TokenType::left_paren;
        return;
      case ')':
        token.type = TokenType::right_paren;
        return;
      case ',':
        token.type = TokenType::comma;
        return;
      case ':':
        token.type = TokenType::colon;
        return;
      case '@':
        token.type = TokenType::current;
        return;
      case '[':
        token.type = accept(']')   ? TokenType::flatten
                     : accept('?') ? TokenType::filter
                                   : TokenType::left_bracket;
        return;
      case '|':
        token.type = accept('|') ? TokenType::any : TokenType::pipe;
        return;
      case '&':
        token.type = accept('&') ? TokenType::all : TokenType::reference;
        return;
      case '!':
        token.type = accept('=') ? TokenType::not_equal : TokenType::negation;
        return;
      case '<':
        token.type = accept('=') ? TokenType::less_equal : TokenType::less;
        return;
      case '>':
        token.type = accept('=') ? TokenType::greater_equal : TokenType::greater;
        return;
      case '=':
        if (!accept('=')) fail(token.begin, "'=' is no operator; equality is '=='");
        token.type = TokenType::equal;
        return;
      case '\'':
        return read_raw_string(token);
      case '"':
        return read_quoted_identifier(token);
      case '`':
        return read_literal(token);
      default:
        fail(token.begin, "this character begins nothing that JMESPath knows");
    }
  }

  void read_identifier(Token& token) {
    std::size_t begin = at_;
    while (at_ < text_.size() && (starts_identifier(text_[at_]) || is_digit(text_[at_]))) ++at_;
    token.type = TokenType::unquoted_identifier;
    token.value = Value::make_string(text_.substr(begin, at_ - begin), true);
  }

  void read_number(Token& token) {
    std::size_t begin = at_++;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    std::string_view digits = text_.substr(begin, at_ - begin);
    if (digits == "-") fail(begin, "'-' must be followed by a digit");
    token.type = TokenType::number;
    auto outcome = std::from_chars(digits.data(), digits.data() + digits.size(), token.number);
    if (outcome.ec == std::errc::result_out_of_range) {
      token.number = digits[0] == '-' ? std::numeric_limits<std::int64_t>::min()
                                      : std::numeric_limits<std::int64_t>::max();
    }
  }

  // What stands between the delimiter before at_ and the next one without a backslash before it.
  // Escapes of the delimiter are resolved when asked for, others left as they are.
  std::string read_delimited(char delimiter, std::size_t begin, bool unescape_delimiter) {
    std::string content;
    while (at_ < text_.size()) {
      char c = text_[at_++];
      if (c == delimiter) return content;
      if (c == '\\' && at_ < text_.size()) {
        char escaped = text_[at_++];
        if (escaped != delimiter || !unescape_delimiter) content.push_back(c);
        c = escaped;
      }
      content.push_back(c);
    }
    fail(begin, std::string("the closing ") + delimiter + " is missing");
  }

  void read_raw_string(Token& token) {
    std::string content = read_delimited('\'', token.begin, true);
    token.type = TokenType::literal;
    token.value = Value::make_string(program_.arena.copy(content), false);
  }

  void read_quoted_identifier(Token& token) {
    std::string content = read_delimited('"', token.begin, false);
    auto name = read_json('"' + content + '"', token.begin);
    if (!name) fail(token.begin, std::string("not a JSON string: ") + problem_);
    token.type = TokenType::quoted_identifier;
    token.value = *name;
  }

  // JSON, or what becomes JSON when quotes are put around it (JEP 12: `name` for `"name"`).
  void read_literal(Token& token) {
    std::string content = read_delimited('`', token.begin, true);
    auto value = read_json(content, token.begin);
    if (!value) {
      std::size_t first = content.find_first_not_of(" \t\n\r\v\f");
      std::string bare = first == std::string::npos ? "" : content.substr(first);
      value = read_json('"' + bare + '"', token.begin);
    }
    if (!value) fail(token.begin, std::string("not a JSON literal: ") + problem_);
    token.type = TokenType::literal;
    token.value = *value;
  }

  std::optional<Value> read_json(const std::string& json, std::size_t column) {
    std::string padded = json + std::string(StructureFinder::padding, ' ');
    std::string_view kept = program_.arena.copy(padded).substr(0, json.size());
    problem_ = finder_.find(kept.data(), kept.size());
    if (problem_ != nullptr) return std::nullopt;
    auto value =
        reader_.read(finder_.tokens(), program_.arena, {.depth_max = program_.limits.depth_max});
    if (!value && reader_.problem().too_deep) {
      raise_query_error(QueryError::Kind::limit, text_, column, "the literal is nested too deep");
    }
    problem_ = reader_.problem().what;
    return value;
  }

  Program& program_;
  std::string_view text_;
  StructureFinder finder_;
  Reader reader_;
  const char* problem_ = nullptr;  // of the last JSON that could not be read
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Token> tokenize(Program& program) { return Lexer(program).run(); }

}  // namespace flashflood::query
