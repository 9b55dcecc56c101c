// What floods do beside single events: splits, journaling, collecting, verifying, importing.
#include "maintenance.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <utility>

#include "convert.h"
#include "s3.h"

namespace flashflood::python {

namespace {

using Text = std::optional<std::string>;

// Calls a Python function with (events, events_total, bytes); its error ends the operation.
ProgressCallback progress_of(nb::handle callback) {
  if (callback.is_none()) return {};
  return [callback](const Progress& progress) {
    const GilAcquired acquired;
    acquired.check();
    call_python(callback, nb::int_(progress.events), nb::int_(progress.events_total),
                nb::int_(progress.bytes));
  };
}

std::vector<std::string> texts_of(nb::handle splits) {
  PyObject* const listed = parking([&] { return PySequence_List(splits.ptr()); });
  if (listed == nullptr) nb::raise_python_error();
  std::vector<std::string> texts;
  for (const nb::handle split : nb::steal<nb::list>(listed))
    texts.emplace_back(BorrowedBytes(split, "a split").view());
  return texts;
}

// As objects of flashflood.Split, which Python defines.
nb::list split_list(const std::vector<std::string>& texts) {
  const nb::object split = nb::module_::import_("flashflood._split").attr("Split");
  nb::list list;
  for (const std::string& text : texts)
    list.append(call_python(split, nb::str(text.data(), text.size())));
  return list;
}

// True: an hour. False, as None: not at all.
std::optional<std::chrono::seconds> presigned_for(nb::handle presign) {
  constexpr std::chrono::hours usual{1};
  if (presign.is(Py_True)) return usual;
  if (presign.is_none() || presign.is(Py_False)) return std::nullopt;
  return seconds_of(presign, "presign", {});
}

nb::list make_splits(FloodHandle& flood, std::uint64_t count, nb::handle from_date,
                     nb::handle to_date, const Text& where, const Text& query, bool strict,
                     nb::handle valid_for, nb::handle presign) {
  SplitOptions options;
  options.count = count;
  options.from = optional_timestamp(from_date, "from_date");
  options.to = optional_timestamp(to_date, "to_date");
  options.where = where.value_or("");
  options.query = query.value_or("");
  options.strict = strict;
  options.valid_for = seconds_of(valid_for, "valid_for", options.valid_for);
  options.presign = presigned_for(presign);
  return split_list(flood.call([&](Flood& called) { return called.splits(options); }));
}

nb::list refresh_splits(FloodHandle& flood, nb::handle splits, nb::handle valid_for) {
  const std::vector<std::string> texts = texts_of(splits);
  std::optional<std::chrono::seconds> term;
  if (!valid_for.is_none()) term = seconds_of(valid_for, "valid_for", {});
  return split_list(flood.call([&](Flood& called) { return called.refresh_splits(texts, term); }));
}

JournalReport journal(FloodHandle& flood, std::uint64_t min_events, std::uint64_t min_bytes,
                      std::uint64_t min_data_bytes, std::optional<std::size_t> journal_bytes,
                      bool merge, nb::handle progress) {
  JournalOptions options;
  options.min_events = min_events;
  options.min_bytes = min_bytes;
  options.min_data_bytes = min_data_bytes;
  if (journal_bytes) options.journal_bytes = *journal_bytes;
  options.merge = merge;
  options.progress = progress_of(progress);
  return flood.call([&](Flood& called) { return called.journal(options); });
}

CollectReport collect_garbage(FloodHandle& flood, bool dry_run, bool advance) {
  return flood.call([&](Flood& called) {
    return called.collect_garbage({.dry_run = dry_run, .advance = advance});
  });
}

VerifyReport verify(FloodHandle& flood, std::optional<std::size_t> problems_max,
                    nb::handle progress) {
  VerifyOptions options;
  if (problems_max) options.problems_max = *problems_max;
  options.progress = progress_of(progress);
  return flood.call([&](Flood& called) { return called.verify(options); });
}

std::vector<JournalInfo> journals(FloodHandle& flood, nb::handle from_date, nb::handle to_date,
                                  bool read_pending) {
  const auto from = optional_timestamp(from_date, "from_date");
  const auto to = optional_timestamp(to_date, "to_date");
  return flood.call([&](Flood& called) { return called.journals(from, to, read_pending); });
}

ImportReport import_original(FloodHandle& flood, const std::string& url,
                             const HeldS3Options* source, bool strict,
                             std::optional<std::size_t> names_max,
                             std::optional<std::size_t> memory_bytes, nb::handle progress) {
  ImportOptions options;
  if (source) options.source = source->options;
  options.strict = strict;
  if (names_max) options.names_max = *names_max;
  if (memory_bytes) options.memory_bytes = *memory_bytes;
  options.progress = progress_of(progress);
  return flood.call([&](Flood& called) { return called.import_original(url, options); });
}

}  // namespace

void bind_maintenance(nb::class_<FloodHandle>& flood) {
  flood
      .def("splits", &make_splits, nb::arg("count"), nb::arg("from_date") = nb::none(),
           nb::arg("to_date") = nb::none(), nb::kw_only(), nb::arg("where") = nb::none(),
           nb::arg("query") = nb::none(), nb::arg("strict") = false,
           nb::arg("valid_for") = nb::none(), nb::arg("presign") = nb::none(),
           "A replay in pieces that any machine can read.")
      .def("refresh_splits", &refresh_splits, nb::arg("splits"), nb::arg("valid_for") = nb::none(),
           "The same splits, for a new term.")
      .def("journal", &journal, nb::kw_only(), nb::arg("min_events") = 0, nb::arg("min_bytes") = 0,
           nb::arg("min_data_bytes") = 0, nb::arg("journal_bytes") = nb::none(),
           nb::arg("merge") = true, nb::arg("progress") = nb::none(),
           "Merges pending journals to sorted sealed ones.")
      .def("collect_garbage", &collect_garbage, nb::kw_only(), nb::arg("dry_run") = false,
           nb::arg("advance") = true, "Removes what journaling has retired.")
      .def("verify", &verify, nb::kw_only(), nb::arg("problems_max") = nb::none(),
           nb::arg("progress") = nb::none(), "Reads everything and checks it.")
      .def(
          "destroy",
          [](FloodHandle& flood) {
            return flood.call([](Flood& called) { return called.destroy(); });
          },
          "Removes the flood with every event in it, for good; how many objects that were.")
      .def("import_original", &import_original, nb::arg("url"), nb::kw_only(),
           nb::arg("source") = nb::none(), nb::arg("strict") = false,
           nb::arg("names_max") = nb::none(), nb::arg("memory_bytes") = nb::none(),
           nb::arg("progress") = nb::none(),
           "Records what a bucket, or a folder, of the original FlashFlood holds.")
      .def("journals", &journals, nb::arg("from_date") = nb::none(),
           nb::arg("to_date") = nb::none(), nb::kw_only(), nb::arg("read_pending") = false,
           "The journals that hold entries of a range.")
      .def(
          "stats",
          [](FloodHandle& self) { return self.call([](Flood& called) { return called.stats(); }); },
          "What there is in the flood.");
}

}  // namespace flashflood::python
