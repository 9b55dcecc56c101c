#include "query/walk.h"

#include <cstring>

#include "query/comparison.h"
#include "query/number.h"
#include "query/quoted.h"

namespace flashflood::query {
namespace {

// A document has at most this many levels, so a value of one has too: see Limits.
constexpr std::size_t depth_cap = 1024;
// With fewer tokens left, walking on is cheaper than looking for names.
constexpr std::ptrdiff_t few_tokens = 12;

bool opens(char c) { return (c | 0x20) == '{'; }
bool closes(char c) { return (c | 0x20) == '}'; }
bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

Walk::Outcome Walk::run(const Plan& plan, const Tokens& tokens, bool use_guards) {
  plan_ = &plan;
  tokens_ = &tokens;
  text_ = tokens.text;
  text_end_ = text_ + tokens.end[-1] + 1;
  use_guards_ = use_guards && !plan.guards.empty();
  is_rejected_ = false;
  is_unclear_ = false;
  slots_.resize(plan.paths.size());
  forget(plan.root);
  if (slots_.empty()) return Outcome::complete;
  Token end = walk_object(plan.root, tokens.begin + 1);
  if (is_rejected_) return Outcome::rejected;
  return end == tokens.end ? Outcome::complete : Outcome::unclear;
}

inline void Walk::forget(const PlanStep& step) {
  for (std::uint32_t slot = step.slots_begin; slot < step.slots_end; ++slot) {
    slots_[slot].begin = nullptr;
  }
}

// --- guards

inline bool Walk::holds(const PlanGuard& guard) {
  const Slot& slot = slots_[guard.slot];
  if (slot.begin == nullptr) {
    return compare_scalars(guard.op, Value{}, guard.literal).value_or(false);
  }
  const char* const at = text_ + *slot.begin;
  // Literals of guards are no arrays or objects: these differ from them whatever they hold.
  if (opens(*at)) return guard.op == Op::not_equal;
  if (guard.is_plain_equality && !tokens_->has_escapes) {
    const bool is_same = *at == '"' && guard.plain.begins(at + 1, text_end_);
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

// Whether a member that is still to come may change the value of a slot.
bool Walk::repeats(std::uint32_t slot, Token rest) const {
  if (tokens_->has_escapes || tokens_->end - rest < few_tokens) return true;
  const char* const begin = text_ + *rest;
  const std::string_view text(begin, static_cast<std::size_t>(text_end_ - begin));
  for (std::string_view name : plan_->names[slot]) {
    if (name.empty() || holds_quoted(text, name)) return true;
  }
  return false;
}

// --- the walk

// Behind the array or object that begins at `token`; null when it does not end.
Walk::Token Walk::skip_nested(Token token) const {
  const char* const text = text_;
  const Token end = tokens_->end;
  std::size_t depth = 0;
  do {
    char c = text[*token++];
    depth += static_cast<std::size_t>(opens(c));
    depth -= static_cast<std::size_t>(closes(c));
  } while (depth != 0 && token != end);
  return depth == 0 ? token : nullptr;
}

inline Walk::Token Walk::skip_value(Token token) const {
  return opens(text_[*token]) ? skip_nested(token) : token + 1;
}

// `token` is behind the opening brace. Returns what is behind the closing one; null when rejected
// or unclear. What is behind the last token is looked at only where that one closes nothing: then
// there is padding. Recursion is as deep as the plan.
Walk::Token Walk::walk_object(const PlanStep& step, Token token) {
  const char* const text = text_;
  const char* const text_end = text_end_;
  const Token end = tokens_->end;
  const bool has_escapes = tokens_->has_escapes;
  const PlanStep* const members = step.members.data();
  const PlanStep* const members_end = members + step.members.size();
  if (text[*token] == '}') return token + 1;
  for (;;) {
    const char* const key = text + token[0];
    const char* const colon = text + token[1];
    if (*key != '"' || *colon != ':') return nullptr;
    if (has_escapes && std::memchr(key, '\\', static_cast<std::size_t>(colon - key)) != nullptr) {
      return nullptr;
    }
    token += 2;
    // Names have no escapes, so their bytes stand in the text as they are, between quotes.
    const PlanStep* member = members;
    if (text_end - key > static_cast<std::ptrdiff_t>(sizeof(std::uint64_t))) [[likely]] {
      const std::uint64_t head = PlainString::load_head(key + 1);
      while (member != members_end && !member->name.begins(head, key + 1, text_end)) ++member;
    } else {
      while (member != members_end && !member->name.begins(key + 1, text_end)) ++member;
    }
    token = member == members_end ? skip_value(token) : walk_value(*member, token);
    if (token == nullptr || token == end) return nullptr;
    char next = text[*token++];
    if (next != ',') return next == '}' ? token : nullptr;
  }
}

Walk::Token Walk::walk_array(const PlanStep& step, Token token) {
  if (text_[*token] == ']') return token + 1;
  auto wanted = step.elements.begin();
  for (std::uint32_t index = 0;; ++index) {
    if (wanted != step.elements.end() && wanted->index == index) {
      token = walk_value(*wanted++, token);
    } else {
      token = skip_value(token);
    }
    if (token == nullptr || token == tokens_->end) return nullptr;
    char next = text_[*token++];
    if (next != ',') return next == ']' ? token : nullptr;
  }
}

Walk::Token Walk::walk_value(const PlanStep& step, Token token) {
  const Token begin = token;
  const char first = text_[*token];
  if (!opens(first)) {
    if (!step.is_leaf()) forget(step);
    ++token;
  } else {
    // Of members with one name the last counts.
    forget(step);
    if (first == '{' && !step.members.empty()) {
      token = walk_object(step, token + 1);
    } else if (first == '[' && !step.elements.empty()) {
      token = walk_array(step, token + 1);
    } else {
      token = skip_nested(token);
    }
    if (token == nullptr) return nullptr;
  }
  if (step.slot == PlanStep::no_slot) return token;
  Slot& slot = slots_[step.slot];
  slot.begin = begin;
  slot.end = token;
  slot.is_read = false;
  if (use_guards_) {
    for (std::uint32_t guard = step.guards_begin; guard < step.guards_end; ++guard) {
      if (holds(plan_->guards[guard]) || repeats(step.slot, token)) continue;
      is_rejected_ = true;
      return nullptr;
    }
  }
  return token;
}

Tokens Walk::tokens_of(const Slot& slot) const {
  Tokens tokens = *tokens_;
  tokens.begin = slot.begin;
  tokens.end = slot.end;
  return tokens;
}

const Value& Walk::value(std::uint32_t index) {
  static constexpr Value null;
  Slot& slot = slots_[index];
  if (slot.begin == nullptr) return null;
  if (slot.is_read) return slot.value;
  slot.is_read = true;
  slot.value = {};
  const char first = text_[*slot.begin];
  if (!opens(first) && !(first == '"' && tokens_->has_escapes)) {
    ReadProblem problem;
    if (!read_scalar(text_, slot.begin, slot.value, problem)) is_unclear_ = true;
    return slot.value;
  }
  if (auto value = reader_.read(tokens_of(slot), arena_, {.depth_max = depth_cap})) {
    slot.value = *value;
  } else {
    is_unclear_ = true;
  }
  return slot.value;
}

std::string_view Walk::raw(std::uint32_t index) const {
  const Slot& slot = slots_[index];
  if (slot.begin == nullptr) return "null";
  const char* begin = text_ + *slot.begin;
  if (opens(*begin) || (*begin == '"' && tokens_->has_escapes)) return {};
  // Only blanks stand between a scalar and the token that follows.
  const char* end = text_ + *slot.end;
  while (is_blank(end[-1])) --end;
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace flashflood::query
