#include "simulation/faulty_store.h"

#include <fmt/format.h>

#include <exception>

#include "flashflood/error.h"
#include "format/keys.h"

namespace flashflood::simulation {

namespace {

// Names are long and random; their ends tell them apart.
std::string short_name(std::string_view key) {
  if (key.size() <= 24) return std::string(key);
  return fmt::format("{}..{}", key.substr(0, 10), key.substr(key.size() - 12));
}

}  // namespace

// A process that died asks for nothing any more. While it is unwound (and in destructors, where
// leases are given back) it is told what destructors can handle.
void FaultyStore::check_alive(bool may_die) {
  if (!Scheduler::current()->crashed) return;
  if (!may_die || std::uncaught_exceptions() > 0) throw StoreUnavailable("the process is dead");
  throw Crash{};
}

void FaultyStore::take_time(bool may_die) {
  Dice& dice = scheduler_.dice();
  nanoseconds duration = dice.duration(std::chrono::microseconds(500), config_.latency_max);
  if (dice.chance(config_.faults.pause))
    duration += dice.duration(std::chrono::minutes(1), config_.pause_max);
  scheduler_.wait(duration);
  check_alive(may_die);
  if (may_die && dice.chance(config_.faults.crash)) {
    scheduler_.note("crash");
    Scheduler::current()->crashed = true;
    throw Crash{};
  }
}

nanoseconds FaultyStore::late_time() {
  return scheduler_.now() + scheduler_.dice().duration(std::chrono::seconds(1), config_.late_max);
}

template <typename Read>
auto FaultyStore::read(const std::string& what, Read read) {
  if (!Scheduler::current()) return read();
  Dice& dice = scheduler_.dice();
  check_alive(true);
  take_time(true);
  if (dice.chance(config_.faults.request_lost + config_.faults.answer_lost)) {
    scheduler_.note(what + ": no answer");
    throw StoreUnavailable("no answer");
  }
  auto answer = read();
  scheduler_.note(what);
  take_time(true);
  return answer;
}

template <typename Change>
auto FaultyStore::change(const std::string& what, bool may_die, Change change) {
  Actor* actor = Scheduler::current();
  if (!actor) return change(0);
  Dice& dice = scheduler_.dice();
  const FaultRates& faults = config_.faults;
  check_alive(may_die);
  take_time(may_die);
  if (dice.chance(faults.request_lost)) {
    scheduler_.note(what + ": request lost");
    throw StoreUnavailable("request lost");
  }
  const std::uint64_t operation = actor->operation;
  // This store may be gone by then, with its process.
  auto later = [&scheduler = scheduler_, change, what, operation] {
    scheduler.note(what + ": arrives late");
    change(operation);
  };
  if (dice.chance(faults.late)) {
    scheduler_.note(what + ": under way for long");
    scheduler_.at(late_time(), later);
    throw StoreUnavailable("no answer yet");
  }
  scheduler_.note(what);
  if (dice.chance(faults.duplicate)) scheduler_.at(late_time(), later);
  auto lose_answer = [&] {
    take_time(may_die);
    if (!dice.chance(faults.answer_lost)) return;
    scheduler_.note(what + ": answer lost");
    throw StoreUnavailable("answer lost");
  };
  if constexpr (std::is_void_v<decltype(change(operation))>) {
    change(operation);
    lose_answer();
  } else {
    auto answer = change(operation);
    lose_answer();
    return answer;
  }
}

std::optional<ObjectPart> FaultyStore::get(std::string_view key, ByteRange range) {
  auto part = read("get " + short_name(key), [&] { return bucket_.get(key, range); });
  if (!Scheduler::current() || !part || part->bytes.empty()) return part;
  Dice& dice = scheduler_.dice();
  if (dice.chance(config_.faults.flipped_bit)) {
    scheduler_.note("a bit flipped");
    part->bytes[dice.below(part->bytes.size())] ^= static_cast<char>(1 << dice.below(8));
  }
  if (dice.chance(config_.faults.truncated)) {
    scheduler_.note("truncated");
    part->bytes.resize(dice.below(part->bytes.size()));
    if (dice.chance(0.5)) part->object_size = part->bytes.size();
  }
  return part;
}

void FaultyStore::put(std::string_view key, BytesView bytes) {
  if (Scheduler::current() && scheduler_.dice().chance(config_.faults.full))
    throw StoreFull("the store is full");
  change("put " + short_name(key), true,
         [&bucket = bucket_, key = std::string(key),
          bytes = Bytes(bytes)](std::uint64_t operation) { bucket.put(key, bytes, operation); });
}

PutOutcome FaultyStore::put_if_absent(std::string_view key, BytesView bytes) {
  if (Scheduler::current() && scheduler_.dice().chance(config_.faults.full))
    throw StoreFull("the store is full");
  return change("create " + short_name(key), true,
                [&bucket = bucket_, &scheduler = scheduler_, key = std::string(key),
                 bytes = Bytes(bytes)](std::uint64_t operation) {
                  PutOutcome outcome = bucket.put_if_absent(key, bytes, operation);
                  scheduler.note(outcome == PutOutcome::created ? "  created" : "  exists");
                  return outcome;
                });
}

ListPage FaultyStore::list(std::string_view prefix, std::string_view start_after,
                           std::size_t limit) {
  std::size_t count_max = config_.page_max;
  if (count_max < 10 && Scheduler::current()) count_max = 1 + scheduler_.dice().below(count_max);
  if (limit > 0) count_max = std::min(limit, count_max);
  if (!Scheduler::current()) count_max = limit > 0 ? limit : 1000;
  return read(fmt::format("list {} after {}", prefix, short_name(start_after)),
              [&] { return bucket_.list(prefix, start_after, count_max); });
}

void FaultyStore::remove(std::span<const std::string> keys) {
  std::vector<std::string> some(keys.begin(), keys.end());
  bool partial = false;
  if (Scheduler::current() && scheduler_.dice().chance(config_.faults.partial)) {
    some.resize(some.size() / 2);
    partial = true;
  }
  std::string what = fmt::format("remove {} of {}", some.size(), keys.size());
  for (const std::string& key : some) what += " " + short_name(key);
  bool may_die = keys.empty() || !keys.front().starts_with(format::leases_prefix);
  change(what, may_die, [&bucket = bucket_, some](std::uint64_t) { bucket.remove(some); });
  if (partial) throw StoreUnavailable("removed only some");
}

StoreTime FaultyStore::now() {
  return read("now", [&] { return StoreTime{bucket_.now(), {}, {}}; });
}

}  // namespace flashflood::simulation
