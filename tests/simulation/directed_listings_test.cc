// The traces on which simpler rules fail (docs/protocol.md), against the real engine: those about
// listings that take several pages. tests/simulation/mutants.py shows that each test fails when its
// rule is taken out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/journal/survey.h"
#include "engine/read/lookup.h"
#include "engine/read/replayer.h"
#include "engine/write/single.h"
#include "simulation/stage.h"

namespace flashflood::simulation {
namespace {

using namespace std::chrono_literals;
using testing::Contains;

// A listing is no cut: of two bulk puts of one id it may show the later one alone.
TEST(Pages, ALookUpInTwoPagesShowsWhatWasTheState) {
  Stage stage;
  auto first = stage.process();
  engine::put_event(*stage.process(), event("y", 2, "other"));
  stage.journal();
  auto second = stage.process();
  engine::survey(*second);  // its names come after those of the first
  auto context = stage.process();
  std::string seen = "nothing";
  Player reader(stage, [&] { seen = engine::look_up(*context, "x", IdHash::of("x"), true).data; });
  reader.expect(Request::list, "head/", Cue::split_list, 1, "head/j-0000000000000000-g");
  ASSERT_TRUE(reader.go());
  record(first, "x", 0, "a");
  stage.advance(1s);
  record(second, "x", 0, "b");
  reader.go();
  EXPECT_EQ(seen, "a");  // although the first page was read before it came
  EXPECT_EQ(stage.get("x"), "a");
}

// What had arrived before a listing in two pages began is in it, whatever comes meanwhile.
TEST(Pages, AReplayInTwoPagesShowsAllThatWasThereBefore) {
  Stage stage;
  auto first = stage.process();
  record(stage, "early", 0, "1");
  engine::put_event(*stage.process(), event("y", 2, "other"));
  stage.advance(1s);
  auto reading = stage.process();
  std::vector<std::string> seen;
  Player reader(stage, [&] {
    engine::Replayer replayer(reading, {});
    for (auto batch = replayer.next_batch(); !batch.empty(); batch = replayer.next_batch())
      for (const EventView& e : batch)
        seen.push_back(std::string(e.id) + "=" + std::string(e.data));
  });
  reader.expect(Request::list, "head/", Cue::split_list, 1, "head/i");
  ASSERT_TRUE(reader.go());
  record(stage, "late", 1, "2");
  engine::put_event(*stage.process(), event("z", 2, "single"));
  reader.go();
  EXPECT_THAT(seen, Contains("early=1"));
  EXPECT_THAT(seen, Contains("y=other"));
}

}  // namespace
}  // namespace flashflood::simulation
