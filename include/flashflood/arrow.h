// Arrow: a replay as a stream of record batches, for whatever reads the Arrow C stream interface
// (Arrow's own libraries, DuckDB, Polars, ...). Nothing of Arrow is needed to build or to run this.
//
//   ArrowArrayStream stream = flashflood::arrow_stream(flood.replay({.where = "amount > `2`"}));
//   auto reader = arrow::ImportRecordBatchReader(&stream);
//
// Threads: a stream is used by one thread at a time, any one; schemas and arrays are independent of
// it and of each other. Lifetime: whoever holds one of these structures calls its `release` (unless
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

// The structures as the Arrow specification gives them ("The Arrow C data interface"), between the
// guards by which every header that has them knows of the others.
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
  // The type of the column `data`. As a string it has to be UTF-8, as all JSON is: an event with
  // other data ends the stream with an error. Binary takes any bytes.
  Data data = Data::string;
  // At most so many events in a batch (1 to 16,777,216), and bytes of ids and data (64 KiB to 1
  // GiB); an event that is larger by itself gets a batch of its own.
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
// of which none is ever null. A batch is filled when it is asked for; there are no empty ones. With
// `follow`, a batch is also given out when nothing came for `poll`, and asking for the next one
// waits for as long as nothing comes.
//
// Throws InvalidArgument for options out of bounds. What a replay throws on the way, get_next()
// returns as EINVAL (InvalidArgument, QueryError), ENOMEM or EIO, with the message in
// get_last_error(): first the events before the error, then the error, in every later call too.
[[nodiscard]] ArrowArrayStream arrow_stream(Replay replay, const ArrowOptions& options = {});

// Gives some events, as views that stay valid until it is asked again; nothing at the end. No
// events say that none come at the moment. What it throws ends the stream.
using EventSource = std::function<std::optional<std::span<const EventView>>()>;

// The same of events that come from anywhere: several replays in turn, what is left of one.
[[nodiscard]] ArrowArrayStream arrow_stream(EventSource source, const ArrowOptions& options = {});

// The schema of such a stream: a struct of its columns. Throws as arrow_stream().
[[nodiscard]] ArrowSchema arrow_schema(const ArrowOptions& options = {});

}  // namespace flashflood
