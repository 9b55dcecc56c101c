#include "convert.h"

#include <datetime.h>

#include <chrono>

#include "gil.h"

namespace flashflood::python {

namespace {

using std::chrono::microseconds;

// The datetime module's C interface, imported once.
void import_datetime() {
  if (PyDateTimeAPI) return;
  PyDateTime_IMPORT;
  if (!PyDateTimeAPI) nb::raise_python_error();
}

microseconds microseconds_of_delta(PyObject* delta) {
  return std::chrono::days(PyDateTime_DELTA_GET_DAYS(delta)) +
         std::chrono::seconds(PyDateTime_DELTA_GET_SECONDS(delta)) +
         microseconds(PyDateTime_DELTA_GET_MICROSECONDS(delta));
}

Timestamp timestamp_of_datetime(PyObject* date) {
  using namespace std::chrono;
  const year_month_day day(year(PyDateTime_GET_YEAR(date)),
                           month(static_cast<unsigned>(PyDateTime_GET_MONTH(date))),
                           std::chrono::day(static_cast<unsigned>(PyDateTime_GET_DAY(date))));
  const Timestamp local = sys_days(day) + hours(PyDateTime_DATE_GET_HOUR(date)) +
                          minutes(PyDateTime_DATE_GET_MINUTE(date)) +
                          seconds(PyDateTime_DATE_GET_SECOND(date)) +
                          microseconds(PyDateTime_DATE_GET_MICROSECOND(date));
  PyObject* const zone = PyDateTime_DATE_GET_TZINFO(date);
  if (zone == Py_None || zone == PyDateTime_TimeZone_UTC) return local;
  const nb::object offset = call_python(nb::handle(date).attr("utcoffset"));
  if (offset.is_none()) return local;
  return local - microseconds_of_delta(offset.ptr());
}

// What stands for no time, as pandas.NaT, is of a class of dates and equals nothing.
bool equals_itself(nb::handle date) {
  PyObject* const answer =
      parking([&] { return PyObject_RichCompare(date.ptr(), date.ptr(), Py_EQ); });
  if (answer == nullptr) nb::raise_python_error();
  const int is_equal = PyObject_IsTrue(nb::steal(answer).ptr());
  if (is_equal < 0) nb::raise_python_error();
  return is_equal != 0;
}

}  // namespace

namespace {

PyObject* make_datetime(Timestamp date, bool naive) {
  using namespace std::chrono;
  if (!PyDateTimeAPI) {
    PyDateTime_IMPORT;
    if (!PyDateTimeAPI) return nullptr;
  }
  const auto midnight = floor<days>(date);
  const year_month_day day(midnight);
  const hh_mm_ss time(date - midnight);
  return PyDateTimeAPI->DateTime_FromDateAndTime(
      static_cast<int>(day.year()), static_cast<int>(static_cast<unsigned>(day.month())),
      static_cast<int>(static_cast<unsigned>(day.day())), static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
      static_cast<int>(time.subseconds().count()), naive ? Py_None : PyDateTime_TimeZone_UTC,
      PyDateTimeAPI->DateTimeType);
}

}  // namespace

PyObject* datetime_of(Timestamp date) { return make_datetime(date, false); }
PyObject* naive_datetime_of(Timestamp date) { return make_datetime(date, true); }

std::optional<Timestamp> optional_timestamp(nb::handle date, const char* what) {
  if (date.is_none()) return std::nullopt;
  import_datetime();
  if (PyDateTime_Check(date.ptr())) {
    if (!PyDateTime_CheckExact(date.ptr()) && !equals_itself(date))
      throw InvalidArgument(std::string(what) + " is no time at all, but " +
                            Py_TYPE(date.ptr())->tp_name + ": leave it out, or give a date");
    return timestamp_of_datetime(date.ptr());
  }
  if (PyUnicode_Check(date.ptr())) {
    try {
      return read_date(BorrowedBytes(date, what).view());
    } catch (const InvalidArgument& error) {
      throw InvalidArgument(std::string(what) + ": " + error.what());
    }
  }
  nb::raise_type_error("%s is a datetime or RFC 3339 text, not %s", what,
                       Py_TYPE(date.ptr())->tp_name);
}

std::optional<std::chrono::nanoseconds> optional_duration(nb::handle duration, const char* what) {
  if (duration.is_none()) return std::nullopt;
  import_datetime();
  double seconds = 0;
  if (PyDelta_Check(duration.ptr())) {
    seconds = std::chrono::duration<double>(microseconds_of_delta(duration.ptr())).count();
  } else if ((PyFloat_Check(duration.ptr()) || PyLong_Check(duration.ptr())) &&
             !PyBool_Check(duration.ptr())) {
    seconds = PyFloat_AsDouble(duration.ptr());
    if (seconds == -1.0 && PyErr_Occurred()) nb::raise_python_error();
  } else {
    nb::raise_type_error("%s is a number of seconds or a timedelta, not %s", what,
                         Py_TYPE(duration.ptr())->tp_name);
  }
  constexpr double longest = 1e9;  // some 30 years
  if (!(seconds >= 0 && seconds <= longest))
    throw InvalidArgument(std::string(what) + " is a number of seconds from 0 to 1,000,000,000");
  if (PyDelta_Check(duration.ptr())) return microseconds_of_delta(duration.ptr());
  return std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

std::optional<std::chrono::milliseconds> optional_milliseconds(nb::handle duration,
                                                               const char* what) {
  const auto given = optional_duration(duration, what);
  if (!given) return std::nullopt;
  return std::chrono::round<std::chrono::milliseconds>(*given);
}

std::chrono::seconds seconds_of(nb::handle duration, const char* what,
                                std::chrono::seconds otherwise) {
  const auto given = optional_duration(duration, what);
  return given ? std::chrono::floor<std::chrono::seconds>(*given) : otherwise;
}

BorrowedBytes::BorrowedBytes(nb::handle object, const char* what) {
  if (PyUnicode_Check(object.ptr())) {
    Py_ssize_t size = 0;
    const char* const text = PyUnicode_AsUTF8AndSize(object.ptr(), &size);
    if (text == nullptr) nb::raise_python_error();
    // Kept by the text itself; the buffer keeps the text.
    if (PyBuffer_FillInfo(&buffer_, object.ptr(), const_cast<char*>(text), size, 1, PyBUF_SIMPLE))
      nb::raise_python_error();
  } else if (PyObject_CheckBuffer(object.ptr())) {
    if (PyObject_GetBuffer(object.ptr(), &buffer_, PyBUF_SIMPLE) != 0) nb::raise_python_error();
  } else {
    nb::raise_type_error("%s is str or bytes, not %s", what, Py_TYPE(object.ptr())->tp_name);
  }
  view_ = {static_cast<const char*>(buffer_.buf), static_cast<std::size_t>(buffer_.len)};
}

BorrowedBytes::~BorrowedBytes() { PyBuffer_Release(&buffer_); }

nb::object parse_json(std::string_view text) {
  const nb::str decoded = nb::steal<nb::str>(
      PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr));
  if (!decoded.is_valid()) nb::raise_python_error();
  return call_python(nb::module_::import_("json").attr("loads"), decoded);
}

}  // namespace flashflood::python
