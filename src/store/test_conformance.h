// The promises of ObjectStore as tests, run unchanged against every store and decorator.
//
// A test program links test_conformance.cc and instantiates StoreConformance with its stores:
//   INSTANTIATE_TEST_SUITE_P(Memory, StoreConformance, testing::Values(StoreCase{"plain", make}),
//                            store_case_name);
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "store/object_store.h"

namespace flashflood {

struct StoreCase {
  std::string name;
  // A new, empty store. What it needs lives as long as the store does.
  std::function<std::shared_ptr<ObjectStore>()> make;
  // How coarse the dates of its objects are.
  std::chrono::milliseconds clock_tick{20};
};

inline void PrintTo(const StoreCase& store_case, std::ostream* out) { *out << store_case.name; }

inline std::string store_case_name(const testing::TestParamInfo<StoreCase>& info) {
  return info.param.name;
}

class StoreConformance : public testing::TestWithParam<StoreCase> {
 protected:
  void SetUp() override { store_ = GetParam().make(); }

  ObjectStore& store() { return *store_; }
  // The bytes of a whole object; a test failure when it is not there.
  Bytes read(std::string_view key);
  // The keys of a listing, page after page.
  std::vector<std::string> keys(std::string_view prefix, std::string_view start_after = {},
                                std::size_t limit = 0);

 private:
  std::shared_ptr<ObjectStore> store_;
};

}  // namespace flashflood
