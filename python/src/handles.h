// Floods and recorders as Python holds them.
//
// Threads: with the GIL held; it is released while the library waits or works.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "bindings.h"
#include "waiting.h"

namespace flashflood::python {

class FloodHandle {
 public:
  FloodHandle(Flood flood, nb::object credentials)
      : credentials_(std::move(credentials)), flood_("flood", std::move(flood)) {}
  template <typename Call>
  auto call(Call&& call) {
    Flood& flood = *flood_.get();
    return interruptibly([&] { return call(flood); });
  }

  // What keeps the function that gives the credentials (s3.h): what the flood makes keeps it too.
  const nb::object& credentials() const { return credentials_; }
  std::array<nb::handle, 1> held() const { return {credentials_}; }

 private:
  const nb::object credentials_;
  Held<Flood> flood_;
};

class RecorderHandle {
 public:
  RecorderHandle(Recorder recorder, nb::object credentials)
      : credentials_(std::move(credentials)),
        recorder_("recorder", std::make_shared<Recorder>(std::move(recorder))) {}
  // Gives a ResourceWarning when it was not closed.
  ~RecorderHandle();
  RecorderHandle(const RecorderHandle&) = delete;
  RecorderHandle& operator=(const RecorderHandle&) = delete;

  void put(nb::handle data, std::optional<std::string_view> id, nb::handle date);
  // False, and nothing is taken, when put() would wait.
  bool try_put(nb::handle data, std::optional<std::string_view> id, nb::handle date);
  void flush();
  // Flushes; nothing can be put any more.
  void close();
  // The end of a with block: flushes unless that ends with an error.
  void exit(nb::handle error);
  Recorder::Progress progress();
  std::array<nb::handle, 1> held() const { return {credentials_}; }

 private:
  class Use;
  const nb::object credentials_;
  Held<std::shared_ptr<Recorder>> recorder_;
};

}  // namespace flashflood::python
