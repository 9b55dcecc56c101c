#include "query/filter/conditions.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "query/json/writer.h"

namespace flashflood::query {
namespace {

using Path = std::vector<PathStep>;

// Whether `test` says that something is there, and `other` says it anyhow: its path goes on from
// there, and null does not pass.
bool is_implied_by(const Condition& other, const Condition& test) {
  return other.kind == Condition::Kind::test && !null_passes(other.comparison, other.literal) &&
         other.path.size() >= test.path.size() &&
         std::equal(test.path.begin(), test.path.end(), other.path.begin());
}

bool says_there_is(const Condition& test) {
  return test.kind == Condition::Kind::test && test.comparison == Comparison::not_equal &&
         test.literal.is_null();
}

// Leaves out the parts of `all` that say only that there is a value of which others say more.
void drop_implied(std::vector<Condition>& parts) {
  constexpr std::size_t compared_max = 32;
  if (parts.size() > compared_max) return;
  for (std::size_t i = parts.size(); i-- > 0;) {
    if (!says_there_is(parts[i])) continue;
    for (std::size_t j = 0; j < parts.size(); ++j) {
      if (j == i || !is_implied_by(parts[j], parts[i])) continue;
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    }
  }
}

bool is_name(std::string_view text) {
  auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && is_letter(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
  });
}

std::string describe_path(const Path& path) {
  std::string text;
  for (const PathStep& step : path) {
    const bool is_named = step.kind == PathStep::Kind::field || step.kind == PathStep::Kind::values;
    if (is_named && !text.empty()) text += '.';
    switch (step.kind) {
      case PathStep::Kind::field:
        text += is_name(step.name) ? std::string(step.name) : quote(step.name);
        break;
      case PathStep::Kind::index:
        text += '[' + std::to_string(step.index) + ']';
        break;
      case PathStep::Kind::elements:
        text += "[*]";
        break;
      case PathStep::Kind::spread:
        text += "[]";
        break;
      case PathStep::Kind::values:
        text += '*';
        break;
    }
  }
  return text.empty() ? "@" : text;
}

std::string describe_literal(const Value& literal) {
  constexpr std::size_t shown_bytes_max = 80;
  auto is_plain = [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '\'' && c != '\\';
  };
  std::string text;
  if (literal.kind == Kind::string && literal.size <= shown_bytes_max &&
      std::all_of(literal.text, literal.text + literal.size, is_plain)) {
    return text.append("'").append(literal.view()).append("'");
  }
  const bool is_whole = append_json(literal, JsonStyle::compact, shown_bytes_max, text);
  return '`' + text + (is_whole ? "`" : "...`");
}

std::string describe_test(const Condition& test) {
  const std::string path = describe_path(test.path);
  if (test.comparison == Comparison::truth) return path;
  const std::string literal = describe_literal(test.literal);
  switch (test.comparison) {
    case Comparison::equal:
      return path + " == " + literal;
    case Comparison::not_equal:
      return path + " != " + literal;
    case Comparison::less:
      return path + " < " + literal;
    case Comparison::less_equal:
      return path + " <= " + literal;
    case Comparison::greater:
      return path + " > " + literal;
    case Comparison::greater_equal:
      return path + " >= " + literal;
    case Comparison::contains:
      return "contains(" + path + ", " + literal + ")";
    case Comparison::starts_with:
      return "starts_with(" + path + ", " + literal + ")";
    default:
      return "ends_with(" + path + ", " + literal + ")";
  }
}

}  // namespace

bool null_passes(Comparison comparison, const Value& literal) {
  if (comparison == Comparison::equal) return literal.is_null();
  return comparison == Comparison::not_equal && !literal.is_null();
}

Condition join(Condition::Kind kind, std::vector<Condition> parts) {
  const bool is_all = kind == Condition::Kind::all;
  const auto neutral = is_all ? Condition::Kind::always : Condition::Kind::never;
  const auto deciding = is_all ? Condition::Kind::never : Condition::Kind::always;
  Condition joined{.kind = kind};
  for (Condition& part : parts) {
    if (part.kind == deciding) return {.kind = deciding};
    if (part.kind == neutral) continue;
    if (part.kind == kind) {
      std::move(part.parts.begin(), part.parts.end(), std::back_inserter(joined.parts));
    } else {
      joined.parts.push_back(std::move(part));
    }
  }
  if (is_all) drop_implied(joined.parts);
  if (joined.parts.empty()) return {.kind = neutral};
  if (joined.parts.size() > 1) return joined;
  Condition only = std::move(joined.parts.front());
  return only;
}

std::string describe(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::always:
      return "`true`";
    case Condition::Kind::never:
      return "`false`";
    case Condition::Kind::test:
      return describe_test(condition);
    case Condition::Kind::all:
    case Condition::Kind::any:
      break;
  }
  std::string text;
  for (const Condition& part : condition.parts) {
    if (!text.empty()) text += condition.kind == Condition::Kind::all ? " && " : " || ";
    const bool is_joined = part.kind == Condition::Kind::any || part.kind == Condition::Kind::all;
    text += is_joined ? '(' + describe(part) + ')' : describe(part);
  }
  return text;
}

}  // namespace flashflood::query
