#include "store/folder/folder_directory.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/hash.h"

namespace flashflood {
namespace {

constexpr std::size_t scan_bytes = std::size_t{1} << 18;

// About 5 MB. A directory with more names costs one fsync a listing, which is then little.
constexpr std::size_t marks_max = std::size_t{1} << 17;

Directory::Type type_of(mode_t mode) noexcept {
  if (S_ISREG(mode)) return Directory::Type::file;
  return S_ISDIR(mode) ? Directory::Type::folder : Directory::Type::other;
}

}  // namespace

bool Directory::removed() const {
  struct stat status {};
  return ::fstat(handle_.get(), &status) == 0 && status.st_nlink == 0;
}

Directory::Scan Directory::scan() const {
  // A descriptor of its own, because the position in the directory belongs to the open file.
  const FileHandle reader = open_at(handle_.get(), ".", O_RDONLY | O_DIRECTORY);
  Scan scanned;
  if (!reader) {
    if (errno == ENOENT) return scanned;  // removed meanwhile
    throw_system_error(errno, "list", path_);
  }
  // Room for about 3,000 names of a head.
  const std::unique_ptr<dirent64[]> buffer(new dirent64[scan_bytes / sizeof(dirent64)]);
  char* const bytes = reinterpret_cast<char*>(buffer.get());
  while (true) {
    const ssize_t length =
        uninterrupted([&] { return ::getdents64(reader.get(), bytes, scan_bytes); });
    if (length < 0 && errno == ENOENT) return scanned;
    if (length < 0) throw_system_error(errno, "list", path_);
    if (length == 0) return scanned;
    scanned.in_steps = !scanned.entries.empty();
    for (ssize_t at = 0; at < length;) {
      const auto* const raw = reinterpret_cast<const dirent64*>(bytes + at);
      at += raw->d_reclen;
      const char* const name = raw->d_name;
      if (std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0) continue;
      Type type = Type::other;
      if (raw->d_type == DT_UNKNOWN) {
        struct stat status {};
        if (::fstatat(handle_.get(), name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
        type = type_of(status.st_mode);
      } else {
        type = type_of(DTTOIF(raw->d_type));
      }
      scanned.entries.push_back({name, type});
    }
  }
}

Directory::Mark Directory::mark_of(std::string_view name, const struct stat& status) noexcept {
  const std::array<std::uint64_t, 3> parts = {
      xxh3(name), static_cast<std::uint64_t>(status.st_ino),
      // The number of a removed file is given to a new one: the date tells them apart.
      static_cast<std::uint64_t>(changed_ns(status))};
  return xxh3({reinterpret_cast<const char*>(parts.data()), sizeof(parts)});
}

void Directory::remember(std::span<const Mark> marks) {
  std::lock_guard lock(mutex_);
  if (durable_.size() + marks.size() > marks_max) durable_.clear();
  if (marks.size() <= marks_max) durable_.insert(marks.begin(), marks.end());
}

void Directory::make_durable(std::span<const Mark> marks) {
  {
    std::lock_guard lock(mutex_);
    const bool known = std::all_of(marks.begin(), marks.end(),
                                   [this](Mark mark) { return durable_.contains(mark); });
    if (known) return;
  }
  sync();
  remember(marks);
}

void Directory::sync_with(Mark mark) {
  sync();
  remember({&mark, 1});
}

void Directory::sync() { sync_file(handle_, path_); }

}  // namespace flashflood
