#include "engine/upkeep/destroy.h"

#include <gtest/gtest.h>

#include "engine/test_flood.h"
#include "flashflood/flood.h"

namespace flashflood::engine {
namespace {

using testing::at;
using testing::MemoryFlood;
using testing::TestFlood;

void fill(const MemoryFlood& memory) {
  for (int i = 0; i < 20; ++i) memory.flood.put("put" + std::to_string(i), at(i), "{}");
  memory.flood.journal();
  memory.flood.record({{"a", at(1), "1"}, {"b", at(2), "2"}});
  memory.flood.put("pending", at(3), "3");
  memory.memory->put("imports/6c656173652d746f6b656e2d30303030", "mark");
  memory.memory->put("trials/6c656173652d746f6b656e2d30303030-0", "trial");
}

TEST(Destroy, RemovesEverythingOfTheFlood) {
  const MemoryFlood memory;
  fill(memory);
  const std::size_t objects = memory.flood.keys().size();
  EXPECT_EQ(destroy(*memory.flood.context), objects);
  EXPECT_TRUE(memory.flood.keys().empty());
  OpenOptions options;
  options.create = false;
  EXPECT_THROW(memory.another(options), NotAFlood);
}

TEST(Destroy, LeavesWhatIsNotTheFloods) {
  const MemoryFlood memory;
  fill(memory);
  memory.memory->put("notes/precious", "mine");
  memory.memory->put("below/flashflood.json", "another flood");
  destroy(*memory.flood.context);
  EXPECT_EQ(memory.flood.keys(),
            (std::vector<std::string>{"below/flashflood.json", "notes/precious"}));
}

TEST(Destroy, CanBeRepeatedAfterAFailure) {
  const MemoryFlood memory;
  fill(memory);
  // As if it had been cut short: the settings go last.
  memory.memory->remove(std::vector<std::string>{memory.flood.keys("head/").front()});
  OpenOptions options;
  options.create = false;
  const TestFlood again = memory.another(options);
  destroy(*again.context);
  EXPECT_TRUE(memory.flood.keys().empty());
}

TEST(Destroy, OfAPublicHandle) {
  Flood flood = Flood::open("memory://destroyed");
  flood.put({.data = "{}"});
  EXPECT_EQ(flood.destroy(), 2U);
  EXPECT_THROW(Flood::open("memory://destroyed", {.create = false}), NotAFlood);
}

}  // namespace
}  // namespace flashflood::engine
