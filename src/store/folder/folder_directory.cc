#include "store/folder/folder_directory.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/hash.h"

namespace flashflood {
namespace {

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

std::vector<Directory::Entry> Directory::scan() const {
  // A descriptor of its own, because the position in the directory belongs to the open file.
  const FileHandle reader = open_at(handle_.get(), ".", O_RDONLY | O_DIRECTORY);
  std::vector<Entry> entries;
  if (!reader) {
    if (errno == ENOENT) return entries;  // removed meanwhile
    throw_system_error(errno, "list", path_);
  }
  alignas(dirent64) std::array<char, 32768> buffer;
  while (true) {
    const ssize_t length =
        uninterrupted([&] { return ::getdents64(reader.get(), buffer.data(), buffer.size()); });
    if (length < 0 && errno == ENOENT) return entries;
    if (length < 0) throw_system_error(errno, "list", path_);
    if (length == 0) return entries;
    for (ssize_t at = 0; at < length;) {
      const auto* const raw = reinterpret_cast<const dirent64*>(buffer.data() + at);
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
      entries.push_back({name, type});
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
