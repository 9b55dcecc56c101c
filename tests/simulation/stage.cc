#include "simulation/stage.h"

#include <fmt/format.h>

#include <chrono>
#include <type_traits>
#include <utility>

#include "engine/journal/journaling.h"
#include "engine/read/lookup.h"
#include "engine/read/replayer.h"
#include "engine/state/open.h"
#include "engine/upkeep/collector.h"
#include "engine/write/recorder.h"
#include "flashflood/error.h"

namespace flashflood::simulation {

namespace {
thread_local Player* current_player = nullptr;
}  // namespace

class StageStore final : public ObjectStore {
 public:
  explicit StageStore(Stage& stage) : stage_(stage) {}

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override {
    Stop stop(*this, Request::get, key);
    stage_.log.push_back("get " + std::string(key));
    auto part = stage_.bucket_.get(key, range);
    if (stop.is(Cue::damage)) part->bytes[part->bytes.size() / 2] ^= 1;
    return part;
  }
  void put(std::string_view key, BytesView bytes) override {
    change(Request::put, key, [this, key = std::string(key), bytes = Bytes(bytes)] {
      stage_.bucket_.put(key, bytes, 0);
      return 0;
    });
  }
  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override {
    return change(Request::create, key, [this, key = std::string(key), bytes = Bytes(bytes)] {
      return stage_.bucket_.put_if_absent(key, bytes, 0);
    });
  }
  ListPage list(std::string_view prefix, std::string_view start_after, std::size_t limit) override {
    Stop stop(*this, Request::list, prefix);
    std::size_t count = limit > 0 ? limit : stage_.page_max;
    ListPage page = stage_.bucket_.list(prefix, start_after, count);
    if (!stop.is(Cue::split_list)) return page;
    std::erase_if(page.objects, [&](const ObjectInfo& o) { return o.key > stop.rule->at; });
    current_player->stop();
    ListPage rest = stage_.bucket_.list(prefix, stop.rule->at, count);
    for (ObjectInfo& object : rest.objects) page.objects.push_back(std::move(object));
    page.in_steps = true;
    return page;
  }
  void remove(std::span<const std::string> keys) override {
    std::vector<std::string> some(keys.begin(), keys.end());
    change(Request::remove, keys.empty() ? std::string_view() : keys.front(), [this, some] {
      stage_.bucket_.remove(some);
      return 0;
    });
  }
  StoreTime now() override { return {stage_.bucket_.now(), {}, {}}; }
  std::string describe() const override { return "stage"; }

 private:
  // Stops before and after a request where the test says so.
  struct Stop {
    Stop(StageStore&, Request request, std::string_view key) {
      if (current_player) rule = current_player->take(request, key);
      if (is(Cue::stop_before)) current_player->stop();
      if (is(Cue::no_answer)) throw StoreUnavailable("no answer");
      if (is(Cue::full)) throw StoreFull("the store is full");
    }
    ~Stop() {
      if (is(Cue::stop_after)) current_player->stop();
    }
    bool is(Cue cue) const { return rule && rule->cue == cue; }
    std::optional<Player::Rule> rule;
  };

  template <typename Change>
  std::invoke_result_t<Change> change(Request request, std::string_view key, Change change) {
    Stop stop(*this, request, key);
    if (stop.is(Cue::late)) {
      stage_.late_.push_back([change] { change(); });
      throw StoreUnavailable("no answer yet");
    }
    auto answer = change();
    if (stop.is(Cue::lose_answer)) throw StoreUnavailable("answer lost");
    return answer;
  }

  Stage& stage_;
};

Player::Player(Stage& stage, std::function<void()> body) : stage_(stage) {
  thread_ = std::thread([this, body = std::move(body)] {
    go_.acquire();
    current_player = this;
    try {
      body();
    } catch (...) {
      error_ = std::current_exception();
    }
    ended_ = true;
    back_.release();
  });
}

Player::~Player() {
  rules_.clear();
  if (!ended_) {
    go_.release();
    back_.acquire();
  }
  thread_.join();
}

void Player::expect(Request request, std::string prefix, Cue cue, int times, std::string at) {
  rules_.push_back({request, std::move(prefix), cue, times, std::move(at)});
}

bool Player::go() {
  if (ended_) throw Error("the player has ended");
  go_.release();
  back_.acquire();
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  return !ended_;
}

void Player::go_to(Request request, const std::string& prefix, Cue cue) {
  expect(request, prefix, cue);
  if (!go()) throw Error("the player made no such request: " + prefix);
}

std::optional<Player::Rule> Player::take(Request request, std::string_view key) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (rules_[i].request != request || !key.starts_with(rules_[i].prefix)) continue;
    Rule rule = rules_[i];
    if (--rules_[i].times == 0) rules_.erase(rules_.begin() + static_cast<std::ptrdiff_t>(i));
    return rule;
  }
  return std::nullopt;
}

void Player::stop() {
  back_.release();
  go_.acquire();
}

Stage::Stage(std::uint64_t seed, nanoseconds tick)
    : clock_(seed),
      bucket_([this] { return StoreTimestamp(simulation_start + clock_.now()); }, tick),
      processes_(seed * 1000) {
  process();  // makes the flood
}

std::shared_ptr<engine::Context> Stage::process() {
  // Two things never happen at one instant.
  clock_.advance(nanoseconds(1000));
  Environment env = make_environment(clock_, ++processes_, nanoseconds(0));
  OpenOptions options;
  options.compression = "none";
  return engine::open_context(std::make_shared<StageStore>(*this), env, options);
}

void Stage::deliver() {
  for (auto& change : std::exchange(late_, {})) change();
}

std::vector<std::string> Stage::keys(std::string_view prefix) const {
  std::vector<std::string> keys;
  for (const auto& [key, object] : bucket_.objects())
    if (key.starts_with(prefix)) keys.push_back(key);
  return keys;
}

std::vector<std::string> Stage::shown() {
  engine::Replayer replayer(process(), {});
  std::vector<std::string> shown;
  for (auto batch = replayer.next_batch(); !batch.empty(); batch = replayer.next_batch())
    for (const EventView& event : batch)
      shown.push_back(fmt::format("{}@{}={}", event.id,
                                  event.date.time_since_epoch() / std::chrono::hours(24),
                                  event.data));
  return shown;
}

std::string Stage::get(const std::string& id) {
  auto state = engine::look_up(*process(), id, IdHash::of(id), true);
  return state.live() ? state.data : "nothing";
}

void Stage::journal() { engine::journal(*process(), {}); }
void Stage::collect() { engine::collect_garbage(*process(), {}); }

Timestamp day(int number) { return Timestamp(std::chrono::days(number)); }

NewEvent event(const std::string& id, int date, const std::string& data) {
  return {id, day(date), data};
}

void record(const std::shared_ptr<engine::Context>& context, const std::string& id, int date,
            const std::string& data) {
  engine::BulkRecorder recorder(context, {});
  recorder.put(id, day(date), data);
  recorder.flush();
}

void record(Stage& stage, const std::string& id, int date, const std::string& data) {
  record(stage.process(), id, date, data);
}

}  // namespace flashflood::simulation
