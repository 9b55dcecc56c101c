#include "base/posix_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "base/text.h"
#include "flashflood/error.h"

namespace flashflood {

FileHandle::~FileHandle() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void throw_system_error(int error, const char* action, const std::string& path) {
  const std::string message = std::string("could not ") + action + ' ' + quote(path, 300) + ": " +
                              std::generic_category().message(error);
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      throw StoreFull(message);
    case EACCES:
    case EPERM:
    case EROFS:
      throw PermissionDenied(message);
    case ELOOP:
      throw PermissionDenied(message + " (symbolic links inside of a flood are not followed)");
    case ENOTDIR:
    case EISDIR:
      throw NotAFlood(message);
    case ENAMETOOLONG:
      throw InvalidArgument(message);
    default:
      throw StoreUnavailable(message);
  }
}

FileHandle open_at(int folder, const char* name, int flags, mode_t mode) {
  return FileHandle(uninterrupted([&] { return ::openat(folder, name, flags | O_CLOEXEC, mode); }));
}

std::int64_t changed_ns(const struct stat& status) noexcept {
  return std::int64_t{status.st_ctim.tv_sec} * 1'000'000'000 + status.st_ctim.tv_nsec;
}

void write_all(const FileHandle& file, BytesView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t count =
        uninterrupted([&] { return ::write(file.get(), bytes.data(), bytes.size()); });
    if (count < 0) throw_system_error(errno, "write", path);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

Bytes read_exactly(const FileHandle& file, std::uint64_t offset, std::uint64_t length,
                   const std::string& path) {
  Bytes bytes(length, '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = uninterrupted([&] {
      return ::pread(file.get(), bytes.data() + done, bytes.size() - done,
                     static_cast<off_t>(offset + done));
    });
    if (count < 0) throw_system_error(errno, "read", path);
    if (count == 0) throw CorruptData("the file " + quote(path, 300) + " was cut off");
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

void sync_file(const FileHandle& file, const std::string& path) {
  if (uninterrupted([&] { return ::fsync(file.get()); }) == 0) return;
  if (errno == EINVAL || errno == EOPNOTSUPP) {
    throw StoreUnsuitable("the file system cannot make " + quote(path, 300) + " durable (fsync)");
  }
  throw_system_error(errno, "make durable", path);
}

}  // namespace flashflood
