// Streams against the tree: every expression gives on a stream of events what it gives on the
// document that holds them.

#include "query/stream/stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/stream/test_streams.h"
#include "query/unparse.h"

namespace flashflood::query {
namespace {

constexpr std::size_t plenty = std::size_t{256} << 20;

struct Outcome {
  std::string json;
  std::optional<QueryError::Kind> error{};
  bool stopped_early = false;
  std::string message{};
};

using Events = std::vector<std::string>;
using Generator = testing::StreamGenerator;

Outcome run_tree(const std::string& text, const Events& events) {
  Outcome outcome;
  try {
    std::string json = "{\"events\":[";
    for (std::size_t i = 0; i < events.size(); ++i) json += (i == 0 ? "" : ",") + events[i];
    Document document;
    EXPECT_TRUE(document.parse(json + "]}")) << document.problem();
    evaluate(Expression::compile(text), document).append_json(outcome.json);
  } catch (const QueryError& error) {
    outcome = {{}, error.kind(), false, error.what()};
  }
  return outcome;
}

Outcome run_stream(const std::string& text, const Events& events, std::size_t batch_size,
                   std::size_t memory = plenty) {
  Outcome outcome;
  try {
    StreamQuery query(text, memory);
    outcome.stopped_early = query.stopped_early();
    StreamHead::Scratch scratch;
    std::size_t next = 0;
    while (next < events.size() && !query.done()) {
      const std::size_t count = std::min(batch_size, events.size() - next);
      const std::vector<std::string_view> documents(
          events.begin() + static_cast<std::ptrdiff_t>(next),
          events.begin() + static_cast<std::ptrdiff_t>(next + count));
      auto batch = query.head().make_batch();
      EXPECT_EQ(query.head().run(documents, false, scratch, batch).end, count);
      query.take(batch);
      next += count;
    }
    outcome.stopped_early = query.stopped_early();
    query.finish();
    outcome.json = query.output();
  } catch (const QueryError& error) {
    outcome = {{}, error.kind(), false, error.what()};
  }
  return outcome;
}

// The answers are the same, but for errors in events that were not needed for the answer.
void compare(const std::string& text, const Events& events) {
  const Outcome tree = run_tree(text, events);
  for (std::size_t batch_size : {1, 3, 100}) {
    const Outcome stream = run_stream(text, events, batch_size);
    if (stream.stopped_early && tree.error) continue;
    std::string shown;
    for (const std::string& event : events) shown += event + "\n";
    ASSERT_EQ(stream.error.has_value(), tree.error.has_value())
        << text << "\n"
        << tree.message << stream.message << "\n"
        << shown;
    if (tree.error) {
      ASSERT_EQ(*stream.error, *tree.error) << text << "\n"
                                            << tree.message << "\n"
                                            << stream.message << "\n"
                                            << shown;
    } else {
      ASSERT_EQ(stream.json, tree.json) << text << "\n" << shown;
    }
  }
}

const Events some = {
    R"({"x": 3, "s": "c", "tags": ["a", "b"], "lines": [{"p": 1}, {"p": 2.5}]})",
    R"( {"x": 1.50, "s": "a\u0062", "tags": [], "y": null, "lines": []} )",
    R"({"x": 3, "s": "\u00e9", "y": {"z": [1, [2, 3]]}, "tags": ["b"]})",
    R"({"x": -2, "s": "b\"q", "flag": true, "lines": [{"p": 1e2}, {"q": 0}, null]})",
    R"({"x": 12345678901234567890123, "s": "c"})",
};

TEST(Stream, GivesWhatTheTreeGives) {
  for (const char* text : {"events",
                           "@",
                           "foo",
                           "length(@)",
                           "type(@)",
                           "keys(@)",
                           "*",
                           "*.x",
                           "events.x",
                           "events.*",
                           "length(events)",
                           "events[*].x",
                           "events[].x",
                           "events[].lines[].p",
                           "events[?x > `1`].s",
                           "events[?x > `1`] | [0:2].s",
                           "events[?x > `1`] | [0].s",
                           "events[0]",
                           "events[-1].x",
                           "events[7]",
                           "events[-9]",
                           "events[1:3]",
                           "events[::-1]",
                           "events[-2:].x",
                           "events[:-2].x",
                           "events[::2].x",
                           "events[-4:3:2].x",
                           "events[3:0:-1].x",
                           "events[-1:-4:-2].x",
                           "events[:1:-1].x",
                           "sum(events[].x)",
                           "avg(events[].x)",
                           "min(events[].x)",
                           "max(events[].s)",
                           "min_by(events, &x)",
                           "max_by(events, &s).x",
                           "sort_by(events, &x)[:2].x",
                           "sort_by(events, &x)[-2:].x",
                           "sort(events[].s)",
                           "sort(events[].x)[::-1] | [:3]",
                           "reverse(sort_by(events, &x))[:2].s",
                           "sort_by(events, &x)[::-1] | [:2].s",
                           "sort_by(events, &x)[0].s",
                           "join(',', events[].s)",
                           "contains(events[].x, `3`)",
                           "contains(events[].s, 'none')",
                           "not_null(events)",
                           "map(&lines, events)",
                           "to_array(events)[0]",
                           "type(events)",
                           "{n: length(events), total: sum(events[].x), list: events[].s}",
                           "[length(events), events[0].x, max(events[].x) > `2`]",
                           "!events",
                           "!events[?x > `99`]",
                           "events[?x > `99`] || 'none'",
                           "length(events) > `3` && events[0].s",
                           "events[].tags",
                           "events[].tags[]",
                           "events[*].tags[] | length(@)",
                           "events | [?x == `3`] | length(@)",
                           "{n: length(events)} | n",
                           "events[].y.z[]",
                           "events[*].[x, s]",
                           "events[*].{a: x, b: tags}",
                           "events[?flag] | [0].lines[0].p",
                           "length(events[?x == `3`]) == `2`",
                           "events[].lines | [].p | sum(@)",
                           "reverse(events)[*].x",
                           "reverse(events[].x)[1:3]",
                           "map(&x, events[?s == 'c'])",
                           "sum(map(&x, events))",
                           "keys(events)",
                           "sort_by(events, &y)",
                           "sort(events)",
                           "sum(events[].s)",
                           "min(events[*].[x])",
                           "`1` || sum(events[].s)",
                           "length(events) && `null` || avg(events[].s)",
                           "[`1`, events | length(@)]",
                           "merge(events[0], events[1])",
                           "to_string(events[].x)",
                           "avg(events[?x > `99`].x)",
                           "events[].abs(x)",
                           "events[].ceil(x) | 'done'",
                           "type(events[].abs(s))",
                           "events[?starts_with(s, 'c')] | length(@)",
                           "contains(events[].y, `null`)",
                           "sort_by(events[?x > `0`], &x)[1:3].x",
                           "max_by(events[].lines[], &p)",
                           "events[0:0]",
                           "events[5:2]",
                           "events[:]",
                           "events[::-1] | [?x > `1`] | [:2].s",
                           "(events | [0]).x",
                           "events[?x > `1`] | [?s == 'c'] | [*].x",
                           "events == events"}) {
    compare(text, some);
    compare(text, {});
    compare(text, {"null"});
    compare(text, {"[1, [2, {\"x\": 4, \"s\": \"k\"}]]", "7", "null", "{\"x\": 1, \"s\": \"\"}"});
  }
}

TEST(Stream, GivesWhatTheTreeGivesOnRandomExpressions) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Generator generator(seed);
    const std::string text = generator.expression();
    SCOPED_TRACE(seed);
    compare(text, generator.events());
    compare(text, generator.events());
    if (HasFatalFailure()) return;
  }
}

TEST(Stream, ExpressionsMeanTheSameWhenWrittenOut) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Generator generator(seed);
    const std::string text = generator.expression();
    const Events events = generator.events();
    const std::string written = unparse(*Expression::compile(text).program()->root);
    const Outcome one = run_tree(text, events);
    const Outcome other = run_tree(written, events);
    ASSERT_EQ(one.json, other.json) << text << "\n" << written;
    ASSERT_EQ(one.error, other.error) << text << "\n" << written << "\n" << other.message;
  }
  for (const char* text : {"a.b[0].c", "\"a b\".c", "a[?b=='x' && (c || d)].e", "(a | b)[0]",
                           "a[*].b | [0]", "!(a && b)", "a[1:2:-1].{x: y}", "f[].g[]", "*.a",
                           "a.*.b", "sort_by(a, &b.c)", "`{\"a\":[1]}`", "'it'", "`\"it's\"`",
                           "[a, b][0]", "a.[b, c]", "@", "[?a][1]", "(a < b) == `true`"}) {
    const std::string written = unparse(*Expression::compile(text).program()->root);
    EXPECT_EQ(unparse(*Expression::compile(written).program()->root), written) << text;
  }
}

TEST(Stream, HoldsNoMoreThanItsLimit) {
  const Events events(5000, R"({"x": 1, "s": "0123456789"})");
  constexpr std::size_t little = 4096;
  for (const char* text : {"sort_by(events, &x)[:3]", "sort_by(events, &s)[-3:]", "events[-5:]",
                           "events[:-5].x | [0]", "events[*].s", "max_by(events, &s)", "events[0]",
                           "[length(events), sum(events[].x), avg(events[].x)]"}) {
    const Outcome outcome = run_stream(text, events, 100, little);
    EXPECT_FALSE(outcome.error) << text << "\n" << outcome.message;
  }
  for (const char* text :
       {"@", "sort_by(events, &x)", "events[::-1]", "events[-4000:]", "events[:-4000]",
        "join(',', events[].s)", "[events]", "sort_by(events, &x)[:4000]", "events[-1:0:-1]"}) {
    const Outcome outcome = run_stream(text, events, 100, little);
    EXPECT_EQ(outcome.error, QueryError::Kind::limit) << text;
  }
}

TEST(Stream, ThePartThatNeedsTooMuchIsNamed) {
  const Events events(100, R"({"x": 1})");
  const Outcome outcome =
      run_stream("{n: length(events), s: sort_by(events, &x)}", events, 10, 1000);
  EXPECT_EQ(outcome.message,
            "what sort_by(events, &x) needs to hold at once takes more than 1000 bytes of memory "
            "(column 23)\n{n: length(events), s: sort_by(events, &x)}\n                       ^");
}

TEST(Stream, StopsWhenTheAnswerIsKnown) {
  const Events events(10, R"({"x": 1})");
  auto events_taken = [&](const char* text) {
    StreamQuery query(text, plenty);
    StreamHead::Scratch scratch;
    std::size_t taken = 0;
    for (; taken < events.size() && !query.done(); ++taken) {
      const std::string_view document = events[taken];
      auto batch = query.head().make_batch();
      query.head().run({&document, 1}, false, scratch, batch);
      query.take(batch);
    }
    query.finish();
    return taken;
  };
  EXPECT_EQ(events_taken("foo"), 0u);
  EXPECT_EQ(events_taken("events[0]"), 1u);
  EXPECT_EQ(events_taken("events[2:5:2].x"), 5u);
  EXPECT_EQ(events_taken("events[?x > `0`] | [1]"), 2u);
  EXPECT_EQ(events_taken("contains(events[].x, `1`)"), 1u);
  EXPECT_EQ(events_taken("!events"), 1u);
  EXPECT_EQ(events_taken("events[4:1:-1]"), 5u);
  EXPECT_EQ(events_taken("events[5:2]"), 0u);
  EXPECT_EQ(events_taken("[events[0], events[3]]"), 4u);
  EXPECT_EQ(events_taken("type(events)"), 0u);
  EXPECT_EQ(events_taken("[events[0], length(events)]"), 10u);
  EXPECT_EQ(events_taken("events[-1]"), 10u);
}

TEST(Stream, LeavesOutWhatIsNotJsonOrStopsThere) {
  const std::vector<std::string_view> documents = {"{\"x\": 1}", "no", "", "{\"x\": 2}"};
  StreamQuery query("events[].x", plenty);
  StreamHead::Scratch scratch;
  auto batch = query.head().make_batch();
  auto outcome = query.head().run(documents, false, scratch, batch);
  EXPECT_EQ(outcome.not_json, 2u);
  EXPECT_EQ(outcome.end, 4u);
  EXPECT_EQ(batch[0].count, 2u);
  batch = query.head().make_batch();
  outcome = query.head().run(documents, true, scratch, batch);
  EXPECT_EQ(outcome.end, 1u);
  EXPECT_NE(outcome.problem, "");
  EXPECT_EQ(batch[0].count, 1u);
}

TEST(Stream, TellsItsPlan) {
  EXPECT_EQ(StreamQuery("sum(events[?country=='France'].quantity)", plenty).explain(),
            "stream #1\n"
            "  each event  where country=='France', quantity\n"
            "              probes: country\n"
            "              false early without: country == \"France\"\n"
            "              probes: quantity\n"
            "  result      sum: one value\n"
            "prefilter   \"\\\"France\\\"\", and \"\\\"quantity\\\"\", and \"\\\"country\\\"\"\n"
            "output      #1, at the end\n"
            "memory      does not grow with the number of events\n");
  EXPECT_EQ(StreamQuery("sort_by(events[].lines[], &price)[-3:].name", 1000).explain(),
            "stream #1\n"
            "  each event  flatten, lines, flatten, key price\n"
            "  in order    sort, slice [-3:]: holds the last 3\n"
            "  in order    name\n"
            "  result      written as they come\n"
            "output      piece by piece\n"
            "memory      does not grow with the number of events\n");
  const std::string plan = StreamQuery("{a: events[0].b, c: to_string(events)}", 1000).explain();
  EXPECT_NE(plan.find("slice [0:1]: stops after 1"), std::string::npos) << plan;
  EXPECT_NE(plan.find("collected for to_string(events)"), std::string::npos) << plan;
  EXPECT_NE(plan.find("{a: #1.b, c: to_string(#2)}"), std::string::npos) << plan;
  EXPECT_NE(plan.find("up to 1000 bytes"), std::string::npos) << plan;
}

// Far beyond what anybody writes: falls back to the document, without end or crash.
TEST(Stream, TakesExpressionsOfAnyLength) {
  auto repeated = [](const char* text, int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += text;
    return all;
  };
  compare("length(events)" + repeated(" | @", 20000), some);
  compare("events" + repeated(" | [::-1]", 500), some);
  compare("events" + repeated(" | [*]", 5000) + " | [1].x", some);
  compare("[`1`" + repeated(", length(events)", 500) + "]", some);
  compare("[`1`" + repeated(", sum(events[].s)", 500) + "]", some);
  compare(repeated("!", 200) + "events", some);
  compare(repeated("to_array(", 100) + "events" + repeated(")", 100), some);
}

}  // namespace
}  // namespace flashflood::query
