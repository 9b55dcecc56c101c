// The layout of batches, to the byte, and who owns what.
#include "arrow/columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "arrow/test_reading.h"
#include "flashflood/error.h"

namespace flashflood::arrow_export::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Data = ArrowOptions::Data;

EventView event(std::string_view id, std::int64_t date, std::string_view data,
                std::uint64_t revision = 1) {
  return {id, Timestamp{std::chrono::microseconds{date}}, data, revision};
}

HeldArray give(Batch& batch) {
  HeldArray array;
  batch.give(&*array);
  return array;
}

template <typename T>
std::vector<T> values(const ArrowArray& column, std::size_t count) {
  std::vector<T> out(count);
  std::memcpy(out.data(), column.buffers[1], sizeof(T) * count);
  return out;
}

std::string_view bytes(const ArrowArray& column, std::size_t count) {
  return {static_cast<const char*>(column.buffers[2]), count};
}

TEST(ArrowBatch, HasTheLayoutOfTheSpecification) {
  Batch batch;
  const std::vector<EventView> events = {event("a", -1, R"({"n":1})"), event("bc", 0, ""),
                                         event("é", 1'700'000'000'000'001, "xyz", 7)};
  batch.append(events, Data::string);
  EXPECT_EQ(batch.rows(), 3u);
  EXPECT_EQ(batch.bytes(), 5u + 10u);
  const HeldArray array = give(batch);
  EXPECT_EQ(array->length, 3);
  EXPECT_EQ(array->null_count, 0);
  EXPECT_EQ(array->offset, 0);
  EXPECT_EQ(array->dictionary, nullptr);
  ASSERT_EQ(array->n_buffers, 1);
  EXPECT_EQ(array->buffers[0], nullptr) << "no bitmap where nothing is null";
  ASSERT_EQ(array->n_children, 4);
  const std::int64_t buffer_counts[] = {3, 2, 2, 3};
  for (int i = 0; i < 4; ++i) {
    const ArrowArray& column = *array->children[i];
    EXPECT_EQ(column.length, 3);
    EXPECT_EQ(column.null_count, 0);
    EXPECT_EQ(column.offset, 0);
    EXPECT_EQ(column.n_children, 0);
    EXPECT_EQ(column.dictionary, nullptr);
    ASSERT_EQ(column.n_buffers, buffer_counts[i]);
    EXPECT_EQ(column.buffers[0], nullptr);
    for (std::int64_t buffer = 1; buffer < column.n_buffers; ++buffer)
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(column.buffers[buffer]) % 64, 0u);
  }
  EXPECT_THAT(values<std::int32_t>(*array->children[0], 4), ElementsAre(0, 1, 3, 5));
  EXPECT_EQ(bytes(*array->children[0], 5), "abcé");
  EXPECT_THAT(values<std::int64_t>(*array->children[1], 3),
              ElementsAre(-1, 0, 1'700'000'000'000'001));
  EXPECT_THAT(values<std::int64_t>(*array->children[2], 3), ElementsAre(1, 1, 7));
  EXPECT_THAT(values<std::int32_t>(*array->children[3], 4), ElementsAre(0, 7, 7, 10));
  EXPECT_EQ(bytes(*array->children[3], 10), R"({"n":1}xyz)");
}

TEST(ArrowBatch, IsFilledInSteps) {
  // Back to back, apart, out of order, empty.
  const std::string memory = "idididdata1data22data333";
  const std::string_view all = memory;
  const std::vector<EventView> events = {
      event(all.substr(0, 2), 1, all.substr(6, 5)),   event(all.substr(2, 2), 2, all.substr(11, 6)),
      event(all.substr(4, 2), 3, all.substr(17, 7)),  event(all.substr(0, 4), 4, all.substr(6, 0)),
      event(all.substr(2, 4), 5, all.substr(11, 13)), event("other", 6, {})};
  Batch batch;
  for (int round = 0; round < 3; ++round) {
    batch.append(std::span(events).first(2), Data::binary);
    batch.append({}, Data::binary);
    batch.append(std::span(events).subspan(2), Data::binary);
    const HeldArray array = give(batch);
    EXPECT_EQ(batch.rows(), 0u) << "the next one begins";
    EXPECT_EQ(batch.bytes(), 0u);
    const auto given = events_of(*array);
    ASSERT_EQ(given.size(), events.size());
    for (std::size_t i = 0; i < events.size(); ++i)
      EXPECT_TRUE(same(given[i], events[i].copy())) << i;
  }
}

TEST(ArrowBatch, OfEmptyTextsHasAllBuffers) {
  Batch batch;
  batch.append(std::vector{event("", 1, ""), event("", 2, "")}, Data::string);
  const HeldArray array = give(batch);
  EXPECT_THAT(values<std::int32_t>(*array->children[3], 3), ElementsAre(0, 0, 0));
  EXPECT_NE(array->children[3]->buffers[2], nullptr);
}

TEST(ArrowBatch, ColumnsOutliveTheBatch) {
  Batch batch;
  batch.append(std::vector{event("a", 1, "data")}, Data::string);
  HeldArray array = give(batch);
  // Moved out, as consumers do that want one column.
  HeldArray column(*array->children[3]);
  array->children[3]->release = nullptr;
  array.reset();
  EXPECT_EQ(text_at(*column, 0), "data");
}

TEST(ArrowBatch, ColumnsMayGoFirst) {
  Batch batch;
  batch.append(std::vector{event("a", 1, "data")}, Data::string);
  HeldArray array = give(batch);
  for (const int i : {2, 0}) {
    array->children[i]->release(array->children[i]);
    EXPECT_EQ(array->children[i]->release, nullptr);
  }
  EXPECT_EQ(text_at(*array->children[3], 0), "data");
}

struct Refusal {
  const char* name;
  std::vector<EventView> events;
  std::size_t good;     // events before the bad one
  const char* message;  // part of it
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }

class ArrowRefuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(ArrowRefuses, WithWhatCameBefore) {
  Batch batch;
  batch.append(std::vector{event("first", 0, "ü")}, Data::string);
  try {
    batch.append(GetParam().events, Data::string);
    ADD_FAILURE() << "was taken";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
  }
  ASSERT_EQ(batch.rows(), 1 + GetParam().good);
  const HeldArray array = give(batch);
  const auto given = events_of(*array);
  ASSERT_EQ(given.size(), 1 + GetParam().good);
  for (std::size_t i = 0; i < GetParam().good; ++i)
    EXPECT_TRUE(same(given[1 + i], GetParam().events[i].copy())) << i;
}

// The two bytes of é, as the end of one text and the beginning of the next.
const std::string split_character = "\xC3\xA9";

INSTANTIATE_TEST_SUITE_P(
    All, ArrowRefuses,
    ::testing::Values(
        Refusal{"data",
                {event("a", 1, "fine"), event("b", 2, "\xFF"), event("c", 3, "fine")},
                1,
                "data of event \"b\" is not valid UTF-8, so it cannot be a string: ask for data as "
                "binary"},
        Refusal{"first", {event("a", 1, "\xED\xA0\x80")}, 0, "event \"a\""},
        Refusal{"cut_character", {event("a", 1, "\xE2\x82"), event("b", 1, "")}, 0, "event \"a\""},
        Refusal{"split_character",
                {event("a", 1, std::string_view(split_character).substr(0, 1)), event("b", 1, ""),
                 event("c", 1, std::string_view(split_character).substr(1))},
                0,
                "event \"a\""},
        Refusal{"id", {event("a", 1, ""), event("b\xFF", 1, "\xFF")}, 1, "the id \"b\\xff\""},
        Refusal{"revision",
                {event("a", 1, "", std::numeric_limits<std::int64_t>::max()),
                 event("b", 1, "", std::uint64_t{1} << 63), event("c", 1, "\xFF")},
                1,
                "event \"b\" has a revision"}),
    [](const auto& tested) { return tested.param.name; });

TEST(ArrowBatch, BinaryTakesAnyData) {
  Batch batch;
  batch.append(std::vector{event("a", 1, "\xFF"), event("b", 1, std::string_view("\0\x80", 2))},
               Data::binary);
  const HeldArray array = give(batch);
  EXPECT_EQ(text_at(*array->children[3], 0), "\xFF");
  EXPECT_EQ(text_at(*array->children[3], 1), std::string_view("\0\x80", 2));
}

}  // namespace
}  // namespace flashflood::arrow_export::testing
