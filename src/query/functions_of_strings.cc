#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "query/evaluation.h"
#include "query/function_bodies.h"
#include "query/json/number.h"
#include "query/json/writer.h"

namespace flashflood::query {
namespace {

// Bytes of strings looked through that count as one step.
constexpr std::size_t bytes_a_step = 16;

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// memmem is linear even for hostile needles; std::string_view::find is not.
bool holds(std::string_view text, std::string_view part) {
  if (part.empty()) return true;
  if (text.size() < part.size()) return false;
  return memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

}  // namespace

Value run_contains(const Call& call) {
  const Value& subject = call.arguments[0];
  const Value& wanted = call.arguments[1];
  if (subject.kind == Kind::array) {
    call.evaluation.charge(subject.size);
    for (std::size_t i = 0; i < subject.size; ++i) {
      if (call.evaluation.equal(subject.items[i], wanted)) return Value::make_boolean(true);
    }
    return Value::make_boolean(false);
  }
  if (wanted.kind != Kind::string) {
    call.evaluation.fail(QueryError::Kind::invalid_type, call.node,
                         fmt::format("contains() looks for a string in a string, not for {}",
                                     describe(set_of(wanted.kind))));
  }
  call.evaluation.charge((subject.size + wanted.size) / bytes_a_step);
  return Value::make_boolean(holds(subject.view(), wanted.view()));
}

Value run_starts_with(const Call& call) {
  call.evaluation.charge(call.arguments[1].size / bytes_a_step);
  return Value::make_boolean(call.arguments[0].view().starts_with(call.arguments[1].view()));
}

Value run_ends_with(const Call& call) {
  call.evaluation.charge(call.arguments[1].size / bytes_a_step);
  return Value::make_boolean(call.arguments[0].view().ends_with(call.arguments[1].view()));
}

Value run_join(const Call& call) {
  const Value& separator = call.arguments[0];
  const Value& parts = call.arguments[1];
  if (parts.size == 0) return Value::make_string({}, true);
  std::uint64_t size = std::uint64_t{separator.size} * (parts.size - 1);
  bool plain = parts.size == 1 || separator.flag;
  for (std::size_t i = 0; i < parts.size; ++i) {
    size += parts.items[i].size;
    plain = plain && parts.items[i].flag;
  }
  call.evaluation.charge(parts.size + size / bytes_a_step);
  char* text = call.evaluation.allocate(size);
  char* next = text;
  auto put = [&next](const Value& part) {
    if (part.size != 0) std::memcpy(next, part.text, part.size);
    next += part.size;
  };
  for (std::size_t i = 0; i < parts.size; ++i) {
    if (i != 0) put(separator);
    put(parts.items[i]);
  }
  return Value::make_string({text, static_cast<std::size_t>(next - text)}, plain);
}

Value run_length(const Call& call) {
  const Value& value = call.arguments[0];
  if (value.kind == Kind::array) return Value::make_integer(value.size);
  if (value.kind == Kind::object) {
    return Value::make_integer(
        static_cast<std::int64_t>(call.evaluation.members(value).size() / 2));
  }
  call.evaluation.charge(value.size / bytes_a_step);
  std::string_view text = value.view();
  auto characters =
      std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); });
  return Value::make_integer(characters);
}

Value run_reverse(const Call& call) {
  const Value& value = call.arguments[0];
  if (value.kind == Kind::array) {
    call.evaluation.charge(value.size);
    Value* items = call.evaluation.allocate_values(value.size);
    std::reverse_copy(value.items, value.items + value.size, items);
    return Value::make_array(items, value.size);
  }
  call.evaluation.charge(value.size / bytes_a_step);
  // Reversing all bytes and then those of each character again keeps the characters whole.
  std::string text(value.view().rbegin(), value.view().rend());
  for (std::size_t begin = 0, i = 0; i < text.size(); ++i) {
    if (continues_character(text[i])) continue;
    std::reverse(text.begin() + static_cast<std::ptrdiff_t>(begin),
                 text.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    begin = i + 1;
  }
  return call.evaluation.make_string(text, value.flag);
}

Value run_to_string(const Call& call) {
  const Value& value = call.arguments[0];
  if (value.kind == Kind::string) return value;
  if (value.kind == Kind::boolean) return Value::make_string(value.flag ? "true" : "false", true);
  if (value.kind == Kind::null) return Value::make_string("null", true);
  // Integers, the most frequent, are their own text but for "-0".
  if (value.kind == Kind::number && value.form == NumberForm::integer_text &&
      value.view() != "-0") {
    return Value::make_string(value.view(), true);
  }
  std::string text;
  if (!append_json(value, JsonStyle::ascii, call.evaluation.output_bytes_max(), text)) {
    call.evaluation.fail_bytes();
  }
  return call.evaluation.make_string(text, value.kind == Kind::number);
}

}  // namespace flashflood::query
