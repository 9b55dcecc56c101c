// What the library tells a log.
#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "engine/test_flood.h"
#include "engine/write/recorder.h"
#include "store/retrier.h"

namespace flashflood::engine::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct LogTest : ::testing::Test {
  LogTest() {
    env.log = Log([this](const LogRecord& record) {
      told.push_back(record);
      throw std::runtime_error("changes nothing");
    });
  }

  static auto record(LogRecord::Level level, const std::string& words) {
    return AllOf(Field(&LogRecord::level, level), Field(&LogRecord::message, HasSubstr(words)));
  }

  std::vector<LogRecord> told;
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  Environment env = inline_environment(clock, 1);
};

TEST_F(LogTest, HasCommits) {
  TestFlood flood(make_memory_store(clock), env);
  flood.put("a", at(1), "{}");
  EXPECT_THAT(told, IsEmpty());
  flood.journal();
  EXPECT_THAT(told,
              ElementsAre(record(LogRecord::Level::info, "committed catalog 1, with 1 more")));
}

TEST_F(LogTest, HasRepetitions) {
  Retrier retrier(env);
  int calls = 0;
  retrier.repeat([&] {
    if (++calls <= 2) throw StoreUnavailable("no answer");
    return calls;
  });
  EXPECT_THAT(told, ElementsAre(record(LogRecord::Level::info, "no answer; trying again in"),
                                record(LogRecord::Level::info, "(repetition 2)")));
}

TEST_F(LogTest, HasWhatARecorderLoses) {
  TestFlood flood(make_memory_store(clock), env);
  RecorderOptions options;
  options.eager = false;
  {
    BulkRecorder recorder(flood.context, options);
    recorder.put("a", at(1), "{}");
    recorder.flush();
  }
  EXPECT_THAT(told, IsEmpty());
  {
    BulkRecorder recorder(flood.context, options);
    recorder.put("b", at(1), "{}");
    recorder.flush();
    recorder.put("c", at(1), "{}");
  }
  EXPECT_THAT(told, ElementsAre(record(LogRecord::Level::warning,
                                       "of the 2 events that it took, 1 may not be recorded")));
}

}  // namespace
}  // namespace flashflood::engine::testing
