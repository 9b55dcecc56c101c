#include "input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <optional>

#include "failure.h"
#include "interrupt.h"
#include "text.h"

namespace flashflood::cli {

// The bytes as they lie there.
class Input::File final : public ByteSource {
 public:
  // None: standard input.
  explicit File(const std::optional<std::string>& path) {
    if (!path) {
      fd_ = STDIN_FILENO;
    } else {
      fd_ = open(path->c_str(), O_RDONLY | O_CLOEXEC);
      if (fd_ < 0) throw Failure(std::strerror(errno));
      owned_ = true;
    }
    struct stat status {};
    ordinary_ = fstat(fd_, &status) == 0 && S_ISREG(status.st_mode);
    if (ordinary_) posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  ~File() override {
    if (owned_) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool would_wait() const {
    if (ended_ || ordinary_) return false;
    pollfd wait{fd_, POLLIN, 0};
    return poll(&wait, 1, 0) == 0;
  }

  std::uint64_t consumed() const { return consumed_.load(std::memory_order_relaxed); }

 protected:
  std::size_t fetch(char* out, std::size_t size) override {
    while (!ended_) {
      if (!ordinary_) {
        // A pipe or terminal: wait for it and for Ctrl-C.
        pollfd waits[2] = {{fd_, POLLIN, 0}, {interrupt_fd(), POLLIN, 0}};
        if (poll(waits, interrupt_fd() >= 0 ? 2 : 1, -1) < 0 && errno != EINTR) {
          throw Failure(std::strerror(errno));
        }
      }
      if (reading_stopped()) return 0;
      const auto got = ::read(fd_, out, size);
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (got < 0) throw Failure(std::strerror(errno));
      ended_ = got == 0;
      consumed_.fetch_add(static_cast<std::uint64_t>(got), std::memory_order_relaxed);
      return static_cast<std::size_t>(got);
    }
    return 0;
  }

 private:
  int fd_ = -1;
  bool owned_ = false;
  bool ordinary_ = false;
  bool ended_ = false;
  std::atomic<std::uint64_t> consumed_{0};
};

namespace {

constexpr const char* standard_input = "standard input";

// Adds to the reason where it was.
template <typename Action>
auto naming(const std::string& name, const Action& action) -> decltype(action()) {
  try {
    return action();
  } catch (const Failure& failure) {
    const bool is_path = name != standard_input;
    throw Failure(
        fmt::format("cannot read {}: {}", is_path ? quoted_text(name) : name, failure.what()));
  }
}

[[noreturn]] void refuse(const std::string& what) {
  throw Failure(fmt::format(
      "it holds {}, and events are read from text (as it is, or in gzip, Zstandard, bzip2 or xz): "
      "unpack or convert it first",
      what));
}

}  // namespace

Input::Input(const std::string& name, Decode decode)
    : name_(name == "-" ? standard_input : name), looked_(decode == Decode::never) {
  const auto path = name == "-" ? std::nullopt : std::optional(name);
  file_ = naming(name_, [&] { return std::make_unique<File>(path); });
  top_ = file_.get();
}

Input::~Input() = default;

std::uint64_t Input::consumed() const { return file_->consumed(); }

bool Input::would_wait() const {
  if (file_->has_buffered()) return false;
  if (decompressed_ && decompressed_->has_buffered()) return false;
  if (converted_ && converted_->has_buffered()) return false;
  return file_->would_wait();
}

void Input::look() {
  Content content = look_at_content(*top_);
  if (content.compressed()) {
    const std::string outside = content.name;
    decompressed_ = make_decoder(content.kind, *top_);
    top_ = decompressed_.get();
    content = look_at_content(*top_);
    if (content.compressed() || content.kind == Content::Kind::foreign) {
      refuse(fmt::format("{} in {}", content.name, outside));
    }
  }
  if (content.kind == Content::Kind::foreign) refuse(content.name);
  if (content.utf16()) {
    converted_ = make_decoder(content.kind, *top_);
    top_ = converted_.get();
  }
  looked_ = true;
}

std::size_t Input::read(char* out, std::size_t size) {
  return naming(name_, [&] {
    if (!looked_) look();
    return reading_stopped() ? 0 : top_->read(out, size);
  });
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
