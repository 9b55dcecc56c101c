#include "query/test_pairs.h"

#include <fmt/format.h>

#include <iterator>

namespace flashflood::query {
namespace {

constexpr std::string_view names[] = {"a", "b", "c", "x/y", "é"};
// None has a quote or a backslash, which filter() would have to escape.
constexpr std::string_view texts[] = {"",  "x",   "xy", "France", "true", "null",
                                      "1", "a/b", "é€", "x😀",     "a\tb", ","};
constexpr std::string_view numbers[] = {"0", "1", "1.0", "10", "1e1", "-2", "0.5"};
constexpr std::string_view comparisons[] = {"==", "==", "==", "!=", "<", "<=", ">", ">="};

template <typename List>
std::string_view pick(PairSource& source, const List& list) {
  return list[source.below(std::size(list))];
}

}  // namespace

std::string PairSource::path() {
  std::string path = fmt::format("\"{}\"", pick(*this, names));
  while (one_of(3)) {
    switch (below(4)) {
      case 0:
        path += fmt::format("[{}]", static_cast<int>(below(4)) - 2);
        break;
      default:
        path += fmt::format(".\"{}\"", pick(*this, names));
        break;
    }
  }
  return one_of(20) ? "@" : path;
}

std::string PairSource::literal() {
  switch (below(8)) {
    case 0:
      return fmt::format("`{}`", pick(*this, numbers));
    case 1:
      return one_of(2) ? "`true`" : "`false`";
    case 2:
      return "`null`";
    case 3:
      return "`[\"x\", 1, null]`";
    default:
      return fmt::format("'{}'", pick(*this, texts));
  }
}

// Something with elements.
std::string PairSource::list(int depth) {
  std::string source = path();
  switch (below(8)) {
    case 0:
      source += "[]";
      break;
    case 1:
      source += "[*]";
      break;
    case 2:
      source += ".*";
      break;
    case 3:
      source += "[1:]";
      break;
    case 4:
      source += "[][]";
      break;
    case 5:
      source += "[*][]";
      break;
    default:
      source += fmt::format("[?{}]", filter(depth - 1));
      break;
  }
  if (one_of(3)) source += fmt::format(".\"{}\"", pick(*this, names));
  switch (below(8)) {
    case 0:
      return source + "[]";
    case 1:
      return source + "[0]";
    case 2:
      return source + " | [0]";
    case 3:
      return source + fmt::format(" | [0].\"{}\"", pick(*this, names));
    case 4:
      return source + " | @[*]." + fmt::format("\"{}\"", pick(*this, names));
    case 5:
      return source + " | [?" + filter(depth - 1) + "]";
    default:
      return source;
  }
}

std::string PairSource::call(int depth) {
  auto operand = [&] { return one_of(2) ? "(" + list(depth) + ")" : path(); };
  switch (below(12)) {
    case 0:
      return fmt::format("contains(`[\"x\", \"France\", true]`, {})", operand());
    case 1:
      return fmt::format("starts_with({}, {})", operand(), literal());
    case 2:
      return fmt::format("ends_with({}, {})", operand(), literal());
    case 3:
      return fmt::format("length({}) > `1`", operand());
    case 4:
      return fmt::format("not_null({}, {})", operand(), operand());
    case 5:
      return fmt::format("to_string({}) == {}", operand(), literal());
    case 6:
      return fmt::format("join('', [{}, {}]) == {}", operand(), literal(), literal());
    case 7:
      return fmt::format("type({}) == 'string'", operand());
    case 8:
      return fmt::format("contains({}, {})", operand(), operand());
    default:
      return fmt::format("contains({}, {})", operand(), literal());
  }
}

std::string PairSource::filter(int depth) {
  if (depth <= 0) return fmt::format("{} == {}", path(), literal());
  switch (below(10)) {
    case 0:
      return fmt::format("{} && {}", filter(depth - 1), filter(depth - 1));
    case 1:
      return fmt::format("({} || {})", filter(depth - 1), filter(depth - 1));
    case 2:
      return fmt::format("!({})", filter(depth - 1));
    case 3:
      return fmt::format("({})", list(depth));
    case 4:
      return fmt::format("({}) {} {}", list(depth), pick(*this, comparisons), literal());
    case 5:
      return fmt::format("{} {} {}", literal(), pick(*this, comparisons), path());
    case 6:
      return one_of(3) ? fmt::format("[{}, {}]", path(), filter(depth - 1)) : path();
    case 7:
    case 8:
      return call(depth - 1);
    default:
      return fmt::format("{} {} {}", path(), pick(*this, comparisons), literal());
  }
}

std::string PairSource::blanks() { return one_of(8) ? std::string(1 + below(3), ' ') : ""; }

std::string PairSource::spelled(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (static_cast<unsigned char>(c) < 0x20 ||
        (escapes_ && static_cast<unsigned char>(c) < 0x80 && one_of(6))) {
      out += c == '/' && one_of(2) ? "\\/" : fmt::format("\\u{:04x}", c);
    } else if (escapes_ && text.substr(i).starts_with("😀") && one_of(2)) {
      out += "\\uD83D\\uDe00";
      i += 3;
    } else if (escapes_ && text.substr(i).starts_with("é") && one_of(2)) {
      out += "\\u00E9";
      i += 1;
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string PairSource::value(int depth) {
  switch (below(depth > 0 ? 10 : 7)) {
    case 0:
      return std::string(pick(*this, numbers));
    case 1:
      return one_of(2) ? "true" : "false";
    case 2:
      return "null";
    case 7: {
      std::string out = "[";
      for (std::size_t i = 0, count = below(4); i < count; ++i) {
        out += (i == 0 ? "" : ",") + blanks() + value(depth - 1);
      }
      return out + "]";
    }
    case 8:
    case 9:
      return object(depth - 1);
    default:
      return spelled(pick(*this, texts));
  }
}

std::string PairSource::object(int depth) {
  std::string out = "{";
  for (std::size_t i = 0, count = below(5); i < count; ++i) {
    out += (i == 0 ? "" : ",") + blanks() + spelled(pick(*this, names)) + blanks() + ':' +
           blanks() + value(depth);
  }
  return out + blanks() + "}";
}

std::string PairSource::document(bool escapes) {
  escapes_ = escapes;
  return object(3);
}

}  // namespace flashflood::query
