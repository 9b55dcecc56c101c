#include "query/comparison.h"

#include "query/json/number.h"

namespace flashflood::query {

bool equal_scalars(const Value& left, const Value& right) {
  if (left.kind != right.kind) return false;
  switch (left.kind) {
    case Kind::null:
      return true;
    case Kind::boolean:
      return left.flag == right.flag;
    case Kind::number:
      return compare(to_number(left), to_number(right)) == 0;
    case Kind::string:
      return left.view() == right.view();
    case Kind::array:
    case Kind::object:
    case Kind::expression:
      break;
  }
  return false;
}

std::partial_ordering order_scalars(const Value& left, const Value& right) {
  if (left.kind == Kind::number) return compare(to_number(left), to_number(right));
  return left.view().compare(right.view()) <=> 0;
}

bool satisfies(Op op, std::partial_ordering ordering) {
  switch (op) {
    case Op::equal:
      return ordering == 0;
    case Op::not_equal:
      return ordering != 0;
    case Op::less:
      return ordering < 0;
    case Op::less_equal:
      return ordering <= 0;
    case Op::greater:
      return ordering > 0;
    default:
      return ordering >= 0;
  }
}

Op mirrored(Op op) {
  switch (op) {
    case Op::less:
      return Op::greater;
    case Op::less_equal:
      return Op::greater_equal;
    case Op::greater:
      return Op::less;
    case Op::greater_equal:
      return Op::less_equal;
    default:
      return op;
  }
}

std::optional<bool> compare_scalars(Op op, const Value& left, const Value& right) {
  if (op == Op::equal) return equal_scalars(left, right);
  if (op == Op::not_equal) return !equal_scalars(left, right);
  bool is_orderable = left.kind == Kind::number || left.kind == Kind::string;
  if (left.kind != right.kind || !is_orderable) return std::nullopt;
  return satisfies(op, order_scalars(left, right));
}

std::string_view symbol(Op op) {
  switch (op) {
    case Op::equal:
      return "==";
    case Op::not_equal:
      return "!=";
    case Op::less:
      return "<";
    case Op::less_equal:
      return "<=";
    case Op::greater:
      return ">";
    default:
      return ">=";
  }
}

}  // namespace flashflood::query
