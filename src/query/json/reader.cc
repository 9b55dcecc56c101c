#include "query/json/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace flashflood::query {
namespace {

constexpr bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
constexpr bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// Whether a number or a word may end before this character.
constexpr bool ends_scalar(char c) { return is_blank(c) || c == ',' || c == ']' || c == '}'; }

// The end of the number at `at` and whether it is an integer; null when it is no JSON number. Stops
// at the first character that cannot belong to it.
const char* skip_number(const char* at, bool& is_integer) {
  is_integer = true;
  if (*at == '-') ++at;
  if (*at == '0') {
    ++at;
  } else {
    if (!is_digit(*at)) return nullptr;
    while (is_digit(*at)) ++at;
  }
  if (*at == '.') {
    is_integer = false;
    if (!is_digit(*++at)) return nullptr;
    while (is_digit(*at)) ++at;
  }
  if (*at == 'e' || *at == 'E') {
    is_integer = false;
    ++at;
    if (*at == '+' || *at == '-') ++at;
    if (!is_digit(*at)) return nullptr;
    while (is_digit(*at)) ++at;
  }
  return at;
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The four digits of a \u escape, or -1.
int read_hex4(std::string_view digits) {
  if (digits.size() < 4) return -1;
  int code = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    int value = hex_value(digits[i]);
    if (value < 0) return -1;
    code = code * 16 + value;
  }
  return code;
}

bool is_high_surrogate(int code) { return code >= 0xD800 && code < 0xDC00; }
bool is_low_surrogate(int code) { return code >= 0xDC00 && code < 0xE000; }

char* put_utf8(char* out, int code) {
  auto put = [&out](int byte) { *out++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
  return out;
}

// The character for a one-letter escape, or 0.
char simple_escape(char letter) {
  switch (letter) {
    case '"':
      return '"';
    case '\\':
      return '\\';
    case '/':
      return '/';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

}  // namespace

std::string describe(const ReadProblem& problem, std::size_t depth_max) {
  if (problem.too_deep) {
    return fmt::format("JSON nested deeper than {} levels (at byte {})", depth_max, problem.at);
  }
  return fmt::format("not one JSON document: {} (at byte {})", problem.what, problem.at);
}

namespace {

// The string that begins at the token, its escapes as they stand there. Only blanks stand between
// its end and the next token, mostly none.
inline bool read_raw_string(const char* text, const std::uint32_t* token, Value& value) {
  const char* const begin = text + *token;
  const char* end = text + token[1] - 1;
  while (*end != '"' && is_blank(*end)) --end;
  if (end <= begin || *end != '"') return false;
  value = Value::make_string({begin + 1, static_cast<std::size_t>(end - begin - 1)}, true);
  return true;
}

// The bytes of a word as they are in memory.
constexpr std::uint64_t bytes_of(std::string_view word) {
  std::array<char, 8> bytes{};
  std::copy(word.begin(), word.end(), bytes.begin());
  return std::bit_cast<std::uint64_t>(bytes);
}
constexpr std::uint64_t bytes_of_true = bytes_of("true");
constexpr std::uint64_t bytes_of_false = bytes_of("false");
constexpr std::uint64_t bytes_of_null = bytes_of("null");

// Whether the first `size` bytes in memory, at least one, are a number without a sign and an
// exponent, or a word. Without branches: what comes next is hard to guess.
inline bool is_short_scalar(std::uint64_t bytes, std::size_t size) {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t each = 0x0101'0101'0101'0101;
  const std::uint64_t counted = ~std::uint64_t{0} >> (64 - 8 * size);
  bytes &= counted;
  // The highest bit of each byte that is no digit.
  const std::uint64_t values = bytes ^ each * '0';
  const std::uint64_t others =
      (((values & each * 0x7F) + each * (0x7F - 9)) | values) & each * 0x80 & counted;
  // A number with a point has one such byte.
  const std::uint64_t point = others >> 7;
  const bool has_zero_first = (bytes & 0xFF) == '0';
  const bool is_integer = (others == 0) & (!has_zero_first | (size == 1));
  const bool is_decimal = ((others & (others - 1)) == 0) & ((bytes & point * 0xFF) == point * '.') &
                          (point > 1) & (point >> (8 * size - 8) == 0) &
                          (!has_zero_first | (point == 0x100));
  const bool is_word =
      (bytes == bytes_of_true) | (bytes == bytes_of_false) | (bytes == bytes_of_null);
  return is_integer | is_decimal | is_word;
}

}  // namespace

bool read_scalar(const char* text, const std::uint32_t* token, Value& value, ReadProblem& problem) {
  const char* const begin = text + *token;
  // A word lies between two tokens, so that nothing behind the next one is looked at.
  const std::size_t room = token[1] - token[0];
  const char* end = nullptr;
  auto fail = [&](const char* what) {
    problem = {what, *token};
    return false;
  };
  if (*begin == '-' || is_digit(*begin)) {
    bool is_integer = true;
    end = skip_number(begin, is_integer);
    if (end == nullptr || !ends_scalar(*end)) return fail("a number is not valid");
    value = Value::make_number_text({begin, static_cast<std::size_t>(end - begin)}, is_integer);
    return true;
  }
  if (*begin == '"') {
    return read_raw_string(text, token, value) || fail("a string is not closed");
  }
  if (room >= 4 && std::memcmp(begin, "true", 4) == 0) {
    value = Value::make_boolean(true);
    end = begin + 4;
  } else if (room >= 5 && std::memcmp(begin, "false", 5) == 0) {
    value = Value::make_boolean(false);
    end = begin + 5;
  } else if (room >= 4 && std::memcmp(begin, "null", 4) == 0) {
    value = {};
    end = begin + 4;
  }
  if (end == nullptr || !ends_scalar(*end)) return fail("a value is expected here");
  return true;
}

bool is_scalar(const Tokens& tokens, const std::uint32_t* token) {
  const char* const begin = tokens.text + *token;
  const std::size_t size = token[1] - token[0];
  std::uint64_t bytes;
  if (size <= sizeof bytes &&
      tokens.readable_end - begin >= static_cast<std::ptrdiff_t>(sizeof bytes)) [[likely]] {
    std::memcpy(&bytes, begin, sizeof bytes);
    if (is_short_scalar(bytes, size)) return true;
  }
  Value value;
  ReadProblem problem;
  return read_scalar(tokens.text, token, value, problem);
}

void Reader::release() {
  stack_.reset();
  stack_capacity_ = 0;
  frames_ = {};
}

bool Reader::fail(const char* what, std::size_t at) {
  problem_ = {what, at};
  return false;
}

template <bool makes_values>
inline bool Reader::read_string(const std::uint32_t* token, Value*& top) {
  if (!makes_values && !has_escapes_) return true;
  Value value;
  if (!read_raw_string(text_, token, value)) return fail("a string is not closed", *token);
  if (has_escapes_ && std::memchr(value.text, '\\', value.size) != nullptr) {
    return unescape<makes_values>(value.view(), top);
  }
  if constexpr (makes_values) *top++ = value;
  return true;
}

template <bool makes_values>
bool Reader::unescape(std::string_view raw, Value*& top) {
  const auto at = static_cast<std::size_t>(raw.data() - text_);
  char* const text = makes_values ? arena_->allocate(raw.size()) : nullptr;
  char* out = text;
  std::size_t i = 0;
  while (i < raw.size()) {
    if (raw[i] != '\\') {
      if constexpr (makes_values) *out++ = raw[i];
      ++i;
      continue;
    }
    std::size_t escape = i++;
    char letter = i < raw.size() ? raw[i++] : '\0';
    if (letter != 'u') {
      char character = simple_escape(letter);
      if (character == 0) return fail("an escape in a string is not valid", at + escape);
      if constexpr (makes_values) *out++ = character;
      continue;
    }
    int code = read_hex4(raw.substr(i));
    if (code < 0) return fail("an escape in a string is not valid", at + escape);
    i += 4;
    if (is_high_surrogate(code) && raw.substr(i, 2) == "\\u") {
      int low = read_hex4(raw.substr(i + 2));
      if (is_low_surrogate(low)) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        i += 6;
      }
    }
    if (is_high_surrogate(code) || is_low_surrogate(code)) {
      if (!lone_surrogates_) {
        return fail("a string holds half of a surrogate pair", at + escape);
      }
      code = 0xFFFD;
    }
    if constexpr (makes_values) out = put_utf8(out, code);
  }
  if constexpr (makes_values) {
    *top++ = Value::make_string({text, static_cast<std::size_t>(out - text)}, false);
  }
  return true;
}

// Without values, `top` stays at the beginning of the stack.
template <bool makes_values>
bool Reader::run(const Tokens& tokens, const Options& options) {
  problem_ = {};
  text_ = tokens.text;
  has_escapes_ = tokens.has_escapes;
  lone_surrogates_ = options.lone_surrogates;
  frames_.clear();
  if (makes_values && tokens.count() > stack_capacity_) {
    stack_capacity_ = std::max<std::size_t>(256, tokens.count() + tokens.count() / 2);
    stack_.reset(new char[stack_capacity_ * sizeof(Value)]);
  }

  // Each token puts at most one value on the stack, so `top` never passes its end.
  Value* const stack = reinterpret_cast<Value*>(stack_.get());
  Value* top = stack;
  Value* base = stack;
  bool in_object = false;
  const std::uint32_t* token = tokens.begin;
  const std::uint32_t* const last = tokens.end;
  const char* kind = tokens.kinds;  // of the token

  for (;;) {
    // A value begins here; in an object its key comes first.
    if (in_object) {
      if (*kind != '"' || token == last) {
        return fail(token == last ? "it ends early" : "an object needs a string as key here",
                    *token);
      }
      if (!read_string<makes_values>(token, top)) return false;
      ++token;
      if (*++kind != ':' || token == last) {
        return fail(token == last ? "it ends early" : "a colon is missing here", *token);
      }
      ++token;
      ++kind;
    }
    if (token == last) return fail("it ends early", *token);
    const char first = *kind;
    if (first == '"') {
      if (!read_string<makes_values>(token, top)) return false;
      ++token;
      ++kind;
    } else if (first == '{' || first == '[') {
      if (frames_.size() >= options.depth_max) {
        fail("it is nested too deep", *token);
        problem_.too_deep = true;
        return false;
      }
      frames_.push_back({static_cast<std::size_t>(base - stack), in_object});
      base = top;
      in_object = first == '{';
      ++token;
      if (*++kind != (in_object ? '}' : ']')) continue;
    } else {
      Value value;
      if (!read_scalar(text_, token, value, problem_)) return false;
      if constexpr (makes_values) *top++ = value;
      ++token;
      ++kind;
    }

    // A value has ended, or an empty array or object is about to.
    for (;;) {
      if (frames_.empty()) {
        return token == last || fail("more text follows the document", *token);
      }
      if (token == last) return fail("it ends early", *token);
      const char next = *kind++;
      if (next == ',') {
        ++token;
        break;
      }
      if (next != (in_object ? '}' : ']')) {
        return fail(in_object ? "',' or '}' is missing here" : "',' or ']' is missing here",
                    *token);
      }
      ++token;
      if constexpr (makes_values) {
        auto count = static_cast<std::size_t>(top - base);
        Value* items = arena_->allocate_values(count);
        if (count != 0) std::memcpy(static_cast<void*>(items), base, count * sizeof(Value));
        top = base;
        *top++ = in_object ? Value::make_object(items, count / 2, count <= 2)
                           : Value::make_array(items, count);
        base = stack + frames_.back().base;
      }
      in_object = frames_.back().is_object;
      frames_.pop_back();
    }
  }
}

std::optional<Value> Reader::read(const Tokens& tokens, Arena& arena, const Options& options) {
  arena_ = &arena;
  if (!run<true>(tokens, options)) return std::nullopt;
  return *reinterpret_cast<const Value*>(stack_.get());
}

bool Reader::check(const Tokens& tokens, const Options& options) {
  return run<false>(tokens, options);
}

}  // namespace flashflood::query
