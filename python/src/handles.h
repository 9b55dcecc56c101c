// Floods and recorders as Python holds them.
//
// Threads: with the GIL held; it is released while the library waits or works.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bindings.h"

namespace flashflood::python {

class RecorderHandle {
 public:
  explicit RecorderHandle(Recorder recorder) : recorder_(std::move(recorder)) {}
  ~RecorderHandle();
  RecorderHandle(const RecorderHandle&) = delete;
  RecorderHandle& operator=(const RecorderHandle&) = delete;

  // Throws InvalidArgument when it is closed.
  Recorder& recorder();
  void put(nb::handle data, std::optional<std::string_view> id, nb::handle date);
  void flush();
  void close();
  // The end of a with block: flushes unless that ends with an error.
  void exit(nb::handle error);

 private:
  std::optional<Recorder> recorder_;
};

}  // namespace flashflood::python
