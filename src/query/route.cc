#include "query/route.h"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace flashflood::query {
namespace {

bool opens(char c) { return (c | 0x20) == '{'; }
bool closes(char c) { return (c | 0x20) == '}'; }

class RouteFinder {
 public:
  RouteFinder(const Plan& plan, const Tokens& tokens) : tokens_(tokens) {
    route_.places.resize(plan.paths.size());
  }

  std::optional<Route> find(const PlanStep& root) {
    enter_object(root, 0);
    if (has_escaped_key_) return std::nullopt;
    std::sort(route_.key_parts.begin(), route_.key_parts.end(), [](const auto& a, const auto& b) {
      return std::tie(a.token, a.offset) < std::tie(b.token, b.offset);
    });
    return std::move(route_);
  }

 private:
  struct Member {
    std::uint32_t key;
    std::string_view quoted;  // the key with its closing quote
    std::uint32_t value;
    const PlanStep* wanted;  // of this name
  };

  std::uint32_t skip_value(std::uint32_t at) const {
    std::size_t depth = 0;
    do {
      depth += static_cast<std::size_t>(opens(tokens_.kinds[at]));
      depth -= static_cast<std::size_t>(closes(tokens_.kinds[at]));
      ++at;
    } while (depth != 0);
    return at;
  }

  std::string_view quoted_key(std::uint32_t token) {
    const char* const begin = tokens_.text + tokens_.begin[token] + 1;
    const char* const colon = tokens_.text + tokens_.begin[token + 1];
    const std::string_view key(begin, static_cast<std::size_t>(colon - begin));
    if (key.find('\\') != key.npos) has_escaped_key_ = true;
    return key.substr(0, key.find_last_of('"') + 1);
  }

  std::vector<Member> members_of(const PlanStep& step, std::uint32_t at) {
    std::vector<Member> members;
    if (tokens_.kinds[++at] == '}') return members;
    do {
      Member member{at, quoted_key(at), at + 2, nullptr};
      const std::string_view name = member.quoted.substr(0, member.quoted.size() - 1);
      for (const PlanStep& wanted : step.members) {
        if (wanted.name.text() == name) member.wanted = &wanted;
      }
      members.push_back(member);
      at = skip_value(at + 2);
    } while (tokens_.kinds[at++] == ',');
    return members;
  }

  void enter_value(const PlanStep& step, std::uint32_t at) {
    if (step.slot != PlanStep::no_slot) route_.places[step.slot] = {at, skip_value(at)};
    if (tokens_.kinds[at] == '{') enter_object(step, at);
    if (tokens_.kinds[at] == '[') enter_array(step, at);
  }

  void enter_array(const PlanStep& step, std::uint32_t at) {
    if (tokens_.kinds[++at] == ']') return;
    auto wanted = step.elements.begin();
    for (std::uint32_t index = 0; wanted != step.elements.end(); ++index) {
      if (wanted->index == index) enter_value(*wanted++, at);
      at = skip_value(at);
      if (tokens_.kinds[at++] != ',') return;
    }
  }

  void enter_object(const PlanStep& step, std::uint32_t at) {
    if (step.members.empty()) return;
    const std::vector<Member> members = members_of(step, at);
    // Keys count from the one on that is the first of those that are wanted; all of them when one
    // that is wanted is missing, since it must not be there.
    std::size_t first = members.size();
    for (const PlanStep& wanted : step.members) {
      auto last = std::find_if(members.rbegin(), members.rend(),
                               [&](const Member& member) { return member.wanted == &wanted; });
      if (last == members.rend()) {
        first = 0;
        continue;
      }
      first = std::min(first, static_cast<std::size_t>(members.rend() - last) - 1);
      enter_value(wanted, last->value);
    }
    for (std::size_t i = first; i < members.size(); ++i) add_key(step, members[i]);
  }

  void add_key(const PlanStep& step, const Member& member) {
    constexpr std::size_t part_size = sizeof(Route::KeyPart::bytes);
    const std::string_view key = member.quoted;
    std::size_t needed = key.size();
    if (member.wanted == nullptr) {
      // Of a key that is not wanted, the bytes up to the first one that makes it another than each
      // of those that are. With their quotes, none is the beginning of another one.
      needed = 0;
      for (const PlanStep& wanted : step.members) {
        const std::string_view name = wanted.name.text();
        std::size_t same = 0;
        while (same < name.size() && key[same] == name[same]) ++same;
        needed = std::max(needed, same + 1);
      }
    }
    for (std::size_t at = 0; at < needed; at += part_size) {
      const std::string_view bytes = key.substr(at, part_size);
      char mask[part_size] = {};
      char values[part_size] = {};
      std::fill_n(mask, bytes.size(), '\xFF');
      std::copy(bytes.begin(), bytes.end(), values);
      Route::KeyPart added{.token = member.key, .offset = static_cast<std::uint32_t>(1 + at)};
      std::memcpy(&added.mask, mask, part_size);
      std::memcpy(&added.bytes, values, part_size);
      route_.key_parts.push_back(added);
    }
  }

  const Tokens& tokens_;
  Route route_;
  bool has_escaped_key_ = false;
};

}  // namespace

std::optional<Route> find_route(const Plan& plan, const Tokens& tokens) {
  return RouteFinder(plan, tokens).find(plan.root);
}

}  // namespace flashflood::query
