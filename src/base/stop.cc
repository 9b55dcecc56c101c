#include "base/stop.h"

#include <utility>

#include "flashflood/error.h"

namespace flashflood {

namespace {

std::stop_token& token_of_thread() noexcept {
  thread_local std::stop_token token;
  return token;
}

}  // namespace

StopScope::StopScope(std::stop_token token) noexcept
    : before_(std::exchange(token_of_thread(), std::move(token))) {}

StopScope::~StopScope() { token_of_thread() = std::move(before_); }

std::stop_token current_stop() noexcept { return token_of_thread(); }

void throw_if_stopped() {
  if (token_of_thread().stop_requested()) throw Interrupted("interrupted by the caller");
}

}  // namespace flashflood
