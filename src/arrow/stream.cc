// The Arrow C stream of a replay.
#include <algorithm>
#include <cerrno>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "arrow/columns.h"
#include "arrow/schema.h"
#include "flashflood/arrow.h"
#include "flashflood/error.h"

namespace flashflood::arrow_export {
namespace {

class Stream {
 public:
  Stream(EventSource source, const ArrowOptions& options)
      : source_(std::move(source)), options_(options) {}

  int get_schema(ArrowSchema* out) noexcept {
    return guarded([&] { *out = make_schema(options_.data); });
  }

  int get_next(ArrowArray* out) noexcept {
    return guarded([&] {
      // After a failure everything before it has been given out: what is left is the failure.
      if (!failure_) fill();
      if (batch_.rows() > 0) return batch_.give(out);
      if (failure_) std::rethrow_exception(failure_);
      *out = ArrowArray{};
    });
  }

  const char* get_last_error() const noexcept { return failed_ ? message_.c_str() : nullptr; }

 private:
  void fill() noexcept {
    try {
      while (append_some()) {
      }
    } catch (...) {
      failure_ = std::current_exception();
    }
  }

  // Whether the batch takes more.
  bool append_some() {
    if (left_.empty()) {
      const auto events = ended_ ? std::nullopt : source_();
      ended_ = !events;
      if (ended_) return false;
      left_ = *events;
      if (left_.empty()) return batch_.rows() == 0;
    }
    const std::size_t count = count_fitting();
    const auto events = left_.first(count);
    left_ = left_.subspan(count);
    batch_.append(events, options_.data);
    return left_.empty() && batch_.rows() < options_.batch_rows;
  }

  // How many of the events that are left the batch takes; if it is empty, at least one.
  std::size_t count_fitting() const {
    const std::size_t rows = std::min(left_.size(), options_.batch_rows - batch_.rows());
    std::size_t bytes = batch_.bytes();
    std::size_t count = 0;
    for (; count < rows; ++count) {
      bytes += left_[count].id.size() + left_[count].data.size();
      if (bytes > options_.batch_bytes) break;
    }
    return count == 0 && batch_.rows() == 0 ? 1 : count;
  }

  // Calls `work`; what it throws becomes the number and the text of an error.
  template <typename Work>
  int guarded(const Work& work) noexcept {
    try {
      failed_ = false;
      work();
      return 0;
    } catch (const std::bad_alloc&) {
      return fail(ENOMEM, "out of memory");
    } catch (const InvalidArgument& error) {
      return fail(EINVAL, error.what());
    } catch (const std::exception& error) {
      return fail(EIO, error.what());
    }
  }

  int fail(int number, const char* message) noexcept {
    failed_ = true;
    try {
      message_ = message;
    } catch (const std::bad_alloc&) {
      message_.clear();
    }
    return number;
  }

  EventSource source_;
  const ArrowOptions options_;
  Batch batch_;
  std::span<const EventView> left_;  // of what the source gave last
  bool ended_ = false;
  std::exception_ptr failure_;  // of the source, or of an event; it is over then
  bool failed_ = false;         // the last call
  std::string message_;
};

Stream& stream_of(ArrowArrayStream* stream) { return *static_cast<Stream*>(stream->private_data); }

int get_schema(ArrowArrayStream* stream, ArrowSchema* out) {
  return stream_of(stream).get_schema(out);
}

int get_next(ArrowArrayStream* stream, ArrowArray* out) { return stream_of(stream).get_next(out); }

const char* get_last_error(ArrowArrayStream* stream) { return stream_of(stream).get_last_error(); }

void release(ArrowArrayStream* stream) {
  delete &stream_of(stream);
  stream->release = nullptr;
}

}  // namespace
}  // namespace flashflood::arrow_export

namespace flashflood {

ArrowArrayStream arrow_stream(Replay replay, const ArrowOptions& options) {
  return arrow_stream(
      [replay = std::make_shared<Replay>(std::move(replay))] {
        const auto events = replay->next_batch();
        return replay->ended() ? std::nullopt : std::optional(events);
      },
      options);
}

ArrowArrayStream arrow_stream(EventSource source, const ArrowOptions& options) {
  arrow_export::check(options);
  auto stream = std::make_unique<arrow_export::Stream>(std::move(source), options);
  return {arrow_export::get_schema, arrow_export::get_next, arrow_export::get_last_error,
          arrow_export::release, stream.release()};
}

}  // namespace flashflood
