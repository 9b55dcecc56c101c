#include "engine/state/head.h"

#include <gtest/gtest.h>

#include "engine/test_flood.h"

namespace flashflood::engine {
namespace {

using namespace testing;

// Listing in ranges beside each other finds what one long listing does, at any number of pages.
TEST(Head, ManyPagesMissNothing) {
  for (const std::size_t events : {0, 1, 9, 10, 11, 60, 400}) {
    auto clock = std::make_shared<ManualClock>();
    const auto memory = make_memory_store(clock, 10);
    const auto counting = std::make_shared<CountingStore>(memory);
    Environment env = inline_environment(clock, events);
    env.io = make_thread_pool(4);
    const TestFlood flood(counting, env);
    flood.record({{"bulk", at(1), "{}"}});
    for (std::size_t i = 0; i < events; ++i)
      flood.put("id" + std::to_string(i), at(static_cast<std::int64_t>(i)), "{}");
    if (events == 60) flood.journal();  // a catalog, and lingering names
    const std::vector<std::string> expected = flood.keys("head/");
    const RequestCounts before = counting->counts();
    const Head head = load_head(*flood.context);
    const RequestCounts used = counting->counts() - before;
    std::vector<std::string> found;
    for (const auto& catalog : head.catalogs) found.push_back(format::catalog_key(catalog.number));
    if (events == 60) {
      found.insert(found.end(), head.lingering.begin(), head.lingering.end());
    } else {
      for (const auto& single : head.singles) found.push_back(single.key);
      for (const auto& bulk : head.bulks) found.push_back(bulk.key);
    }
    EXPECT_EQ(found, expected) << events;
    // Each range may read a page for nothing.
    const std::size_t pages = expected.size() / 10 + 1;
    EXPECT_LE(used.list, pages + pages / 2 + 1) << events;
  }
}

}  // namespace
}  // namespace flashflood::engine
