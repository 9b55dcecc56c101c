// What the tests of splits share: floods that can be presigned, and shorthands for reading splits.
//
// Threads: as TestFlood.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/split/split_reader.h"
#include "engine/split/splits.h"
#include "engine/test_flood.h"
#include "format/split.h"
#include "store/test_presigning.h"

namespace flashflood::engine::testing {

using flashflood::testing::PresignedServer;
using flashflood::testing::PresigningStore;

inline std::vector<Event> all_of(Replayer& replayer) {
  std::vector<Event> events;
  for (auto batch = replayer.next_batch(); !batch.empty(); batch = replayer.next_batch())
    for (const EventView& event : batch) events.push_back(event.copy());
  return events;
}

inline std::vector<Event> read(std::shared_ptr<const Context> context, const std::string& json,
                               const ReadSplitOptions& options = {}) {
  const format::Split split = narrowed(format::decode_split(json), options);
  Replayer replayer(context, replay_options_of(split, options), split.range,
                    open_split(*context, split, std::size_t{1} << 20));
  auto events = all_of(replayer);
  EXPECT_LE(replayer.progress().entries_read, replayer.progress().entries_total);
  return events;
}

inline std::vector<Event> read_all(const std::shared_ptr<const Context>& context,
                                   const std::vector<std::string>& splits,
                                   const ReadSplitOptions& options = {}) {
  std::vector<Event> events;
  for (const std::string& split : splits)
    for (Event& event : read(context, split, options)) events.push_back(std::move(event));
  return events;
}

inline void expect_same(const std::vector<Event>& got, const std::vector<Event>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].id, expected[i].id) << i;
    ASSERT_EQ(got[i].date, expected[i].date) << i;
    ASSERT_EQ(got[i].data, expected[i].data) << i;
    ASSERT_EQ(got[i].revision, expected[i].revision) << i;
  }
}

// A flood whose store can be presigned.
struct SigningFlood {
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<ObjectStore> memory = make_memory_store(clock);
  std::shared_ptr<CountingStore> counting =
      std::make_shared<CountingStore>(std::make_shared<PresigningStore>(memory));
  std::shared_ptr<PresignedServer> server = std::make_shared<PresignedServer>(memory);
  Environment env;
  TestFlood flood;

  explicit SigningFlood(std::uint64_t seed = 1, const OpenOptions& options = small_options())
      : env(inline_environment(clock, seed)), flood(counting, env, options) {}

  std::shared_ptr<const Context> context_of(const std::string& json) const {
    return presigned_context(presigned_store(format::decode_split(json), server, env), env);
  }
  std::vector<Event> read_presigned(const std::vector<std::string>& splits,
                                    const ReadSplitOptions& options = {}) const {
    std::vector<Event> events;
    for (const std::string& json : splits)
      for (Event& event : read(context_of(json), json, options)) events.push_back(std::move(event));
    return events;
  }
};

inline std::vector<Event> replay_of(const SigningFlood& flood, const SplitOptions& options) {
  ReplayOptions replay;
  replay.from = options.from;
  replay.to = options.to;
  replay.where = options.where;
  replay.query = options.query;
  return flood.flood.replay(replay);
}

}  // namespace flashflood::engine::testing
