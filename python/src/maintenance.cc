// What floods do beside single events: splits, journaling, collecting, verifying, importing.
#include "maintenance.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <utility>

#include "arguments.h"
#include "convert.h"
#include "s3.h"

namespace flashflood::python {

namespace {

// Calls a Python function with (events, events_total, bytes); its error ends the operation.
ProgressCallback progress_of(nb::handle callback) {
  if (callback.is_none()) return {};
  if (!PyCallable_Check(callback.ptr()))
    nb::raise_type_error("progress is a function of (events, events_total, bytes), not %s",
                         Py_TYPE(callback.ptr())->tp_name);
  return [callback](const Progress& progress) {
    const GilAcquired acquired;
    acquired.check();
    call_python(callback, nb::int_(progress.events), nb::int_(progress.events_total),
                nb::int_(progress.bytes));
  };
}

std::vector<std::string> texts_of(nb::handle splits) {
  if (PyUnicode_Check(splits.ptr()) || !nb::hasattr(splits, "__iter__"))
    nb::raise_type_error("splits are several, such as a list of them, not %s",
                         Py_TYPE(splits.ptr())->tp_name);
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

nb::list make_splits(FloodHandle& flood, nb::handle count, nb::handle from_date, nb::handle to_date,
                     nb::handle where, nb::handle query, nb::handle strict, nb::handle valid_for,
                     nb::handle presign) {
  SplitOptions options;
  options.count = number_argument(count, "count");
  options.from = optional_timestamp(from_date, "from_date");
  options.to = optional_timestamp(to_date, "to_date");
  set_option(options.where, where, "where");
  set_option(options.query, query, "query");
  options.strict = flag_argument(strict, "strict");
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

JournalReport journal(FloodHandle& flood, nb::handle min_events, nb::handle min_bytes,
                      nb::handle min_data_bytes, nb::handle journal_bytes, nb::handle merge,
                      nb::handle progress) {
  JournalOptions options;
  options.min_events = number_argument(min_events, "min_events");
  options.min_bytes = number_argument(min_bytes, "min_bytes");
  options.min_data_bytes = number_argument(min_data_bytes, "min_data_bytes");
  set_option(options.journal_bytes, journal_bytes, "journal_bytes");
  options.merge = flag_argument(merge, "merge");
  options.progress = progress_of(progress);
  return flood.call([&](Flood& called) { return called.journal(options); });
}

CollectReport collect_garbage(FloodHandle& flood, nb::handle dry_run, nb::handle advance) {
  const CollectOptions options{.dry_run = flag_argument(dry_run, "dry_run"),
                               .advance = flag_argument(advance, "advance")};
  return flood.call([&](Flood& called) { return called.collect_garbage(options); });
}

VerifyReport verify(FloodHandle& flood, nb::handle problems_max, nb::handle progress) {
  VerifyOptions options;
  set_option(options.problems_max, problems_max, "problems_max");
  options.progress = progress_of(progress);
  return flood.call([&](Flood& called) { return called.verify(options); });
}

std::vector<JournalInfo> journals(FloodHandle& flood, nb::handle from_date, nb::handle to_date,
                                  nb::handle read_pending) {
  const auto from = optional_timestamp(from_date, "from_date");
  const auto to = optional_timestamp(to_date, "to_date");
  const bool reads = flag_argument(read_pending, "read_pending");
  return flood.call([&](Flood& called) { return called.journals(from, to, reads); });
}

ImportReport import_original(FloodHandle& flood, nb::handle url, nb::handle source,
                             nb::handle strict, nb::handle names_max, nb::handle memory_bytes,
                             nb::handle progress) {
  const std::string place = place_argument(url, "url");
  ImportOptions options;
  options.source = s3_argument(source, "source").options;
  options.log = log_to_python();
  options.strict = flag_argument(strict, "strict");
  set_option(options.names_max, names_max, "names_max");
  set_option(options.memory_bytes, memory_bytes, "memory_bytes");
  options.progress = progress_of(progress);
  return flood.call([&](Flood& called) { return called.import_original(place, options); });
}

void bind_splits(nb::class_<FloodHandle>& flood) {
  flood
      .def("splits", &make_splits, nb::arg("count").none(),
           nb::arg("from_date").none() = nb::none(), nb::arg("to_date").none() = nb::none(),
           nb::kw_only(), nb::arg("where").none() = nb::none(),
           nb::arg("query").none() = nb::none(), nb::arg("strict").none() = false,
           nb::arg("valid_for").none() = nb::none(), nb::arg("presign").none() = nb::none(),
           nb::sig("def splits(self, count: int, "
                   "from_date: datetime.datetime | str | None = None, "
                   "to_date: datetime.datetime | str | None = None, *, where: str | None = None, "
                   "query: str | None = None, strict: bool = False, "
                   "valid_for: float | datetime.timedelta | None = None, "
                   "presign: float | datetime.timedelta | bool | None = None) -> list[Split]"),
           R"(A replay in pieces that any machine can read, with read_split().

count: into how many, 1 to 100,000; fewer when there is too little to cut.
from_date, to_date, where, query, strict: as for replay; they travel in the splits.
valid_for: how long they can be read, in seconds or as a timedelta, 1 second to 365 days. Default:
    1 day.
presign: for how long they can be read without credentials instead; True: an hour. Whoever has such a
    split can read the whole journals that it names. Default: not at all.)")
      .def("refresh_splits", &refresh_splits, nb::arg("splits").none(),
           nb::arg("valid_for").none() = nb::none(),
           nb::sig("def refresh_splits(self, splits: Iterable[str], "
                   "valid_for: float | datetime.timedelta | None = None) -> list[Split]"),
           R"(The same splits, for a new term from now on.

valid_for: in seconds or as a timedelta. Default: as long as they were made for.

SnapshotExpired when the old term has ended, or is about to.)");
}

void bind_upkeep(nb::class_<FloodHandle>& flood) {
  flood
      .def("journal", &journal, nb::kw_only(), nb::arg("min_events").none() = 0,
           nb::arg("min_bytes").none() = 0, nb::arg("min_data_bytes").none() = 0,
           nb::arg("journal_bytes").none() = nb::none(), nb::arg("merge").none() = true,
           nb::arg("progress").none() = nb::none(),
           nb::sig("def journal(self, *, min_events: int = 0, min_bytes: int = 0, "
                   "min_data_bytes: int = 0, journal_bytes: int | None = None, "
                   "merge: bool = True, progress: Callable[[int, int, int], object] | None = None"
                   ") -> JournalReport"),
           R"(Merges pending journals to sorted sealed ones. Changes no answer, and blocks nobody.

min_events: only if this many events are pending, otherwise FlashFloodJournalingError. Default: 0.
min_bytes: the same for the bytes of pending objects. Default: 0.
min_data_bytes: the same for the bytes of their data. Default: 0.
journal_bytes: data in one sealed journal, 1 MiB to 1 GiB. Default: 128 MiB.
merge: merge sealed journals too where many cover one date or many are small. Default: True.
progress: called with (events, events_total, bytes of data) when it begins and as it goes on; what
    it raises ends the operation. Default: nothing is called.)")
      .def("collect_garbage", &collect_garbage, nb::kw_only(), nb::arg("dry_run").none() = false,
           nb::arg("advance").none() = true,
           nb::sig("def collect_garbage(self, *, dry_run: bool = False, advance: bool = True"
                   ") -> CollectReport"),
           R"(Removes what journaling has retired, once nobody can still be reading it.

dry_run: only tell what would be removed. Default: False.
advance: first commit that more may be removed, as far as time and leases allow. Default: True.)")
      .def("verify", &verify, nb::kw_only(), nb::arg("problems_max").none() = nb::none(),
           nb::arg("progress").none() = nb::none(),
           nb::sig("def verify(self, *, problems_max: int | None = None, "
                   "progress: Callable[[int, int, int], object] | None = None) -> VerifyReport"),
           R"(Reads everything, and checks every checksum, order and reference.

problems_max: stop after this many problems. Default: 1000.
progress: called with (events, events_total, bytes) as it goes on; what it raises ends it. Default:
    nothing is called.)")
      .def(
          "destroy",
          [](FloodHandle& self) {
            return self.call([](Flood& called) { return called.destroy(); });
          },
          "Removes the flood with every event in it, for good; how many objects that were.");
}

void bind_inventory(nb::class_<FloodHandle>& flood) {
  flood
      .def("import_original", &import_original, nb::arg("url").none(), nb::kw_only(),
           nb::arg("source").none() = nb::none(), nb::arg("strict").none() = false,
           nb::arg("names_max").none() = nb::none(), nb::arg("memory_bytes").none() = nb::none(),
           nb::arg("progress").none() = nb::none(),
           nb::sig("def import_original(self, url: str | os.PathLike[str], *, "
                   "source: S3Options | None = None, strict: bool = False, "
                   "names_max: int | None = None, memory_bytes: int | None = None, "
                   "progress: Callable[[int, int, int], object] | None = None) -> ImportReport"),
           R"(Records what a bucket, or a folder, of the original FlashFlood holds.

url: s3://bucket/root_prefix, or a path. It is only read.
source: how that bucket is reached. Default: as the environment says.
strict: CorruptData for anything that would be skipped, before anything is recorded. Default: False.
names_max: names kept for each reason for which something was skipped. Default: 10.
memory_bytes: for finding events that lie in several journals, 1 MiB or more. Default: 256 MiB.
progress: called with (events, events_total, bytes) as it goes on; what it raises ends the import,
    and the next one goes on from there. Default: nothing is called.)")
      .def("journals", &journals, nb::arg("from_date").none() = nb::none(),
           nb::arg("to_date").none() = nb::none(), nb::kw_only(),
           nb::arg("read_pending").none() = false,
           nb::sig("def journals(self, from_date: datetime.datetime | str | None = None, "
                   "to_date: datetime.datetime | str | None = None, *, read_pending: bool = False"
                   ") -> list[JournalInfo]"),
           R"(The journals that hold entries with from_date < date <= to_date.

from_date, to_date: as for replay.
read_pending: read pending single operations too, a request for each, so that all is known of them;
    without it they are all told. Default: False.)")
      .def(
          "stats",
          [](FloodHandle& self) { return self.call([](Flood& called) { return called.stats(); }); },
          "What there is in the flood.");
}

}  // namespace

void bind_maintenance(nb::class_<FloodHandle>& flood) {
  bind_splits(flood);
  bind_upkeep(flood);
  bind_inventory(flood);
}

}  // namespace flashflood::python
