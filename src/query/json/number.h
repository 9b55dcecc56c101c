// Numbers: what their text means, how they compare, how they print.
//
// Threads: pure functions.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "query/json/value.h"

namespace flashflood::query {

// A number ready for arithmetic. Integers within 64 bit are exact; others are integers of which
// `digits` has the text (wide), or doubles.
struct Number {
  enum class Form : std::uint8_t { integer, wide, real };
  Form form = Form::integer;
  std::int64_t integer = 0;
  double real = 0;          // set for every form
  std::string_view text{};  // wide: sign and digits without leading zeros
};

Number to_number(const Value& value);

// Exact between integers, and between a 64-bit integer and a double.
std::partial_ordering compare(const Number& left, const Number& right);

// Integers are summed exactly; from the first number on that is not one, or when the sum leaves 64
// bit, in doubles.
class Sum {
 public:
  void add(const Number& number);
  bool is_integer() const { return is_integer_; }
  std::int64_t integer() const { return integer_; }  // when is_integer()
  double real() const { return is_integer_ ? static_cast<double>(integer_) : real_; }

 private:
  bool is_integer_ = true;
  std::int64_t integer_ = 0;
  double real_ = 0;
};

// The nearest double of a JSON number; infinite or zero beyond the range.
double parse_real(std::string_view text);

// Like Python's repr: the shortest digits that read back as the same double ("2.0", "1e-07",
// "1e+16"). `number` is finite.
void append_real(double number, std::string& out);

// Like Python's json.dumps prints the number that json.loads made of it: integers as they are,
// others like append_real. Text beyond the range of double stays as it is.
void append_canonical(const Value& number, std::string& out);

// The number as it is written in the document or, for a computed one, like append_canonical.
void append_number(const Value& number, std::string& out);

}  // namespace flashflood::query
