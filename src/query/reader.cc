#include "query/reader.h"

#include <algorithm>
#include <array>
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

void Reader::release() {
  structure_.release();
  stack_.reset();
  stack_capacity_ = 0;
  frames_ = {};
}

std::nullopt_t Reader::fail(const char* what, std::size_t at) {
  problem_ = {what, at};
  return std::nullopt;
}

// Only blanks stand between the end of a string and the next token, mostly none.
inline bool Reader::read_string(const char* text, const std::uint32_t* token, bool has_escapes,
                                Value& value) {
  std::size_t begin = token[0] + 1;
  std::size_t end = token[1] - 1;
  while (text[end] != '"' && is_blank(text[end])) --end;
  if (end < begin || text[end] != '"') {
    fail("a string is not closed", token[0]);
    return false;
  }
  std::string_view raw(text + begin, end - begin);
  if (has_escapes && std::memchr(raw.data(), '\\', raw.size()) != nullptr) {
    return unescape(raw, begin, value);
  }
  value = Value::make_string(raw, true);
  return true;
}

bool Reader::unescape(std::string_view raw, std::size_t at, Value& value) {
  char* const text = arena_->allocate(raw.size());
  char* out = text;
  std::size_t i = 0;
  while (i < raw.size()) {
    if (raw[i] != '\\') {
      *out++ = raw[i++];
      continue;
    }
    std::size_t escape = i++;
    char letter = i < raw.size() ? raw[i++] : '\0';
    if (letter != 'u') {
      char character = simple_escape(letter);
      if (character == 0) {
        fail("an escape in a string is not valid", at + escape);
        return false;
      }
      *out++ = character;
      continue;
    }
    int code = read_hex4(raw.substr(i));
    if (code < 0) {
      fail("an escape in a string is not valid", at + escape);
      return false;
    }
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
        fail("a string holds half of a surrogate pair", at + escape);
        return false;
      }
      code = 0xFFFD;
    }
    out = put_utf8(out, code);
  }
  value = Value::make_string({text, static_cast<std::size_t>(out - text)}, false);
  return true;
}

inline bool Reader::read_scalar(const char* text, std::size_t at, Value& value) {
  const char* begin = text + at;
  const char* end = nullptr;
  if (*begin == '-' || is_digit(*begin)) {
    bool is_integer = true;
    end = skip_number(begin, is_integer);
    if (end == nullptr || !ends_scalar(*end)) {
      fail("a number is not valid", at);
      return false;
    }
    value = Value::make_number_text({begin, static_cast<std::size_t>(end - begin)}, is_integer);
    return true;
  }
  // The padding makes it safe to look at the longest word.
  if (std::memcmp(begin, "true", 4) == 0) {
    value = Value::make_boolean(true);
    end = begin + 4;
  } else if (std::memcmp(begin, "false", 5) == 0) {
    value = Value::make_boolean(false);
    end = begin + 5;
  } else if (std::memcmp(begin, "null", 4) == 0) {
    value = Value{};
    end = begin + 4;
  }
  if (end == nullptr || !ends_scalar(*end)) {
    fail("a value is expected here", at);
    return false;
  }
  return true;
}

std::optional<Value> Reader::read(std::string_view text, Arena& arena, const Options& options) {
  problem_ = {};
  if (const char* what = structure_.find(text.data(), text.size())) return fail(what, 0);
  if (structure_.count() > stack_capacity_) {
    stack_capacity_ = std::max<std::size_t>(256, structure_.count() + structure_.count() / 2);
    stack_.reset(new char[stack_capacity_ * sizeof(Value)]);
  }
  const char* const bytes = text.data();
  const bool has_escapes = std::memchr(bytes, '\\', text.size()) != nullptr;
  arena_ = &arena;
  lone_surrogates_ = options.lone_surrogates;
  frames_.clear();

  // Each token puts at most one value on the stack, so `top` never passes its end. The position
  // behind the last token is that of a blank, which no token begins with.
  Value* const stack = reinterpret_cast<Value*>(stack_.get());
  Value* top = stack;
  Value* base = stack;
  bool in_object = false;
  const std::uint32_t* token = structure_.positions();
  const std::uint32_t* const last = token + structure_.count();

  for (;;) {
    // A value begins here; in an object its key comes first.
    if (in_object) {
      if (bytes[*token] != '"') {
        return fail(token == last ? "it ends early" : "an object needs a string as key here",
                    *token);
      }
      if (!read_string(bytes, token, has_escapes, *top)) return std::nullopt;
      ++top;
      if (bytes[*++token] != ':') {
        return fail(token == last ? "it ends early" : "a colon is missing here", *token);
      }
      ++token;
    }
    char first = bytes[*token];
    if (first == '"') {
      if (!read_string(bytes, token, has_escapes, *top)) return std::nullopt;
      ++top;
      ++token;
    } else if (first == '{' || first == '[') {
      if (frames_.size() >= options.depth_max) {
        fail("it is nested too deep", *token);
        problem_.too_deep = true;
        return std::nullopt;
      }
      frames_.push_back({static_cast<std::size_t>(base - stack), in_object});
      base = top;
      in_object = first == '{';
      ++token;
      if (bytes[*token] != (in_object ? '}' : ']')) continue;
    } else {
      if (token == last) return fail("it ends early", *token);
      if (!read_scalar(bytes, *token, *top)) return std::nullopt;
      ++top;
      ++token;
    }

    // A value has ended, or an empty array or object is about to.
    for (;;) {
      if (frames_.empty()) {
        if (token != last) return fail("more text follows the document", *token);
        return *stack;
      }
      char next = bytes[*token];
      if (next == ',') {
        ++token;
        break;
      }
      if (next != (in_object ? '}' : ']')) {
        if (token == last) return fail("it ends early", *token);
        return fail(in_object ? "',' or '}' is missing here" : "',' or ']' is missing here",
                    *token);
      }
      ++token;
      auto count = static_cast<std::size_t>(top - base);
      Value* items = arena.allocate_values(count);
      if (count != 0) std::memcpy(static_cast<void*>(items), base, count * sizeof(Value));
      top = base;
      *top++ = in_object ? Value::make_object(items, count / 2, count <= 2)
                         : Value::make_array(items, count);
      base = stack + frames_.back().base;
      in_object = frames_.back().is_object;
      frames_.pop_back();
    }
  }
}

}  // namespace flashflood::query
