// Queries over a whole flood, for Python.
#include "maintenance.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

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
  explicit QueryHandle(QueryResult result) : result_("query", std::move(result)) {}

  // Empty at the end.
  std::string next_piece() {
    return reading([](QueryResult& result) { return std::string(result.next_piece()); });
  }
  std::string text() {
    return reading([](QueryResult& result) { return result.text(); });
  }
  ReplayProgress progress() {
    return reading([](QueryResult& result) { return result.progress(); });
  }

 private:
  template <typename Call>
  std::invoke_result_t<Call&, QueryResult&> reading(Call&& call) {
    QueryResult& result = *result_.get();
    return interruptibly([&]() -> std::invoke_result_t<Call&, QueryResult&> {
      const std::lock_guard lock(reading_);
      return call(result);
    });
  }

  std::mutex reading_;
  Held<QueryResult> result_;  // guarded by reading_
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
      flood.call([&](Flood& called) { return called.query(text, options); }));
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
