#include "engine/read/querier.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "engine/test_flood.h"

namespace flashflood::engine::testing {
namespace {

using ::testing::HasSubstr;

struct Answer {
  std::string text;
  std::size_t piece_bytes_max = 0;
  ReplayProgress progress;
};

Answer ask(const TestFlood& flood, const std::string& expression, const QueryOptions& options) {
  Querier querier(flood.context, expression, options);
  Answer answer;
  for (auto piece = querier.next_piece(); !piece.empty(); piece = querier.next_piece()) {
    answer.text += piece;
    answer.piece_bytes_max = std::max(answer.piece_bytes_max, piece.size());
  }
  EXPECT_TRUE(querier.next_piece().empty()) << "over is over";
  answer.progress = querier.progress();
  return answer;
}

QueryError error_of(const TestFlood& flood, const std::string& expression,
                    const QueryOptions& options) {
  try {
    ask(flood, expression, options);
  } catch (const QueryError& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {QueryError::Kind::syntax, ""};
}

struct QueryTest : ::testing::Test {
  MemoryFlood memory;
  const TestFlood& flood = memory.flood;

  void SetUp() override {
    flood.record({{"a", at(1), "{\"n\": 1, \"s\": \"x\"}"},
                  {"b", at(2), " {\"n\": 2.50, \"s\": \"\\u0079\"} "},
                  {"c", at(3), "not JSON"},
                  {"d", at(4), "null"},
                  {"e", at(5), "[{\"n\": 10}]"}});
    flood.journal();
    flood.put("f", at(6), "{\"n\": 4}");
    flood.update("f", "{\"n\": 5}");
  }

  Answer ask(const std::string& expression, const QueryOptions& options = {}) const {
    return testing::ask(flood, expression, options);
  }
};

TEST_F(QueryTest, SeesTheDataOfEveryEventInOrder) {
  EXPECT_EQ(
      ask("@").text,
      "{\"events\":[{\"n\":1,\"s\":\"x\"},{\"n\":2.50,\"s\":\"y\"},null,[{\"n\":10}],{\"n\":5}]}");
  EXPECT_EQ(ask("events[*].n").text, "[1,2.50,5]");
  EXPECT_EQ(ask("events[].n").text, "[1,2.50,10,5]");
  EXPECT_EQ(ask("length(events)").text, "5") << "null is an event, what is not JSON is none";
  EXPECT_EQ(ask("length(events[*])").text, "4");
  EXPECT_EQ(ask("sum(events[?n > `1`].n)").text, "7.5");
  EXPECT_EQ(ask("{first: events[0].n, last: events[-1].n}").text, "{\"first\":1,\"last\":5}");
  EXPECT_EQ(ask("length(events)").progress.not_json, 1u);
}

TEST_F(QueryTest, LooksAtTheRangeOnly) {
  QueryOptions options;
  options.from = at(1);
  options.to = at(5);
  EXPECT_EQ(ask("events[].n", options).text, "[2.50,10]");
  options.to = at(1);
  EXPECT_EQ(ask("events", options).text, "[]");
  EXPECT_EQ(ask("max_by(events, &n)", options).text, "null");
  options.from = at(2);
  EXPECT_THROW(ask("events", options), InvalidArgument);
}

TEST_F(QueryTest, StrictRefusesWhatIsNotJson) {
  QueryOptions options;
  options.strict = true;
  const QueryError error = error_of(flood, "length(events)", options);
  EXPECT_EQ(error.kind(), QueryError::Kind::invalid_type);
  EXPECT_THAT(error.what(), HasSubstr("event \"c\""));
  EXPECT_EQ(ask("events[1].s", options).text, "\"y\"") << "what is not read cannot fail";
  options.from = at(3);
  EXPECT_EQ(ask("length(events)", options).text, "3");
}

TEST_F(QueryTest, AnErrorOnOneEventIsAnErrorOfTheQuery) {
  const QueryError error = error_of(flood, "sum(events[].s)", {});
  EXPECT_EQ(error.kind(), QueryError::Kind::invalid_type);
  EXPECT_EQ(error.column(), 0u);
  EXPECT_EQ(error_of(flood, "events[?abs(s) > `1`]", {}).column(), 8u);
  EXPECT_EQ(ask("events[0].n || sum(events[].s)").text, "1") << "not evaluated, no error";
  EXPECT_EQ(error_of(flood, "events[9].n || sum(events[].s)", {}).column(), 15u);
}

TEST_F(QueryTest, RefusesWhatIsNoExpression) {
  EXPECT_EQ(error_of(flood, "events[?", {}).kind(), QueryError::Kind::syntax);
  EXPECT_EQ(error_of(flood, "lenght(events)", {}).kind(), QueryError::Kind::unknown_function);
}

TEST_F(QueryTest, AnEmptyFloodHasNoEvents) {
  MemoryFlood empty;
  auto answer = [&](const char* expression) {
    return testing::ask(empty.flood, expression, {}).text;
  };
  EXPECT_EQ(answer("events"), "[]");
  EXPECT_EQ(answer("@"), "{\"events\":[]}");
  EXPECT_EQ(answer("sum(events[].n)"), "0");
  EXPECT_EQ(answer("avg(events[].n)"), "null");
  EXPECT_EQ(answer("foo"), "null");
}

TEST_F(QueryTest, TellsItsProgress) {
  std::uint64_t calls = 0;
  Progress last;
  QueryOptions options;
  options.progress = [&](const Progress& progress) {
    ++calls;
    last = progress;
  };
  ask("length(events)", options);
  EXPECT_GT(calls, 0u);
  EXPECT_GE(last.events, 6u);
  EXPECT_GE(last.events_total, last.events);
}

// A flood of many blocks, which is made once.
struct BigQueryTest : ::testing::Test {
  static constexpr int count = 200'000;
  static MemoryFlood& memory() {
    static MemoryFlood made;
    return made;
  }
  static void SetUpTestSuite() {
    std::vector<TestEvent> events;
    for (int i = 0; i < count; ++i) {
      const std::string number = std::to_string(i);
      events.push_back({number, at(i),
                        "{\"n\":" + std::to_string(i * 7919 % count) + ",\"k\":" + number +
                            ",\"pad\":\"0123456789012345678901234567890123456789\"}"});
    }
    memory().flood.record(events);
    memory().flood.journal();
  }
  static Answer ask(const std::string& expression, const QueryOptions& options) {
    return testing::ask(memory().flood, expression, options);
  }
};

TEST_F(BigQueryTest, StreamsInBoundedMemory) {
  QueryOptions options;
  options.memory_bytes = std::size_t{16} << 10;
  options.read_ahead_bytes = 0;
  const std::string sum = std::to_string(std::int64_t{count} * (count - 1) / 2);
  EXPECT_EQ(ask("sum(events[].n)", options).text, sum);
  EXPECT_EQ(
      ask("{n: length(events), sum: sum(events[].k), top: max_by(events, &n).n}", options).text,
      "{\"n\":200000,\"sum\":" + sum + ",\"top\":199999}");
  EXPECT_EQ(ask("sort_by(events, &n)[:3].n", options).text, "[0,1,2]");
  EXPECT_EQ(ask("reverse(sort_by(events, &n))[:3].n", options).text, "[199999,199998,199997]");
  EXPECT_EQ(ask("sort(events[].n)[-2:]", options).text, "[199998,199999]");
  EXPECT_EQ(ask("events[-2:].k", options).text, "[199998,199999]");
  EXPECT_EQ(ask("events[?k >= `199990`] | [:-8].k", options).text, "[199990,199991]");
  const Answer all = ask("events[*].pad", options);
  EXPECT_EQ(all.text.size(), std::size_t{count} * 43 + 1);
  EXPECT_LT(all.piece_bytes_max, std::size_t{1} << 20);
}

TEST_F(BigQueryTest, BlamesWhatTakesTooMuchMemory) {
  QueryOptions options;
  options.memory_bytes = std::size_t{1} << 20;
  struct Case {
    const char* expression;
    std::size_t column;
    const char* blamed;
  };
  for (const Case& one :
       {Case{"sort_by(events, &n)", 0, "sort_by(events, &n)"}, Case{"{a: `1`, b: @}", 12, "@"},
        Case{"length(events) > `1` && join(',', events[].pad)", 24, "join"},
        Case{"events[::-1].k", 6, "[::-1]"}, Case{"events[-100000:].pad", 6, "[-100000:]"},
        Case{"to_string(events)", 0, "to_string(events)"}}) {
    const QueryError error = error_of(memory().flood, one.expression, options);
    EXPECT_EQ(error.kind(), QueryError::Kind::limit) << one.expression;
    EXPECT_EQ(error.column(), one.column) << error.what();
    EXPECT_THAT(error.what(), HasSubstr(one.blamed));
    EXPECT_THAT(error.what(), HasSubstr("1048576 bytes"));
  }
}

TEST_F(BigQueryTest, StopsReadingWhenItHasTheAnswer) {
  for (const char* expression :
       {"events[0].k", "events[?k > `100`] | [0:10].k", "contains(events[].k, `7`)", "!events",
        "events[3:0:-1].k", "[events[1].k, events[:2]]", "foo"}) {
    QueryOptions options;
    options.read_ahead_bytes = 0;
    const Answer answer = ask(expression, options);
    EXPECT_LT(answer.progress.entries_read, std::uint64_t{count} / 20) << expression;
  }
}

}  // namespace
}  // namespace flashflood::engine::testing
