// Reports of the library as read-only objects.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bindings.h"
#include "convert.h"

namespace flashflood::python {

namespace {

// Name(field=value, ...), of every property that the class has.
nb::object represent(nb::handle self) {
  const nb::handle type = self.type();
  std::string text = nb::cast<std::string>(type.attr("__name__")) + "(";
  bool first = true;
  for (const nb::handle name : type.attr("__dict__")) {
    const auto field = nb::cast<std::string>(name);
    if (field.starts_with("_")) continue;
    if (!first) text += ", ";
    first = false;
    text += field + "=" + nb::cast<std::string>(nb::repr(nb::getattr(self, name)));
  }
  return nb::str((text + ")").c_str());
}

// A class of reports: its fields are read-only, and what it is pickled by.
template <typename Report>
class Bound : public nb::class_<Report> {
 public:
  Bound(nb::module_& module, const char* name, const char* doc)
      : nb::class_<Report>(module, name, doc) {
    this->def("__repr__", [](nb::object self) { return represent(self); });
    this->def("__getstate__", [fields = fields_](const Report& self) {
      nb::dict state;
      for (const Field& field : *fields) state[field.name] = field.get(self);
      return state;
    });
    this->def("__setstate__", [fields = fields_](Report& self, const nb::dict& state) {
      Report report;
      for (const Field& field : *fields)
        if (state.contains(field.name)) field.set(report, state[field.name]);
      new (&self) Report(std::move(report));
    });
  }

  template <typename Value>
  Bound& field(const char* name, Value Report::*member) {
    return add(
        {name, [member](const Report& self) { return nb::cast(self.*member); },
         [member](Report& self, nb::handle value) { self.*member = nb::cast<Value>(value); }});
  }
  Bound& date(const char* name, std::optional<Timestamp> Report::*member) {
    return add({name,
                [member](const Report& self) -> nb::object {
                  if (!(self.*member)) return nb::none();
                  nb::object date = nb::steal(datetime_of(*(self.*member)));
                  if (!date.is_valid()) nb::raise_python_error();
                  return date;
                },
                [member, name](Report& self, nb::handle value) {
                  self.*member = optional_timestamp(value, name);
                }});
  }
  Bound& seconds(const char* name, std::chrono::seconds Report::*member) {
    return add({name, [member](const Report& self) { return nb::cast((self.*member).count()); },
                [member](Report& self, nb::handle value) {
                  self.*member = std::chrono::seconds(nb::cast<std::int64_t>(value));
                }});
  }

 private:
  struct Field {
    const char* name;
    std::function<nb::object(const Report&)> get;
    std::function<void(Report&, nb::handle)> set;
  };

  Bound& add(Field field) {
    this->def_prop_ro(field.name, field.get);
    fields_->push_back(std::move(field));
    return *this;
  }

  const std::shared_ptr<std::vector<Field>> fields_ = std::make_shared<std::vector<Field>>();
};

}  // namespace

void bind_reports(nb::module_& module) {
  Bound<ReplayProgress>(module, "ReplayProgress", "What a replay or a query has done so far.")
      .field("events", &ReplayProgress::events)
      .field("filtered", &ReplayProgress::filtered)
      .field("not_json", &ReplayProgress::not_json)
      .field("query_errors", &ReplayProgress::query_errors)
      .field("data_bytes", &ReplayProgress::data_bytes)
      .field("entries_total", &ReplayProgress::entries_total)
      .field("entries_read", &ReplayProgress::entries_read);
  Bound<Recorder::Progress>(module, "RecorderProgress", "What a recorder has done so far.")
      .field("taken", &Recorder::Progress::taken)
      .field("durable", &Recorder::Progress::durable)
      .field("data_bytes", &Recorder::Progress::data_bytes)
      .field("journals", &Recorder::Progress::journals)
      .field("stored_bytes", &Recorder::Progress::stored_bytes);
  Bound<RequestReport>(module, "RequestReport", "Store requests made through a handle.")
      .field("gets", &RequestReport::gets)
      .field("puts", &RequestReport::puts)
      .field("lists", &RequestReport::lists)
      .field("removes", &RequestReport::removes)
      .field("times", &RequestReport::times)
      .field("bytes_read", &RequestReport::bytes_read)
      .field("bytes_written", &RequestReport::bytes_written)
      .field("pieces", &RequestReport::pieces)
      .field("parts", &RequestReport::parts)
      .field("hedges", &RequestReport::hedges)
      .field("rereads", &RequestReport::rereads);
  Bound<JournalReport>(module, "JournalReport", "What journaling did.")
      .field("sealed_events", &JournalReport::sealed_events)
      .field("sealed_data_bytes", &JournalReport::sealed_data_bytes)
      .field("pending_journals", &JournalReport::pending_journals)
      .field("merged_journals", &JournalReport::merged_journals)
      .field("written_journals", &JournalReport::written_journals)
      .field("commits", &JournalReport::commits)
      .field("conflicts", &JournalReport::conflicts);
  Bound<JournalInfo>(module, "JournalInfo", "A journal, sealed or pending.")
      .field("key", &JournalInfo::key)
      .field("sealed", &JournalInfo::sealed)
      .date("from_date", &JournalInfo::from)
      .date("to_date", &JournalInfo::to)
      .field("entries", &JournalInfo::entries)
      .field("data_bytes", &JournalInfo::data_bytes)
      .field("object_bytes", &JournalInfo::object_bytes);
  Bound<FloodStats>(module, "FloodStats", "What there is in a flood.")
      .field("url", &FloodStats::url)
      .field("catalog", &FloodStats::catalog)
      .field("fence", &FloodStats::fence)
      .field("swept", &FloodStats::swept)
      .field("sealed_journals", &FloodStats::sealed_journals)
      .field("sealed_entries", &FloodStats::sealed_entries)
      .field("sealed_data_bytes", &FloodStats::sealed_data_bytes)
      .field("sealed_object_bytes", &FloodStats::sealed_object_bytes)
      .field("pending_singles", &FloodStats::pending_singles)
      .field("pending_bulk_journals", &FloodStats::pending_bulk_journals)
      .field("pending_object_bytes", &FloodStats::pending_object_bytes)
      .field("index_runs", &FloodStats::index_runs)
      .field("index_entries", &FloodStats::index_entries)
      .field("index_bytes", &FloodStats::index_bytes)
      .field("retired_objects", &FloodStats::retired_objects)
      .date("from_date", &FloodStats::from)
      .date("to_date", &FloodStats::to)
      .seconds("grace", &FloodStats::grace)
      .seconds("patience", &FloodStats::patience);
  Bound<CollectReport>(module, "CollectReport", "What collecting garbage removed.")
      .field("removed_objects", &CollectReport::removed_objects)
      .field("removed_bytes", &CollectReport::removed_bytes)
      .field("kept_objects", &CollectReport::kept_objects)
      .field("keys", &CollectReport::keys);
  Bound<VerifyReport::Problem>(module, "VerifyProblem", "Something that verify found.")
      .field("key", &VerifyReport::Problem::key)
      .field("what", &VerifyReport::Problem::what);
  Bound<VerifyReport>(module, "VerifyReport", "What verify read, and what it found.")
      .field("objects", &VerifyReport::objects)
      .field("entries", &VerifyReport::entries)
      .field("bytes", &VerifyReport::bytes)
      .field("live_events", &VerifyReport::live_events)
      .field("problems", &VerifyReport::problems);
  Bound<ImportProblem>(module, "ImportProblem", "A reason for which something was skipped.")
      .field("reason", &ImportProblem::reason)
      .field("count", &ImportProblem::count)
      .field("names", &ImportProblem::names);
  Bound<ImportReport>(module, "ImportReport", "What an import found, and what it did.")
      .field("journals", &ImportReport::journals)
      .field("journal_events", &ImportReport::journal_events)
      .field("pending_events", &ImportReport::pending_events)
      .field("updates_applied", &ImportReport::updates_applied)
      .field("deletes_applied", &ImportReport::deletes_applied)
      .field("superseded", &ImportReport::superseded)
      .field("tombstones", &ImportReport::tombstones)
      .field("applied_markers", &ImportReport::applied_markers)
      .field("duplicates", &ImportReport::duplicates)
      .field("unnamed_blobs", &ImportReport::unnamed_blobs)
      .field("unnamed_blob_names", &ImportReport::unnamed_blob_names)
      .field("skipped", &ImportReport::skipped)
      .field("problems", &ImportReport::problems)
      .field("journals_done_before", &ImportReport::journals_done_before)
      .field("recorded", &ImportReport::recorded)
      .field("recorded_bytes", &ImportReport::recorded_bytes)
      .field("source_requests", &ImportReport::source_requests);
}

}  // namespace flashflood::python
