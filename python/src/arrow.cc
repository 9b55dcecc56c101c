// Replays as Arrow streams, by the Arrow PyCapsule interface.
//
// Consumers call a stream with the GIL or without, from any thread, and long after the call that
// gave it to them: it is released while a batch is read, and taken to ask the replay for events.
#include "flashflood/arrow.h"

#include <nanobind/stl/string_view.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "bindings.h"
#include "cycles.h"
#include "flashflood/error.h"
#include "replay.h"
#include "waiting.h"

namespace flashflood::python {

namespace {

constexpr const char* schema_name = "arrow_schema";
constexpr const char* stream_name = "arrow_array_stream";

// The stream that reads an ArrowReplay: the first that was asked for a batch. Guarded by the GIL.
using Reader = const void*;

// The events of a replay, for a stream. What a stream has read is gone from the replay.
class Source {
 public:
  Source(nb::object replay, std::shared_ptr<Reader> reader)
      : replay_(std::move(replay)), reader_(std::move(reader)) {}
  ~Source() {
    const GilAcquired acquired;
    // After the end of the interpreter there is nobody left to give it back to.
    acquired ? replay_.reset() : static_cast<void>(replay_.release());
  }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  std::optional<std::span<const EventView>> next() {
    const GilAcquired acquired;
    acquired.check();
    if (*reader_ == nullptr) *reader_ = this;
    if (*reader_ != this)
      throw InvalidArgument("this ArrowReplay is already consumed, by another stream of it");
    ReplayHandle& replay = *nb::inst_ptr<ReplayHandle>(replay_);
    // A replay that follows waits for events: what it has given is given on before.
    if (std::exchange(give_on_, false)) return std::span<const EventView>();
    batch_ = replay.next_batch();
    if (batch_.events.empty()) return std::nullopt;
    give_on_ = replay.follows();
    return batch_.events;
  }

  // With the GIL held.
  const std::stop_source& stop() const { return nb::inst_ptr<ReplayHandle>(replay_)->stop(); }

 private:
  nb::object replay_;
  const std::shared_ptr<Reader> reader_;
  EventBatch batch_;
  bool give_on_ = false;
};

// The library's stream of a source.
class Stream {
 public:
  Stream(nb::object replay, std::shared_ptr<Reader> reader, const ArrowOptions& options)
      : source_(std::make_shared<Source>(std::move(replay), std::move(reader))),
        inner_(arrow_stream([source = source_] { return source->next(); }, options)) {}
  ~Stream() {
    if (inner_.release != nullptr) inner_.release(&inner_);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  int get_schema(ArrowSchema* out) {
    problem_.clear();
    return inner_.get_schema(&inner_, out);
  }

  int get_next(ArrowArray* out) {
    problem_.clear();
    *out = ArrowArray{};
    const GilAcquired acquired;
    if (!acquired) return fail("the Python interpreter ends");
    try {
      // Ctrl-C ends the stream, and stays to be handled by Python, which the consumer returns to.
      if (PyOS_InterruptOccurred() != 0) return fail_interrupted();
      return interruptibly([&] { return inner_.get_next(&inner_, out); }, source_->stop());
    } catch (const nb::python_error& error) {  // of a signal's handler
      if (out->release != nullptr) out->release(out);
      if (error.matches(PyExc_KeyboardInterrupt)) return fail_interrupted();
      return fail(error.what());
    } catch (const std::exception& error) {
      return fail(error.what());
    }
  }

  const char* get_last_error() {
    return problem_.empty() ? inner_.get_last_error(&inner_) : problem_.c_str();
  }

 private:
  int fail_interrupted() noexcept {
    PyErr_SetInterrupt();
    return fail("interrupted");
  }
  int fail(const char* problem) noexcept {
    try {
      problem_ = problem;
    } catch (const std::bad_alloc&) {
      problem_.clear();
    }
    return EIO;
  }

  const std::shared_ptr<Source> source_;
  ArrowArrayStream inner_;
  std::string problem_;  // of the last call, unless the library's stream knows
};

Stream& stream_of(ArrowArrayStream* stream) { return *static_cast<Stream*>(stream->private_data); }

int get_schema(ArrowArrayStream* stream, ArrowSchema* out) {
  return stream_of(stream).get_schema(out);
}

int get_next(ArrowArrayStream* stream, ArrowArray* out) { return stream_of(stream).get_next(out); }

const char* get_last_error(ArrowArrayStream* stream) { return stream_of(stream).get_last_error(); }

void release_stream(ArrowArrayStream* stream) {
  std::unique_ptr<Stream> released(&stream_of(stream));
  stream->release = nullptr;
  // After the end of the interpreter there is nobody left to give the memory back to.
  if (Py_IsInitialized() == 0) static_cast<void>(released.release());
}

// A capsule that owns the structure, unless a consumer has moved it out.
template <typename T>
nb::object capsule_of(T structure, const char* name) {
  auto owned = std::make_unique<T>(structure);
  PyObject* const capsule = PyCapsule_New(owned.get(), name, [](PyObject* self) {
    const std::unique_ptr<T> dropped(
        static_cast<T*>(PyCapsule_GetPointer(self, PyCapsule_GetName(self))));
    if (dropped->release != nullptr) dropped->release(dropped.get());
  });
  if (capsule == nullptr) {
    owned->release(owned.get());
    nb::raise_python_error();
  }
  owned.release();
  return nb::steal(capsule);
}

bool begins_with(const char* text, const char* beginning) {
  return std::strncmp(text, beginning, std::strlen(beginning)) == 0;
}

bool is_one_of(const char* format, std::initializer_list<const char*> formats) {
  for (const char* one : formats)
    if (std::strcmp(format, one) == 0) return true;
  return false;
}

bool is_string(const char* format) { return is_one_of(format, {"u", "U", "vu"}); }
bool is_binary(const char* format) { return is_one_of(format, {"z", "Z", "vz"}); }
bool is_integer(const char* format) {
  return is_one_of(format, {"c", "C", "s", "S", "i", "I", "l", "L"});
}

// The options that come nearest to a requested schema: consumers convert the rest. Throws a
// ValueError for one that these columns cannot be converted to.
ArrowOptions nearest(ArrowOptions options, nb::handle requested) {
  if (requested.is_none()) return options;
  const auto* const schema =
      static_cast<const ArrowSchema*>(PyCapsule_GetPointer(requested.ptr(), schema_name));
  if (schema == nullptr) nb::raise_python_error();
  const auto refuse = [](const std::string& why) {
    throw nb::value_error(("the requested schema does not fit events: " + why).c_str());
  };
  if (schema->release == nullptr || std::strcmp(schema->format, "+s") != 0 ||
      schema->n_children != 4)
    refuse("it has to be a struct of id, date, revision and data");
  const char* const names[] = {"id", "date", "revision", "data"};
  for (int i = 0; i < 4; ++i) {
    const ArrowSchema& column = *schema->children[i];
    const char* const format = column.format;
    if (column.name == nullptr || std::strcmp(column.name, names[i]) != 0)
      refuse(std::string("column ") + std::to_string(i) + " has to be " + names[i]);
    const bool fits = i == 1   ? begins_with(format, "ts")
                      : i == 2 ? is_integer(format)
                               : is_string(format) || is_binary(format);
    if (!fits || column.dictionary != nullptr)
      refuse(std::string(names[i]) + " cannot have the type " + format);
  }
  options.data = is_binary(schema->children[3]->format) ? ArrowOptions::Data::binary
                                                        : ArrowOptions::Data::string;
  return options;
}

struct ArrowReplay {
  nb::object replay;
  ArrowOptions options;
  std::shared_ptr<Reader> reader;

  std::array<nb::handle, 1> held() const { return {replay}; }

  nb::object schema() const { return capsule_of(arrow_schema(options), schema_name); }

  nb::object stream(nb::handle requested_schema) const {
    if (*reader != nullptr)
      throw InvalidArgument(
          "this ArrowReplay is already consumed: a replay is read once. Begin another replay, or "
          "keep what this one gave (a pyarrow.Table, a table of DuckDB)");
    const ArrowOptions chosen = nearest(options, requested_schema);
    auto stream = std::make_unique<Stream>(replay, reader, chosen);
    return capsule_of(
        ArrowArrayStream{get_schema, get_next, get_last_error, release_stream, stream.release()},
        stream_name);
  }
};

ArrowReplay make_arrow(nb::handle_t<ReplayHandle> replay, std::size_t batch_rows,
                       std::size_t batch_bytes, std::string_view data) {
  ArrowOptions options;
  options.batch_rows = batch_rows;
  options.batch_bytes = batch_bytes;
  if (data == "binary") {
    options.data = ArrowOptions::Data::binary;
  } else if (data != "string") {
    throw InvalidArgument("data is '" + std::string(data) + "'; it has to be 'string' or 'binary'");
  }
  ArrowSchema checked = arrow_schema(options);
  checked.release(&checked);
  return {nb::borrow(replay), options, std::make_shared<Reader>(nullptr)};
}

}  // namespace

void bind_arrow(nb::module_& module) {
  nb::class_<ArrowReplay>(module, "ArrowReplay", nb::type_slots(traversed_slots<ArrowReplay>()),
                          "What is left of a replay, for whatever reads the Arrow PyCapsule "
                          "interface: pyarrow, Polars, DuckDB, pandas... It can be read once.")
      .def("__arrow_c_schema__", &ArrowReplay::schema)
      .def("__arrow_c_stream__", &ArrowReplay::stream, nb::arg("requested_schema") = nb::none());
  const ArrowOptions defaults;
  nb::cpp_function_def(
      &make_arrow, nb::scope(module.attr("Replay")), nb::name("arrow"), nb::is_method(),
      nb::kw_only(), nb::arg("batch_rows") = defaults.batch_rows,
      nb::arg("batch_bytes") = defaults.batch_bytes, nb::arg("data") = "string",
      nb::sig("def arrow(self, *, batch_rows: int = 65536, "
              "batch_bytes: int = 2097152, data: str = 'string') -> ArrowReplay"),
      R"(What is left of the replay as Arrow batches, without an object for each event.

batch_rows: at most this many events in a batch, 1 to 16,777,216. Default: 65,536.
batch_bytes: at most this many bytes of ids and data in a batch, 64 KiB to 1 GiB; a larger event
    gets one of its own. Default: 2 MiB.
data: the type of the column data, "string" or "binary", which takes any bytes. Default: "string".)");
}

}  // namespace flashflood::python
