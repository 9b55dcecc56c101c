// Queries over a whole flood, for Python.
#include "maintenance.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

#include <array>
#include <exception>
#include <mutex>
#include <type_traits>
#include <utility>

#include "arguments.h"
#include "convert.h"
#include "handles.h"
#include "iterator.h"

namespace flashflood::python {

namespace {

// Threads: as ReplayHandle.
class QueryHandle {
 public:
  // `credentials` is what keeps the function that gives them (s3.h).
  QueryHandle(QueryResult result, nb::object credentials)
      : credentials_(std::move(credentials)), result_("query", std::move(result)) {}

  // Empty at the end. Throws what the library throws, again and again when the query has failed.
  std::string next_piece() {
    return reading([this](QueryResult& result) { return read_piece(result); });
  }
  // Throws InvalidArgument when there is nothing left.
  std::string text() {
    return reading([this](QueryResult& result) {
      if (is_read_)
        throw InvalidArgument("this result was read already; keep it, or make the query again");
      std::string text = read_piece(result);
      while (!is_read_) text += read_piece(result);
      return text;
    });
  }
  // As of the last piece that was read.
  ReplayProgress progress() {
    result_.check();
    const std::lock_guard lock(telling_);
    return progress_;
  }
  std::array<nb::handle, 1> held() const { return {credentials_}; }

 private:
  template <typename Call>
  std::string reading(Call&& call) {
    QueryResult& result = *result_.get();
    return interruptibly([&] {
      const std::lock_guard lock(reading_);
      if (failure_) std::rethrow_exception(failure_);
      return call(result);
    });
  }

  std::string read_piece(QueryResult& result) {
    try {
      std::string piece(result.next_piece());
      is_read_ = piece.empty();
      const std::lock_guard lock(telling_);
      progress_ = result.progress();
      return piece;
    } catch (...) {
      failure_ = std::current_exception();
      throw;
    }
  }

  const nb::object credentials_;
  std::mutex reading_;
  Held<QueryResult> result_;  // guarded by reading_, as is all up to telling_
  std::exception_ptr failure_;
  bool is_read_ = false;
  std::mutex telling_;  // never held for long
  ReplayProgress progress_;
};

nb::str str_of(const std::string& text) { return nb::str(text.data(), text.size()); }

PyObject* next_piece(QueryHandle& query) {
  const std::string piece = query.next_piece();
  return piece.empty() ? nullptr : str_of(piece).release().ptr();
}

std::unique_ptr<QueryHandle> query(FloodHandle& flood, nb::handle expression, nb::handle from_date,
                                   nb::handle to_date, nb::handle strict, nb::handle memory_bytes,
                                   nb::handle read_ahead_bytes) {
  const std::string text = text_argument(expression, "expression");
  QueryOptions options;
  options.from = optional_timestamp(from_date, "from_date");
  options.to = optional_timestamp(to_date, "to_date");
  options.strict = flag_argument(strict, "strict");
  set_option(options.memory_bytes, memory_bytes, "memory_bytes");
  set_option(options.read_ahead_bytes, read_ahead_bytes, "read_ahead_bytes");
  return std::make_unique<QueryHandle>(
      flood.call([&](Flood& called) { return called.query(text, options); }), flood.credentials());
}

}  // namespace

void bind_query(nb::module_& module, nb::class_<FloodHandle>& flood) {
  nb::class_<QueryHandle>(module, "QueryResult",
                          nb::type_slots(iterator_slots<QueryHandle, next_piece>()),
                          "The result of a query: one JSON document, as a whole or in pieces.")
      .def(
          "text", [](QueryHandle& self) { return str_of(self.text()); },
          "All that is left of the result, as JSON.")
      .def(
          "value", [](QueryHandle& self) { return parse_json(self.text()); },
          "The result, decoded by json.loads.")
      .def_prop_ro("progress", &QueryHandle::progress, "What the query has done so far.");
  flood.def(
      "query", &query, nb::arg("expression").none(), nb::arg("from_date").none() = nb::none(),
      nb::arg("to_date").none() = nb::none(), nb::kw_only(), nb::arg("strict").none() = false,
      nb::arg("memory_bytes").none() = nb::none(), nb::arg("read_ahead_bytes").none() = nb::none(),
      nb::sig("def query(self, expression: str, "
              "from_date: datetime.datetime | str | None = None, "
              "to_date: datetime.datetime | str | None = None, *, strict: bool = False, "
              "memory_bytes: int | None = None, read_ahead_bytes: int | None = None"
              ") -> QueryResult"),
      R"doc(A JMESPath expression on {"events": [the data of every event of a range]}, as of now.

expression: for example "sum(events[?country=='France'].quantity)".
from_date, to_date: as for replay.
strict: data that is not JSON is an error, instead of being left out and counted. Default: False.
memory_bytes: for what has to be held together, such as what is sorted. Default: 256 MiB.
read_ahead_bytes: memory for what is read ahead. Default: 64 MiB.)doc");
}

}  // namespace flashflood::python
