// A stage for directed tests: actors are threads that stop exactly before or after the requests
// that the test names; everything else happens at once, and time passes only when the test says so.
//
// Threads: the test's thread directs; one actor runs at a time.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/state/context.h"
#include "flashflood/event.h"
#include "simulation/bucket.h"
#include "simulation/scheduler.h"

namespace flashflood::simulation {

enum class Request { get, put, create, list, remove };

// What befalls a request.
enum class Cue {
  stop_before,
  stop_after,
  lose_answer,  // it happens, and the answer is lost
  late,         // it happens when the stage delivers it; no answer
  no_answer,    // it does not happen
  full,         // the store is full
  damage,       // the answer of a get has a wrong bit
  split_list,   // the listing shows keys up to `at` as of now, then stops, and shows the rest later
};

class Stage;

class Player {
 public:
  Player(Stage& stage, std::function<void()> body);
  ~Player();
  // The next `times` requests of this kind whose key begins with the prefix.
  void expect(Request request, std::string prefix, Cue cue, int times = 1, std::string at = {});
  // Runs to the next stop: true; or to the end: false. Rethrows what the body threw.
  bool go();
  // Runs to the stop that was expected last.
  void go_to(Request request, const std::string& prefix, Cue cue = Cue::stop_before);

 private:
  friend class Stage;
  friend class StageStore;
  struct Rule {
    Request request;
    std::string prefix;
    Cue cue;
    int times;
    std::string at;
  };
  std::optional<Rule> take(Request request, std::string_view key);
  void stop();

  Stage& stage_;
  std::vector<Rule> rules_;
  bool ended_ = false;
  std::exception_ptr error_;
  Baton go_;
  Baton back_;
  std::thread thread_;
};

class Stage {
 public:
  // The store's clock shows multiples of `tick`.
  explicit Stage(std::uint64_t seed = 1, nanoseconds tick = nanoseconds(1));

  // A process of its own, with its own cache.
  std::shared_ptr<engine::Context> process();
  void advance(nanoseconds duration) { clock_.advance(duration); }
  nanoseconds now() const { return clock_.now(); }
  // Carries out what is late.
  void deliver();
  const Bucket& bucket() const { return bucket_; }
  std::vector<std::string> keys(std::string_view prefix) const;
  std::size_t page_max = 1000;
  std::vector<std::string> log;  // requests, as "get key"

  // Everything of a range, as a replay of a new process shows it: "id@day=data".
  std::vector<std::string> shown();
  // The data of an event, or "nothing".
  std::string get(const std::string& id);
  void journal();
  void collect();

 private:
  friend class StageStore;
  Scheduler clock_;
  Bucket bucket_;
  std::uint64_t processes_ = 0;
  std::vector<std::function<void()>> late_;
};

// Shorthands: midnight of a day, counted from 1970; an event of that day; one event recorded in
// bulk by a recorder of its own, and durable.
Timestamp day(int number);
NewEvent event(const std::string& id, int date, const std::string& data);
void record(const std::shared_ptr<engine::Context>& context, const std::string& id, int date,
            const std::string& data);
// By a process of its own.
void record(Stage& stage, const std::string& id, int date, const std::string& data);

}  // namespace flashflood::simulation
