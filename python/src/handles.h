// Floods and recorders as Python holds them.
//
// Threads: with the GIL held; it is released while the library waits or works.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "bindings.h"
#include "waiting.h"

namespace flashflood::python {

class FloodHandle {
 public:
  explicit FloodHandle(Flood flood) : flood_("flood", std::move(flood)) {}
  template <typename Call>
  auto call(Call&& call) {
    Flood& flood = *flood_.get();
    return interruptibly([&] { return call(flood); });
  }

 private:
  Held<Flood> flood_;
};

class RecorderHandle {
 public:
  explicit RecorderHandle(Recorder recorder)
      : recorder_("recorder", std::make_shared<Recorder>(std::move(recorder))) {}

  void put(nb::handle data, std::optional<std::string_view> id, nb::handle date);
  // False, and nothing is taken, when put() would wait.
  bool try_put(nb::handle data, std::optional<std::string_view> id, nb::handle date);
  void flush();
  // Flushes; nothing can be put any more.
  void close();
  // The end of a with block: flushes unless that ends with an error.
  void exit(nb::handle error);
  Recorder::Progress progress();

 private:
  class Use;
  Held<std::shared_ptr<Recorder>> recorder_;
};

}  // namespace flashflood::python
