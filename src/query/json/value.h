// A JSON value while an expression is evaluated: sixteen bytes that point into an arena.
//
// Threads: plain values; what they point to is not changed after it was made. Lifetime: a value
// borrows from the document, the expression or the arena in which it was made.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace flashflood::query {

enum class Kind : std::uint8_t { null, boolean, number, string, array, object, expression };

// How the payload of a number is held. Numbers of a document stay text until they are needed.
enum class NumberForm : std::uint8_t { integer, real, integer_text, real_text };

struct Node;

struct Value {
  Kind kind = Kind::null;
  NumberForm form = NumberForm::integer;
  // string: no character needs an escape in JSON. object: no key occurs twice. boolean: the value.
  bool flag = false;
  // Bytes of a string or number text, elements of an array, members of an object.
  std::uint32_t size = 0;
  union {
    std::int64_t integer = 0;
    double real;
    const char* text;    // string, number text
    const Value* items;  // array: the elements; object: key, value, key, value, ...
    const Node* node;    // expression: an argument such as &name
  };

  bool is_null() const { return kind == Kind::null; }
  std::string_view view() const { return {text, size}; }

  static Value make_boolean(bool truth) {
    Value value;
    value.kind = Kind::boolean;
    value.flag = truth;
    return value;
  }
  static Value make_integer(std::int64_t number) {
    Value value;
    value.kind = Kind::number;
    value.integer = number;
    return value;
  }
  static Value make_real(double number) {
    Value value;
    value.kind = Kind::number;
    value.form = NumberForm::real;
    value.real = number;
    return value;
  }
  static Value make_number_text(std::string_view text, bool is_integer) {
    Value value;
    value.kind = Kind::number;
    value.form = is_integer ? NumberForm::integer_text : NumberForm::real_text;
    value.size = static_cast<std::uint32_t>(text.size());
    value.text = text.data();
    return value;
  }
  // `plain`: holds no quote, backslash or control character.
  static Value make_string(std::string_view text, bool plain) {
    Value value;
    value.kind = Kind::string;
    value.flag = plain;
    value.size = static_cast<std::uint32_t>(text.size());
    value.text = text.data();
    return value;
  }
  static Value make_array(const Value* items, std::size_t count) {
    Value value;
    value.kind = Kind::array;
    value.size = static_cast<std::uint32_t>(count);
    value.items = items;
    return value;
  }
  // `items` holds 2 * count values.
  static Value make_object(const Value* items, std::size_t count, bool keys_differ) {
    Value value;
    value.kind = Kind::object;
    value.flag = keys_differ;
    value.size = static_cast<std::uint32_t>(count);
    value.items = items;
    return value;
  }
};
static_assert(sizeof(Value) == 16 && std::is_trivially_copyable_v<Value>);

// JMESPath's truth: false are null, false, "", [] and {}; zero is true.
inline bool is_true(const Value& value) {
  switch (value.kind) {
    case Kind::null:
      return false;
    case Kind::boolean:
      return value.flag;
    case Kind::string:
    case Kind::array:
    case Kind::object:
      return value.size != 0;
    case Kind::number:
    case Kind::expression:
      break;
  }
  return true;
}

}  // namespace flashflood::query
