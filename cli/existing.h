// What of the lines that record takes was there already: counted on request, since it takes
// look-ups, which recording itself does without.
//
// Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "flashflood/flood.h"

namespace flashflood::cli {

class ExistingCount {
 public:
  explicit ExistingCount(Flood& flood) : flood_(&flood) {}

  struct Item {
    std::string_view id;
    std::string_view data;
  };
  // Of each whether it is new: neither in the flood nor among those of earlier calls. Remembers the
  // new ones, in about 50 bytes each.
  std::vector<bool> add(const std::vector<Item>& items);

  std::uint64_t fresh() const { return fresh_; }
  // There already, with the same data, with other data, and deleted.
  std::uint64_t same() const { return same_; }
  std::uint64_t other() const { return other_; }
  std::uint64_t deleted() const { return deleted_; }
  // The first ids of those with other data and of the deleted ones.
  const std::vector<std::string>& examples() const { return examples_; }

 private:
  void note(std::string_view id);

  Flood* flood_;
  std::unordered_map<std::string, std::uint64_t> seen_;  // hash of the data by id
  std::uint64_t fresh_ = 0;
  std::uint64_t same_ = 0;
  std::uint64_t other_ = 0;
  std::uint64_t deleted_ = 0;
  std::vector<std::string> examples_;
};

}  // namespace flashflood::cli
