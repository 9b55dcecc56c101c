// Replays as Arrow streams: all of the events, within the bounds, in whatever order things end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "arrow/test_reading.h"
#include "flashflood/error.h"
#include "flashflood/flood.h"

namespace flashflood::arrow_export::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StrEq;
using Data = ArrowOptions::Data;

Timestamp at(std::int64_t microseconds) {
  return Timestamp{std::chrono::microseconds{microseconds}};
}

Flood small_flood(const std::string& url) {
  OpenOptions options;
  options.block_bytes = std::size_t{4} << 10;
  options.threads = 2;
  return Flood::open(url, options);
}

struct ArrowStream : ::testing::Test {
  Flood flood = small_flood(std::string("memory://arrow-") +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name());

  void record(int count, std::size_t data_bytes) {
    auto recorder = flood.recorder();
    for (int i = 0; i < count; ++i)
      recorder.put(
          "event-" + std::to_string(i), at(i),
          "{\"n\":" + std::to_string(i) + ",\"x\":\"" + std::string(data_bytes, 'x') + "\"}");
    recorder.flush();
    flood.journal();
  }
  std::vector<Event> replayed(const ReplayOptions& options = {}) {
    std::vector<Event> events;
    for (const EventView& event : flood.replay(options)) events.push_back(event.copy());
    return events;
  }
};

// The next batch; released at the end.
HeldArray next(HeldStream& stream) {
  HeldArray batch;
  EXPECT_EQ(stream->get_next(&*stream, &*batch), 0) << stream->get_last_error(&*stream);
  EXPECT_EQ(stream->get_last_error(&*stream), nullptr);
  return batch;
}

void expect_failure(HeldStream& stream, int number, const std::string& message) {
  for (int i = 0; i < 2; ++i) {
    HeldArray batch;
    EXPECT_EQ(stream->get_next(&*stream, &*batch), number);
    EXPECT_TRUE(batch.released());
    ASSERT_NE(stream->get_last_error(&*stream), nullptr);
    EXPECT_THAT(stream->get_last_error(&*stream), HasSubstr(message));
  }
}

// All events that come, each batch within the bounds.
std::vector<Event> drain(HeldStream& stream, const ArrowOptions& options = {}) {
  std::vector<Event> events;
  for (;;) {
    const HeldArray batch = next(stream);
    if (batch.released()) return events;
    EXPECT_GT(batch->length, 0) << "no empty batches";
    EXPECT_LE(batch->length, static_cast<std::int64_t>(options.batch_rows));
    std::size_t bytes = 0;
    for (Event& event : events_of(*batch)) {
      bytes += event.id.size() + event.data.size();
      events.push_back(std::move(event));
    }
    EXPECT_TRUE(bytes <= options.batch_bytes || batch->length == 1) << bytes;
  }
}

void expect_same(const std::vector<Event>& a, const std::vector<Event>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_TRUE(same(a[i], b[i])) << i;
}

TEST_F(ArrowStream, HasTheSchemaOfItsColumns) {
  for (const Data data : {Data::string, Data::binary}) {
    ArrowOptions options;
    options.data = data;
    HeldStream stream(arrow_stream(flood.replay(), options));
    HeldSchema of_stream;
    ASSERT_EQ(stream->get_schema(&*stream, &*of_stream), 0);
    stream.reset();
    HeldSchema alone(arrow_schema(options));
    for (const HeldSchema* schema : {&of_stream, &alone}) {
      const ArrowSchema& whole = *schema->operator->();
      EXPECT_THAT(whole.format, StrEq("+s"));
      EXPECT_EQ(whole.flags, 0);
      ASSERT_EQ(whole.n_children, 4);
      const char* names[] = {"id", "date", "revision", "data"};
      const char* formats[] = {"u", "tsu:UTC", "l", data == Data::string ? "u" : "z"};
      for (int i = 0; i < 4; ++i) {
        EXPECT_THAT(whole.children[i]->name, StrEq(names[i]));
        EXPECT_THAT(whole.children[i]->format, StrEq(formats[i]));
        EXPECT_EQ(whole.children[i]->flags & ARROW_FLAG_NULLABLE, 0);
        EXPECT_EQ(whole.children[i]->metadata, nullptr);
      }
    }
    HeldSchema moved(*alone->children[1]);
    alone->children[1]->release = nullptr;
    alone.reset();
    EXPECT_THAT(moved->name, StrEq("date"));
  }
}

TEST_F(ArrowStream, OfNothingEnds) {
  HeldStream stream(arrow_stream(flood.replay()));
  EXPECT_TRUE(next(stream).released());
  EXPECT_TRUE(next(stream).released()) << "the end stays the end";
}

TEST_F(ArrowStream, GivesTheReplayWithinBounds) {
  record(3000, 100);
  flood.put({.id = "event-5000", .date = at(77), .data = "{\"n\":[1]}"});
  flood.update("event-77", "not JSON");
  flood.update("event-77", "{\"n\":\"é\"}");
  const auto expected = replayed();
  for (const std::size_t rows : {1u, 7u, 1000u, 65'536u})
    for (const std::size_t bytes : {65'536u, 100'000u, 2u << 20}) {
      ArrowOptions options{.batch_rows = rows, .batch_bytes = bytes};
      HeldStream stream(arrow_stream(flood.replay(), options));
      expect_same(drain(stream, options), expected);
    }
  ReplayOptions filtered{.from = at(10), .to = at(2000), .where = "n > `1500`", .query = "x"};
  HeldStream stream(arrow_stream(flood.replay(filtered)));
  const auto events = drain(stream);
  expect_same(events, replayed(filtered));
  EXPECT_EQ(events.size(), 500u);
}

TEST_F(ArrowStream, GivesWhatIsLeftOfAReplay) {
  record(3000, 100);
  Replay replay = flood.replay();
  const std::size_t taken = replay.next_batch().size();
  const auto expected = replayed();
  HeldStream stream(arrow_stream(std::move(replay)));
  expect_same(drain(stream),
              std::vector<Event>(expected.begin() + static_cast<long>(taken), expected.end()));
}

TEST_F(ArrowStream, TakesEventsFromAnySource) {
  // Two events, nothing, an event, the end, and more that nobody asks for.
  const std::vector<EventView> events = {{"a", at(1), "1"}, {"b", at(2), "2"}, {"c", at(3), "3"}};
  int asked = 0;
  HeldStream stream(arrow_stream([&]() -> std::optional<std::span<const EventView>> {
    switch (asked++) {
      case 0:
        return std::span(events).first(2);
      case 1:
        return std::span<const EventView>();
      case 2:
        return std::span(events).last(1);
      default:
        return std::nullopt;
    }
  }));
  EXPECT_EQ(next(stream)->length, 2) << "what is there is given when nothing comes";
  EXPECT_EQ(next(stream)->length, 1);
  EXPECT_TRUE(next(stream).released());
  EXPECT_TRUE(next(stream).released());
  EXPECT_EQ(asked, 4);
}

TEST_F(ArrowStream, TellsWhatASourceThrows) {
  HeldStream stream(arrow_stream(
      []() -> std::optional<std::span<const EventView>> { throw StoreUnavailable("gone"); }));
  expect_failure(stream, EIO, "gone");
}

TEST_F(ArrowStream, TakesTheLargestEvents) {
  const std::string small = "small";
  const std::string large(data_bytes_max, 'l');
  for (int i = 0; i < 3; ++i)
    flood.put({.id = std::to_string(i), .date = at(i), .data = i % 2 == 0 ? small : large});
  HeldStream stream(arrow_stream(flood.replay(), {.batch_bytes = std::size_t{64} << 10}));
  for (int i = 0; i < 3; ++i) {
    const HeldArray batch = next(stream);
    ASSERT_EQ(batch->length, 1);
    EXPECT_EQ(text_at(*batch->children[3], 0), i % 2 == 0 ? small : large);
  }
  EXPECT_TRUE(next(stream).released());
}

TEST_F(ArrowStream, BatchesOutliveStreamAndFlood) {
  record(3000, 100);
  const auto expected = replayed();
  ArrowOptions options{.batch_rows = 1000};
  HeldStream stream(arrow_stream(flood.replay(), options));
  HeldArray first = next(stream), second = next(stream);
  stream.reset();  // with a third of the replay left, and blocks on their way
  flood = small_flood("memory://arrow-another");
  auto events = events_of(*first);
  first.reset();
  for (Event& event : events_of(*second)) events.push_back(std::move(event));
  expect_same(events, std::vector<Event>(expected.begin(), expected.begin() + 2000));
}

TEST_F(ArrowStream, MayBeReleasedUnread) {
  record(3000, 100);
  HeldStream stream(arrow_stream(flood.replay()));
}

TEST_F(ArrowStream, FailsAfterTheEventsBefore) {
  record(3000, 100);
  flood.update("event-1234", "not JSON");
  HeldStream stream(
      arrow_stream(flood.replay({.where = "`true`", .strict = true}), {.batch_rows = 1000}));
  HeldSchema schema;
  EXPECT_EQ(next(stream)->length, 1000);
  // The replay fails for the whole block that holds the event: what is given ends before it.
  HeldArray last = next(stream);
  EXPECT_GT(last->length, 0);
  EXPECT_LE(last->length, 234);
  expect_failure(stream, EINVAL, "event-1234");
  EXPECT_EQ(stream->get_schema(&*stream, &*schema), 0) << "of the failed one, too";
  EXPECT_EQ(stream->get_last_error(&*stream), nullptr);
}

TEST_F(ArrowStream, RefusesStringsThatAreNone) {
  record(3000, 100);
  flood.update("event-1234", "\xFFnot UTF-8");
  const auto expected = replayed();
  HeldStream stream(arrow_stream(flood.replay()));
  EXPECT_EQ(next(stream)->length, 1234);
  expect_failure(stream, EINVAL, "ask for data as binary");
  ArrowOptions options{.data = Data::binary};
  HeldStream binary(arrow_stream(flood.replay(), options));
  expect_same(drain(binary), expected);
}

TEST_F(ArrowStream, NamesTheObjectThatIsDamaged) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "arrow-damaged";
  std::filesystem::remove_all(folder);
  flood = small_flood(folder.string());
  record(3000, 100);
  const auto journal = std::filesystem::directory_iterator(folder / "journals")->path();
  {
    std::fstream file(journal, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(journal) / 2));
    file.write("damage", 6);
  }
  flood = small_flood(folder.string());
  HeldStream stream(arrow_stream(flood.replay()));
  const HeldArray before = next(stream);
  EXPECT_GT(before->length, 0);
  EXPECT_LT(before->length, 3000);
  expect_failure(stream, EIO, journal.filename().string());
  std::filesystem::remove_all(folder);
}

TEST_F(ArrowStream, FollowsUntilTheLimit) {
  record(3, 10);
  HeldStream stream(arrow_stream(
      flood.replay({.limit = 5, .follow = true, .poll = std::chrono::milliseconds{1}})));
  EXPECT_EQ(next(stream)->length, 3) << "given out although nothing ends";
  flood.put({.id = "late-1", .date = at(-1), .data = "{}"});
  const HeldArray late = next(stream);
  ASSERT_EQ(late->length, 1);
  EXPECT_EQ(text_at(*late->children[0], 0), "late-1");
  flood.put({.id = "late-2", .date = at(-2), .data = "{}"});
  EXPECT_EQ(next(stream)->length, 1);
  EXPECT_TRUE(next(stream).released());
}

TEST_F(ArrowStream, RefusesOptionsOutOfBounds) {
  for (const ArrowOptions& options :
       {ArrowOptions{.batch_rows = 0}, ArrowOptions{.batch_rows = (std::size_t{1} << 24) + 1},
        ArrowOptions{.batch_bytes = 0}, ArrowOptions{.batch_bytes = (std::size_t{1} << 30) + 1}}) {
    EXPECT_THROW(static_cast<void>(arrow_stream(flood.replay(), options)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(arrow_schema(options)), InvalidArgument);
  }
}

}  // namespace
}  // namespace flashflood::arrow_export::testing
