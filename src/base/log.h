// What the library tells beside results and errors, for whoever asked for it (LogRecord in
// flashflood/reports.h). It is told in an Environment.
//
// Threads: every function may be called from several threads at once.
#pragma once

#include <memory>
#include <utility>

#include "flashflood/reports.h"

namespace flashflood {

class Log {
 public:
  Log() = default;  // tells nobody
  explicit Log(LogCallback callback)
      : callback_(callback ? std::make_shared<const LogCallback>(std::move(callback)) : nullptr) {}

  // Tells what `message` gives, which is called only when somebody listens. Telling changes nothing
  // of what is going on: an error in it is dropped.
  template <typename Message>
  void tell(LogRecord::Level level, const Message& message) const noexcept {
    if (!callback_) return;
    try {
      (*callback_)(LogRecord{level, message()});
    } catch (...) {
    }
  }

 private:
  std::shared_ptr<const LogCallback> callback_;
};

}  // namespace flashflood
