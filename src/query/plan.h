// How an expression is evaluated without a tree of the document's values.
//
// What an expression asks of a document it asks by paths from the root: country, customer.id,
// items[0].name. A plan gathers them in one tree of steps, so that one walk over the tokens finds
// them all; the rest of the expression is evaluated on what was found. Only what a path names is
// made a value, and that only when it is asked for.
//
// A filter often is decided by one member: its plan knows the comparisons that make it false.
//
// Threads: immutable once it is made. Lifetime: part of a Program, borrows from it.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "query/json/number.h"
#include "query/json/value.h"

namespace flashflood::query {

struct Program;
enum class Op : std::uint8_t;

// A string without escapes as it stands in a JSON text, ready to be compared.
class PlainString {
 public:
  PlainString() = default;
  // `text` has no characters that JSON escapes; borrowed.
  explicit PlainString(std::string_view text);

  std::string_view text() const { return text_; }
  // Whether this string and its closing quote stand at `at`, before `end`.
  bool begins(const char* at, const char* end) const {
    if (end - at < static_cast<std::ptrdiff_t>(sizeof head_)) return begins_slowly(at, end);
    return begins(load_head(at), at, end);
  }
  // The same when the first eight bytes at `at` are at hand.
  bool begins(std::uint64_t head, const char* at, const char* end) const {
    if ((head & mask_) != head_) return false;
    return text_.size() < sizeof head_ || begins_slowly(at, end);
  }
  static std::uint64_t load_head(const char* at) {
    std::uint64_t head;
    std::memcpy(&head, at, sizeof head);
    return head;
  }

 private:
  bool begins_slowly(const char* at, const char* end) const {
    const std::size_t size = text_.size();
    return size < static_cast<std::size_t>(end - at) && at[size] == '"' &&
           std::memcmp(at, text_.data(), size) == 0;
  }

  std::string_view text_{};
  // The first bytes of the text and the quote behind it, as far as they go; which of them count.
  std::uint64_t head_ = 0;
  std::uint64_t mask_ = 0;
};

// One step of paths: the member of a name, or the element at an index.
struct PlanStep {
  static constexpr std::uint32_t no_slot = std::numeric_limits<std::uint32_t>::max();

  PlainString name{};       // of a member
  std::uint32_t index = 0;  // of an element
  std::uint32_t slot = no_slot;
  // The slots of this step and of all that follow it.
  std::uint32_t slots_begin = 0;
  std::uint32_t slots_end = 0;
  std::vector<PlanStep> members;
  std::vector<PlanStep> elements;  // by index

  bool is_leaf() const { return members.empty() && elements.empty(); }
};

// A comparison of a path and a literal (no array, no object) without which a filter is false.
struct PlanGuard {
  std::uint32_t slot = 0;
  Op op{};  // equal ... greater_equal; the literal is on the right
  Value literal{};
  // The literal once more, ready for the comparisons that are frequent.
  bool is_plain_equality = false;  // equal or not_equal to a plain string, this one:
  PlainString plain{};
  Number number{};
};

// A piece of a result that is made of the document's values as they are: text, then the value.
struct PlanPiece {
  std::string before;
  std::uint32_t slot = PlanStep::no_slot;
};

struct Plan {
  // Longer paths are cut, the rest is evaluated on the value; with more of them there is no plan.
  static constexpr std::size_t steps_max = 16;
  static constexpr std::size_t slots_max = 64;
  // So many places where paths stand; a bound for the work of planning.
  static constexpr std::size_t places_max = std::size_t{1} << 16;

  std::uint64_t id = 0;  // no other plan of this process has it
  bool is_usable = false;
  std::uint32_t whole_column = 0;  // not usable: where the expression asks for the whole document
  PlanStep root;
  std::vector<std::string> paths;  // of each slot, as it is written
  // Ordered by slot. Nothing that is evaluated before one of them can fail.
  std::vector<PlanGuard> guards;
  bool guards_suffice = false;  // the filter is true if they all are
  // The result of a path, or of a multiselect of paths; none when it takes more than copying.
  std::vector<PlanPiece> pieces;
  std::string last_piece;
};

// Makes program.plan, and names the slots in the nodes of program.root.
void make_plan(Program& program);

// For people: what is found by a walk, what decides early, what takes a tree.
std::string describe(const Program& program);

}  // namespace flashflood::query
