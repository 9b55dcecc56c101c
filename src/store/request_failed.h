// StoreUnavailable with the known facts about the request that failed.
//
// Threads: values.
#pragma once

#include <chrono>
#include <string>

#include "flashflood/error.h"

namespace flashflood {

class RequestFailed : public StoreUnavailable {
 public:
  enum class Effect {
    none,     // nothing was done, for certain: it never left, or the store declined it
    unknown,  // it may have been done, or may be yet
  };

  RequestFailed(const std::string& message, Effect effect,
                std::chrono::nanoseconds retry_after = {})
      : StoreUnavailable(message), effect_(effect), retry_after_(retry_after) {}
  Effect effect() const noexcept { return effect_; }
  // How long the store asks clients to wait; zero when it does not say.
  std::chrono::nanoseconds retry_after() const noexcept { return retry_after_; }
  // The request has been repeated already, for as long as that made sense.
  bool final() const noexcept { return final_; }
  RequestFailed as_final() const {
    RequestFailed failed = *this;
    failed.final_ = true;
    return failed;
  }

 private:
  Effect effect_;
  std::chrono::nanoseconds retry_after_;
  bool final_ = false;
};

}  // namespace flashflood
