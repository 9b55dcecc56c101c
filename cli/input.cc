#include "input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "failure.h"
#include "interrupt.h"
#include "text.h"

namespace flashflood::cli {

namespace {

constexpr std::size_t raw_bytes = std::size_t{256} << 10;

std::string_view gzip_magic("\x1f\x8b\x08", 3);
std::string_view zstd_magic("\x28\xb5\x2f\xfd", 4);
std::string_view zstd_skippable_magic("\x2a\x4d\x18", 3);  // after a byte 0x50 to 0x5f

bool is_skippable_start(char c) { return (static_cast<unsigned char>(c) & 0xf0) == 0x50; }

// Whether `head`, which may be short, can be the beginning of what starts with `magic`.
bool may_start(std::string_view head, std::string_view magic) {
  const std::size_t size = std::min(head.size(), magic.size());
  return head.substr(0, size) == magic.substr(0, size);
}

}  // namespace

// Turns raw bytes into decoded ones.
class Input::Decoder {
 public:
  struct Step {
    std::size_t taken = 0;
    std::size_t made = 0;
  };
  virtual ~Decoder() = default;
  // Throws Failure with the reason alone.
  virtual Step step(const char* raw, std::size_t raw_size, char* out, std::size_t size) = 0;
  // Whether the file may end here.
  virtual bool complete() const = 0;
};

class Input::GzipDecoder final : public Decoder {
 public:
  GzipDecoder() {
    if (inflateInit2(&stream_, 15 + 16) != Z_OK) throw Failure("out of memory");
  }
  ~GzipDecoder() override { inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  Step step(const char* raw, std::size_t raw_size, char* out, std::size_t size) override {
    Step step;
    if (between_members_) {
      // Zeros may fill up a tape or a block device behind the last member.
      while (step.taken < raw_size && raw[step.taken] == '\0') ++step.taken;
      if (step.taken == raw_size) return step;
      inflateReset(&stream_);
      between_members_ = false;
    }
    stream_.next_in = reinterpret_cast<const Bytef*>(raw + step.taken);
    stream_.avail_in = static_cast<uInt>(raw_size - step.taken);
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(size, 1U << 30));
    const uInt room = stream_.avail_out;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      throw Failure(
          fmt::format("damaged gzip data ({})", stream_.msg ? stream_.msg : zError(code)));
    }
    between_members_ = code == Z_STREAM_END;
    step.taken = raw_size - stream_.avail_in;
    step.made = room - stream_.avail_out;
    return step;
  }
  bool complete() const override { return between_members_; }

 private:
  z_stream stream_{};
  bool between_members_ = false;
};

class Input::ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw Failure("out of memory");
  }
  ~ZstdDecoder() override { ZSTD_freeDStream(stream_); }
  ZstdDecoder(const ZstdDecoder&) = delete;
  ZstdDecoder& operator=(const ZstdDecoder&) = delete;

  Step step(const char* raw, std::size_t raw_size, char* out, std::size_t size) override {
    // Between frames it would ask for the beginning of another one.
    if (raw_size == 0 && complete_) return {};
    ZSTD_inBuffer in{raw, raw_size, 0};
    ZSTD_outBuffer to{out, size, 0};
    const std::size_t code = ZSTD_decompressStream(stream_, &to, &in);
    if (ZSTD_isError(code)) {
      throw Failure(fmt::format("damaged Zstandard data ({})", ZSTD_getErrorName(code)));
    }
    complete_ = code == 0;
    return {in.pos, to.pos};
  }
  bool complete() const override { return complete_; }

 private:
  ZSTD_DStream* stream_;
  bool complete_ = false;
};

Input::Input(std::string name, Decode decode)
    : name_(std::move(name)), detected_(decode == Decode::never), raw_(raw_bytes) {
  if (name_ == "-") {
    name_ = "standard input";
    fd_ = STDIN_FILENO;
  } else {
    fd_ = open(name_.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0)
      throw Failure(fmt::format("cannot read {}: {}", quoted_text(name_), std::strerror(errno)));
    owned_ = true;
  }
  struct stat status {};
  if (fstat(fd_, &status) == 0 && S_ISREG(status.st_mode)) {
    size_ = static_cast<std::uint64_t>(status.st_size);
    posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
  }
}

Input::~Input() {
  if (owned_) close(fd_);
}

bool Input::would_wait() const {
  if (ended_ || size_ || raw_begin_ != raw_end_) return false;
  pollfd wait{fd_, POLLIN, 0};
  return poll(&wait, 1, 0) == 0;
}

bool Input::fill() {
  if (ended_) return false;
  if (raw_begin_ == raw_end_) raw_begin_ = raw_end_ = 0;
  while (true) {
    if (!size_) {
      // A pipe or terminal: wait for it and for Ctrl-C.
      pollfd waits[2] = {{fd_, POLLIN, 0}, {interrupt_fd(), POLLIN, 0}};
      if (poll(waits, interrupt_fd() >= 0 ? 2 : 1, -1) < 0 && errno != EINTR) {
        throw Failure(fmt::format("cannot read {}: {}", name_, std::strerror(errno)));
      }
    }
    if (reading_stopped()) return false;
    const auto got = ::read(fd_, raw_.data() + raw_end_, raw_.size() - raw_end_);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0)
      throw Failure(fmt::format("cannot read {}: {}", quoted_text(name_), std::strerror(errno)));
    if (got == 0) {
      ended_ = true;
      return false;
    }
    raw_end_ += static_cast<std::size_t>(got);
    consumed_.fetch_add(static_cast<std::uint64_t>(got), std::memory_order_relaxed);
    return true;
  }
}

void Input::detect() {
  while (true) {
    const std::string_view head(raw_.data() + raw_begin_, raw_end_ - raw_begin_);
    const bool skippable = !head.empty() && is_skippable_start(head[0]) &&
                           may_start(head.substr(1), zstd_skippable_magic);
    const bool zstd = may_start(head, zstd_magic) || skippable;
    const bool gzip = may_start(head, gzip_magic);
    if (head.size() >= 4 || (!zstd && !gzip)) {
      if (gzip) decoder_ = std::make_unique<GzipDecoder>();
      if (zstd) decoder_ = std::make_unique<ZstdDecoder>();
      break;
    }
    if (!fill()) {
      // Shorter than the shortest compressed file, so it is none. (A gzip header cut to three
      // bytes is one that was cut.)
      if (head.size() == gzip_magic.size() && gzip) decoder_ = std::make_unique<GzipDecoder>();
      break;
    }
  }
  detected_ = true;
}

std::size_t Input::read(char* out, std::size_t size) {
  if (!detected_) detect();
  while (true) {
    if (reading_stopped()) return 0;
    if (decoder_ == nullptr) {
      if (raw_begin_ == raw_end_ && !fill()) return 0;
      const std::size_t taken = std::min(size, raw_end_ - raw_begin_);
      std::memcpy(out, raw_.data() + raw_begin_, taken);
      raw_begin_ += taken;
      return taken;
    }
    try {
      // Decoders may hold output back, so ask them once more when the raw bytes are at their end.
      const bool more = raw_begin_ != raw_end_ || fill();
      if (reading_stopped()) return 0;
      const auto step = decoder_->step(raw_.data() + raw_begin_, raw_end_ - raw_begin_, out, size);
      raw_begin_ += step.taken;
      if (step.made > 0) return step.made;
      if (!more) {
        if (!decoder_->complete()) throw Failure("it ends in the middle of the compressed data");
        return 0;
      }
    } catch (const Failure& failure) {
      throw Failure(fmt::format("cannot read {}: {}", quoted_text(name_), failure.what()));
    }
  }
}

namespace {

std::string read_all(Input& input, std::size_t bytes_max) {
  std::string text;
  std::size_t size = 0;
  while (true) {
    text.resize(std::max<std::size_t>(size * 2, 64 << 10));
    const std::size_t got = input.read(text.data() + size, text.size() - size);
    if (got == 0) break;
    size += got;
    if (size > bytes_max) {
      throw Failure(fmt::format("{} holds more than {}", input.name(), human_bytes(bytes_max)));
    }
  }
  text.resize(size);
  return text;
}

}  // namespace

std::string read_all(const std::string& name, std::size_t bytes_max) {
  Input input(name);
  return read_all(input, bytes_max);
}

std::string read_raw_input(std::size_t bytes_max) {
  Input input("-", Input::Decode::never);
  return read_all(input, bytes_max);
}

}  // namespace flashflood::cli
