// Queries over a whole flood, for Python.
#include "maintenance.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

#include <mutex>
#include <type_traits>
#include <utility>

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

std::unique_ptr<QueryHandle> query(FloodHandle& flood, const std::string& expression,
                                   nb::handle from_date, nb::handle to_date, bool strict,
                                   std::optional<std::size_t> memory_bytes,
                                   std::optional<std::size_t> read_ahead_bytes) {
  QueryOptions options;
  options.from = optional_timestamp(from_date, "from_date");
  options.to = optional_timestamp(to_date, "to_date");
  options.strict = strict;
  if (memory_bytes) options.memory_bytes = *memory_bytes;
  if (read_ahead_bytes) options.read_ahead_bytes = *read_ahead_bytes;
  return std::make_unique<QueryHandle>(
      flood.call([&](Flood& called) { return called.query(expression, options); }));
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
  flood.def("query", &query, nb::arg("expression"), nb::arg("from_date") = nb::none(),
            nb::arg("to_date") = nb::none(), nb::kw_only(), nb::arg("strict") = false,
            nb::arg("memory_bytes") = nb::none(), nb::arg("read_ahead_bytes") = nb::none(),
            "A JMESPath expression on {\"events\": [the data of every event of a range]}.");
}

}  // namespace flashflood::python
