#include "simulation/scheduler.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <utility>

namespace flashflood::simulation {

namespace {

thread_local Actor* current_actor = nullptr;

class SimClock final : public Clock {
 public:
  SimClock(Scheduler& scheduler, nanoseconds wall_error)
      : scheduler_(scheduler), wall_error_(wall_error) {}
  Timestamp wall_now() override {
    return Timestamp(std::chrono::floor<std::chrono::microseconds>(simulation_start + wall_error_ +
                                                                   scheduler_.now()));
  }
  // Each machine was started at another time.
  nanoseconds steady_now() override { return scheduler_.now() + wall_error_ / 2; }
  void sleep_for(nanoseconds duration) override { scheduler_.wait(duration); }

 private:
  Scheduler& scheduler_;
  const nanoseconds wall_error_;
};

class SimRandom final : public Random {
 public:
  explicit SimRandom(std::uint64_t seed) : dice_(seed) {}
  void fill(std::span<std::byte> out) override {
    for (std::byte& byte : out) byte = static_cast<std::byte>(dice_.below(256));
  }

 private:
  Dice dice_;
};

}  // namespace

nanoseconds Dice::duration(nanoseconds least, nanoseconds most) {
  const double low = std::log2(static_cast<double>(least.count()));
  const double high = std::log2(static_cast<double>(most.count()));
  return nanoseconds(static_cast<std::int64_t>(std::exp2(low + (high - low) * unit())));
}

Scheduler::~Scheduler() {
  for (auto& actor : actors_) actor->thread.join();
}

Actor* Scheduler::current() { return current_actor; }

void Scheduler::spawn(std::string name, std::function<void(Actor&)> body) {
  auto actor = std::make_unique<Actor>();
  actor->name = std::move(name);
  Actor* raw = actor.get();
  raw->thread = std::thread([this, raw, body = std::move(body)] {
    current_actor = raw;
    raw->go.acquire();
    body(*raw);
    pass_on(nullptr);
  });
  actors_.push_back(std::move(actor));
  events_.push({now_, ++ties_, raw, nullptr});
}

void Scheduler::at(nanoseconds time, std::function<void()> action) {
  events_.push({time, ++ties_, nullptr, std::move(action)});
}

void Scheduler::wait(nanoseconds duration) {
  Actor* actor = current();
  if (!actor) {
    now_ += duration;
    return;
  }
  if (actor->crashed) return;
  events_.push({stopping_ ? now_ : now_ + duration, ++ties_, actor, nullptr});
  pass_on(actor);
}

void Scheduler::run(std::function<void()> between) {
  between_ = std::move(between);
  pass_on(nullptr);
  end_.acquire();
}

void Scheduler::pass_on(Actor* self) {
  auto as_nobody = [](const std::function<void()>& action) {
    Actor* actor = std::exchange(current_actor, nullptr);
    action();
    current_actor = actor;
  };
  for (;;) {
    if (!stopping_) as_nobody(between_);
    if (events_.empty()) {
      end_.release();
      return;
    }
    Event event = events_.top();
    events_.pop();
    // Who is stopped does not wait for its time.
    if (!stopping_ && event.time > now_) now_ = event.time;
    ++step_;
    if (event.actor) {
      if (stopping_) event.actor->crashed = true;
      if (event.actor == self) return;
      event.actor->go.release();
      if (self) self->go.acquire();
      return;
    }
    if (!stopping_) as_nobody(event.action);
  }
}

void Scheduler::note(const std::string& what) {
  const Actor* actor = current();
  std::string line =
      fmt::format("{:>6} {:>14.6f} {:<12} {}", step_, static_cast<double>(now_.count()) / 1e9,
                  actor ? actor->name : "-", what);
  for (char c : line) trace_hash_ = (trace_hash_ ^ static_cast<unsigned char>(c)) * 1099511628211U;
  if (print_) std::puts(line.c_str());
}

Environment make_environment(Scheduler& scheduler, std::uint64_t seed, nanoseconds wall_error) {
  return {std::make_shared<SimClock>(scheduler, wall_error), std::make_shared<SimRandom>(seed),
          make_inline_executor(), make_inline_executor()};
}

}  // namespace flashflood::simulation
