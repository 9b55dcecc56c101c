// Ids made here: unique, and ascending in the order in which they are made.
//
// An id is a UUID of version 7 (RFC 9562) as 32 hexadecimal digits: the milliseconds of this
// machine's clock, then 74 bits that are random for the first id of a millisecond, and go up by a
// random step of up to 2^60 for each further one. When the clock stands still or steps back, its
// latest millisecond goes on, so that one maker's ids ascend whatever the clock does. Clocks have
// no part in their being unique: the random bits have.
//
// Threads: next() may be called from several threads at once.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "base/environment.h"

namespace flashflood {

class OrderedIds {
 public:
  std::string next(Clock& clock, Random& random);

 private:
  void begin_millisecond(Random& random);
  // False when there is no room for it in this millisecond.
  bool step(Random& random);

  std::mutex mutex_;  // guards what follows
  std::int64_t millisecond_ = -1;
  std::uint64_t high_ = 0;  // of the 74 bits the upper 12
  std::uint64_t low_ = 0;   // and the lower 62
};

}  // namespace flashflood
