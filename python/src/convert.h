// Dates and data between Python and the library.
//
// Threads: with the GIL held.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bindings.h"

namespace flashflood::python {

// An aware datetime in UTC: a new reference, or nullptr with an error set.
PyObject* datetime_of(Timestamp date);
// The same without a time zone, for the original's API.
PyObject* naive_datetime_of(Timestamp date);

// A datetime (a naive one is UTC), or RFC 3339 text. Throws a Python TypeError that names `what`,
// or InvalidArgument, also for what is no time (pandas.NaT). None: nothing.
std::optional<Timestamp> optional_timestamp(nb::handle date, const char* what);

// Seconds as a number, which a bool is not, or a timedelta; None: nothing.
std::optional<std::chrono::nanoseconds> optional_duration(nb::handle duration, const char* what);

// The same in whole milliseconds, the nearest, and in whole seconds, rounded down.
std::optional<std::chrono::milliseconds> optional_milliseconds(nb::handle duration,
                                                               const char* what);
std::chrono::seconds seconds_of(nb::handle duration, const char* what,
                                std::chrono::seconds otherwise);

// The bytes of str (as UTF-8), bytes, or anything with a contiguous buffer, borrowed for as long as
// this lives, which must end with the GIL held. Throws a Python TypeError that names `what`.
class BorrowedBytes {
 public:
  BorrowedBytes(nb::handle object, const char* what);
  ~BorrowedBytes();
  BorrowedBytes(const BorrowedBytes&) = delete;
  BorrowedBytes& operator=(const BorrowedBytes&) = delete;
  std::string_view view() const { return view_; }

 private:
  Py_buffer buffer_{};
  std::string_view view_;
};

// JSON to objects, as json.loads makes them. Throws the Python error.
nb::object parse_json(std::string_view text);

}  // namespace flashflood::python
