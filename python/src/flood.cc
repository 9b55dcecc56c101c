// Floods for Python.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include "convert.h"
#include "cycles.h"
#include "event.h"
#include "handles.h"
#include "maintenance.h"
#include "replay.h"
#include "s3.h"

namespace flashflood::python {

namespace {

using Id = std::optional<std::string>;

std::unique_ptr<FloodHandle> open_flood(
    const std::string& url, bool create, bool lazy, nb::handle grace, nb::handle patience,
    const std::optional<std::string>& compression, std::optional<std::size_t> block_bytes,
    std::optional<std::size_t> cache_bytes, std::optional<std::size_t> block_cache_bytes,
    std::size_t threads, nb::handle retry_for, const HeldS3Options* s3) {
  OpenOptions options;
  options.create = create;
  options.lazy = lazy;
  options.grace = seconds_of(grace, "grace", options.grace);
  options.patience = seconds_of(patience, "patience", options.patience);
  if (compression) options.compression = *compression;
  if (block_bytes) options.block_bytes = *block_bytes;
  if (cache_bytes) options.cache_bytes = *cache_bytes;
  if (block_cache_bytes) options.block_cache_bytes = *block_cache_bytes;
  options.threads = threads;
  if (const auto given = optional_duration(retry_for, "retry_for"))
    options.retry_for = std::chrono::floor<std::chrono::milliseconds>(*given);
  if (s3) options.s3 = s3->options;
  return std::make_unique<FloodHandle>(interruptibly([&] { return Flood::open(url, options); }),
                                       s3 ? s3->credentials : nb::object());
}

std::string put(FloodHandle& flood, nb::handle data, Id id, nb::handle date) {
  const NewEvent event{.id = std::move(id),
                       .date = optional_timestamp(date, "date"),
                       .data = std::string(BorrowedBytes(data, "data").view())};
  return flood.call([&](Flood& called) { return called.put(event); });
}

nb::object get(FloodHandle& flood, const std::string& id) {
  return make_event(flood.call([&](Flood& called) { return called.get(id); }));
}

nb::object find(FloodHandle& flood, const std::string& id) {
  auto event = flood.call([&](Flood& called) { return called.find(id); });
  return event ? make_event(std::move(*event)) : nb::none();
}

std::uint64_t update(FloodHandle& flood, const std::string& id, nb::handle data,
                     std::optional<std::uint64_t> expected_revision) {
  const std::string bytes(BorrowedBytes(data, "data").view());
  return flood.call([&](Flood& called) { return called.update(id, bytes, expected_revision); });
}

void erase(FloodHandle& flood, const std::string& id,
           std::optional<std::uint64_t> expected_revision) {
  flood.call([&](Flood& called) { called.erase(id, expected_revision); });
}

std::unique_ptr<RecorderHandle> recorder(FloodHandle& flood, std::optional<std::size_t> batch_bytes,
                                         std::optional<std::size_t> in_flight, bool eager) {
  RecorderOptions options;
  if (batch_bytes) options.batch_bytes = *batch_bytes;
  if (in_flight) options.in_flight = *in_flight;
  options.eager = eager;
  return std::make_unique<RecorderHandle>(
      flood.call([&](Flood& called) { return called.recorder(options); }), flood.credentials());
}

std::unique_ptr<ReplayHandle> replay(FloodHandle& flood, nb::handle from_date, nb::handle to_date,
                                     const std::optional<std::string>& where,
                                     const std::optional<std::string>& query, bool strict,
                                     std::optional<std::uint64_t> limit, bool follow,
                                     nb::handle poll, std::optional<std::size_t> read_ahead_bytes) {
  ReplayOptions options;
  options.from = optional_timestamp(from_date, "from_date");
  options.to = optional_timestamp(to_date, "to_date");
  options.where = where.value_or("");
  options.query = query.value_or("");
  options.strict = strict;
  options.limit = limit;
  options.follow = follow;
  if (const auto interval = optional_duration(poll, "poll"))
    options.poll = std::chrono::ceil<std::chrono::milliseconds>(*interval);
  if (read_ahead_bytes) options.read_ahead_bytes = *read_ahead_bytes;
  return std::make_unique<ReplayHandle>(
      flood.call([&](Flood& called) { return called.replay(options); }), options.follow,
      flood.credentials());
}

RequestReport requests(FloodHandle& flood) {
  return flood.call([](Flood& called) { return called.requests(); });
}

}  // namespace

void bind_flood(nb::module_& module) {
  nb::class_<FloodHandle> flood(
      module, "Flood", nb::type_slots(traversed_slots<FloodHandle>()),
      "A handle on a flood. It may be used from several threads at once.");
  flood
      .def("put", &put, nb::arg("data").none(), nb::arg("id") = nb::none(),
           nb::arg("date") = nb::none(),
           "Records an event, durably, and returns its id; id and date are made when they are not "
           "given. FlashFloodEventExistsError when the id is taken.")
      .def("get", &get, nb::arg("id"),
           "The event of this id. FlashFloodEventNotFound when there is none.")
      .def("find", &find, nb::arg("id"), "The event of this id, or None.")
      .def("update", &update, nb::arg("id"), nb::arg("data").none(),
           nb::arg("expected_revision") = nb::none(),
           "Replaces the data and returns the new revision. FlashFloodEventNotFound when there is "
           "no such event; RevisionConflict when it has not the expected revision.")
      .def("delete", &erase, nb::arg("id"), nb::arg("expected_revision") = nb::none(),
           "Deletes the event. Its id may be put again. Raises as update.")
      .def(
          "recorder", &recorder, nb::kw_only(), nb::arg("batch_bytes") = nb::none(),
          nb::arg("in_flight") = nb::none(), nb::arg("eager") = true,
          "Records in bulk: a context manager, and what was put is durable when its block ends. An "
          "event whose id exists already is left as it is.")
      .def("replay", &replay, nb::arg("from_date") = nb::none(), nb::arg("to_date") = nb::none(),
           nb::kw_only(), nb::arg("where") = nb::none(), nb::arg("query") = nb::none(),
           nb::arg("strict") = false, nb::arg("limit") = nb::none(), nb::arg("follow") = false,
           nb::arg("poll") = 1.0, nb::arg("read_ahead_bytes") = nb::none(),
           "The events with from_date < date <= to_date in order of (date, id), as of now. where "
           "keeps those for which a JMESPath expression is true, query puts its result in the "
           "place of the data.")
      .def("requests", &requests, "Store requests of this handle since it was opened.");
  bind_query(module, flood);
  bind_maintenance(flood);
  module.def(
      "open", &open_flood, nb::arg("url"), nb::kw_only(), nb::arg("create") = true,
      nb::arg("lazy") = false, nb::arg("grace") = nb::none(), nb::arg("patience") = nb::none(),
      nb::arg("compression") = nb::none(), nb::arg("block_bytes") = nb::none(),
      nb::arg("cache_bytes") = nb::none(), nb::arg("block_cache_bytes") = nb::none(),
      nb::arg("threads") = 0, nb::arg("retry_for") = nb::none(), nb::arg("s3") = nb::none(),
      "Opens the flood at a URL: a path, file:///path, s3://bucket/prefix or memory://name. It is "
      "created when there is none, unless create is False: NotAFlood then. With lazy=True nothing "
      "is asked of the store before the "
      "first operation, which then also fails for what open() would have failed for.");
}

}  // namespace flashflood::python
