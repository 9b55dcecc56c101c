#include "existing.h"

#include <functional>

namespace flashflood::cli {

void ExistingCount::note(std::string_view id) {
  constexpr std::size_t examples_max = 10;
  if (examples_.size() < examples_max) examples_.emplace_back(id);
}

std::vector<bool> ExistingCount::add(const std::vector<Item>& items) {
  // One hash of data in 2^64 is taken for that of other data.
  const auto hash = std::hash<std::string_view>();
  std::vector<std::string_view> ids;
  for (const Item& item : items) ids.push_back(item.id);
  const auto found = flood_->find_many(ids);
  std::vector<bool> is_new(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Item& item = items[i];
    if (found[i].state == FoundEvent::State::deleted) {
      ++deleted_;
      note(item.id);
    } else if (found[i].state == FoundEvent::State::there) {
      // What this recording has written itself is found too: it is what is remembered.
      const bool equal = found[i].event.data == item.data;
      ++(equal ? same_ : other_);
      if (!equal) note(item.id);
    } else {
      const auto [before, added] = seen_.emplace(item.id, hash(item.data));
      is_new[i] = added;
      if (added) {
        ++fresh_;
      } else {
        const bool equal = before->second == hash(item.data);
        ++(equal ? same_ : other_);
        if (!equal) note(item.id);
      }
    }
  }
  return is_new;
}

}  // namespace flashflood::cli
