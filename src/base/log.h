// The library's log: messages apart from results and errors (LogRecord in flashflood/reports.h). An
// Environment holds it.
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

  // Passes the result of `message` to the callback; `message` is called only if there is one.
  // Errors of either are dropped, so that logging cannot change the outcome of an operation.
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
