#include "query/walk.h"

#include <cstring>

#include "query/comparison.h"
#include "query/json/number.h"

namespace flashflood::query {
namespace {

// A document has at most this many levels, so a value of one has too: see Limits.
constexpr std::size_t depth_cap = 1024;
// Where a walk cannot go on.
constexpr std::uint32_t nowhere = 0;

bool opens(char c) { return (c | 0x20) == '{'; }
bool closes(char c) { return (c | 0x20) == '}'; }
bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

bool Walk::run(const Plan& plan, const Tokens& tokens, const Route* route) {
  plan_ = &plan;
  tokens_ = &tokens;
  positions_ = tokens.begin;
  kinds_ = tokens.kinds;
  text_ = tokens.text;
  count_ = static_cast<std::uint32_t>(tokens.count());
  is_unclear_ = false;
  slots_.resize(plan.paths.size());
  if (route != nullptr && route->leads_through(tokens)) {
    follow(*route);
    return true;
  }
  forget(plan.root);
  return slots_.empty() || walk_object(plan.root, 1) == count_;
}

inline void Walk::follow(const Route& route) {
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    slots_[slot].begin = route.places[slot].begin;
    slots_[slot].end = route.places[slot].end;
    slots_[slot].is_read = false;
  }
}

inline void Walk::forget(const PlanStep& step) {
  for (std::uint32_t slot = step.slots_begin; slot < step.slots_end; ++slot) {
    slots_[slot].begin = nowhere;
  }
}

// --- guards

inline bool Walk::holds(const PlanGuard& guard) {
  const Slot& slot = slots_[guard.slot];
  if (slot.begin == nowhere) {
    return compare_scalars(guard.op, Value{}, guard.literal).value_or(false);
  }
  const char kind = kinds_[slot.begin];
  // Literals of guards are no arrays or objects: these differ from them whatever they hold.
  if (opens(kind)) return guard.op == Op::not_equal;
  if (guard.is_plain_equality && !tokens_->has_escapes) {
    const bool is_same =
        kind == '"' && guard.plain.begins(text_at(slot.begin) + 1, tokens_->readable_end);
    return is_same == (guard.op == Op::equal);
  }
  const Value& found = value(guard.slot);
  if (found.kind == Kind::number && guard.literal.kind == Kind::number) {
    return satisfies(guard.op, compare(to_number(found), guard.number));
  }
  return compare_scalars(guard.op, found, guard.literal).value_or(false);
}

bool Walk::guards_hold() {
  for (const PlanGuard& guard : plan_->guards) {
    if (!holds(guard)) return false;
  }
  return true;
}

// --- the walk

// Behind the array or object that begins at `at`; nowhere when it does not end.
std::uint32_t Walk::skip_nested(std::uint32_t at) const {
  const char* const kinds = kinds_;
  const std::uint32_t count = count_;
  std::size_t depth = 0;
  do {
    const char kind = kinds[at++];
    depth += static_cast<std::size_t>(opens(kind));
    depth -= static_cast<std::size_t>(closes(kind));
  } while (depth != 0 && at != count);
  return depth == 0 ? at : nowhere;
}

inline std::uint32_t Walk::skip_value(std::uint32_t at) const {
  return opens(kinds_[at]) ? skip_nested(at) : at + 1;
}

// `at` is behind the opening brace. Returns what is behind the closing one, or nowhere. The kind
// behind the last token may be read, but is that of a neighbour. Recursion is as deep as the plan.
std::uint32_t Walk::walk_object(const PlanStep& step, std::uint32_t at) {
  const char* const kinds = kinds_;
  const std::uint32_t count = count_;
  const char* const text_end = tokens_->readable_end;
  const bool has_escapes = tokens_->has_escapes;
  const PlanStep* const members = step.members.data();
  const PlanStep* const members_end = members + step.members.size();
  if (at != count && kinds[at] == '}') return at + 1;
  for (;;) {
    // A key, its colon, a value, and what is behind that.
    if (count - at < 4 || kinds[at] != '"' || kinds[at + 1] != ':') return nowhere;
    const char* const key = text_at(at);
    if (has_escapes) {
      const auto size = static_cast<std::size_t>(text_at(at + 1) - key);
      if (std::memchr(key, '\\', size) != nullptr) return nowhere;
    }
    at += 2;
    // Names have no escapes, so their bytes stand in the text as they are, between quotes.
    const PlanStep* member = members;
    if (text_end - key > static_cast<std::ptrdiff_t>(sizeof(std::uint64_t))) [[likely]] {
      const std::uint64_t head = PlainString::load_head(key + 1);
      while (member != members_end && !member->name.begins(head, key + 1, text_end)) ++member;
    } else {
      while (member != members_end && !member->name.begins(key + 1, text_end)) ++member;
    }
    at = member == members_end ? skip_value(at) : walk_value(*member, at);
    if (at == nowhere || at == count) return nowhere;
    const char next = kinds[at++];
    if (next != ',') return next == '}' ? at : nowhere;
  }
}

std::uint32_t Walk::walk_array(const PlanStep& step, std::uint32_t at) {
  if (at != count_ && kinds_[at] == ']') return at + 1;
  auto wanted = step.elements.begin();
  for (std::uint32_t index = 0;; ++index) {
    if (count_ - at < 2) return nowhere;
    if (wanted != step.elements.end() && wanted->index == index) {
      at = walk_value(*wanted++, at);
    } else {
      at = skip_value(at);
    }
    if (at == nowhere || at == count_) return nowhere;
    const char next = kinds_[at++];
    if (next != ',') return next == ']' ? at : nowhere;
  }
}

std::uint32_t Walk::walk_value(const PlanStep& step, std::uint32_t at) {
  const std::uint32_t begin = at;
  const char first = kinds_[at];
  // Of members with one name the last counts.
  if (!step.is_leaf()) forget(step);
  if (!opens(first)) {
    ++at;
  } else if (first == '{' && !step.members.empty()) {
    at = walk_object(step, at + 1);
  } else if (first == '[' && !step.elements.empty()) {
    at = walk_array(step, at + 1);
  } else {
    at = skip_nested(at);
  }
  if (at != nowhere && step.slot != PlanStep::no_slot) {
    slots_[step.slot].begin = begin;
    slots_[step.slot].end = at;
    slots_[step.slot].is_read = false;
  }
  return at;
}

// --- values

const Value& Walk::value(std::uint32_t index) {
  static constexpr Value null{};
  Slot& slot = slots_[index];
  if (slot.begin == nowhere) return null;
  if (slot.is_read) return slot.value;
  slot.is_read = true;
  slot.value = {};
  const char kind = kinds_[slot.begin];
  if (!opens(kind) && !(kind == '"' && tokens_->has_escapes)) {
    ReadProblem problem;
    if (!read_scalar(text_, positions_ + slot.begin, slot.value, problem)) is_unclear_ = true;
    return slot.value;
  }
  if (auto value =
          reader_.read(tokens_->part(slot.begin, slot.end), arena_, {.depth_max = depth_cap})) {
    slot.value = *value;
  } else {
    is_unclear_ = true;
  }
  return slot.value;
}

std::string_view Walk::raw(std::uint32_t index) const {
  const Slot& slot = slots_[index];
  if (slot.begin == nowhere) return "null";
  const char kind = kinds_[slot.begin];
  if (opens(kind) || (kind == '"' && tokens_->has_escapes)) return {};
  // Only blanks stand between a scalar and the token that follows.
  const char* begin = text_at(slot.begin);
  const char* end = text_at(slot.end);
  while (is_blank(end[-1])) --end;
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace flashflood::query
