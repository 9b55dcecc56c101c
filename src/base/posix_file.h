// File descriptors and system calls with the library's errors.
//
// Every call is repeated when a signal interrupts it. Paths are only for messages.
//
// Threads: plain values and functions.
#pragma once

#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace flashflood {

// Owns a file descriptor.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int descriptor) noexcept : descriptor_(descriptor) {}
  FileHandle(FileHandle&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileHandle& operator=(FileHandle&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileHandle();

  int get() const noexcept { return descriptor_; }
  explicit operator bool() const noexcept { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

// Throws the error that fits an errno, "could not <action> <path>: <reason>": StoreFull,
// PermissionDenied, NotAFlood (a file where a folder should be, or the reverse), InvalidArgument (a
// name that is too long), else StoreUnavailable.
[[noreturn]] void throw_system_error(int error, const char* action, const std::string& path);

// Calls `function` until it is not interrupted; returns what it returned.
template <typename Function>
auto uninterrupted(Function function) {
  while (true) {
    const auto result = function();
    if (result >= 0 || errno != EINTR) return result;
  }
}

// An open descriptor, or none with errno set.
FileHandle open_at(int folder, const char* name, int flags, mode_t mode = 0);
// Nanoseconds since 1970.
std::int64_t changed_ns(const struct stat& status) noexcept;

void write_all(const FileHandle& file, BytesView bytes, const std::string& path);
// Reads exactly `length` bytes from `offset`; CorruptData when the file ends before.
Bytes read_exactly(const FileHandle& file, std::uint64_t offset, std::uint64_t length,
                   const std::string& path);
// Returns when what the descriptor stands for is durable (fsync).
void sync_file(const FileHandle& file, const std::string& path);

}  // namespace flashflood
