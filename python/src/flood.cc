// Floods for Python.
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

#include "arguments.h"
#include "convert.h"
#include "cycles.h"
#include "event.h"
#include "handles.h"
#include "maintenance.h"
#include "replay.h"
#include "s3.h"

namespace flashflood::python {

FloodHandle::FloodHandle(Flood flood, std::string url, OpenOptions options, nb::object credentials)
    : url_(std::move(url)),
      options_([&] {
        options.s3.credentials = nullptr;  // a Python object, which may know this one
        return std::move(options);
      }()),
      credentials_(std::move(credentials)),
      flood_("flood", std::make_shared<Flood>(std::move(flood))) {}

void FloodHandle::close() {
  closed_ = true;
  let_go(std::exchange(*flood_.get(), nullptr));
}

namespace {

OpenOptions options_of(nb::handle create, nb::handle lazy, nb::handle grace, nb::handle patience,
                       nb::handle compression, nb::handle block_bytes, nb::handle cache_bytes,
                       nb::handle block_cache_bytes, nb::handle threads, nb::handle retry_for,
                       const HeldS3Options& s3) {
  OpenOptions options;
  options.create = flag_argument(create, "create");
  options.lazy = flag_argument(lazy, "lazy");
  options.grace = seconds_of(grace, "grace", options.grace);
  options.patience = seconds_of(patience, "patience", options.patience);
  set_option(options.compression, compression, "compression");
  set_option(options.block_bytes, block_bytes, "block_bytes");
  set_option(options.cache_bytes, cache_bytes, "cache_bytes");
  set_option(options.block_cache_bytes, block_cache_bytes, "block_cache_bytes");
  set_option(options.threads, threads, "threads");
  options.retry_for = optional_milliseconds(retry_for, "retry_for");
  options.s3 = s3.options;
  options.log = log_to_python();
  return options;
}

Flood open_at(const std::string& url, const OpenOptions& options) {
  return interruptibly([&] { return Flood::open(url, options); });
}

std::unique_ptr<FloodHandle> open_flood(nb::handle url, nb::handle create, nb::handle lazy,
                                        nb::handle grace, nb::handle patience,
                                        nb::handle compression, nb::handle block_bytes,
                                        nb::handle cache_bytes, nb::handle block_cache_bytes,
                                        nb::handle threads, nb::handle retry_for, nb::handle s3) {
  const std::string place = place_argument(url, "url");
  const HeldS3Options held = s3_argument(s3, "s3");
  const OpenOptions options = options_of(create, lazy, grace, patience, compression, block_bytes,
                                         cache_bytes, block_cache_bytes, threads, retry_for, held);
  return std::make_unique<FloodHandle>(open_at(place, options), place, options, held.credentials);
}

nb::object url_of(const FloodHandle& flood) {
  const std::string& url = flood.url();
  nb::object text =
      nb::steal(PyUnicode_DecodeFSDefaultAndSize(url.data(), static_cast<Py_ssize_t>(url.size())));
  if (!text.is_valid()) nb::raise_python_error();
  return text;
}

nb::object represent(const FloodHandle& flood) {
  return nb::str("<flashflood.Flood {!r}{}>")
      .attr("format")(url_of(flood), flood.closed() ? ", closed" : "");
}

// What open() is called with again.
nb::dict state_of(const FloodHandle& flood) {
  if (flood.url().starts_with("memory:"))
    nb::raise_type_error("a flood in memory belongs to its process, and cannot be pickled");
  const OpenOptions& options = flood.options();
  nb::dict state;
  state["url"] = url_of(flood);
  state["create"] = options.create;
  state["lazy"] = options.lazy;
  state["grace"] = options.grace.count();
  state["patience"] = options.patience.count();
  state["compression"] = options.compression;
  state["block_bytes"] = options.block_bytes;
  state["cache_bytes"] = options.cache_bytes;
  state["block_cache_bytes"] = options.block_cache_bytes;
  state["threads"] = options.threads;
  state["retry_for"] = nb::none();
  if (options.retry_for)
    state["retry_for"] =
        call_python(nb::module_::import_("datetime").attr("timedelta"), nb::int_(0), nb::int_(0),
                    nb::int_(0), nb::int_(options.retry_for->count()));
  state["s3"] = options.s3.empty() ? nb::none() : nb::cast(HeldS3Options{options.s3, {}});
  return state;
}

void open_again(FloodHandle& self, const nb::dict& state) {
  const std::string url = place_argument(state["url"], "url");
  const HeldS3Options held = s3_argument(state["s3"], "s3");
  const OpenOptions options =
      options_of(state["create"], state["lazy"], state["grace"], state["patience"],
                 state["compression"], state["block_bytes"], state["cache_bytes"],
                 state["block_cache_bytes"], state["threads"], state["retry_for"], held);
  new (&self) FloodHandle(open_at(url, options), url, options, held.credentials);
}

std::string put(FloodHandle& flood, nb::handle data, nb::handle id, nb::handle date,
                nb::handle json) {
  const nb::object given = data_or_json(data, json);
  const NewEvent event{.id = optional_text(id, "id"),
                       .date = optional_timestamp(date, "date"),
                       .data = std::string(BorrowedBytes(given, "data").view())};
  return flood.call([&](Flood& called) { return called.put(event); });
}

nb::object get(FloodHandle& flood, nb::handle id) {
  const std::string text = text_argument(id, "id");
  return make_event(flood.call([&](Flood& called) { return called.get(text); }));
}

nb::object find(FloodHandle& flood, nb::handle id) {
  const std::string text = text_argument(id, "id");
  auto event = flood.call([&](Flood& called) { return called.find(text); });
  return event ? make_event(std::move(*event)) : nb::none();
}

std::uint64_t update(FloodHandle& flood, nb::handle id, nb::handle data,
                     nb::handle expected_revision, nb::handle json) {
  const std::string text = text_argument(id, "id");
  const auto expected = optional_number(expected_revision, "expected_revision");
  const nb::object given = data_or_json(data, json);
  const std::string bytes(BorrowedBytes(given, "data").view());
  return flood.call([&](Flood& called) { return called.update(text, bytes, expected); });
}

void erase(FloodHandle& flood, nb::handle id, nb::handle expected_revision) {
  const std::string text = text_argument(id, "id");
  const auto expected = optional_number(expected_revision, "expected_revision");
  flood.call([&](Flood& called) { called.erase(text, expected); });
}

std::unique_ptr<RecorderHandle> recorder(FloodHandle& flood, nb::handle batch_bytes,
                                         nb::handle in_flight, nb::handle eager) {
  RecorderOptions options;
  set_option(options.batch_bytes, batch_bytes, "batch_bytes");
  set_option(options.in_flight, in_flight, "in_flight");
  options.eager = flag_argument(eager, "eager");
  return std::make_unique<RecorderHandle>(
      flood.call([&](Flood& called) { return called.recorder(options); }), flood.credentials());
}

std::unique_ptr<ReplayHandle> replay(FloodHandle& flood, nb::handle from_date, nb::handle to_date,
                                     nb::handle where, nb::handle query, nb::handle strict,
                                     nb::handle limit, nb::handle follow, nb::handle poll,
                                     nb::handle read_ahead_bytes) {
  ReplayOptions options;
  options.from = optional_timestamp(from_date, "from_date");
  options.to = optional_timestamp(to_date, "to_date");
  set_option(options.where, where, "where");
  set_option(options.query, query, "query");
  options.strict = flag_argument(strict, "strict");
  options.limit = optional_number(limit, "limit");
  options.follow = flag_argument(follow, "follow");
  if (const auto interval = optional_duration(poll, "poll"))
    options.poll = std::chrono::ceil<std::chrono::milliseconds>(*interval);
  set_option(options.read_ahead_bytes, read_ahead_bytes, "read_ahead_bytes");
  return std::make_unique<ReplayHandle>(
      flood.call([&](Flood& called) { return called.replay(options); }), options.follow,
      flood.credentials());
}

RequestReport requests(FloodHandle& flood) {
  return flood.call([](Flood& called) { return called.requests(); });
}

void bind_handle(nb::class_<FloodHandle>& flood) {
  flood
      .def_prop_ro("url", &url_of,
                   "Where the flood is: a URL, or an absolute path. open() takes it.")
      .def("close", &FloodHandle::close,
           "Ends the use of this handle: every later call of it is InvalidArgument. Calls that are "
           "under way, and recorders and replays that were made of it, go on. Once more does "
           "nothing.")
      .def("__enter__", [](nb::object self) { return self; })
      .def("__exit__", [](FloodHandle& self, const nb::args&) { self.close(); })
      .def("__repr__", &represent)
      .def("__getstate__", &state_of)
      .def("__setstate__", &open_again);
}

void bind_events(nb::class_<FloodHandle>& flood) {
  flood
      .def("put", &put, nb::arg("data").none() = nb::ellipsis(), nb::arg("id").none() = nb::none(),
           nb::arg("date").none() = nb::none(), nb::kw_only(),
           nb::arg("json").none() = nb::ellipsis(),
           nb::sig("def put(self, data: str | Buffer = ..., id: str | None = None, "
                   "date: datetime.datetime | str | None = None, *, json: object = ...) -> str"),
           R"(Records an event, durably, and returns its id.

data: str, which is recorded as UTF-8, bytes, or anything else with a buffer; at most 64 MiB.
json: instead of data, a value to be recorded as compact JSON. NaN is a ValueError.
id: 1 to 1024 bytes of UTF-8. Default: one is made, which saves a look-up.
date: a datetime (a naive one is UTC) or RFC 3339 text. Default: now, by this machine's clock.

FlashFloodEventExistsError when the id is taken.)")
      .def("get", &get, nb::arg("id").none(), nb::sig("def get(self, id: str) -> Event"),
           "The event of this id. FlashFloodEventNotFound when there is none.")
      .def("find", &find, nb::arg("id").none(), nb::sig("def find(self, id: str) -> Event | None"),
           "The event of this id, or None.")
      .def("update", &update, nb::arg("id").none(), nb::arg("data").none() = nb::ellipsis(),
           nb::arg("expected_revision").none() = nb::none(), nb::kw_only(),
           nb::arg("json").none() = nb::ellipsis(),
           nb::sig("def update(self, id: str, data: str | Buffer = ..., "
                   "expected_revision: int | None = None, *, json: object = ...) -> int"),
           R"(Replaces the data and returns the new revision; id and date stay.

data, json: as for put.
expected_revision: only if that is the event's revision, otherwise RevisionConflict. Default: any.

FlashFloodEventNotFound when there is no such event.)")
      .def("delete", &erase, nb::arg("id").none(), nb::arg("expected_revision").none() = nb::none(),
           nb::sig("def delete(self, id: str, expected_revision: int | None = None) -> None"),
           R"(Deletes the event. Its id may be put again.

expected_revision: only if that is the event's revision, otherwise RevisionConflict. Default: any.

FlashFloodEventNotFound when there is no such event.)");
}

void bind_streams(nb::class_<FloodHandle>& flood) {
  flood
      .def("recorder", &recorder, nb::kw_only(), nb::arg("batch_bytes").none() = nb::none(),
           nb::arg("in_flight").none() = nb::none(), nb::arg("eager").none() = true,
           nb::sig("def recorder(self, *, batch_bytes: int | None = None, "
                   "in_flight: int | None = None, eager: bool = True) -> Recorder"),
           R"(Records in bulk: a context manager, and what was put is durable when its block ends.

batch_bytes: how many bytes of ids and data are written at once, 64 KiB to 64 MiB. Default: 8 MiB.
in_flight: how many such writes are under way at once, 1 to 64. Default: 4.
eager: write as soon as no write is under way, too. Default: True; False makes the fewest requests.

It holds at most about (in_flight + 2) * batch_bytes in memory.)")
      .def("replay", &replay, nb::arg("from_date").none() = nb::none(),
           nb::arg("to_date").none() = nb::none(), nb::kw_only(),
           nb::arg("where").none() = nb::none(), nb::arg("query").none() = nb::none(),
           nb::arg("strict").none() = false, nb::arg("limit").none() = nb::none(),
           nb::arg("follow").none() = false, nb::arg("poll").none() = 1.0,
           nb::arg("read_ahead_bytes").none() = nb::none(),
           nb::sig("def replay(self, from_date: datetime.datetime | str | None = None, "
                   "to_date: datetime.datetime | str | None = None, *, where: str | None = None, "
                   "query: str | None = None, strict: bool = False, limit: int | None = None, "
                   "follow: bool = False, poll: float | datetime.timedelta = 1.0, "
                   "read_ahead_bytes: int | None = None) -> Replay"),
           R"(The events with from_date < date <= to_date in order of (date, id), as of now.

from_date, to_date: datetimes (naive ones are UTC) or RFC 3339 text. Default: open on that side.
where: keep the events for which this JMESPath expression is true. Default: all.
query: put the result of this JMESPath expression in the place of the data; events for which it
    is null are left out. Default: the data.
strict: data that is not JSON, or on which where or query fails, is an error, instead of being left
    out and counted in Replay.progress. Default: False.
limit: stop after this many events. Default: no limit.
follow: go on with what is recorded later, and never end. Default: False.
poll: how often follow looks, in seconds or as a timedelta. Default: 1 second.
read_ahead_bytes: memory for what is read ahead. Default: 64 MiB.)")
      .def("requests", &requests, "Store requests of this handle since it was opened.");
}

}  // namespace

void bind_flood(nb::module_& module) {
  nb::class_<FloodHandle> flood(
      module, "Flood", nb::type_slots(traversed_slots<FloodHandle>()),
      "A handle on a flood, which open() gives; a context manager, which closes it. It may be used "
      "from several threads at once. Pickled, it is opened again where it is unpickled.");
  bind_handle(flood);
  bind_events(flood);
  bind_streams(flood);
  bind_query(module, flood);
  bind_maintenance(flood);
  module.def(
      "open", &open_flood, nb::arg("url").none(), nb::kw_only(), nb::arg("create").none() = true,
      nb::arg("lazy").none() = false, nb::arg("grace").none() = nb::none(),
      nb::arg("patience").none() = nb::none(), nb::arg("compression").none() = nb::none(),
      nb::arg("block_bytes").none() = nb::none(), nb::arg("cache_bytes").none() = nb::none(),
      nb::arg("block_cache_bytes").none() = nb::none(), nb::arg("threads").none() = 0,
      nb::arg("retry_for").none() = nb::none(), nb::arg("s3").none() = nb::none(),
      nb::sig("def open(url: str | os.PathLike[str], *, create: bool = True, lazy: bool = False, "
              "grace: float | datetime.timedelta | None = None, "
              "patience: float | datetime.timedelta | None = None, compression: str | None = None, "
              "block_bytes: int | None = None, cache_bytes: int | None = None, "
              "block_cache_bytes: int | None = None, threads: int = 0, "
              "retry_for: float | datetime.timedelta | None = None, "
              "s3: S3Options | None = None) -> Flood"),
      R"(Opens the flood at a place.

url: a path, as str or os.PathLike ("~" in front is the home folder), or file:///path,
    s3://bucket/prefix or memory://name.
create: create the flood when there is none. Default: True; False: NotAFlood then.
lazy: ask nothing of the store before the first operation, which then also fails for what open()
    would have failed for. Default: False.
grace: only when it is created, how long a snapshot can be read without a lease, in seconds or as
    a timedelta. Default: 1 hour.
patience: only when it is created, how long a single operation may last. Default: 10 minutes.
compression: of what is written: "zstd", "zstd:N" with N from 1 to 19, "lz4" or "none". Default:
    "zstd", which is level 1.
block_bytes: data in a block, 4 KiB to 16 MiB. Default: 256 KiB.
cache_bytes: memory for what is kept between calls. Default: 64 MiB.
block_cache_bytes: memory for decoded blocks that look-ups have read. Default: 128 MiB.
threads: how many decode, encode and filter. Default: 0, one for each core.
retry_for: how long a request that the store does not answer is repeated, in seconds or as a
    timedelta, at most a day; 0: never. Default: as FLASHFLOOD_RETRY_FOR says, or 1 minute.
s3: how a bucket is reached. Default: as the environment and the profiles of the AWS tools say.)");
}

}  // namespace flashflood::python
