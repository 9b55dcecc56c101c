#include "replay.h"

#include <nanobind/stl/unique_ptr.h>

#include <utility>

#include "arguments.h"
#include "convert.h"
#include "event.h"
#include "iterator.h"
#include "s3.h"

namespace flashflood::python {

ReplayHandle::~ReplayHandle() {
  Py_XDECREF(keeper_);
  replay_.reset();
}

void ReplayHandle::check_open() const {
  replay_.check();
  if (is_closed_)
    throw Interrupted("this replay is closed, so it gives no more events; begin another one");
}

// Reads until there is an event; false at the end. Another thread may have read a batch, and all of
// its events may be gone again, before this one has its turn.
bool ReplayHandle::advance() {
  bool over = false;
  while (position_ == end_ && !over) {
    check_open();
    try {
      over = interruptibly([this, before = batches_] { return read(before); }, stop_);
    } catch (const Interrupted&) {
      check_open();
      throw;
    }
    check_open();
  }
  return position_ != end_;
}

// Reads one batch, unless that has happened since `before`; true at the end. Without the GIL.
bool ReplayHandle::read(std::uint64_t before) {
  const std::lock_guard lock(reading_);
  if (batches_ != before) return false;
  Replay* const replay = replay_.get();
  if (replay == nullptr) {
    if (failure_) std::rethrow_exception(failure_);
    return true;
  }
  EventBatch batch;
  try {
    batch = replay->next_owned_batch();
  } catch (...) {
    failure_ = std::current_exception();
    replay_.reset_without_gil();  // it is over, one that follows too
    throw;
  }
  const bool over = replay->ended();
  {
    const GilAcquired acquired;
    acquired.check();
    progress_ = replay->progress();
    requests_ = replay->requests();
    if (!batch.events.empty()) take(std::move(batch));
  }
  if (over) replay_.reset_without_gil();
  return over;
}

void ReplayHandle::take(EventBatch batch) {
  PyObject* const keeper = make_keeper(batch.memory);
  if (keeper == nullptr) nb::raise_python_error();
  Py_XDECREF(std::exchange(keeper_, keeper));
  position_ = batch.events.data();
  end_ = position_ + batch.events.size();
  batch_ = std::move(batch);
  ++batches_;
}

EventBatch ReplayHandle::next_batch() {
  if (position_ == end_ && !advance()) return {};
  const EventBatch rest{{std::exchange(position_, end_), end_}, batch_.memory};
  return rest;
}

void ReplayHandle::stop_reading() {
  replay_.check();
  is_closed_ = true;
  stop_.request_stop();
  position_ = end_ = nullptr;
}

void ReplayHandle::close() {
  stop_reading();
  without_gil([this] {
    std::unique_lock lock(reading_, std::defer_lock);
    if (!is_finalizing()) {
      lock.lock();
    } else if (!lock.try_lock()) {
      return;  // of a thread that sleeps since the interpreter ended
    }
    replay_.reset_without_gil();
  });
  position_ = end_ = nullptr;
  batch_ = {};
  Py_CLEAR(keeper_);
}

namespace {

// The data of a replay's events as bytes objects. It reads from the replay: what one takes, the
// other does not see.
struct DataIterator {
  nb::object replay;
  std::array<nb::handle, 1> held() const { return {replay}; }
};

PyObject* next_event(ReplayHandle& replay) {
  const EventView* const view = replay.next();
  return view ? make_event(replay.keeper(), view) : nullptr;
}

PyObject* next_data(DataIterator& iterator) {
  const EventView* const view = nb::inst_ptr<ReplayHandle>(iterator.replay.ptr())->next();
  if (view == nullptr) return nullptr;
  return PyBytes_FromStringAndSize(view->data.data(), static_cast<Py_ssize_t>(view->data.size()));
}

// The next event, if it was read already.
nb::object next_read(ReplayHandle& replay) {
  if (!replay.has_next()) return nb::none();
  nb::object event = nb::steal(next_event(replay));
  if (!event.is_valid()) nb::raise_python_error();
  return event;
}

// The events of the batch that was read last.
nb::list batch_list(ReplayHandle& replay) {
  nb::list events;
  while (replay.has_next()) {
    const EventView* const view = replay.next();
    nb::object event = nb::steal(make_event(replay.keeper(), view));
    if (!event.is_valid()) nb::raise_python_error();
    events.append(std::move(event));
  }
  return events;
}

std::unique_ptr<ReplayHandle> read_split_handle(nb::handle split, nb::handle from_date,
                                                nb::handle to_date, nb::handle store,
                                                nb::handle limit, nb::handle read_ahead_bytes,
                                                nb::handle threads, nb::handle retry_for,
                                                nb::handle s3) {
  ReadSplitOptions options;
  options.from = optional_timestamp(from_date, "from_date");
  options.to = optional_timestamp(to_date, "to_date");
  if (!store.is_none()) options.store = place_argument(store, "store");
  options.limit = optional_number(limit, "limit");
  set_option(options.read_ahead_bytes, read_ahead_bytes, "read_ahead_bytes");
  set_option(options.threads, threads, "threads");
  options.retry_for = optional_milliseconds(retry_for, "retry_for");
  const HeldS3Options held = s3_argument(s3, "s3");
  options.s3 = held.options;
  options.log = log_to_python();
  const std::string json(BorrowedBytes(split, "split").view());
  return std::make_unique<ReplayHandle>(
      interruptibly([&] { return flashflood::read_split(json, options); }), false,
      held.credentials);
}

}  // namespace

void bind_replay(nb::module_& module) {
  nb::class_<DataIterator>(module, "_DataIterator",
                           nb::type_slots(iterator_slots<DataIterator, next_data>()));
  nb::class_<ReplayHandle>(
      module, "Replay", nb::type_slots(iterator_slots<ReplayHandle, next_event>()),
      "An iterator of events, in order, as of when it was made; also a context manager, which "
      "closes it.")
      .def(
          "data", [](nb::object self) { return DataIterator{std::move(self)}; },
          "The data of the events as bytes objects.")
      .def_prop_ro("progress", &ReplayHandle::progress, nb::rv_policy::copy,
                   "What the replay has done so far.")
      .def_prop_ro("requests", &ReplayHandle::requests, nb::rv_policy::copy,
                   "Store requests of the handle that the replay belongs to, so far.")
      .def("close", &ReplayHandle::close,
           "Ends the replay: reading on raises Interrupted. Events that were read stay valid.")
      // For flashflood.aio: reads until there are events, False at the end; one of those events, or
      // all; the first half of close(), which waits for nobody.
      .def("_read", &ReplayHandle::read_ahead)
      .def("_next_read", &next_read)
      .def("_batch", &batch_list)
      .def("_stop", &ReplayHandle::stop_reading)
      .def("__enter__", [](nb::object self) { return self; })
      .def("__exit__", [](ReplayHandle& self, const nb::args&) { self.close(); });
  module.def("read_split", &read_split_handle, nb::arg("split").none(),
             nb::arg("from_date").none() = nb::none(), nb::arg("to_date").none() = nb::none(),
             nb::kw_only(), nb::arg("store").none() = nb::none(),
             nb::arg("limit").none() = nb::none(), nb::arg("read_ahead_bytes").none() = nb::none(),
             nb::arg("threads").none() = 0, nb::arg("retry_for").none() = nb::none(),
             nb::arg("s3").none() = nb::none(),
             nb::sig("def read_split(split: str | Buffer, "
                     "from_date: datetime.datetime | str | None = None, "
                     "to_date: datetime.datetime | str | None = None, *, "
                     "store: str | os.PathLike[str] | None = None, limit: int | None = None, "
                     "read_ahead_bytes: int | None = None, threads: int = 0, "
                     "retry_for: float | datetime.timedelta | None = None, "
                     "s3: S3Options | None = None) -> Replay"),
             R"(The events of one split, as Flood.splits made it.

split: its JSON document.
from_date, to_date: of these only, as for Flood.replay. Default: all.
store: where the flood is, as for open(). Default: where the split says; presigned ones need none.
limit: stop after this many events. Default: no limit.
read_ahead_bytes: memory for what is read ahead. Default: 64 MiB.
threads: how many decode and filter. Default: 0, one for each core.
retry_for: as for open().
s3: how a bucket is reached, for a split that is not presigned. Default: as the environment says.)");
}

}  // namespace flashflood::python
