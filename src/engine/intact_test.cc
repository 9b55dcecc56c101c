// Bytes that are damaged on their way, not where they lie: they are read again, and nobody notices.
#include <gtest/gtest.h>

#include "engine/split/split_reader.h"
#include "engine/split/splits.h"
#include "engine/state/lease.h"
#include "engine/test_flood.h"
#include "store/test_presigning.h"
#include "store/testing/fault_store.h"

namespace flashflood::engine::testing {
namespace {

// Each step of a flood's life, on fresh handles, so that everything is read.
class Life {
 public:
  explicit Life(std::shared_ptr<ObjectStore> store) : store_(std::move(store)) {}

  std::vector<std::string> live() {
    for (int i = 0; i < 40; ++i) {
      std::string name = std::to_string(i);
      first_.push_back({"sealed-" + name, at(i), std::string(300, 's') + name});
      second_.push_back({"recorded-" + name, at(i + 3), std::string(300, 'r') + name});
    }
    open().record(first_);
    open().journal();
    open().record(second_);
    open().put("single", at(7), "1");
    open().update("sealed-3", "changed");
    tell_all();
    ReplayOptions range;
    range.from = at(3);
    range.to = at(20);
    tell(open().replay(range));
    tell_splits();
    open().journal();
    tell_all();
    open().collect();
    tell(open().problems().size());
    for (const auto& lease : list_leases(*open().context, store_->now())) tell(lease.expired);
    return std::move(told_);
  }
  std::uint64_t rereads() const {
    std::uint64_t all = 0;
    for (const auto& flood : floods_) all += *flood->context->rereads;
    return all;
  }

 private:
  const TestFlood& open() {
    floods_.push_back(std::make_unique<TestFlood>(store_, env_));
    return *floods_.back();
  }
  template <typename T>
  void tell(const T& number) {
    told_.push_back(std::to_string(number));
  }
  void tell(const std::vector<Event>& events) {
    for (const Event& event : events) told_.push_back(event.id + " " + event.data);
  }
  void tell_all() {
    for (const char* id : {"single", "sealed-3", "sealed-5", "recorded-5", "none"}) {
      const auto found = open().find(id);
      told_.push_back(found ? found->data : "none");
    }
    tell(open().replay());
  }
  void tell_splits() {
    SplitOptions options;
    options.count = 3;
    for (const std::string& split : make_splits(*open().context, options)) {
      const auto document = format::decode_split(split);
      Replayer replayer(open().context, {}, document.range,
                        open_split(*floods_.back()->context, document, std::size_t{1} << 20));
      for (auto batch = replayer.next_batch(); !batch.empty(); batch = replayer.next_batch())
        for (const EventView& event : batch) told_.push_back(event.copy().id);
    }
  }

  const std::shared_ptr<ObjectStore> store_;
  const Environment env_ = inline_environment(std::make_shared<ManualClock>(), 1);
  std::vector<std::unique_ptr<TestFlood>> floods_;
  std::vector<TestEvent> first_, second_;
  std::vector<std::string> told_;
};

// The same life with no damaged answer, and with each single one.
TEST(Intact, DamagedAnswersAreReadAgain) {
  std::uint64_t gets = 0;
  const auto live = [&](const std::function<bool(std::uint64_t)>& damaged, std::uint64_t& rereads) {
    gets = 0;
    const auto clock = std::make_shared<ManualClock>();
    Life life(std::make_shared<FaultStore>(make_memory_store(clock), [&](const Request& request) {
      if (request.kind != Request::Kind::get) return Fault::none;
      return damaged(gets++) ? Fault::flipped_bit : Fault::none;
    }));
    auto told = life.live();
    rereads = life.rereads();
    return told;
  };
  std::uint64_t rereads = 0;
  const auto expected = live([](std::uint64_t) { return false; }, rereads);
  EXPECT_EQ(rereads, 0u);
  ASSERT_GT(expected.size(), 200u);
  const std::uint64_t all = gets;
  std::uint64_t noticed = 0;
  for (std::uint64_t one = 0; one < all; ++one) {
    SCOPED_TRACE("damaged answer " + std::to_string(one));
    ASSERT_EQ(live([&](std::uint64_t number) { return number == one; }, rereads), expected);
    EXPECT_LE(rereads, 1u);
    noticed += rereads;
  }
  EXPECT_GT(noticed, all / 2);  // not all bytes of an answer are looked at
}

TEST(Intact, WhatIsDamagedWhereItLiesIsReadTwice) {
  MemoryFlood memory;
  memory.flood.record({{"a", at(1), std::string(500, 'a')}});
  memory.flood.journal();
  const std::string key = memory.flood.keys("journals/").at(0);
  Bytes bytes = memory.memory->get(key, ByteRange::whole())->bytes;
  bytes[40] ^= 1;
  memory.memory->put(key, bytes);
  const TestFlood fresh(memory.counting, memory.env);
  EXPECT_THROW(fresh.find("a"), CorruptData);
  EXPECT_EQ(*fresh.context->rereads, 1u);
}

}  // namespace
}  // namespace flashflood::engine::testing
