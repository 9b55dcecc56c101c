// Arrow: a replay as a stream of record batches, for every program that reads the Arrow C stream
// interface (Arrow's own libraries, DuckDB, Polars, ...). Building and running it needs no Arrow.
//
//   ArrowArrayStream stream = flashflood::arrow_stream(flood.replay({.where = "amount > `2`"}));
//   auto reader = arrow::ImportRecordBatchReader(&stream);
//
// Threads: a stream is used by one thread at a time, any one; schemas and arrays are independent of
// it and of each other. Lifetime: the holder of one of these structures calls its `release` (unless
// that is null) once; a stream may be released before its batches, which stay valid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "flashflood/event.h"
#include "flashflood/replay.h"

extern "C" {

// The structures of the Arrow specification ("The Arrow C data interface"), inside the guards that
// every header with these structures uses.
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};

#endif  // ARROW_C_DATA_INTERFACE

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
  int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
  const char* (*get_last_error)(struct ArrowArrayStream*);
  void (*release)(struct ArrowArrayStream*);
  void* private_data;
};

#endif  // ARROW_C_STREAM_INTERFACE

}  // extern "C"

namespace flashflood {

struct ArrowOptions {
  enum class Data { string, binary };
  // The type of the column `data`. A string must be UTF-8, as all JSON is: an event with other data
  // ends the stream with an error. Binary takes any bytes.
  Data data = Data::string;
  // The most events in a batch (1 to 16,777,216), and the most bytes of ids and data (64 KiB to 1
  // GiB); a single larger event gets a batch of its own.
  std::size_t batch_rows = 65'536;
  std::size_t batch_bytes = std::size_t{2} << 20;
};

// The rest of a replay as record batches with the columns
//
//   id        utf8
//   date      timestamp[us, UTC]
//   revision  int64, which every reader of Arrow has; revisions stay below 10^10
//   data      utf8 or binary
//
// none of which is ever null. A batch is filled when it is requested; no batch is empty. With
// `follow`, a batch also ends when nothing came for `poll`, and the request for the next one waits
// until an event comes.
//
// Throws InvalidArgument for options out of bounds. When the replay fails, get_next() first returns
// the events before the error, then, in every later call too, EINVAL (InvalidArgument, QueryError),
// ENOMEM or EIO, with the message in get_last_error().
[[nodiscard]] ArrowArrayStream arrow_stream(Replay replay, const ArrowOptions& options = {});

// Returns the next events, as views that stay valid until the next call; nothing at the end. An
// empty span means that no events come at the moment. An exception from it ends the stream.
using EventSource = std::function<std::optional<std::span<const EventView>>()>;

// The same for events from any source: several replays in turn, or the rest of one.
[[nodiscard]] ArrowArrayStream arrow_stream(EventSource source, const ArrowOptions& options = {});

// The schema of such a stream: a struct of its columns. Throws like arrow_stream().
[[nodiscard]] ArrowSchema arrow_schema(const ArrowOptions& options = {});

}  // namespace flashflood
